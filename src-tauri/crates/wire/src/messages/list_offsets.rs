//! ListOffsets: offsets by timestamp or by special timestamp.

messages! {
    /// API 2, request, versions 1–11, flexible from 6.
    ListOffsetsRequest {
        replica_id: i32,
        isolation_level: i8 [2..],
        topics: Vec<ListOffsetsTopic>,
        timeout_ms: i32 [10..],
    }

    /// One of `ListOffsetsRequest::topics`.
    ListOffsetsTopic {
        name: String,
        partitions: Vec<ListOffsetsPartition>,
    }

    /// One of `ListOffsetsTopic::partitions`.
    ListOffsetsPartition {
        partition_index: i32,
        current_leader_epoch: i32 [4..] = -1,
        timestamp: i64,
        max_num_offsets: i32 [0..=0] = 1,
    }

    /// API 2, response, versions 1–11, flexible from 6.
    ListOffsetsResponse {
        throttle_time_ms: i32 [2..],
        topics: Vec<ListOffsetsTopicResponse>,
    }

    /// One of `ListOffsetsResponse::topics`.
    ListOffsetsTopicResponse {
        name: String,
        partitions: Vec<ListOffsetsPartitionResponse>,
    }

    /// One of `ListOffsetsTopicResponse::partitions`.
    ListOffsetsPartitionResponse {
        partition_index: i32,
        error_code: i16,
        old_style_offsets: Vec<i64> [0..=0],
        timestamp: i64 [1..] = -1,
        offset: i64 [1..] = -1,
        leader_epoch: i32 [4..] = -1,
    }
}
