//! ShareGroupDescribe (KIP-932).

use crate::uuid::Uuid;

messages! {
    /// API 77, request, version 1, flexible from 0.
    ShareGroupDescribeRequest {
        group_ids: Vec<String>,
        include_authorized_operations: bool,
    }

    /// API 77, response, version 1, flexible from 0.
    ShareGroupDescribeResponse {
        throttle_time_ms: i32,
        groups: Vec<DescribedGroup>,
    }

    /// One of `ShareGroupDescribeResponse::groups`.
    DescribedGroup {
        error_code: i16,
        error_message: Option<String>,
        group_id: String,
        group_state: String,
        group_epoch: i32,
        assignment_epoch: i32,
        assignor_name: String,
        members: Vec<Member>,
        authorized_operations: i32 = -2147483648,
    }

    /// One of `DescribedGroup::members`.
    Member {
        member_id: String,
        rack_id: Option<String>,
        member_epoch: i32,
        client_id: String,
        client_host: String,
        subscribed_topic_names: Vec<String>,
        assignment: Assignment,
    }

    /// Used within `ShareGroupDescribeResponse`.
    TopicPartitions {
        topic_id: Uuid,
        topic_name: String,
        partitions: Vec<i32>,
    }

    /// Used within `ShareGroupDescribeResponse`.
    Assignment {
        topic_partitions: Vec<TopicPartitions>,
    }
}
