//! Consumer groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::ApiError;
use api::commands::Done;
use api::consumers::*;
use api::error::ErrorCode;
use cluster::sample::GroupView;
use cluster::{Cluster, GroupDescription, OffsetSpec, TopicPartition};

use super::count;
use crate::error::of_cluster;
use crate::platform::Services;

pub(super) async fn list(it: &Services, params: GroupsList) -> Result<Vec<GroupRow>, ApiError> {
    let views = it.clusters.get(&params.cluster)?.group_views().await.map_err(of_cluster)?;
    Ok(views.iter().map(|view| row(view, view.description.as_ref())).collect())
}

/// Asked anew, not from the last sample: who looks at one group wants it exact.
pub(super) async fn get(it: &Services, params: GroupGet) -> Result<GroupDetail, ApiError> {
    let cluster = it.clusters.get(&params.cluster)?;
    let group = &params.group;
    let description = cluster.describe_group(group).await;
    let committed: BTreeMap<TopicPartition, i64> =
        cluster.committed(group).await.map_err(of_cluster)?.into_iter().collect();
    let description = match description {
        Ok(description) => description,
        // Only offsets are left of it.
        Err(cluster::ClusterError::NotFound { .. }) if !committed.is_empty() => empty(group),
        Err(error) => return Err(of_cluster(error)),
    };
    let mut at: Vec<TopicPartition> = committed.keys().cloned().collect();
    at.extend(description.members.iter().flat_map(|member| member.assignment.iter().cloned()));
    at.sort();
    at.dedup();
    let starts = offsets(&cluster, &at, OffsetSpec::Earliest).await?;
    let ends = offsets(&cluster, &at, OffsetSpec::Latest).await?;
    let partitions: Vec<GroupPartition> = at
        .iter()
        .map(|at| {
            let member = description.members.iter().find(|member| member.assignment.contains(at));
            let current_offset = committed.get(at).copied();
            let end_offset = ends.get(at).copied().unwrap_or(0);
            GroupPartition {
                topic: at.topic.to_string(),
                partition: at.partition,
                current_offset,
                start_offset: starts.get(at).copied().unwrap_or(0),
                end_offset,
                lag: current_offset.map(|current| u64::try_from(end_offset - current).unwrap_or(0)),
                member_id: member.map(|member| member.member_id.clone()),
                client_id: member.map(|member| member.client_id.clone()),
                host: member.map(|member| member.host.clone()),
            }
        })
        .collect();
    let sampled = cluster.group_view(group).await.map_err(of_cluster)?;
    let view = GroupView {
        group: group.clone(),
        state: description.state,
        kind: sampled.as_ref().map_or(cluster::GroupKind::Unknown, |sampled| sampled.kind),
        simple: description.simple,
        description: None,
        topics: topics(&at),
        total_lag: partitions.iter().filter_map(|partition| partition.lag).sum(),
        trend: sampled.map(|sampled| sampled.trend).unwrap_or_default(),
    };
    Ok(GroupDetail {
        row: row(&view, Some(&description)),
        partitions,
        members: description
            .members
            .iter()
            .map(|member| GroupMember {
                member_id: member.member_id.clone(),
                client_id: member.client_id.clone(),
                host: member.host.clone(),
                assignment: by_topic(&member.assignment),
            })
            .collect(),
    })
}

async fn offsets(
    cluster: &Cluster,
    at: &[TopicPartition],
    spec: OffsetSpec,
) -> Result<BTreeMap<TopicPartition, i64>, ApiError> {
    let wanted = at.iter().map(|at| (at.clone(), spec)).collect();
    match cluster.list_offsets(wanted).await {
        Ok(found) => Ok(found.into_iter().filter_map(|item| Some((item.at, item.offset?))).collect()),
        // Every topic of it was deleted.
        Err(cluster::ClusterError::NotFound { .. }) => Ok(BTreeMap::new()),
        Err(error) => Err(of_cluster(error)),
    }
}

fn empty(group: &str) -> GroupDescription {
    GroupDescription {
        group: group.to_owned(),
        state: cluster::GroupState::Empty,
        simple: true,
        assignor: String::new(),
        coordinator: None,
        members: Vec::new(),
    }
}

fn topics(at: &[TopicPartition]) -> Vec<Arc<str>> {
    let mut topics: Vec<Arc<str>> = at.iter().map(|at| at.topic.clone()).collect();
    topics.dedup();
    topics
}

fn by_topic(assignment: &[TopicPartition]) -> Vec<TopicPartitions> {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for at in assignment {
        topics.entry(&at.topic).or_default().push(at.partition);
    }
    topics
        .into_iter()
        .map(|(topic, partitions)| TopicPartitions { topic: topic.to_owned(), partitions })
        .collect()
}

fn row(view: &GroupView, description: Option<&GroupDescription>) -> GroupRow {
    let coordinator = description.and_then(|description| description.coordinator.as_ref());
    GroupRow {
        group: view.group.clone(),
        state: view.state.name().to_owned(),
        kind: view.kind.name().to_owned(),
        // The admin protocol lists consumer groups only; one that only commits has no type.
        protocol_type: if view.simple { String::new() } else { "consumer".to_owned() },
        protocol: description.map(|description| description.assignor.clone()).unwrap_or_default(),
        members: count(description.map_or(0, |description| description.members.len())),
        topics: view.topics.iter().map(ToString::to_string).collect(),
        total_lag: view.total_lag,
        trend: view.trend.clone(),
        coordinator: coordinator.map(|node| format!("{}:{} (id {})", node.host, node.port, node.id)),
    }
}

pub(super) async fn reset(it: &Services, params: GroupReset) -> Result<Vec<OffsetChange>, ApiError> {
    let cluster = match params.dry_run {
        true => it.clusters.get(&params.cluster)?,
        false => it.clusters.writable(&params.cluster)?,
    };
    let to = match params.reset {
        ResetTo::Earliest => cluster::ResetTo::Earliest,
        ResetTo::Latest => cluster::ResetTo::Latest,
        ResetTo::Offset { offset } => cluster::ResetTo::Offset(offset),
        ResetTo::ShiftBy { by } => cluster::ResetTo::ShiftBy(by),
        ResetTo::Time { timestamp_ms } => cluster::ResetTo::TimeMs(timestamp_ms),
    };
    let moves = cluster
        .reset_group(&params.group, &params.topic, params.partitions.as_deref(), to, params.dry_run)
        .await
        .map_err(with_members)?;
    Ok(moves
        .into_iter()
        .map(|item| OffsetChange {
            topic: item.at.topic.to_string(),
            partition: item.at.partition,
            before: item.before,
            after: item.after,
        })
        .collect())
}

pub(super) async fn delete(it: &Services, params: GroupDelete) -> Result<Done, ApiError> {
    it.clusters.writable(&params.cluster)?.delete_group(&params.group).await.map_err(with_members)?;
    Ok(Done {})
}

fn with_members(error: cluster::ClusterError) -> ApiError {
    let error = of_cluster(error);
    match error.code {
        ErrorCode::Conflict => error.with_hint("Stop the group's consumers, then try again."),
        _ => error,
    }
}
