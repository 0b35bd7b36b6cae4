//! Share groups (KIP-932).

use wire::ErrorCode;
use wire::frame::FrameError;
use wire::messages::alter_share_group_offsets::{
    self as alter, AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse,
};
use wire::messages::delete_share_group_offsets::{
    self as delete, DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse,
};
use wire::messages::describe_share_group_offsets::{
    self as offsets, DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse,
};
use wire::messages::share_acknowledge::{
    self as acknowledge, ShareAcknowledgeRequest, ShareAcknowledgeResponse,
};
use wire::messages::share_fetch::{self as fetching, ShareFetchRequest, ShareFetchResponse};
use wire::messages::share_group_describe::{self, ShareGroupDescribeRequest, ShareGroupDescribeResponse};
use wire::messages::share_group_heartbeat::{ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse};

use super::groups::hidden;
use super::{Look, Outcome, split};
use crate::security::acl::{Operation, ResourceType};

const GROUP_DENIED: ErrorCode = ErrorCode::GroupAuthorizationFailed;
const TOPIC_DENIED: ErrorCode = ErrorCode::TopicAuthorizationFailed;

fn message(code: ErrorCode) -> Option<String> {
    let message =
        if code == GROUP_DENIED { "Group authorization failed." } else { "Topic authorization failed." };
    Some(message.to_owned())
}

pub(super) fn heartbeat(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let request: ShareGroupHeartbeatRequest = look.read()?;
    let code = if !look.access.group(Operation::Read, &request.group_id) {
        GROUP_DENIED
    } else if hidden(look.access, request.subscribed_topic_names.iter().flatten()).is_some() {
        TOPIC_DENIED
    } else {
        return Ok(Outcome::Pass);
    };
    Ok(look.refuse(&ShareGroupHeartbeatResponse {
        error_code: code.into(),
        error_message: message(code),
        ..Default::default()
    }))
}

pub(super) fn describe(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: ShareGroupDescribeRequest = look.read()?;
    let access = look.access.clone();
    let (passing, denied) = split(request.group_ids, |id| access.group(Operation::Describe, id));
    request.group_ids = passing;
    let operations = request.include_authorized_operations;
    let failed = |group_id: String, code: ErrorCode| share_group_describe::DescribedGroup {
        error_code: code.into(),
        error_message: message(code),
        group_id,
        ..Default::default()
    };
    Ok(look.partly(&request, move |answer: &mut ShareGroupDescribeResponse| {
        for group in &mut answer.groups {
            let topics: Vec<String> = group
                .members
                .iter()
                .flat_map(|member| {
                    let assigned = member.assignment.topic_partitions.iter().map(|one| &one.topic_name);
                    member.subscribed_topic_names.iter().chain(assigned)
                })
                .cloned()
                .collect();
            if hidden(&access, topics.iter()).is_some() {
                *group = failed(group.group_id.clone(), TOPIC_DENIED);
            } else if operations {
                group.authorized_operations = access.operations(ResourceType::Group, &group.group_id);
            }
        }
        answer.groups.extend(denied.into_iter().map(|id| failed(id, GROUP_DENIED)));
    }))
}

/// Whether the topic of an id may be read; what is unknown is for the handler to say.
fn readable(look: &Look<'_>, id: wire::Uuid) -> bool {
    let known = look.access.broker().topics().by_id(id);
    known.is_none_or(|topic| look.access.topic(Operation::Read, &topic.name))
}

pub(super) fn fetch(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: ShareFetchRequest = look.read()?;
    let group = request.group_id.clone().unwrap_or_default();
    if !look.access.group(Operation::Read, &group) {
        let (error_code, error_message) = (GROUP_DENIED.into(), message(GROUP_DENIED));
        return Ok(look.refuse(&ShareFetchResponse { error_code, error_message, ..Default::default() }));
    }
    let access = look.access.clone();
    let (passing, denied) = split(request.topics, |topic| readable(look, topic.topic_id));
    request.topics = passing;
    // Partitions of the session that the request does not name are looked at in the answer.
    Ok(look.partly(&request, move |answer: &mut ShareFetchResponse| {
        let denied = denied.into_iter().map(|topic| {
            let partition = |index: i32| fetching::PartitionData {
                partition_index: index,
                error_code: TOPIC_DENIED.into(),
                error_message: message(TOPIC_DENIED),
                ..Default::default()
            };
            let partitions = topic.partitions.iter().map(|one| partition(one.partition_index)).collect();
            fetching::ShareFetchableTopicResponse { topic_id: topic.topic_id, partitions }
        });
        for topic in &mut answer.responses {
            let known = access.broker().topics().by_id(topic.topic_id);
            if known.is_none_or(|known| access.topic(Operation::Read, &known.name)) {
                continue;
            }
            for partition in &mut topic.partitions {
                partition.error_code = TOPIC_DENIED.into();
                partition.error_message = message(TOPIC_DENIED);
                partition.records = None;
                partition.acquired_records.clear();
            }
        }
        answer.responses.extend(denied);
    }))
}

