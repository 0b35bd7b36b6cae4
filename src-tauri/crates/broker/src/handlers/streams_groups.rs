//! StreamsGroupHeartbeat and StreamsGroupDescribe (KIP-1071).

use std::collections::HashSet;

use tracing::warn;
use wire::messages::streams_group_describe::{
    self as describe, DescribedGroup, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse,
};
use wire::messages::streams_group_heartbeat::{
    self as message, EndpointToPartitions, ResponseEndpoint, ResponseTaskIds, StreamsGroupHeartbeatRequest,
    StreamsGroupHeartbeatResponse, TopicPartition,
};
use wire::{ErrorCode, RequestHeader};

use super::GROUP_OPERATIONS;
use super::describe_groups::absent;
use crate::Broker;
use crate::coordinator::{Host, Membership, not_streams};
use crate::groups::Refusal;
use crate::groups::streams::{
    Beaten, Configured, Copartition, EndpointPartitions, Heartbeat, InternalTopic, Member, MissingTopic,
    Subtopology, TaskMap, Tasks, Topology,
};
use crate::server::Peer;
use crate::topic;
use crate::topics::TopicError;

/// By this epoch a static member leaves for a while; there are none in streams groups.
const LEAVE_STATIC_EPOCH: i32 = -2;

pub(super) fn heartbeat(
    broker: &Broker,
    peer: &Peer,
    header: &RequestHeader,
    request: StreamsGroupHeartbeatRequest,
) -> StreamsGroupHeartbeatResponse {
    let interval_ms = broker.streams_settings(&request.group_id).heartbeat_interval_ms;
    let beaten = check(&request).and_then(|()| {
        if broker.shares().group(&request.group_id).is_some() {
            return Err(not_streams(&request.group_id));
        }
        let beat = beat(peer, header, request);
        let beaten = broker.coordinator().streams_heartbeat(broker, &beat)?;
        let made = make(broker, &beaten.missing);
        if made && beat.member_epoch == 0 {
            // What it waited for is there: the heartbeat by which it would learn of it in a moment comes at once.
            let next = Heartbeat { member_epoch: beaten.member_epoch, topology: None, ..beat };
            let after = broker.coordinator().streams_heartbeat(broker, &next)?;
            return Ok(Beaten { tasks: after.tasks.or(beaten.tasks), ..after });
        }
        Ok(beaten)
    });
    match beaten {
        Err(refusal) => StreamsGroupHeartbeatResponse {
            error_code: refusal.code.into(),
            error_message: Some(refusal.message),
            status: Some(Vec::new()),
            ..Default::default()
        },
        Ok(beaten) => answer(beaten, interval_ms),
    }
}

/// Makes the application's internal topics. Says whether any was made.
fn make(broker: &Broker, missing: &[MissingTopic]) -> bool {
    let mut made = false;
    for topic in missing {
        let configs = topic.configs.iter().cloned().collect();
        let created = broker
            .plan_topic(&topic.name, Some(topic.partitions), configs)
            .and_then(|plan| broker.topics().create(plan));
        match created {
            // Another member was quicker.
            Ok(_) | Err(TopicError::Exists(_)) => made = true,
            // The member is told that it is missing, and the next heartbeat tries again.
            Err(error) => warn!(topic = %topic.name, %error, "internal topic not created"),
        }
    }
    made
}

fn invalid(message: String) -> Refusal {
    Refusal::new(ErrorCode::StreamsInvalidTopology, message)
}

/// An application's topics are not the broker's own, and have names that topics may have.
fn check_topics(request: &StreamsGroupHeartbeatRequest) -> Result<(), Refusal> {
    let subtopologies = request.topology.iter().flat_map(|topology| &topology.subtopologies);
    let mut seen = HashSet::new();
    let names: Vec<&str> = subtopologies
        .flat_map(|subtopology| {
            let internal =
                subtopology.repartition_source_topics.iter().chain(&subtopology.state_changelog_topics);
            let named = subtopology.source_topics.iter().chain(&subtopology.repartition_sink_topics);
            named.chain(internal.map(|topic| &topic.name)).map(String::as_str)
        })
        .filter(|name| seen.insert(*name))
        .collect();
    let own: Vec<&str> = names.iter().copied().filter(|name| topic::is_internal(name)).collect();
    if !own.is_empty() {
        let names = own.join(",");
        return Err(invalid(format!(
            "Use of Kafka internal topics {names} in a Kafka Streams topology is prohibited."
        )));
    }
    let odd: Vec<&str> =
        names.into_iter().filter(|name| commitlog::check_topic_name(name).is_err()).collect();
    match odd.is_empty() {
        true => Ok(()),
        false => Err(invalid(format!("Topic names {} are not valid topic names.", odd.join(",")))),
    }
}

