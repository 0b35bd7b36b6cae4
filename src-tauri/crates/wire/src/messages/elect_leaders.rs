//! ElectLeaders.

messages! {
    /// API 43, request, versions 0–2, flexible from 2.
    ElectLeadersRequest {
        election_type: i8 [1..],
        topic_partitions: Option<Vec<TopicPartitions>>,
        timeout_ms: i32 = 60000,
    }

    /// One of `ElectLeadersRequest::topic_partitions`.
    TopicPartitions {
        topic: String,
        partitions: Vec<i32>,
    }

    /// API 43, response, versions 0–2, flexible from 2.
    ElectLeadersResponse {
        throttle_time_ms: i32,
        error_code: i16 [1..],
        replica_election_results: Vec<ReplicaElectionResult>,
    }

    /// One of `ElectLeadersResponse::replica_election_results`.
    ReplicaElectionResult {
        topic: String,
        partition_result: Vec<PartitionResult>,
    }

    /// One of `ReplicaElectionResult::partition_result`.
    PartitionResult {
        partition_id: i32,
        error_code: i16,
        error_message: Option<String>,
    }
}
