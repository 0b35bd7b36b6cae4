//! StreamsGroupHeartbeat (KIP-1071).

messages! {
    /// API 88, request, version 0, flexible from 0.
    StreamsGroupHeartbeatRequest {
        group_id: String,
        member_id: String,
        member_epoch: i32,
        endpoint_information_epoch: i32,
        instance_id: Option<String>,
        rack_id: Option<String>,
        rebalance_timeout_ms: i32 = -1,
        topology: Option<Topology>,
        active_tasks: Option<Vec<RequestTaskIds>>,
        standby_tasks: Option<Vec<RequestTaskIds>>,
        warmup_tasks: Option<Vec<RequestTaskIds>>,
        process_id: Option<String>,
        user_endpoint: Option<RequestEndpoint>,
        client_tags: Option<Vec<KeyValue>>,
        task_offsets: Option<Vec<TaskOffset>>,
        task_end_offsets: Option<Vec<TaskOffset>>,
        shutdown_application: bool,
    }

    /// The `StreamsGroupHeartbeatRequest::topology`.
    Topology {
        epoch: i32,
        subtopologies: Vec<Subtopology>,
    }

    /// One of `Topology::subtopologies`.
    Subtopology {
        subtopology_id: String,
        source_topics: Vec<String>,
        source_topic_regex: Vec<String>,
        state_changelog_topics: Vec<TopicInfo>,
        repartition_sink_topics: Vec<String>,
        repartition_source_topics: Vec<TopicInfo>,
        copartition_groups: Vec<CopartitionGroup>,
    }

    /// One of `Subtopology::copartition_groups`.
    CopartitionGroup {
        source_topics: Vec<i16>,
        source_topic_regex: Vec<i16>,
        repartition_source_topics: Vec<i16>,
    }

    /// Used within `StreamsGroupHeartbeatRequest`.
    KeyValue {
        key: String,
        value: String,
    }

    /// Used within `StreamsGroupHeartbeatRequest`.
    TopicInfo {
        name: String,
        partitions: i32,
        replication_factor: i16,
        topic_configs: Vec<KeyValue>,
    }

    /// Used within `StreamsGroupHeartbeatRequest`.
    RequestEndpoint {
        host: String,
        port: u16,
    }

    /// Used within `StreamsGroupHeartbeatRequest`.
    TaskOffset {
        subtopology_id: String,
        partition: i32,
        offset: i64,
    }

    /// Used within `StreamsGroupHeartbeatRequest`.
    RequestTaskIds {
        subtopology_id: String,
        partitions: Vec<i32>,
    }

    /// API 88, response, version 0, flexible from 0.
    StreamsGroupHeartbeatResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        member_id: String,
        member_epoch: i32,
        heartbeat_interval_ms: i32,
        acceptable_recovery_lag: i32,
        task_offset_interval_ms: i32,
        status: Option<Vec<Status>>,
        active_tasks: Option<Vec<ResponseTaskIds>>,
        standby_tasks: Option<Vec<ResponseTaskIds>>,
        warmup_tasks: Option<Vec<ResponseTaskIds>>,
        endpoint_information_epoch: i32,
        partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>,
    }

    /// One of `StreamsGroupHeartbeatResponse::partitions_by_user_endpoint`.
    EndpointToPartitions {
        user_endpoint: ResponseEndpoint,
        active_partitions: Vec<TopicPartition>,
        standby_partitions: Vec<TopicPartition>,
    }

    /// Used within `StreamsGroupHeartbeatResponse`.
    Status {
        status_code: i8,
        status_detail: String,
    }

    /// Used within `StreamsGroupHeartbeatResponse`.
    TopicPartition {
        topic: String,
        partitions: Vec<i32>,
    }

    /// Used within `StreamsGroupHeartbeatResponse`.
    ResponseTaskIds {
        subtopology_id: String,
        partitions: Vec<i32>,
    }

    /// Used within `StreamsGroupHeartbeatResponse`.
    ResponseEndpoint {
        host: String,
        port: u16,
    }
}