/// What Kafka refuses whatever the group, in its order. Warm-up tasks and offsets of tasks are in the protocol, but
/// not in use: Kafka 4.3 neither gives nor takes any.
fn check(request: &StreamsGroupHeartbeatRequest) -> Result<(), Refusal> {
    let refuse = |message: &str| Err(Refusal::new(ErrorCode::InvalidRequest, message));
    let given =
        |tasks: &Option<Vec<message::RequestTaskIds>>| tasks.as_ref().is_some_and(|ids| !ids.is_empty());
    check_topics(request)?;
    if request.instance_id.is_some() {
        return refuse("Static membership is not yet supported.");
    }
    if request.task_offsets.is_some() {
        return refuse("TaskOffsets are not supported yet.");
    }
    if request.task_end_offsets.is_some() {
        return refuse("TaskEndOffsets are not supported yet.");
    }
    if given(&request.warmup_tasks) {
        return refuse("WarmupTasks are not supported yet.");
    }
    let mut subtopologies = request.topology.iter().flat_map(|topology| &topology.subtopologies);
    if subtopologies.any(|subtopology| !subtopology.source_topic_regex.is_empty()) {
        return refuse("Regular expressions for source topics are not supported yet.");
    }
    if request.member_id.is_empty() {
        return refuse("MemberId can't be empty.");
    }
    if request.group_id.is_empty() {
        return refuse("GroupId can't be empty.");
    }
    if request.rack_id.as_ref().is_some_and(String::is_empty) {
        return refuse("RackId can't be empty.");
    }
    match request.member_epoch {
        0 => {
            if request.rebalance_timeout_ms == -1 {
                return refuse("RebalanceTimeoutMs must be provided in first request.");
            }
            if given(&request.active_tasks) {
                return refuse("ActiveTasks must be empty when (re-)joining.");
            }
            if given(&request.standby_tasks) {
                return refuse("StandbyTasks must be empty when (re-)joining.");
            }
            let Some(topology) = &request.topology else {
                return refuse("Topology must be non-null when (re-)joining.");
            };
            check_topology(topology)?;
        }
        LEAVE_STATIC_EPOCH => return refuse("InstanceId can't be null."),
        epoch if epoch < LEAVE_STATIC_EPOCH => {
            return refuse(&format!("MemberEpoch is {epoch}, but must be greater than or equal to -2."));
        }
        _ => {}
    }
    let tasks = [&request.active_tasks, &request.standby_tasks, &request.warmup_tasks];
    if tasks.iter().any(|tasks| tasks.is_some()) && tasks.iter().any(|tasks| tasks.is_none()) {
        return refuse("If one task-type is non-null, all must be non-null.");
    }
    if request.member_epoch != 0 && request.topology.is_some() {
        return refuse("Topology can only be provided when (re-)joining.");
    }
    Ok(())
}

fn check_topology(topology: &message::Topology) -> Result<(), Refusal> {
    let mut changelogs =
        topology.subtopologies.iter().flat_map(|subtopology| &subtopology.state_changelog_topics);
    if let Some(topic) = changelogs.find(|topic| topic.partitions != 0) {
        return Err(invalid(format!(
            "Changelog topic {} must have an undefined partition count, but it is set to {}.",
            topic.name, topic.partitions
        )));
    }
    for subtopology in &topology.subtopologies {
        let (sources, repartitions) =
            (subtopology.source_topics.len(), subtopology.repartition_source_topics.len());
        let inside = |indexes: &[i16], len: usize| {
            indexes.iter().all(|index| usize::try_from(*index).is_ok_and(|index| index < len))
        };
        let sound = subtopology.copartition_groups.iter().all(|group| {
            inside(&group.source_topics, sources) && inside(&group.repartition_source_topics, repartitions)
        });
        if !sound {
            return Err(invalid(format!(
                "A copartition group of subtopology {} names a topic that is not in its lists.",
                subtopology.subtopology_id
            )));
        }
    }
    Ok(())
}

