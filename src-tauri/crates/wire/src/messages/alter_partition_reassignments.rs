//! AlterPartitionReassignments: which brokers keep a partition's replicas (KIP-455).

messages! {
    /// API 45, request, versions 0–1, flexible from 0.
    AlterPartitionReassignmentsRequest {
        timeout_ms: i32 = 60000,
        allow_replication_factor_change: bool [1..] = true,
        topics: Vec<ReassignableTopic>,
    }

    /// One of `AlterPartitionReassignmentsRequest::topics`.
    ReassignableTopic {
        name: String,
        partitions: Vec<ReassignablePartition>,
    }

    /// One of `ReassignableTopic::partitions`. No list cancels what goes on.
    ReassignablePartition {
        partition_index: i32,
        replicas: Option<Vec<i32>>,
    }

    /// API 45, response, versions 0–1, flexible from 0.
    AlterPartitionReassignmentsResponse {
        throttle_time_ms: i32,
        allow_replication_factor_change: bool [1..] = true,
        error_code: i16,
        error_message: Option<String>,
        responses: Vec<ReassignableTopicResponse>,
    }

    /// One of `AlterPartitionReassignmentsResponse::responses`.
    ReassignableTopicResponse {
        name: String,
        partitions: Vec<ReassignablePartitionResponse>,
    }

    /// One of `ReassignableTopicResponse::partitions`.
    ReassignablePartitionResponse {
        partition_index: i32,
        error_code: i16,
        error_message: Option<String>,
    }
}
