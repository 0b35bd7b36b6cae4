//! Produce: record batches in.

use crate::codec::Span;
use crate::uuid::Uuid;

messages! {
    /// API 0, request, versions 0–13, flexible from 9.
    ProduceRequest {
        transactional_id: Option<String> [3..],
        acks: i16,
        timeout_ms: i32,
        topic_data: Vec<TopicProduceData>,
    }

    /// One of `ProduceRequest::topic_data`.
    TopicProduceData {
        name: String [..=12],
        topic_id: Uuid [13..],
        partition_data: Vec<PartitionProduceData>,
    }

    /// One of `TopicProduceData::partition_data`.
    PartitionProduceData {
        index: i32,
        records: Option<Span>,
    }

    /// API 0, response, versions 0–13, flexible from 9.
    ProduceResponse {
        responses: Vec<TopicProduceResponse>,
        throttle_time_ms: i32 [1..],
        node_endpoints: Vec<NodeEndpoint> [10..] => tag 0,
    }

    /// One of `ProduceResponse::responses`.
    TopicProduceResponse {
        name: String [..=12],
        topic_id: Uuid [13..],
        partition_responses: Vec<PartitionProduceResponse>,
    }

    /// One of `TopicProduceResponse::partition_responses`.
    PartitionProduceResponse {
        index: i32,
        error_code: i16,
        base_offset: i64,
        log_append_time_ms: i64 [2..] = -1,
        log_start_offset: i64 [5..] = -1,
        record_errors: Vec<BatchIndexAndErrorMessage> [8..],
        error_message: Option<String> [8..],
        current_leader: LeaderIdAndEpoch [10..] => tag 0,
    }

    /// One of `PartitionProduceResponse::record_errors`.
    BatchIndexAndErrorMessage {
        batch_index: i32 [8..],
        batch_index_error_message: Option<String> [8..],
    }

    /// The `PartitionProduceResponse::current_leader`.
    LeaderIdAndEpoch {
        leader_id: i32 [10..] = -1,
        leader_epoch: i32 [10..] = -1,
    }

    /// One of `ProduceResponse::node_endpoints`.
    NodeEndpoint {
        node_id: i32 [10..],
        host: String [10..],
        port: i32 [10..],
        rack: Option<String> [10..],
    }
}
