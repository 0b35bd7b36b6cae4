//! What a coordinator keeps of streams groups (KIP-1071) in `__consumer_offsets`: keys and values, each behind a
//! version (i16); a key's version is the record's type.

messages! {
    /// StreamsGroupMetadataKey: the key of record type 17, never flexible.
    StreamsGroupMetadataKey {
        group_id: String,
    }

    /// StreamsGroupMetadataValue, version 0, flexible from 0.
    StreamsGroupMetadataValue {
        epoch: i32,
        metadata_hash: i64,
        validated_topology_epoch: i32 = -1 => tag 0,
        last_assignment_configs: Option<Vec<LastAssignmentConfig>> => tag 1,
    }

    /// Used within `StreamsGroupMetadataValue`.
    LastAssignmentConfig {
        key: String,
        value: String,
    }

    /// StreamsGroupMemberMetadataKey: the key of record type 19, never flexible.
    StreamsGroupMemberMetadataKey {
        group_id: String,
        member_id: String,
    }

    /// StreamsGroupMemberMetadataValue, version 0, flexible from 0.
    StreamsGroupMemberMetadataValue {
        instance_id: Option<String>,
        rack_id: Option<String>,
        client_id: String,
        client_host: String,
        rebalance_timeout_ms: i32 = -1,
        topology_epoch: i32,
        process_id: String,
        user_endpoint: Option<Endpoint>,
        client_tags: Vec<KeyValue>,
    }

    /// Used within `StreamsGroupMemberMetadataValue`.
    Endpoint {
        host: String,
        port: u16,
    }

    /// Used within `StreamsGroupMemberMetadataValue`.
    KeyValue {
        key: String,
        value: String,
    }

    /// StreamsGroupTargetAssignmentMetadataKey: the key of record type 20, never flexible.
    StreamsGroupTargetAssignmentMetadataKey {
        group_id: String,
    }

    /// StreamsGroupTargetAssignmentMetadataValue, version 0, flexible from 0.
    StreamsGroupTargetAssignmentMetadataValue {
        assignment_epoch: i32,
        assignment_timestamp: i64 => tag 0,
    }

    /// StreamsGroupTargetAssignmentMemberKey: the key of record type 21, never flexible.
    StreamsGroupTargetAssignmentMemberKey {
        group_id: String,
        member_id: String,
    }

    /// StreamsGroupTargetAssignmentMemberValue, version 0, flexible from 0.
    StreamsGroupTargetAssignmentMemberValue {
        active_tasks: Vec<StreamsGroupTargetAssignmentMemberValueTaskIds>,
        standby_tasks: Vec<StreamsGroupTargetAssignmentMemberValueTaskIds>,
        warmup_tasks: Vec<StreamsGroupTargetAssignmentMemberValueTaskIds>,
    }

    /// Used within `StreamsGroupTargetAssignmentMemberValue`.
    StreamsGroupTargetAssignmentMemberValueTaskIds {
        subtopology_id: String,
        partitions: Vec<i32>,
    }

    /// StreamsGroupCurrentMemberAssignmentKey: the key of record type 22, never flexible.
    StreamsGroupCurrentMemberAssignmentKey {
        group_id: String,
        member_id: String,
    }

    /// StreamsGroupCurrentMemberAssignmentValue, version 0, flexible from 0.
    StreamsGroupCurrentMemberAssignmentValue {
        member_epoch: i32,
        previous_member_epoch: i32,
        state: i8,
        active_tasks: Vec<StreamsGroupCurrentMemberAssignmentValueTaskIds>,
        standby_tasks: Vec<StreamsGroupCurrentMemberAssignmentValueTaskIds>,
        warmup_tasks: Vec<StreamsGroupCurrentMemberAssignmentValueTaskIds>,
        active_tasks_pending_revocation: Vec<StreamsGroupCurrentMemberAssignmentValueTaskIds>,
        standby_tasks_pending_revocation: Vec<StreamsGroupCurrentMemberAssignmentValueTaskIds>,
        warmup_tasks_pending_revocation: Vec<StreamsGroupCurrentMemberAssignmentValueTaskIds>,
    }

    /// Used within `StreamsGroupCurrentMemberAssignmentValue`.
    StreamsGroupCurrentMemberAssignmentValueTaskIds {
        subtopology_id: String,
        partitions: Vec<i32>,
        assignment_epochs: Option<Vec<i32>> => tag 0,
    }

    /// StreamsGroupTopologyKey: the key of record type 23, never flexible.
    StreamsGroupTopologyKey {
        group_id: String,
    }

    /// StreamsGroupTopologyValue, version 0, flexible from 0.
    StreamsGroupTopologyValue {
        epoch: i32,
        subtopologies: Vec<Subtopology>,
    }

    /// One of `StreamsGroupTopologyValue::subtopologies`.
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

    /// Used within `StreamsGroupTopologyValue`.
    TopicConfig {
        key: String,
        value: String,
    }

    /// Used within `StreamsGroupTopologyValue`.
    TopicInfo {
        name: String,
        partitions: i32,
        replication_factor: i16,
        topic_configs: Vec<TopicConfig>,
    }
}
