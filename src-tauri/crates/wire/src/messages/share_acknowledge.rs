//! ShareAcknowledge (KIP-932).

use crate::uuid::Uuid;

messages! {
    /// API 79, request, versions 1–2, flexible from 0.
    ShareAcknowledgeRequest {
        group_id: Option<String>,
        member_id: Option<String>,
        share_session_epoch: i32,
        is_renew_ack: bool [2..],
        topics: Vec<AcknowledgeTopic>,
    }

    /// One of `ShareAcknowledgeRequest::topics`.
    AcknowledgeTopic {
        topic_id: Uuid,
        partitions: Vec<AcknowledgePartition>,
    }

    /// One of `AcknowledgeTopic::partitions`.
    AcknowledgePartition {
        partition_index: i32,
        acknowledgement_batches: Vec<AcknowledgementBatch>,
    }

    /// One of `AcknowledgePartition::acknowledgement_batches`.
    AcknowledgementBatch {
        first_offset: i64,
        last_offset: i64,
        acknowledge_types: Vec<i8>,
    }

    /// API 79, response, versions 1–2, flexible from 0.
    ShareAcknowledgeResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        acquisition_lock_timeout_ms: i32 [2..],
        responses: Vec<ShareAcknowledgeTopicResponse>,
        node_endpoints: Vec<NodeEndpoint>,
    }

    /// One of `ShareAcknowledgeResponse::responses`.
    ShareAcknowledgeTopicResponse {
        topic_id: Uuid,
        partitions: Vec<PartitionData>,
    }

    /// One of `ShareAcknowledgeTopicResponse::partitions`.
    PartitionData {
        partition_index: i32,
        error_code: i16,
        error_message: Option<String>,
        current_leader: LeaderIdAndEpoch,
    }

    /// The `PartitionData::current_leader`.
    LeaderIdAndEpoch {
        leader_id: i32,
        leader_epoch: i32,
    }

    /// One of `ShareAcknowledgeResponse::node_endpoints`.
    NodeEndpoint {
        node_id: i32,
        host: String,
        port: i32,
        rack: Option<String>,
    }
}
