//! ConsumerGroupDescribe (KIP-848).

use crate::uuid::Uuid;

messages! {
    /// API 69, request, versions 0–1, flexible from 0.
    ConsumerGroupDescribeRequest {
        group_ids: Vec<String>,
        include_authorized_operations: bool,
    }

    /// API 69, response, versions 0–1, flexible from 0.
    ConsumerGroupDescribeResponse {
        throttle_time_ms: i32,
        groups: Vec<DescribedGroup>,
    }

    /// One of `ConsumerGroupDescribeResponse::groups`.
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
        instance_id: Option<String>,
        rack_id: Option<String>,
        member_epoch: i32,
        client_id: String,
        client_host: String,
        subscribed_topic_names: Vec<String>,
        subscribed_topic_regex: Option<String>,
        assignment: Assignment,
        target_assignment: Assignment,
        member_type: i8 [1..] = -1,
    }

    /// Used within `ConsumerGroupDescribeResponse`.
    TopicPartitions {
        topic_id: Uuid,
        topic_name: String,
        partitions: Vec<i32>,
    }

    /// Used within `ConsumerGroupDescribeResponse`.
    Assignment {
        topic_partitions: Vec<TopicPartitions>,
    }
}
