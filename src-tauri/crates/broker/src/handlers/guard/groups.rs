//! Groups: joined, committed for, looked at.

use wire::ErrorCode;
use wire::frame::FrameError;
use wire::messages::consumer_group_describe::{
    self as consumer_describe, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse,
};
use wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
};
use wire::messages::delete_groups::{DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse};
use wire::messages::describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse, DescribedGroup};
use wire::messages::find_coordinator::{Coordinator, FindCoordinatorRequest, FindCoordinatorResponse};
use wire::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use wire::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use wire::messages::list_groups::ListGroupsResponse;
use wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestTopic, OffsetCommitResponse, OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
};
use wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use wire::messages::streams_group_describe::{
    self as streams_describe, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse,
};
use wire::messages::streams_group_heartbeat::{StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse};
use wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};

use super::{Look, Outcome, split};
use crate::handlers::access::Access;
use crate::security::acl::{Operation, ResourceType};

const GROUP_DENIED: ErrorCode = ErrorCode::GroupAuthorizationFailed;
const TOPIC_DENIED: ErrorCode = ErrorCode::TopicAuthorizationFailed;
const GROUP_REFUSED: &str = "Group authorization failed.";

pub(super) fn find_coordinator(look: &Look<'_>) -> Result<Outcome, FrameError> {
    const TRANSACTION: i8 = 1;
    const SHARE: i8 = 2;
    let mut request: FindCoordinatorRequest = look.read()?;
    let access = look.access;
    let kind = request.key_type;
    let allowed = |key: &str| match kind {
        TRANSACTION => access.transactional_id(Operation::Describe, key),
        SHARE => access.cluster(Operation::ClusterAction),
        _ => access.group(Operation::Describe, key),
    };
    let code = match kind {
        TRANSACTION => ErrorCode::TransactionalIdAuthorizationFailed,
        SHARE => ErrorCode::ClusterAuthorizationFailed,
        _ => GROUP_DENIED,
    };
    if look.header.version < 4 {
        if allowed(&request.key) {
            return Ok(Outcome::Pass);
        }
        return Ok(look.refuse(&FindCoordinatorResponse {
            error_code: code.into(),
            node_id: -1,
            port: -1,
            ..Default::default()
        }));
    }
    let (passing, denied) = split(request.coordinator_keys, |key| allowed(key));
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.coordinator_keys = passing;
    Ok(look.partly(&request, move |answer: &mut FindCoordinatorResponse| {
        answer.coordinators.extend(denied.into_iter().map(|key| Coordinator {
            key,
            node_id: -1,
            port: -1,
            error_code: code.into(),
            ..Default::default()
        }));
    }))
}

/// A request of a group's member: it may read the group, or nothing comes of it.
macro_rules! membership {
    ($name:ident, $request:ident, $response:ident) => {
        pub(super) fn $name(look: &Look<'_>) -> Result<Outcome, FrameError> {
            let request: $request = look.read()?;
            if look.access.group(Operation::Read, &request.group_id) {
                return Ok(Outcome::Pass);
            }
            Ok(look.refuse(&$response { error_code: GROUP_DENIED.into(), ..Default::default() }))
        }
    };
}

membership!(sync_group, SyncGroupRequest, SyncGroupResponse);
membership!(heartbeat, HeartbeatRequest, HeartbeatResponse);
membership!(leave_group, LeaveGroupRequest, LeaveGroupResponse);

pub(super) fn join_group(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let request: JoinGroupRequest = look.read()?;
    if look.access.group(Operation::Read, &request.group_id) {
        return Ok(Outcome::Pass);
    }
    // Null is allowed from version 7 on.
    let protocol_name = (look.header.version < 7).then(String::new);
    Ok(look.refuse(&JoinGroupResponse {
        error_code: GROUP_DENIED.into(),
        protocol_name,
        ..Default::default()
    }))
}

/// The first topic that may not be seen.
pub(super) fn hidden<'a>(
    access: &Access,
    mut topics: impl Iterator<Item = &'a String>,
) -> Option<&'a String> {
    topics.find(|topic| !access.topic(Operation::Describe, topic))
}

