//! ListPartitionReassignments.

messages! {
    /// API 46, request, version 0, flexible from 0.
    ListPartitionReassignmentsRequest {
        timeout_ms: i32 = 60000,
        topics: Option<Vec<ListPartitionReassignmentsTopics>>,
    }

    /// One of `ListPartitionReassignmentsRequest::topics`.
    ListPartitionReassignmentsTopics {
        name: String,
        partition_indexes: Vec<i32>,
    }

    /// API 46, response, version 0, flexible from 0.
    ListPartitionReassignmentsResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        topics: Vec<OngoingTopicReassignment>,
    }

    /// One of `ListPartitionReassignmentsResponse::topics`.
    OngoingTopicReassignment {
        name: String,
        partitions: Vec<OngoingPartitionReassignment>,
    }

    /// One of `OngoingTopicReassignment::partitions`.
    OngoingPartitionReassignment {
        partition_index: i32,
        replicas: Vec<i32>,
        adding_replicas: Vec<i32>,
        removing_replicas: Vec<i32>,
    }
}
