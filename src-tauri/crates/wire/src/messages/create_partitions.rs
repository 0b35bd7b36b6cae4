//! CreatePartitions: more partitions for a topic.

messages! {
    /// API 37, request, versions 0–3, flexible from 2.
    CreatePartitionsRequest {
        topics: Vec<CreatePartitionsTopic>,
        timeout_ms: i32,
        validate_only: bool,
    }

    /// One of `CreatePartitionsRequest::topics`.
    CreatePartitionsTopic {
        name: String,
        count: i32,
        assignments: Option<Vec<CreatePartitionsAssignment>>,
    }

    /// One of `CreatePartitionsTopic::assignments`.
    CreatePartitionsAssignment {
        broker_ids: Vec<i32>,
    }

    /// API 37, response, versions 0–3, flexible from 2.
    CreatePartitionsResponse {
        throttle_time_ms: i32,
        results: Vec<CreatePartitionsTopicResult>,
    }

    /// One of `CreatePartitionsResponse::results`.
    CreatePartitionsTopicResult {
        name: String,
        error_code: i16,
        error_message: Option<String>,
    }
}
