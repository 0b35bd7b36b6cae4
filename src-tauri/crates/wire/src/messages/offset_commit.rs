//! OffsetCommit: positions of a group.

use crate::uuid::Uuid;

messages! {
    /// API 8, request, versions 2–10, flexible from 8.
    OffsetCommitRequest {
        group_id: String,
        generation_id_or_member_epoch: i32 [1..] = -1,
        member_id: String [1..],
        group_instance_id: Option<String> [7..],
        retention_time_ms: i64 [2..=4] = -1,
        topics: Vec<OffsetCommitRequestTopic>,
    }

    /// One of `OffsetCommitRequest::topics`.
    OffsetCommitRequestTopic {
        name: String [..=9],
        topic_id: Uuid [10..],
        partitions: Vec<OffsetCommitRequestPartition>,
    }

    /// One of `OffsetCommitRequestTopic::partitions`.
    OffsetCommitRequestPartition {
        partition_index: i32,
        committed_offset: i64,
        committed_leader_epoch: i32 [6..] = -1,
        commit_timestamp: i64 [1..=1] = -1,
        committed_metadata: Option<String>,
    }

    /// API 8, response, versions 2–10, flexible from 8.
    OffsetCommitResponse {
        throttle_time_ms: i32 [3..],
        topics: Vec<OffsetCommitResponseTopic>,
    }

    /// One of `OffsetCommitResponse::topics`.
    OffsetCommitResponseTopic {
        name: String [..=9],
        topic_id: Uuid [10..],
        partitions: Vec<OffsetCommitResponsePartition>,
    }

    /// One of `OffsetCommitResponseTopic::partitions`.
    OffsetCommitResponsePartition {
        partition_index: i32,
        error_code: i16,
    }
}
