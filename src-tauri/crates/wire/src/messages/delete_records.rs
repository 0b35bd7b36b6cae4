//! DeleteRecords: move a partition's start forward.

messages! {
    /// API 21, request, versions 0–2, flexible from 2.
    DeleteRecordsRequest {
        topics: Vec<DeleteRecordsTopic>,
        timeout_ms: i32,
    }

    /// One of `DeleteRecordsRequest::topics`.
    DeleteRecordsTopic {
        name: String,
        partitions: Vec<DeleteRecordsPartition>,
    }

    /// One of `DeleteRecordsTopic::partitions`.
    DeleteRecordsPartition {
        partition_index: i32,
        offset: i64,
    }

    /// API 21, response, versions 0–2, flexible from 2.
    DeleteRecordsResponse {
        throttle_time_ms: i32,
        topics: Vec<DeleteRecordsTopicResult>,
    }

    /// One of `DeleteRecordsResponse::topics`.
    DeleteRecordsTopicResult {
        name: String,
        partitions: Vec<DeleteRecordsPartitionResult>,
    }

    /// One of `DeleteRecordsTopicResult::partitions`.
    DeleteRecordsPartitionResult {
        partition_index: i32,
        low_watermark: i64,
        error_code: i16,
    }
}
