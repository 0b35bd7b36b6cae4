//! ShareGroupHeartbeat (KIP-932).

use crate::uuid::Uuid;

messages! {
    /// API 76, request, version 1, flexible from 0.
    ShareGroupHeartbeatRequest {
        group_id: String,
        member_id: String,
        member_epoch: i32,
        rack_id: Option<String>,
        subscribed_topic_names: Option<Vec<String>>,
    }

    /// API 76, response, version 1, flexible from 0.
    ShareGroupHeartbeatResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        member_id: Option<String>,
        member_epoch: i32,
        heartbeat_interval_ms: i32,
        assignment: Option<Assignment>,
    }

    /// The `ShareGroupHeartbeatResponse::assignment`.
    Assignment {
        topic_partitions: Vec<TopicPartitions>,
    }

    /// Used within `ShareGroupHeartbeatResponse`.
    TopicPartitions {
        topic_id: Uuid,
        partitions: Vec<i32>,
    }
}
