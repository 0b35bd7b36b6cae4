//! AlterShareGroupOffsets (KIP-932).

use crate::uuid::Uuid;

messages! {
    /// API 91, request, version 0, flexible from 0.
    AlterShareGroupOffsetsRequest {
        group_id: String,
        topics: Vec<AlterShareGroupOffsetsRequestTopic>,
    }

    /// One of `AlterShareGroupOffsetsRequest::topics`.
    AlterShareGroupOffsetsRequestTopic {
        topic_name: String,
        partitions: Vec<AlterShareGroupOffsetsRequestPartition>,
    }

    /// One of `AlterShareGroupOffsetsRequestTopic::partitions`.
    AlterShareGroupOffsetsRequestPartition {
        partition_index: i32,
        start_offset: i64,
    }

    /// API 91, response, version 0, flexible from 0.
    AlterShareGroupOffsetsResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        responses: Vec<AlterShareGroupOffsetsResponseTopic>,
    }

    /// One of `AlterShareGroupOffsetsResponse::responses`.
    AlterShareGroupOffsetsResponseTopic {
        topic_name: String,
        topic_id: Uuid,
        partitions: Vec<AlterShareGroupOffsetsResponsePartition>,
    }

    /// One of `AlterShareGroupOffsetsResponseTopic::partitions`.
    AlterShareGroupOffsetsResponsePartition {
        partition_index: i32,
        error_code: i16,
        error_message: Option<String>,
    }
}
