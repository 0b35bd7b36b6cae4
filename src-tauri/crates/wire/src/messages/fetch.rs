//! Fetch: record batches out (sessions: KIP-227, topic ids: KIP-516).

use crate::codec::Records;
use crate::uuid::Uuid;

messages! {
    /// API 1, request, versions 4–18, flexible from 12.
    FetchRequest {
        cluster_id: Option<String> [12..] => tag 0,
        replica_id: i32 [..=14] = -1,
        replica_state: ReplicaState [15..] => tag 1,
        max_wait_ms: i32,
        min_bytes: i32,
        max_bytes: i32 [3..] = 0x7fff_ffff,
        isolation_level: i8 [4..],
        session_id: i32 [7..],
        session_epoch: i32 [7..] = -1,
        topics: Vec<FetchTopic>,
        forgotten_topics_data: Vec<ForgottenTopic> [7..],
        rack_id: String [11..],
    }

    /// The `FetchRequest::replica_state`.
    ReplicaState {
        replica_id: i32 [15..] = -1,
        replica_epoch: i64 [15..] = -1,
    }

    /// One of `FetchRequest::topics`.
    FetchTopic {
        topic: String [..=12],
        topic_id: Uuid [13..],
        partitions: Vec<FetchPartition>,
    }

    /// One of `FetchTopic::partitions`.
    FetchPartition {
        partition: i32,
        current_leader_epoch: i32 [9..] = -1,
        fetch_offset: i64,
        last_fetched_epoch: i32 [12..] = -1,
        log_start_offset: i64 [5..] = -1,
        partition_max_bytes: i32,
        replica_directory_id: Uuid [17..] => tag 0,
        high_watermark: i64 [18..] = 0x7fff_ffff_ffff_ffff => tag 1,
    }

    /// One of `FetchRequest::forgotten_topics_data`.
    ForgottenTopic {
        topic: String [7..=12],
        topic_id: Uuid [13..],
        partitions: Vec<i32> [7..],
    }

    /// API 1, response, versions 4–18, flexible from 12.
    FetchResponse {
        throttle_time_ms: i32 [1..],
        error_code: i16 [7..],
        session_id: i32 [7..],
        responses: Vec<FetchableTopicResponse>,
        node_endpoints: Vec<NodeEndpoint> [16..] => tag 0,
    }

    /// One of `FetchResponse::responses`.
    FetchableTopicResponse {
        topic: String [..=12],
        topic_id: Uuid [13..],
        partitions: Vec<PartitionData>,
    }

    /// One of `FetchableTopicResponse::partitions`.
    PartitionData {
        partition_index: i32,
        error_code: i16,
        high_watermark: i64,
        last_stable_offset: i64 [4..] = -1,
        log_start_offset: i64 [5..] = -1,
        diverging_epoch: EpochEndOffset [12..] => tag 0,
        current_leader: LeaderIdAndEpoch [12..] => tag 1,
        snapshot_id: SnapshotId [12..] => tag 2,
        aborted_transactions: Option<Vec<AbortedTransaction>> [4..],
        preferred_read_replica: i32 [11..] = -1,
        records: Option<Records>,
    }

    /// The `PartitionData::diverging_epoch`.
    EpochEndOffset {
        epoch: i32 [12..] = -1,
        end_offset: i64 [12..] = -1,
    }

    /// The `PartitionData::current_leader`.
    LeaderIdAndEpoch {
        leader_id: i32 [12..] = -1,
        leader_epoch: i32 [12..] = -1,
    }

    /// The `PartitionData::snapshot_id`.
    SnapshotId {
        end_offset: i64 = -1,
        epoch: i32 = -1,
    }

    /// One of `PartitionData::aborted_transactions`.
    AbortedTransaction {
        producer_id: i64 [4..],
        first_offset: i64 [4..],
    }

    /// One of `FetchResponse::node_endpoints`.
    NodeEndpoint {
        node_id: i32 [16..],
        host: String [16..],
        port: i32 [16..],
        rack: Option<String> [16..],
    }
}
