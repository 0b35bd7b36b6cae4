//! DescribeTopicPartitions: topics page by page (KIP-966).

use crate::uuid::Uuid;

messages! {
    /// API 75, request, versions 0–0, flexible from 0.
    DescribeTopicPartitionsRequest {
        topics: Vec<TopicRequest>,
        response_partition_limit: i32 = 2000,
        cursor: Option<Cursor>,
    }

    /// One of `DescribeTopicPartitionsRequest::topics`.
    TopicRequest {
        name: String,
    }

    /// The `DescribeTopicPartitionsRequest::cursor`.
    Cursor {
        topic_name: String,
        partition_index: i32,
    }

    /// API 75, response, versions 0–0, flexible from 0.
    DescribeTopicPartitionsResponse {
        throttle_time_ms: i32,
        topics: Vec<DescribeTopicPartitionsResponseTopic>,
        next_cursor: Option<ResponseCursor>,
    }

    /// One of `DescribeTopicPartitionsResponse::topics`.
    DescribeTopicPartitionsResponseTopic {
        error_code: i16,
        name: Option<String>,
        topic_id: Uuid,
        is_internal: bool,
        partitions: Vec<DescribeTopicPartitionsResponsePartition>,
        topic_authorized_operations: i32 = -2147483648,
    }

    /// One of `DescribeTopicPartitionsResponseTopic::partitions`.
    DescribeTopicPartitionsResponsePartition {
        error_code: i16,
        partition_index: i32,
        leader_id: i32,
        leader_epoch: i32 = -1,
        replica_nodes: Vec<i32>,
        isr_nodes: Vec<i32>,
        eligible_leader_replicas: Option<Vec<i32>>,
        last_known_elr: Option<Vec<i32>>,
        offline_replicas: Vec<i32>,
    }

    /// The `DescribeTopicPartitionsResponse::next_cursor`.
    ResponseCursor {
        topic_name: String,
        partition_index: i32,
    }
}
