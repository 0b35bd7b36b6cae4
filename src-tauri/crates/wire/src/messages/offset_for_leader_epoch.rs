//! OffsetForLeaderEpoch: where a leader epoch ended (KIP-101, KIP-320).

messages! {
    /// API 23, request, versions 2–4, flexible from 4.
    OffsetForLeaderEpochRequest {
        replica_id: i32 [3..] = -2,
        topics: Vec<OffsetForLeaderTopic>,
    }

    /// One of `OffsetForLeaderEpochRequest::topics`.
    OffsetForLeaderTopic {
        topic: String,
        partitions: Vec<OffsetForLeaderPartition>,
    }

    /// One of `OffsetForLeaderTopic::partitions`.
    OffsetForLeaderPartition {
        partition: i32,
        current_leader_epoch: i32 [2..] = -1,
        leader_epoch: i32,
    }

    /// API 23, response, versions 2–4, flexible from 4.
    OffsetForLeaderEpochResponse {
        throttle_time_ms: i32 [2..],
        topics: Vec<OffsetForLeaderTopicResult>,
    }

    /// One of `OffsetForLeaderEpochResponse::topics`.
    OffsetForLeaderTopicResult {
        topic: String,
        partitions: Vec<EpochEndOffset>,
    }

    /// One of `OffsetForLeaderTopicResult::partitions`.
    EpochEndOffset {
        error_code: i16,
        partition: i32,
        leader_epoch: i32 [1..] = -1,
        end_offset: i64 = -1,
    }
}
