//! OffsetFetch: committed positions of groups.

use crate::uuid::Uuid;

messages! {
    /// API 9, request, versions 1–10, flexible from 6.
    OffsetFetchRequest {
        group_id: String [..=7],
        topics: Option<Vec<OffsetFetchRequestTopic>> [..=7],
        groups: Vec<OffsetFetchRequestGroup> [8..],
        require_stable: bool [7..],
    }

    /// One of `OffsetFetchRequest::topics`.
    OffsetFetchRequestTopic {
        name: String [..=7],
        partition_indexes: Vec<i32> [..=7],
    }

    /// One of `OffsetFetchRequest::groups`.
    OffsetFetchRequestGroup {
        group_id: String [8..],
        member_id: Option<String> [9..],
        member_epoch: i32 [9..] = -1,
        topics: Option<Vec<OffsetFetchRequestTopics>> [8..],
    }

    /// One of `OffsetFetchRequestGroup::topics`.
    OffsetFetchRequestTopics {
        name: String [8..=9],
        topic_id: Uuid [10..],
        partition_indexes: Vec<i32> [8..],
    }

    /// API 9, response, versions 1–10, flexible from 6.
    OffsetFetchResponse {
        throttle_time_ms: i32 [3..],
        topics: Vec<OffsetFetchResponseTopic> [..=7],
        error_code: i16 [2..=7],
        groups: Vec<OffsetFetchResponseGroup> [8..],
    }

    /// One of `OffsetFetchResponse::topics`.
    OffsetFetchResponseTopic {
        name: String [..=7],
        partitions: Vec<OffsetFetchResponsePartition> [..=7],
    }

    /// One of `OffsetFetchResponseTopic::partitions`.
    OffsetFetchResponsePartition {
        partition_index: i32 [..=7],
        committed_offset: i64 [..=7],
        committed_leader_epoch: i32 [5..=7] = -1,
        metadata: Option<String> [..=7],
        error_code: i16 [..=7],
    }

    /// One of `OffsetFetchResponse::groups`.
    OffsetFetchResponseGroup {
        group_id: String [8..],
        topics: Vec<OffsetFetchResponseTopics> [8..],
        error_code: i16 [8..],
    }

    /// One of `OffsetFetchResponseGroup::topics`.
    OffsetFetchResponseTopics {
        name: String [8..=9],
        topic_id: Uuid [10..],
        partitions: Vec<OffsetFetchResponsePartitions> [8..],
    }

    /// One of `OffsetFetchResponseTopics::partitions`.
    OffsetFetchResponsePartitions {
        partition_index: i32 [8..],
        committed_offset: i64 [8..],
        committed_leader_epoch: i32 [8..] = -1,
        metadata: Option<String> [8..],
        error_code: i16 [8..],
    }
}
