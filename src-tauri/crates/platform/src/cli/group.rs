//! `pumphouse group`.

use std::collections::BTreeMap;

use cluster::{ClusterError, GroupState, OffsetSpec, TopicPartition};
use serde_json::json;

use super::{CliError, Connected, Output, table};

pub async fn list(to: &Connected, as_json: bool) -> Result<Output, CliError> {
    let mut groups = to.cluster.groups().await?;
    groups.sort_by(|a, b| a.group.cmp(&b.group));
    if as_json {
        let groups: Vec<_> =
            groups
                .iter()
                .map(|group| {
                    json!({ "group": group.group, "type": group.kind.name(), "state": group.state.name() })
                })
                .collect();
        return Output::json(&groups);
    }
    let rows = groups
        .iter()
        .map(|group| vec![group.group.clone(), group.kind.name().to_owned(), group.state.name().to_owned()]);
    Ok(Output::text(table(&["group", "type", "state"], rows)))
}

/// Lag per partition.
pub async fn describe(to: &Connected, group: &str, as_json: bool) -> Result<Output, CliError> {
    let cluster = &to.cluster;
    let committed = cluster.committed(group).await?;
    let (state, members) = match cluster.describe_group(group).await {
        Ok(description) => (description.state, description.members),
        // Only its offsets are left.
        Err(ClusterError::NotFound { .. }) if !committed.is_empty() => (GroupState::Empty, Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let wanted = committed.iter().map(|(at, _)| (at.clone(), OffsetSpec::Latest)).collect();
    let ends: BTreeMap<TopicPartition, i64> = cluster
        .list_offsets(wanted)
        .await?
        .into_iter()
        .filter_map(|item| Some((item.at, item.offset?)))
        .collect();
    let lag = |at: &TopicPartition, current: i64| ends.get(at).map(|end| (end - current).max(0));
    if as_json {
        let partitions: Vec<_> = committed
            .iter()
            .map(|(at, current)| {
                let holder = members.iter().find(|member| member.assignment.contains(at));
                json!({
                    "topic": &*at.topic,
                    "partition": at.partition,
                    "current_offset": current,
                    "end_offset": ends.get(at),
                    "lag": lag(at, *current),
                    "member_id": holder.map(|member| &member.member_id),
                    "host": holder.map(|member| &member.host),
                })
            })
            .collect();
        let members = members.len();
        return Output::json(
            &json!({ "group": group, "state": state.name(), "members": members, "partitions": partitions }),
        );
    }
    let rows = committed.iter().map(|(at, current)| {
        let holder = members.iter().find(|member| member.assignment.contains(at));
        let shown = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        vec![
            at.topic.to_string(),
            at.partition.to_string(),
            current.to_string(),
            shown(ends.get(at).copied()),
            shown(lag(at, *current)),
            holder.map_or_else(|| "-".to_owned(), |member| member.member_id.clone()),
        ]
    });
    let head = format!("group {group}: {}, {} members\n", state.name(), members.len());
    Ok(Output::text(head + &table(&["topic", "partition", "current", "end", "lag", "member"], rows)))
}

pub async fn delete(to: &Connected, group: &str) -> Result<Output, CliError> {
    to.cluster.delete_group(group).await?;
    Ok(Output::text(format!("group {group} deleted")))
}
