//! Metadata, DescribeCluster, DescribeTopicPartitions: what there is and who holds it.

use wire::messages::describe_cluster::{
    DescribeClusterBroker, DescribeClusterRequest, DescribeClusterResponse,
};
use wire::messages::describe_topic_partitions::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic, ResponseCursor,
};
use wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseBroker,
    MetadataResponsePartition, MetadataResponseTopic,
};
use wire::{ErrorCode, Uuid};

use super::{CLUSTER_OPERATIONS, TOPIC_OPERATIONS};
use crate::Broker;
use crate::groups::Catalog;
use crate::partition::LEADER_EPOCH;
use crate::server::Peer;
use crate::topic::Topic;

/// "Nobody asked" in fields of authorized operations.
const NOT_ASKED: i32 = i32::MIN;

pub(super) fn metadata(
    broker: &Broker,
    peer: &Peer,
    version: i16,
    request: MetadataRequest,
) -> MetadataResponse {
    // Before version 1 an empty list asks for everything; after, null does.
    let all = match &request.topics {
        None => true,
        Some(topics) => version == 0 && topics.is_empty(),
    };
    let may_create = version < 4 || request.allow_auto_topic_creation;
    let operations = if request.include_topic_authorized_operations { TOPIC_OPERATIONS } else { NOT_ASKED };
    let mut topics: Vec<MetadataResponseTopic> = if all {
        broker.topics().all().iter().map(|topic| described(broker, topic)).collect()
    } else {
        let asked = request.topics.unwrap_or_default();
        asked.into_iter().map(|topic| one_topic(broker, topic, may_create)).collect()
    };
    for topic in &mut topics {
        topic.topic_authorized_operations = operations;
    }
    MetadataResponse {
        brokers: vec![node(broker, peer)],
        cluster_id: Some(broker.cluster_id().to_owned()),
        controller_id: broker.node_id(),
        topics,
        cluster_authorized_operations: if request.include_cluster_authorized_operations {
            CLUSTER_OPERATIONS
        } else {
            NOT_ASKED
        },
        ..Default::default()
    }
}

fn node(broker: &Broker, peer: &Peer) -> MetadataResponseBroker {
    let (host, port) = peer.advertised();
    let rack = broker.topics().rack().map(str::to_owned);
    MetadataResponseBroker { node_id: broker.node_id(), host, port: i32::from(port), rack }
}

fn one_topic(broker: &Broker, asked: MetadataRequestTopic, may_create: bool) -> MetadataResponseTopic {
    let failed = |error: ErrorCode, name: Option<String>, topic_id: Uuid| MetadataResponseTopic {
        error_code: error.into(),
        name,
        topic_id,
        ..Default::default()
    };
    if !asked.topic_id.is_zero() {
        return match broker.topics().by_id(asked.topic_id) {
            Some(topic) => described(broker, &topic),
            None => failed(ErrorCode::UnknownTopicId, None, asked.topic_id),
        };
    }
    let Some(name) = asked.name else {
        return failed(ErrorCode::InvalidRequest, Some(String::new()), Uuid::ZERO);
    };
    let found = if may_create { broker.topic_or_create(&name) } else { broker.topic(&name) };
    match found {
        Ok(topic) => described(broker, &topic),
        Err(error) => failed(error, Some(name), Uuid::ZERO),
    }
}

fn described(broker: &Broker, topic: &Topic) -> MetadataResponseTopic {
    let node_id = broker.node_id();
    let partitions = topic.partitions();
    MetadataResponseTopic {
        name: Some(topic.name.clone()),
        topic_id: topic.id,
        is_internal: topic.is_internal(),
        partitions: partitions
            .iter()
            .map(|partition| MetadataResponsePartition {
                partition_index: partition.index,
                leader_id: node_id,
                leader_epoch: LEADER_EPOCH,
                replica_nodes: vec![node_id],
                isr_nodes: vec![node_id],
                ..Default::default()
            })
            .collect(),
        ..Default::default()
    }
}

