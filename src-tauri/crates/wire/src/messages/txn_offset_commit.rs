//! TxnOffsetCommit: positions of a group, committed with a transaction.

messages! {
    /// API 28, request, versions 0–5, flexible from 3.
    TxnOffsetCommitRequest {
        transactional_id: String,
        group_id: String,
        producer_id: i64,
        producer_epoch: i16,
        generation_id: i32 [3..] = -1,
        member_id: String [3..],
        group_instance_id: Option<String> [3..],
        topics: Vec<TxnOffsetCommitRequestTopic>,
    }

    /// One of `TxnOffsetCommitRequest::topics`.
    TxnOffsetCommitRequestTopic {
        name: String,
        partitions: Vec<TxnOffsetCommitRequestPartition>,
    }

    /// One of `TxnOffsetCommitRequestTopic::partitions`.
    TxnOffsetCommitRequestPartition {
        partition_index: i32,
        committed_offset: i64,
        committed_leader_epoch: i32 [2..] = -1,
        committed_metadata: Option<String>,
    }

    /// API 28, response, versions 0–5, flexible from 3.
    TxnOffsetCommitResponse {
        throttle_time_ms: i32,
        topics: Vec<TxnOffsetCommitResponseTopic>,
    }

    /// One of `TxnOffsetCommitResponse::topics`.
    TxnOffsetCommitResponseTopic {
        name: String,
        partitions: Vec<TxnOffsetCommitResponsePartition>,
    }

    /// One of `TxnOffsetCommitResponseTopic::partitions`.
    TxnOffsetCommitResponsePartition {
        partition_index: i32,
        error_code: i16,
    }
}