pub(super) fn acknowledge(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: ShareAcknowledgeRequest = look.read()?;
    let group = request.group_id.clone().unwrap_or_default();
    if !look.access.group(Operation::Read, &group) {
        let (error_code, error_message) = (GROUP_DENIED.into(), message(GROUP_DENIED));
        return Ok(look.refuse(&ShareAcknowledgeResponse {
            error_code,
            error_message,
            ..Default::default()
        }));
    }
    let (passing, denied) = split(request.topics, |topic| readable(look, topic.topic_id));
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.topics = passing;
    Ok(look.partly(&request, move |answer: &mut ShareAcknowledgeResponse| {
        answer.responses.extend(denied.into_iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|one| acknowledge::PartitionData {
                partition_index: one.partition_index,
                error_code: TOPIC_DENIED.into(),
                error_message: message(TOPIC_DENIED),
                ..Default::default()
            });
            let partitions = partitions.collect();
            acknowledge::ShareAcknowledgeTopicResponse { topic_id: topic.topic_id, partitions }
        }));
    }))
}

pub(super) fn describe_offsets(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: DescribeShareGroupOffsetsRequest = look.read()?;
    let access = look.access.clone();
    let (passing, denied) = split(request.groups, |group| access.group(Operation::Describe, &group.group_id));
    request.groups = passing;
    Ok(look.partly(&request, move |answer: &mut DescribeShareGroupOffsetsResponse| {
        for topic in answer.groups.iter_mut().flat_map(|group| &mut group.topics) {
            if !access.topic(Operation::Describe, &topic.topic_name) {
                for partition in &mut topic.partitions {
                    *partition = offsets::DescribeShareGroupOffsetsResponsePartition {
                        partition_index: partition.partition_index,
                        start_offset: -1,
                        error_code: TOPIC_DENIED.into(),
                        error_message: message(TOPIC_DENIED),
                        ..Default::default()
                    };
                }
            }
        }
        answer.groups.extend(denied.into_iter().map(|group| {
            offsets::DescribeShareGroupOffsetsResponseGroup {
                group_id: group.group_id,
                error_code: GROUP_DENIED.into(),
                error_message: message(GROUP_DENIED),
                ..Default::default()
            }
        }));
    }))
}

pub(super) fn alter_offsets(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: AlterShareGroupOffsetsRequest = look.read()?;
    if !look.access.group(Operation::Read, &request.group_id) {
        let (error_code, error_message) = (GROUP_DENIED.into(), message(GROUP_DENIED));
        let answer = AlterShareGroupOffsetsResponse { error_code, error_message, ..Default::default() };
        return Ok(look.refuse(&answer));
    }
    let (passing, denied) =
        split(request.topics, |topic| look.access.topic(Operation::Read, &topic.topic_name));
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.topics = passing;
    Ok(look.partly(&request, move |answer: &mut AlterShareGroupOffsetsResponse| {
        answer.responses.extend(denied.into_iter().map(|topic| {
            let partitions =
                topic.partitions.iter().map(|one| alter::AlterShareGroupOffsetsResponsePartition {
                    partition_index: one.partition_index,
                    error_code: TOPIC_DENIED.into(),
                    error_message: message(TOPIC_DENIED),
                });
            alter::AlterShareGroupOffsetsResponseTopic {
                partitions: partitions.collect(),
                topic_name: topic.topic_name,
                ..Default::default()
            }
        }));
    }))
}

pub(super) fn delete_offsets(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: DeleteShareGroupOffsetsRequest = look.read()?;
    if !look.access.group(Operation::Delete, &request.group_id) {
        let (error_code, error_message) = (GROUP_DENIED.into(), message(GROUP_DENIED));
        let answer = DeleteShareGroupOffsetsResponse { error_code, error_message, ..Default::default() };
        return Ok(look.refuse(&answer));
    }
    let (passing, denied) =
        split(request.topics, |topic| look.access.topic(Operation::Read, &topic.topic_name));
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.topics = passing;
    Ok(look.partly(&request, move |answer: &mut DeleteShareGroupOffsetsResponse| {
        answer.responses.extend(denied.into_iter().map(|topic| {
            delete::DeleteShareGroupOffsetsResponseTopic {
                topic_name: topic.topic_name,
                error_code: TOPIC_DENIED.into(),
                error_message: message(TOPIC_DENIED),
                ..Default::default()
            }
        }));
    }))
}
