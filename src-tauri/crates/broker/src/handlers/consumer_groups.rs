//! ConsumerGroupHeartbeat and ConsumerGroupDescribe (KIP-848).

use uuid::Uuid;
use wire::messages::consumer_group_describe::{
    self as describe, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DescribedGroup,
};
use wire::messages::consumer_group_heartbeat::{
    Assignment as HeartbeatAssignment, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    ResponseTopicPartitions,
};
use wire::{ErrorCode, RequestHeader};

use super::GROUP_OPERATIONS;
use super::describe_groups::absent;
use crate::Broker;
use crate::coordinator::{Host, Membership, not_consumer};
use crate::groups::assignor::{Assignment, Assignor};
use crate::groups::consumer::{Heartbeat, LEAVE_STATIC_EPOCH, Member};
use crate::groups::{Catalog, Refusal};
use crate::server::Peer;

/// The version from which members make their own ids.
const OWN_IDS: i16 = 1;

pub(super) fn heartbeat(
    broker: &Broker,
    peer: &Peer,
    header: &RequestHeader,
    request: ConsumerGroupHeartbeatRequest,
) -> ConsumerGroupHeartbeatResponse {
    let settings = broker.consumer_settings(&request.group_id);
    let beaten = check(&request, header.version, settings.assignors).and_then(|()| {
        if broker.shares().group(&request.group_id).is_some() {
            return Err(not_consumer(&request.group_id));
        }
        let beat = Heartbeat {
            group: request.group_id,
            member_id: if request.member_id.is_empty() { fresh_id() } else { request.member_id },
            member_epoch: request.member_epoch,
            instance_id: request.instance_id,
            rack_id: request.rack_id,
            rebalance_timeout_ms: Some(request.rebalance_timeout_ms).filter(|timeout| *timeout != -1),
            names: request.subscribed_topic_names,
            regex: request.subscribed_topic_regex,
            assignor: request.server_assignor,
            owned: request.topic_partitions.map(|topics| {
                let mut owned = Assignment::new();
                for topic in topics {
                    owned.entry(topic.topic_id).or_default().extend(topic.partitions);
                }
                owned
            }),
            client_id: header.client_id.clone().unwrap_or_default(),
            client_host: format!("/{}", peer.remote.ip().to_canonical()),
        };
        broker.coordinator().consumer_heartbeat(broker, &beat)
    });
    match beaten {
        Err(refusal) => ConsumerGroupHeartbeatResponse {
            error_code: refusal.code.into(),
            error_message: Some(refusal.message),
            ..Default::default()
        },
        Ok(beaten) => ConsumerGroupHeartbeatResponse {
            member_id: Some(beaten.member_id),
            heartbeat_interval_ms: if beaten.member_epoch < 0 { 0 } else { settings.heartbeat_interval_ms },
            member_epoch: beaten.member_epoch,
            assignment: beaten.assignment.map(|assignment| HeartbeatAssignment {
                topic_partitions: assignment
                    .into_iter()
                    .map(|(topic_id, partitions)| ResponseTopicPartitions {
                        topic_id,
                        partitions: partitions.into_iter().collect(),
                    })
                    .collect(),
            }),
            ..Default::default()
        },
    }
}

/// A member id in the form clients make theirs.
fn fresh_id() -> String {
    wire::Uuid(Uuid::new_v4().into_bytes()).to_string()
}