pub(super) fn consumer_group_heartbeat(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let request: ConsumerGroupHeartbeatRequest = look.read()?;
    let refused =
        |code: ErrorCode| ConsumerGroupHeartbeatResponse { error_code: code.into(), ..Default::default() };
    if !look.access.group(Operation::Read, &request.group_id) {
        return Ok(look.refuse(&refused(GROUP_DENIED)));
    }
    if hidden(look.access, request.subscribed_topic_names.iter().flatten()).is_some() {
        return Ok(look.refuse(&refused(TOPIC_DENIED)));
    }
    Ok(Outcome::Pass)
}

pub(super) fn streams_group_heartbeat(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let request: StreamsGroupHeartbeatRequest = look.read()?;
    let refused = |code: ErrorCode, message: String| StreamsGroupHeartbeatResponse {
        error_code: code.into(),
        error_message: Some(message),
        status: Some(Vec::new()),
        ..Default::default()
    };
    if !look.access.group(Operation::Read, &request.group_id) {
        return Ok(look.refuse(&refused(GROUP_DENIED, GROUP_REFUSED.to_owned())));
    }
    let parts = request.topology.iter().flat_map(|topology| &topology.subtopologies);
    let topics = parts.flat_map(|part| {
        let internal = part.state_changelog_topics.iter().chain(&part.repartition_source_topics);
        let named = part.source_topics.iter().chain(&part.repartition_sink_topics);
        named.chain(internal.map(|topic| &topic.name))
    });
    if let Some(topic) = hidden(look.access, topics) {
        let message = format!("Topic {topic} may not be described.");
        return Ok(look.refuse(&refused(TOPIC_DENIED, message)));
    }
    // The broker makes internal topics for the group: for whom they may be made.
    let mut internal = request
        .topology
        .iter()
        .flat_map(|topology| &topology.subtopologies)
        .flat_map(|part| part.state_changelog_topics.iter().chain(&part.repartition_source_topics));
    match internal.find(|topic| !makeable(look.access, &topic.name)) {
        Some(topic) => {
            let message = format!("Topic {} may not be created.", topic.name);
            Ok(look.refuse(&refused(TOPIC_DENIED, message)))
        }
        None => Ok(Outcome::Pass),
    }
}

/// Whether a topic is there, or may be made.
fn makeable(access: &Access, name: &str) -> bool {
    access.broker().topics().get(name).is_some()
        || access.cluster(Operation::Create)
        || access.topic(Operation::Create, name)
}

pub(super) fn offset_commit(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: OffsetCommitRequest = look.read()?;
    let access = look.access;
    let refused = |topics: Vec<OffsetCommitRequestTopic>, code: ErrorCode| {
        let topic = move |topic: OffsetCommitRequestTopic| OffsetCommitResponseTopic {
            name: topic.name,
            topic_id: topic.topic_id,
            partitions: topic
                .partitions
                .iter()
                .map(|partition| OffsetCommitResponsePartition {
                    partition_index: partition.partition_index,
                    error_code: code.into(),
                })
                .collect(),
        };
        topics.into_iter().map(topic).collect::<Vec<_>>()
    };
    if !access.group(Operation::Read, &request.group_id) {
        let topics = refused(request.topics, GROUP_DENIED);
        return Ok(look.refuse(&OffsetCommitResponse { topics, ..Default::default() }));
    }
    let by_id = look.header.version >= 10;
    let (passing, denied) = split(request.topics, |topic| {
        let known = by_id.then(|| access.broker().topics().by_id(topic.topic_id));
        match known {
            Some(known) => known.is_none_or(|known| access.topic(Operation::Read, &known.name)),
            None => access.topic(Operation::Read, &topic.name),
        }
    });
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.topics = passing;
    let denied = refused(denied, TOPIC_DENIED);
    Ok(look.partly(&request, move |answer: &mut OffsetCommitResponse| answer.topics.extend(denied)))
}

pub(super) fn offset_fetch(look: &Look<'_>) -> Result<Outcome, FrameError> {
    if look.header.version >= 8 { offset_fetch_of_groups(look) } else { offset_fetch_of_one(look) }
}

