//! DescribeProducers: who writes to a partition.

messages! {
    /// API 61, request, version 0, flexible from 0.
    DescribeProducersRequest {
        topics: Vec<TopicRequest>,
    }

    /// One of `DescribeProducersRequest::topics`.
    TopicRequest {
        name: String,
        partition_indexes: Vec<i32>,
    }

    /// API 61, response, version 0, flexible from 0.
    DescribeProducersResponse {
        throttle_time_ms: i32,
        topics: Vec<TopicResponse>,
    }

    /// One of `DescribeProducersResponse::topics`.
    TopicResponse {
        name: String,
        partitions: Vec<PartitionResponse>,
    }

    /// One of `TopicResponse::partitions`.
    PartitionResponse {
        partition_index: i32,
        error_code: i16,
        error_message: Option<String>,
        active_producers: Vec<ProducerState>,
    }

    /// One of `PartitionResponse::active_producers`.
    ProducerState {
        producer_id: i64,
        producer_epoch: i32,
        last_sequence: i32 = -1,
        last_timestamp: i64 = -1,
        coordinator_epoch: i32,
        current_txn_start_offset: i64 = -1,
    }
}
