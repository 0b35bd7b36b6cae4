//! StreamsGroupDescribe (KIP-1071).

messages! {
    /// API 89, request, version 0, flexible from 0.
    StreamsGroupDescribeRequest {
        group_ids: Vec<String>,
        include_authorized_operations: bool,
    }

    /// API 89, response, version 0, flexible from 0.
    StreamsGroupDescribeResponse {
        throttle_time_ms: i32,
        groups: Vec<DescribedGroup>,
    }

    /// One of `StreamsGroupDescribeResponse::groups`.
    DescribedGroup {
        error_code: i16,
        error_message: Option<String>,
        group_id: String,
        group_state: String,
        group_epoch: i32,
        assignment_epoch: i32,
        topology: Option<Topology>,
        members: Vec<Member>,
        authorized_operations: i32 = -2147483648,
    }

    /// The `DescribedGroup::topology`.
    Topology {
        epoch: i32,
        subtopologies: Option<Vec<Subtopology>>,
    }

    /// One of `Topology::subtopologies`.
    Subtopology {
        subtopology_id: String,
        source_topics: Vec<String>,
        repartition_sink_topics: Vec<String>,
        state_changelog_topics: Vec<TopicInfo>,
        repartition_source_topics: Vec<TopicInfo>,
    }

    /// One of `DescribedGroup::members`.
    Member {
        member_id: String,
        member_epoch: i32,
        instance_id: Option<String>,
        rack_id: Option<String>,
        client_id: String,
        client_host: String,
        topology_epoch: i32,
        process_id: String,
        user_endpoint: Option<Endpoint>,
        client_tags: Vec<KeyValue>,
        task_offsets: Vec<TaskOffset>,
        task_end_offsets: Vec<TaskOffset>,
        assignment: Assignment,
        target_assignment: Assignment,
        is_classic: bool,
    }

    /// Used within `StreamsGroupDescribeResponse`.
    Endpoint {
        host: String,
        port: u16,
    }

    /// Used within `StreamsGroupDescribeResponse`.
    TaskOffset {
        subtopology_id: String,
        partition: i32,
        offset: i64,
    }

    /// Used within `StreamsGroupDescribeResponse`.
    Assignment {
        active_tasks: Vec<TaskIds>,
        standby_tasks: Vec<TaskIds>,
        warmup_tasks: Vec<TaskIds>,
    }

    /// Used within `StreamsGroupDescribeResponse`.
    TaskIds {
        subtopology_id: String,
        partitions: Vec<i32>,
    }

    /// Used within `StreamsGroupDescribeResponse`.
    KeyValue {
        key: String,
        value: String,
    }

    /// Used within `StreamsGroupDescribeResponse`.
    TopicInfo {
        name: String,
        partitions: i32,
        replication_factor: i16,
        topic_configs: Vec<KeyValue>,
    }
}