fn offset_fetch_of_one(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: OffsetFetchRequest = look.read()?;
    let access = look.access.clone();
    let partition = |index: &i32, code: ErrorCode| OffsetFetchResponsePartition {
        partition_index: *index,
        committed_offset: -1,
        metadata: Some(String::new()),
        error_code: code.into(),
        ..Default::default()
    };
    let refused = move |topic: wire::messages::offset_fetch::OffsetFetchRequestTopic, code: ErrorCode| {
        let partitions = topic.partition_indexes.iter().map(|index| partition(index, code)).collect();
        OffsetFetchResponseTopic { name: topic.name, partitions }
    };
    if !access.group(Operation::Describe, &request.group_id) {
        let topics = request.topics.unwrap_or_default();
        let topics = topics.into_iter().map(|topic| refused(topic, GROUP_DENIED)).collect();
        let error_code = GROUP_DENIED.into();
        return Ok(look.refuse(&OffsetFetchResponse { error_code, topics, ..Default::default() }));
    }
    let Some(topics) = request.topics else {
        return Ok(look.then(move |answer: &mut OffsetFetchResponse| {
            answer.topics.retain(|topic| access.topic(Operation::Describe, &topic.name));
        }));
    };
    let (passing, denied) = split(topics, |topic| access.topic(Operation::Describe, &topic.name));
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.topics = Some(passing);
    Ok(look.partly(&request, move |answer: &mut OffsetFetchResponse| {
        answer.topics.extend(denied.into_iter().map(|topic| refused(topic, TOPIC_DENIED)));
    }))
}

fn offset_fetch_of_groups(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: OffsetFetchRequest = look.read()?;
    let access = look.access.clone();
    let by_id = look.header.version >= 10;
    let name_of = {
        let access = access.clone();
        move |name: &str, id| match by_id {
            true => access.broker().topics().by_id(id).map(|topic| topic.name.clone()),
            false => Some(name.to_owned()),
        }
    };
    let (passing, denied) = split(request.groups, |group| access.group(Operation::Describe, &group.group_id));
    request.groups = passing;
    let mut hidden: Vec<(String, OffsetFetchResponseTopics)> = Vec::new();
    for group in &mut request.groups {
        let Some(topics) = group.topics.take() else { continue };
        let (seen, unseen) = split(topics, |topic| {
            name_of(&topic.name, topic.topic_id).is_none_or(|name| access.topic(Operation::Describe, &name))
        });
        group.topics = Some(seen);
        hidden.extend(unseen.into_iter().map(|topic| {
            let partitions = topic.partition_indexes.iter().map(|index| OffsetFetchResponsePartitions {
                partition_index: *index,
                committed_offset: -1,
                metadata: Some(String::new()),
                error_code: TOPIC_DENIED.into(),
                ..Default::default()
            });
            let partitions = partitions.collect();
            let topic = OffsetFetchResponseTopics { name: topic.name, topic_id: topic.topic_id, partitions };
            (group.group_id.clone(), topic)
        }));
    }
    Ok(look.partly(&request, move |answer: &mut OffsetFetchResponse| {
        for group in &mut answer.groups {
            group.topics.retain(|topic| {
                name_of(&topic.name, topic.topic_id)
                    .is_none_or(|name| access.topic(Operation::Describe, &name))
            });
            let (here, elsewhere) = split(std::mem::take(&mut hidden), |(id, _)| *id == group.group_id);
            hidden = elsewhere;
            group.topics.extend(here.into_iter().map(|(_, topic)| topic));
        }
        answer.groups.extend(denied.into_iter().map(|group| OffsetFetchResponseGroup {
            group_id: group.group_id,
            error_code: GROUP_DENIED.into(),
            ..Default::default()
        }));
    }))
}

pub(super) fn offset_delete(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: OffsetDeleteRequest = look.read()?;
    if !look.access.group(Operation::Delete, &request.group_id) {
        let error_code = GROUP_DENIED.into();
        return Ok(look.refuse(&OffsetDeleteResponse { error_code, ..Default::default() }));
    }
    let (passing, denied) = split(request.topics, |topic| look.access.topic(Operation::Read, &topic.name));
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.topics = passing;
    Ok(look.partly(&request, move |answer: &mut OffsetDeleteResponse| {
        answer.topics.extend(denied.into_iter().map(|topic| {
            OffsetDeleteResponseTopic {
                name: topic.name,
                partitions: topic
                    .partitions
                    .iter()
                    .map(|partition| OffsetDeleteResponsePartition {
                        partition_index: partition.partition_index,
                        error_code: TOPIC_DENIED.into(),
                    })
                    .collect(),
            }
        }));
    }))
}