pub(super) fn describe_cluster(
    broker: &Broker,
    peer: &Peer,
    request: DescribeClusterRequest,
) -> DescribeClusterResponse {
    /// Brokers; the other kind are controllers (KIP-919).
    const BROKERS: i8 = 1;
    const CONTROLLERS: i8 = 2;
    if request.endpoint_type != BROKERS {
        let (code, message) = match request.endpoint_type {
            CONTROLLERS => {
                (ErrorCode::MismatchedEndpointType, "The request was sent to an endpoint of brokers.")
            }
            _ => (ErrorCode::UnsupportedEndpointType, "There is no such type of endpoint."),
        };
        return DescribeClusterResponse {
            error_code: code.into(),
            error_message: Some(message.to_owned()),
            ..Default::default()
        };
    }
    let node = node(broker, peer);
    DescribeClusterResponse {
        endpoint_type: request.endpoint_type,
        cluster_id: broker.cluster_id().to_owned(),
        controller_id: broker.node_id(),
        brokers: vec![DescribeClusterBroker {
            broker_id: node.node_id,
            host: node.host,
            port: node.port,
            rack: node.rack,
            is_fenced: false,
        }],
        cluster_authorized_operations: if request.include_cluster_authorized_operations {
            CLUSTER_OPERATIONS
        } else {
            NOT_ASKED
        },
        ..Default::default()
    }
}

/// Topics in the order of their names, cut where the page is full.
pub(super) fn describe_topic_partitions(
    broker: &Broker,
    request: DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let mut names: Vec<String> = if request.topics.is_empty() {
        broker.topics().all().iter().map(|topic| topic.name.clone()).collect()
    } else {
        request.topics.into_iter().map(|topic| topic.name).collect()
    };
    names.sort();
    names.dedup();
    let (from_name, mut from_partition) = match request.cursor {
        Some(cursor) => (cursor.topic_name, cursor.partition_index),
        None => (String::new(), 0),
    };
    let limit = usize::try_from(broker.settings().number("max.request.partition.size.limit"));
    let limit = limit.unwrap_or(1).max(1);
    let mut room = usize::try_from(request.response_partition_limit).unwrap_or(limit).clamp(1, limit);
    let mut response = DescribeTopicPartitionsResponse::default();
    for name in names.into_iter().filter(|name| *name >= from_name) {
        if name != from_name {
            from_partition = 0;
        }
        if room == 0 {
            response.next_cursor = Some(ResponseCursor { topic_name: name, partition_index: from_partition });
            return response;
        }
        let topic = match broker.topic(&name) {
            Ok(topic) => topic,
            Err(error) => {
                response.topics.push(DescribeTopicPartitionsResponseTopic {
                    error_code: error.into(),
                    name: Some(name),
                    topic_authorized_operations: TOPIC_OPERATIONS,
                    ..Default::default()
                });
                continue;
            }
        };
        let partitions = topic.partitions();
        let page: Vec<DescribeTopicPartitionsResponsePartition> = partitions
            .iter()
            .filter(|partition| partition.index >= from_partition)
            .take(room)
            .map(|partition| DescribeTopicPartitionsResponsePartition {
                partition_index: partition.index,
                leader_id: broker.node_id(),
                leader_epoch: LEADER_EPOCH,
                replica_nodes: vec![broker.node_id()],
                isr_nodes: vec![broker.node_id()],
                eligible_leader_replicas: Some(Vec::new()),
                last_known_elr: Some(Vec::new()),
                ..Default::default()
            })
            .collect();
        room -= page.len();
        let next = page.last().map_or(from_partition, |last| last.partition_index + 1);
        response.topics.push(DescribeTopicPartitionsResponseTopic {
            name: Some(name.clone()),
            topic_id: topic.id,
            is_internal: topic.is_internal(),
            partitions: page,
            topic_authorized_operations: TOPIC_OPERATIONS,
            ..Default::default()
        });
        if (next as usize) < partitions.len() {
            response.next_cursor = Some(ResponseCursor { topic_name: name, partition_index: next });
            return response;
        }
    }
    response
}
