//! DescribeQuorum.

use crate::uuid::Uuid;

messages! {
    /// API 55, request, versions 0–2, flexible from 0.
    DescribeQuorumRequest {
        topics: Vec<RequestTopicData>,
    }

    /// One of `DescribeQuorumRequest::topics`.
    RequestTopicData {
        topic_name: String,
        partitions: Vec<RequestPartitionData>,
    }

    /// One of `RequestTopicData::partitions`.
    RequestPartitionData {
        partition_index: i32,
    }

    /// API 55, response, versions 0–2, flexible from 0.
    DescribeQuorumResponse {
        error_code: i16,
        error_message: Option<String> [2..],
        topics: Vec<ResponseTopicData>,
        nodes: Vec<Node> [2..],
    }

    /// One of `DescribeQuorumResponse::topics`.
    ResponseTopicData {
        topic_name: String,
        partitions: Vec<ResponsePartitionData>,
    }

    /// One of `ResponseTopicData::partitions`.
    ResponsePartitionData {
        partition_index: i32,
        error_code: i16,
        error_message: Option<String> [2..],
        leader_id: i32,
        leader_epoch: i32,
        high_watermark: i64,
        current_voters: Vec<ReplicaState>,
        observers: Vec<ReplicaState>,
    }

    /// One of `DescribeQuorumResponse::nodes`.
    Node {
        node_id: i32 [2..],
        listeners: Vec<Listener> [2..],
    }

    /// One of `Node::listeners`.
    Listener {
        name: String [2..],
        host: String [2..],
        port: u16 [2..],
    }

    /// Used within `DescribeQuorumResponse`.
    ReplicaState {
        replica_id: i32,
        replica_directory_id: Uuid [2..],
        log_end_offset: i64,
        last_fetch_timestamp: i64 [1..] = -1,
        last_caught_up_timestamp: i64 [1..] = -1,
    }
}