/// What Kafka refuses whatever the group.
fn check(
    request: &ConsumerGroupHeartbeatRequest,
    version: i16,
    assignors: &[Assignor],
) -> Result<(), Refusal> {
    let refuse = |message: &str| Err(Refusal::new(ErrorCode::InvalidRequest, message));
    let epoch = request.member_epoch;
    if (version >= OWN_IDS || epoch != 0) && request.member_id.is_empty() {
        return refuse("MemberId can't be empty.");
    }
    let empty = |text: &Option<String>| text.as_ref().is_some_and(String::is_empty);
    if request.group_id.is_empty() {
        return refuse("GroupId can't be empty.");
    }
    if empty(&request.instance_id) {
        return refuse("InstanceId can't be empty.");
    }
    if empty(&request.rack_id) {
        return refuse("RackId can't be empty.");
    }
    if epoch == 0 {
        if request.rebalance_timeout_ms == -1 {
            return refuse("RebalanceTimeoutMs must be provided in first request.");
        }
        if request.topic_partitions.as_ref().is_none_or(|owned| !owned.is_empty()) {
            return refuse("TopicPartitions must be empty when (re-)joining.");
        }
        if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none() {
            return refuse(
                "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
            );
        }
    } else if epoch == LEAVE_STATIC_EPOCH && request.instance_id.is_none() {
        return refuse("InstanceId can't be null.");
    } else if epoch < LEAVE_STATIC_EPOCH {
        return refuse("MemberEpoch is invalid.");
    }
    let Some(asked) = &request.server_assignor else { return Ok(()) };
    if assignors.iter().any(|assignor| assignor.name() == asked) {
        return Ok(());
    }
    let known: Vec<&str> = assignors.iter().map(|assignor| assignor.name()).collect();
    Err(Refusal::new(
        ErrorCode::UnsupportedAssignor,
        format!("ServerAssignor {asked} is not supported. Supported assignors: {}.", known.join(", ")),
    ))
}

pub(super) fn describe(
    broker: &Broker,
    request: ConsumerGroupDescribeRequest,
) -> ConsumerGroupDescribeResponse {
    let operations = if request.include_authorized_operations { GROUP_OPERATIONS } else { i32::MIN };
    let groups = request.group_ids.into_iter().map(|group_id| {
        let described = described(broker, &group_id).unwrap_or_else(|refusal| DescribedGroup {
            error_code: refusal.code.into(),
            error_message: Some(refusal.message),
            ..Default::default()
        });
        // What one may do to a group that is not there is not told.
        let operations = if described.error_code == 0 { operations } else { i32::MIN };
        DescribedGroup { group_id, authorized_operations: operations, ..described }
    });
    ConsumerGroupDescribeResponse { groups: groups.collect(), ..Default::default() }
}

fn described(broker: &Broker, group_id: &str) -> Result<DescribedGroup, Refusal> {
    if group_id.is_empty() {
        return Err(Refusal::new(ErrorCode::InvalidGroupId, "The group id is invalid."));
    }
    let cell = broker
        .coordinator()
        .get(group_id)
        .ok_or_else(|| Refusal::new(ErrorCode::GroupIdNotFound, absent(broker, group_id, "consumer")))?;
    let cell = cell.lock();
    let Membership::Consumer(group) = &cell.membership else { return Err(not_consumer(group_id)) };
    let settings = broker.consumer_settings(group_id);
    let topics = broker.catalog();
    Ok(DescribedGroup {
        group_state: group.state().name().to_owned(),
        group_epoch: group.epoch(),
        assignment_epoch: group.target_epoch(),
        assignor_name: group.assignor(&settings).name().to_owned(),
        members: group.members().map(|member| described_member(member, topics)).collect(),
        ..Default::default()
    })
}

fn described_member(member: &Member, topics: &dyn Catalog) -> describe::Member {
    const CLASSIC: i8 = 0;
    const CONSUMER: i8 = 1;
    let named = |assignment: Assignment| describe::Assignment {
        topic_partitions: assignment
            .into_iter()
            .filter_map(|(topic_id, partitions)| {
                let topic_name = topics.name(topic_id)?;
                let partitions = partitions.into_iter().collect();
                Some(describe::TopicPartitions { topic_id, topic_name, partitions })
            })
            .collect(),
    };
    describe::Member {
        member_id: member.id.clone(),
        instance_id: member.instance_id.clone(),
        rack_id: member.rack_id.clone(),
        member_epoch: member.epoch,
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        subscribed_topic_names: member.names.iter().cloned().collect(),
        subscribed_topic_regex: member.regex.clone(),
        assignment: named(member.held()),
        target_assignment: named(member.target()),
        member_type: if member.is_classic() { CLASSIC } else { CONSUMER },
    }
}