fn beat(peer: &Peer, header: &RequestHeader, request: StreamsGroupHeartbeatRequest) -> Heartbeat {
    let tasks = |ids: Vec<message::RequestTaskIds>| {
        let mut tasks = TaskMap::new();
        for id in ids {
            tasks.entry(id.subtopology_id).or_default().extend(id.partitions);
        }
        tasks
    };
    let owned = match (request.active_tasks, request.standby_tasks, request.warmup_tasks) {
        (Some(active), Some(standby), Some(warmup)) => {
            Some(Tasks { active: tasks(active), standby: tasks(standby), warmup: tasks(warmup) })
        }
        _ => None,
    };
    Heartbeat {
        group: request.group_id,
        member_id: request.member_id,
        member_epoch: request.member_epoch,
        rack_id: request.rack_id,
        rebalance_timeout_ms: Some(request.rebalance_timeout_ms).filter(|timeout| *timeout != -1),
        topology: request.topology.map(read_topology),
        owned,
        process_id: request.process_id,
        endpoint: request.user_endpoint.map(|endpoint| (endpoint.host, endpoint.port)),
        tags: request.client_tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value)).collect()),
        endpoint_epoch: request.endpoint_information_epoch,
        shutdown: request.shutdown_application,
        client_id: header.client_id.clone().unwrap_or_default(),
        client_host: format!("/{}", peer.remote.ip().to_canonical()),
    }
}

fn read_topology(told: message::Topology) -> Topology {
    let internal = |topics: Vec<message::TopicInfo>| {
        let topics = topics.into_iter().map(|topic| InternalTopic {
            name: topic.name,
            partitions: topic.partitions,
            replication_factor: topic.replication_factor,
            configs: topic.topic_configs.into_iter().map(|config| (config.key, config.value)).collect(),
        });
        topics.collect()
    };
    let subtopologies = told.subtopologies.into_iter().map(|subtopology| {
        let copartitions = subtopology.copartition_groups.into_iter().map(|group| Copartition {
            sources: group.source_topics,
            repartitions: group.repartition_source_topics,
        });
        let read = Subtopology {
            sources: subtopology.source_topics,
            changelogs: internal(subtopology.state_changelog_topics),
            sinks: subtopology.repartition_sink_topics,
            repartitions: internal(subtopology.repartition_source_topics),
            copartitions: copartitions.collect(),
        };
        (subtopology.subtopology_id, read)
    });
    Topology { epoch: told.epoch, subtopologies: subtopologies.collect() }
}

fn answer(beaten: Beaten, interval_ms: i32) -> StreamsGroupHeartbeatResponse {
    let ids = |tasks: TaskMap| -> Vec<ResponseTaskIds> {
        let tasks = tasks.into_iter().map(|(subtopology_id, partitions)| ResponseTaskIds {
            subtopology_id,
            partitions: partitions.into_iter().collect(),
        });
        tasks.collect()
    };
    let (active_tasks, standby_tasks, warmup_tasks) = match beaten.tasks {
        Some(tasks) => (Some(ids(tasks.active)), Some(ids(tasks.standby)), Some(ids(tasks.warmup))),
        None => (None, None, None),
    };
    let status = beaten
        .status
        .into_iter()
        .map(|status| message::Status { status_code: status.code as i8, status_detail: status.detail });
    StreamsGroupHeartbeatResponse {
        member_id: beaten.member_id,
        member_epoch: beaten.member_epoch,
        heartbeat_interval_ms: if beaten.member_epoch < 0 { 0 } else { interval_ms },
        status: Some(status.collect()),
        active_tasks,
        standby_tasks,
        warmup_tasks,
        endpoint_information_epoch: beaten.endpoint_epoch,
        partitions_by_user_endpoint: beaten
            .endpoints
            .map(|endpoints| endpoints.into_iter().map(endpoint).collect()),
        ..Default::default()
    }
}

