//! CreateTopics.

use crate::uuid::Uuid;

messages! {
    /// API 19, request, versions 2–7, flexible from 5.
    CreateTopicsRequest {
        topics: Vec<CreatableTopic>,
        timeout_ms: i32 = 60000,
        validate_only: bool [1..],
    }

    /// One of `CreateTopicsRequest::topics`.
    CreatableTopic {
        name: String,
        num_partitions: i32,
        replication_factor: i16,
        assignments: Vec<CreatableReplicaAssignment>,
        configs: Vec<CreatableTopicConfig>,
    }

    /// One of `CreatableTopic::assignments`.
    CreatableReplicaAssignment {
        partition_index: i32,
        broker_ids: Vec<i32>,
    }

    /// One of `CreatableTopic::configs`.
    CreatableTopicConfig {
        name: String,
        value: Option<String>,
    }

    /// API 19, response, versions 2–7, flexible from 5.
    CreateTopicsResponse {
        throttle_time_ms: i32 [2..],
        topics: Vec<CreatableTopicResult>,
    }

    /// One of `CreateTopicsResponse::topics`.
    CreatableTopicResult {
        name: String,
        topic_id: Uuid [7..],
        error_code: i16,
        error_message: Option<String> [1..],
        topic_config_error_code: i16 [5..] => tag 0,
        num_partitions: i32 [5..] = -1,
        replication_factor: i16 [5..] = -1,
        configs: Option<Vec<CreatableTopicConfigs>> [5..],
    }

    /// One of `CreatableTopicResult::configs`.
    CreatableTopicConfigs {
        name: String [5..],
        value: Option<String> [5..],
        read_only: bool [5..],
        config_source: i8 [5..] = -1,
        is_sensitive: bool [5..],
    }
}
