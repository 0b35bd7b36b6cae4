//! Metadata: brokers, topics, partitions.

use crate::uuid::Uuid;

messages! {
    /// API 3, request, versions 0–13, flexible from 9.
    MetadataRequest {
        topics: Option<Vec<MetadataRequestTopic>>,
        allow_auto_topic_creation: bool [4..] = true,
        include_cluster_authorized_operations: bool [8..=10],
        include_topic_authorized_operations: bool [8..],
    }

    /// One of `MetadataRequest::topics`.
    MetadataRequestTopic {
        topic_id: Uuid [10..],
        name: Option<String>,
    }

    /// API 3, response, versions 0–13, flexible from 9.
    MetadataResponse {
        throttle_time_ms: i32 [3..],
        brokers: Vec<MetadataResponseBroker>,
        cluster_id: Option<String> [2..],
        controller_id: i32 [1..] = -1,
        topics: Vec<MetadataResponseTopic>,
        cluster_authorized_operations: i32 [8..=10] = -2147483648,
        error_code: i16 [13..],
    }

    /// One of `MetadataResponse::brokers`.
    MetadataResponseBroker {
        node_id: i32,
        host: String,
        port: i32,
        rack: Option<String> [1..],
    }

    /// One of `MetadataResponse::topics`.
    MetadataResponseTopic {
        error_code: i16,
        name: Option<String>,
        topic_id: Uuid [10..],
        is_internal: bool [1..],
        partitions: Vec<MetadataResponsePartition>,
        topic_authorized_operations: i32 [8..] = -2147483648,
    }

    /// One of `MetadataResponseTopic::partitions`.
    MetadataResponsePartition {
        error_code: i16,
        partition_index: i32,
        leader_id: i32,
        leader_epoch: i32 [7..] = -1,
        replica_nodes: Vec<i32>,
        isr_nodes: Vec<i32>,
        offline_replicas: Vec<i32> [5..],
    }
}