fn endpoint(endpoint: EndpointPartitions) -> EndpointToPartitions {
    let partitions = |topics: Vec<(String, Vec<i32>)>| {
        topics.into_iter().map(|(topic, partitions)| TopicPartition { topic, partitions }).collect()
    };
    EndpointToPartitions {
        user_endpoint: ResponseEndpoint { host: endpoint.host, port: endpoint.port },
        active_partitions: partitions(endpoint.active),
        standby_partitions: partitions(endpoint.standby),
    }
}

pub(super) fn describe(
    broker: &Broker,
    request: StreamsGroupDescribeRequest,
) -> StreamsGroupDescribeResponse {
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
    StreamsGroupDescribeResponse { groups: groups.collect(), ..Default::default() }
}

fn described(broker: &Broker, group_id: &str) -> Result<DescribedGroup, Refusal> {
    let cell = broker
        .coordinator()
        .get(group_id)
        .ok_or_else(|| Refusal::new(ErrorCode::GroupIdNotFound, absent(broker, group_id, "streams")))?;
    let cell = cell.lock();
    let Membership::Streams(group) = &cell.membership else { return Err(not_streams(group_id)) };
    Ok(DescribedGroup {
        group_state: group.state().name().to_owned(),
        group_epoch: group.epoch(),
        assignment_epoch: group.target_epoch(),
        topology: group.topology().map(|topology| described_topology(topology, group.configured())),
        members: group.members().map(described_member).collect(),
        ..Default::default()
    })
}

/// As its members told it; once its topics are there, internal ones with the partitions they have.
fn described_topology(topology: &Topology, configured: Option<&Configured>) -> describe::Topology {
    let ready = configured.filter(|configured| configured.is_ready());
    let info = |topics: &[InternalTopic]| {
        let mut topics: Vec<describe::TopicInfo> = topics
            .iter()
            .map(|topic| describe::TopicInfo {
                name: topic.name.clone(),
                partitions: ready
                    .and_then(|ready| ready.partitions_of(&topic.name))
                    .unwrap_or(topic.partitions),
                replication_factor: topic.replication_factor,
                topic_configs: topic
                    .configs
                    .iter()
                    .map(|(key, value)| describe::KeyValue { key: key.clone(), value: value.clone() })
                    .collect(),
            })
            .collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        topics
    };
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names
    };
    let subtopologies = topology.subtopologies.iter().map(|(id, subtopology)| describe::Subtopology {
        subtopology_id: id.clone(),
        source_topics: sorted(&subtopology.sources),
        repartition_sink_topics: sorted(&subtopology.sinks),
        state_changelog_topics: info(&subtopology.changelogs),
        repartition_source_topics: info(&subtopology.repartitions),
    });
    describe::Topology { epoch: topology.epoch, subtopologies: Some(subtopologies.collect()) }
}

fn described_member(member: &Member) -> describe::Member {
    let ids = |tasks: TaskMap| {
        let tasks = tasks.into_iter().map(|(subtopology_id, partitions)| describe::TaskIds {
            subtopology_id,
            partitions: partitions.into_iter().collect(),
        });
        tasks.collect()
    };
    let assignment = |tasks: Tasks| describe::Assignment {
        active_tasks: ids(tasks.active),
        standby_tasks: ids(tasks.standby),
        warmup_tasks: ids(tasks.warmup),
    };
    describe::Member {
        member_id: member.id.clone(),
        member_epoch: member.epoch,
        rack_id: member.rack_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        topology_epoch: member.topology_epoch,
        process_id: member.process_id.clone(),
        user_endpoint: member.endpoint.clone().map(|(host, port)| describe::Endpoint { host, port }),
        client_tags: member
            .tags
            .iter()
            .map(|(key, value)| describe::KeyValue { key: key.clone(), value: value.clone() })
            .collect(),
        assignment: assignment(member.assigned.plain()),
        target_assignment: assignment(member.target()),
        ..Default::default()
    }
}