pub(super) fn list_groups(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let access = look.access.clone();
    if access.cluster(Operation::Describe) {
        return Ok(Outcome::Pass);
    }
    Ok(look.then(move |answer: &mut ListGroupsResponse| {
        answer.groups.retain(|group| access.group(Operation::Describe, &group.group_id));
    }))
}

pub(super) fn delete_groups(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: DeleteGroupsRequest = look.read()?;
    let (passing, denied) = split(request.groups_names, |id| look.access.group(Operation::Delete, id));
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.groups_names = passing;
    Ok(look.partly(&request, move |answer: &mut DeleteGroupsResponse| {
        answer.results.extend(
            denied
                .into_iter()
                .map(|group_id| DeletableGroupResult { group_id, error_code: GROUP_DENIED.into() }),
        );
    }))
}

pub(super) fn describe_groups(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: DescribeGroupsRequest = look.read()?;
    let access = look.access.clone();
    let (passing, denied) = split(request.groups, |id| access.group(Operation::Describe, id));
    request.groups = passing;
    let operations = request.include_authorized_operations;
    Ok(look.partly(&request, move |answer: &mut DescribeGroupsResponse| {
        for group in answer.groups.iter_mut().filter(|_| operations) {
            group.authorized_operations = access.operations(ResourceType::Group, &group.group_id);
        }
        answer.groups.extend(denied.into_iter().map(|group_id| DescribedGroup {
            error_code: GROUP_DENIED.into(),
            group_id,
            ..Default::default()
        }));
    }))
}

/// Describing groups of the newer protocols. `topics`: those a group's description would show.
macro_rules! describing {
    ($name:ident, $module:ident, $request:ident, $response:ident, $topics:expr) => {
        pub(super) fn $name(look: &Look<'_>) -> Result<Outcome, FrameError> {
            let mut request: $request = look.read()?;
            let access = look.access.clone();
            let (passing, denied) = split(request.group_ids, |id| access.group(Operation::Describe, id));
            request.group_ids = passing;
            let operations = request.include_authorized_operations;
            let failed = |group_id: String, code: ErrorCode, message: &str| $module::DescribedGroup {
                error_code: code.into(),
                error_message: Some(message.to_owned()),
                group_id,
                ..Default::default()
            };
            Ok(look.partly(&request, move |answer: &mut $response| {
                for group in &mut answer.groups {
                    let topics: Vec<String> = $topics(group);
                    if super::groups::hidden(&access, topics.iter()).is_some() {
                        let message = "The group has described topic(s) that the client is not authorized to \
                                       describe.";
                        *group = failed(group.group_id.clone(), ErrorCode::TopicAuthorizationFailed, message);
                    } else if operations {
                        group.authorized_operations = access.operations(ResourceType::Group, &group.group_id);
                    }
                }
                answer.groups.extend(
                    denied.into_iter().map(|id| {
                        failed(id, ErrorCode::GroupAuthorizationFailed, super::groups::GROUP_REFUSED)
                    }),
                );
            }))
        }
    };
}

describing!(
    consumer_group_describe,
    consumer_describe,
    ConsumerGroupDescribeRequest,
    ConsumerGroupDescribeResponse,
    |group: &consumer_describe::DescribedGroup| {
        let members = group.members.iter();
        let shown = members.flat_map(|member| {
            let assigned = [&member.assignment, &member.target_assignment].into_iter();
            let assigned = assigned.flat_map(|one| &one.topic_partitions).map(|one| &one.topic_name);
            member.subscribed_topic_names.iter().chain(assigned)
        });
        shown.cloned().collect::<Vec<String>>()
    }
);
describing!(
    streams_group_describe,
    streams_describe,
    StreamsGroupDescribeRequest,
    StreamsGroupDescribeResponse,
    |group: &streams_describe::DescribedGroup| {
        let parts = group.topology.iter().flat_map(|topology| topology.subtopologies.iter().flatten());
        let shown = parts.flat_map(|part| {
            let internal = part.state_changelog_topics.iter().chain(&part.repartition_source_topics);
            let named = part.source_topics.iter().chain(&part.repartition_sink_topics);
            named.chain(internal.map(|topic| &topic.name))
        });
        shown.cloned().collect::<Vec<String>>()
    }
);
