//! ShareGroupHeartbeat and ShareGroupDescribe (KIP-932).

use wire::messages::share_group_describe::{
    self, DescribedGroup, Member, ShareGroupDescribeRequest, ShareGroupDescribeResponse,
};
use wire::messages::share_group_heartbeat::{
    Assignment, ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse, TopicPartitions,
};
use wire::{ErrorCode, RequestHeader};

use super::GROUP_OPERATIONS;
use super::describe_groups::absent;
use crate::Broker;
use crate::server::Peer;
use crate::share::{ASSIGNOR, Beat, LEAVE, Refused};

pub(super) fn share_group_heartbeat(
    broker: &Broker,
    peer: &Peer,
    header: &RequestHeader,
    request: ShareGroupHeartbeatRequest,
) -> ShareGroupHeartbeatResponse {
    let refused = |Refused { code, message }| ShareGroupHeartbeatResponse {
        error_code: code.into(),
        error_message: Some(message),
        ..Default::default()
    };
    if let Err(message) = check(&request) {
        return refused(Refused { code: ErrorCode::InvalidRequest, message: message.to_owned() });
    }
    let member_id = request.member_id.clone();
    let beat = Beat {
        group_id: request.group_id.clone(),
        member_id: request.member_id,
        member_epoch: request.member_epoch,
        rack_id: request.rack_id,
        client_id: header.client_id.clone().unwrap_or_default(),
        client_host: format!("/{}", peer.remote.ip().to_canonical()),
        topics: request.subscribed_topic_names,
    };
    let beaten = match broker.share_heartbeat(&request.group_id, beat) {
        Ok(beaten) => beaten,
        Err(error) => return refused(error),
    };
    let heartbeat_interval_ms = match beaten.member_epoch {
        LEAVE => 0,
        _ => broker.share_settings(&request.group_id).members.heartbeat_ms,
    };
    let assignment = beaten.assignment.map(|assignment| Assignment {
        topic_partitions: assignment
            .into_iter()
            .map(|(topic_id, partitions)| TopicPartitions {
                topic_id,
                partitions: partitions.into_iter().collect(),
            })
            .collect(),
    });
    ShareGroupHeartbeatResponse {
        member_id: Some(member_id),
        member_epoch: beaten.member_epoch,
        heartbeat_interval_ms,
        assignment,
        ..Default::default()
    }
}

fn check(request: &ShareGroupHeartbeatRequest) -> Result<(), &'static str> {
    let blank = |text: &str| text.trim().is_empty();
    if blank(&request.member_id) {
        return Err("MemberId can't be empty.");
    }
    if blank(&request.group_id) {
        return Err("GroupId can't be empty.");
    }
    if request.rack_id.as_deref().is_some_and(blank) {
        return Err("RackId can't be empty.");
    }
    if request.member_epoch < LEAVE {
        return Err("MemberEpoch is invalid.");
    }
    if request.member_epoch == 0 && request.subscribed_topic_names.as_ref().is_none_or(Vec::is_empty) {
        return Err("SubscribedTopicNames must be set in first request.");
    }
    Ok(())
}

pub(super) fn share_group_describe(
    broker: &Broker,
    request: ShareGroupDescribeRequest,
) -> ShareGroupDescribeResponse {
    let operations = if request.include_authorized_operations { GROUP_OPERATIONS } else { i32::MIN };
    let groups = request
        .group_ids
        .into_iter()
        .map(|id| {
            let described = described(broker, id);
            // What one may do to a group that is not there is not told.
            let operations = if described.error_code == 0 { operations } else { i32::MIN };
            DescribedGroup { authorized_operations: operations, ..described }
        })
        .collect();
    ShareGroupDescribeResponse { groups, ..Default::default() }
}

fn described(broker: &Broker, group_id: String) -> DescribedGroup {
    let Some(group) = broker.shares().group(&group_id) else {
        return DescribedGroup {
            error_code: ErrorCode::GroupIdNotFound.into(),
            error_message: Some(absent(broker, &group_id, "share")),
            group_id,
            ..Default::default()
        };
    };
    let group = group.lock();
    let members = group.members.iter().map(|(id, member)| Member {
        member_id: id.clone(),
        rack_id: member.rack_id.clone(),
        member_epoch: member.epoch,
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        subscribed_topic_names: member.topics.iter().cloned().collect(),
        assignment: share_group_describe::Assignment {
            topic_partitions: member
                .assigned
                .iter()
                .filter_map(|(id, partitions)| {
                    let topic = broker.topics().by_id(*id)?;
                    Some(share_group_describe::TopicPartitions {
                        topic_id: *id,
                        topic_name: topic.name.clone(),
                        partitions: partitions.iter().copied().collect(),
                    })
                })
                .collect(),
        },
    });
    DescribedGroup {
        group_state: group.state().to_owned(),
        group_epoch: group.epoch,
        assignment_epoch: group.assignment_epoch,
        assignor_name: ASSIGNOR.to_owned(),
        members: members.collect(),
        group_id,
        ..Default::default()
    }
}
