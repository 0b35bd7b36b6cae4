//! ConsumerGroupHeartbeat (KIP-848).

use crate::uuid::Uuid;

messages! {
    /// API 68, request, versions 0–1, flexible from 0.
    ConsumerGroupHeartbeatRequest {
        group_id: String,
        member_id: String,
        member_epoch: i32,
        instance_id: Option<String>,
        rack_id: Option<String>,
        rebalance_timeout_ms: i32 = -1,
        subscribed_topic_names: Option<Vec<String>>,
        subscribed_topic_regex: Option<String> [1..],
        server_assignor: Option<String>,
        topic_partitions: Option<Vec<RequestTopicPartitions>>,
    }

    /// One of `ConsumerGroupHeartbeatRequest::topic_partitions`.
    RequestTopicPartitions {
        topic_id: Uuid,
        partitions: Vec<i32>,
    }

    /// API 68, response, versions 0–1, flexible from 0.
    ConsumerGroupHeartbeatResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        member_id: Option<String>,
        member_epoch: i32,
        heartbeat_interval_ms: i32,
        assignment: Option<Assignment>,
    }

    /// The `ConsumerGroupHeartbeatResponse::assignment`.
    Assignment {
        topic_partitions: Vec<ResponseTopicPartitions>,
    }

    /// Used within `ConsumerGroupHeartbeatResponse`.
    ResponseTopicPartitions {
        topic_id: Uuid,
        partitions: Vec<i32>,
    }
}
