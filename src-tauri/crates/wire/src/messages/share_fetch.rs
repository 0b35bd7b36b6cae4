//! ShareFetch (KIP-932).

use crate::codec::Records;
use crate::uuid::Uuid;

messages! {
    /// API 78, request, versions 1–2, flexible from 0.
    ShareFetchRequest {
        group_id: Option<String>,
        member_id: Option<String>,
        share_session_epoch: i32,
        max_wait_ms: i32,
        min_bytes: i32,
        max_bytes: i32 = 0x7fffffff,
        max_records: i32,
        batch_size: i32,
        share_acquire_mode: i8 [2..],
        is_renew_ack: bool [2..],
        topics: Vec<FetchTopic>,
        forgotten_topics_data: Vec<ForgottenTopic>,
    }

    /// One of `ShareFetchRequest::topics`.
    FetchTopic {
        topic_id: Uuid,
        partitions: Vec<FetchPartition>,
    }

    /// One of `FetchTopic::partitions`.
    FetchPartition {
        partition_index: i32,
        acknowledgement_batches: Vec<AcknowledgementBatch>,
    }

    /// One of `FetchPartition::acknowledgement_batches`.
    AcknowledgementBatch {
        first_offset: i64,
        last_offset: i64,
        acknowledge_types: Vec<i8>,
    }

    /// One of `ShareFetchRequest::forgotten_topics_data`.
    ForgottenTopic {
        topic_id: Uuid,
        partitions: Vec<i32>,
    }

    /// API 78, response, versions 1–2, flexible from 0.
    ShareFetchResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        acquisition_lock_timeout_ms: i32,
        responses: Vec<ShareFetchableTopicResponse>,
        node_endpoints: Vec<NodeEndpoint>,
    }

    /// One of `ShareFetchResponse::responses`.
    ShareFetchableTopicResponse {
        topic_id: Uuid,
        partitions: Vec<PartitionData>,
    }

    /// One of `ShareFetchableTopicResponse::partitions`.
    PartitionData {
        partition_index: i32,
        error_code: i16,
        error_message: Option<String>,
        acknowledge_error_code: i16,
        acknowledge_error_message: Option<String>,
        current_leader: LeaderIdAndEpoch,
        records: Option<Records>,
        acquired_records: Vec<AcquiredRecords>,
    }

    /// The `PartitionData::current_leader`.
    LeaderIdAndEpoch {
        leader_id: i32,
        leader_epoch: i32,
    }

    /// One of `PartitionData::acquired_records`.
    AcquiredRecords {
        first_offset: i64,
        last_offset: i64,
        delivery_count: i16,
    }

    /// One of `ShareFetchResponse::node_endpoints`.
    NodeEndpoint {
        node_id: i32,
        host: String,
        port: i32,
        rack: Option<String>,
    }
}
