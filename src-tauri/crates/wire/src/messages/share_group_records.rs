//! What a coordinator keeps of share groups (KIP-932) in `__consumer_offsets`: keys and values, each behind a
//! version (i16); a key's version is the record's type.

use crate::uuid::Uuid;

messages! {
    /// ShareGroupMetadataKey: the key of record type 11, never flexible.
    ShareGroupMetadataKey {
        group_id: String,
    }

    /// ShareGroupMetadataValue, version 0, flexible from 0.
    ShareGroupMetadataValue {
        epoch: i32,
        metadata_hash: i64,
    }

    /// ShareGroupMemberMetadataKey: the key of record type 10, never flexible.
    ShareGroupMemberMetadataKey {
        group_id: String,
        member_id: String,
    }

    /// ShareGroupMemberMetadataValue, version 0, flexible from 0.
    ShareGroupMemberMetadataValue {
        rack_id: Option<String>,
        client_id: String,
        client_host: String,
        subscribed_topic_names: Vec<String>,
    }

    /// ShareGroupTargetAssignmentMetadataKey: the key of record type 12, never flexible.
    ShareGroupTargetAssignmentMetadataKey {
        group_id: String,
    }

    /// ShareGroupTargetAssignmentMetadataValue, version 0, flexible from 0.
    ShareGroupTargetAssignmentMetadataValue {
        assignment_epoch: i32,
        assignment_timestamp: i64 => tag 0,
    }

    /// ShareGroupTargetAssignmentMemberKey: the key of record type 13, never flexible.
    ShareGroupTargetAssignmentMemberKey {
        group_id: String,
        member_id: String,
    }

    /// ShareGroupTargetAssignmentMemberValue, version 0, flexible from 0.
    ShareGroupTargetAssignmentMemberValue {
        topic_partitions: Vec<TopicPartition>,
    }

    /// One of `ShareGroupTargetAssignmentMemberValue::topic_partitions`.
    TopicPartition {
        topic_id: Uuid,
        partitions: Vec<i32>,
    }

    /// ShareGroupCurrentMemberAssignmentKey: the key of record type 14, never flexible.
    ShareGroupCurrentMemberAssignmentKey {
        group_id: String,
        member_id: String,
    }

    /// ShareGroupCurrentMemberAssignmentValue, version 0, flexible from 0.
    ShareGroupCurrentMemberAssignmentValue {
        member_epoch: i32,
        previous_member_epoch: i32,
        state: i8,
        assigned_partitions: Vec<TopicPartitions>,
    }

    /// Used within `ShareGroupCurrentMemberAssignmentValue`.
    TopicPartitions {
        topic_id: Uuid,
        partitions: Vec<i32>,
    }

    /// ShareGroupStatePartitionMetadataKey: the key of record type 15, never flexible.
    ShareGroupStatePartitionMetadataKey {
        group_id: String,
    }

    /// ShareGroupStatePartitionMetadataValue, version 0, flexible from 0.
    ShareGroupStatePartitionMetadataValue {
        initializing_topics: Vec<TopicPartitionsInfo>,
        initialized_topics: Vec<TopicPartitionsInfo>,
        deleting_topics: Vec<TopicInfo>,
    }

    /// Used within `ShareGroupStatePartitionMetadataValue`.
    TopicPartitionsInfo {
        topic_id: Uuid,
        topic_name: String,
        partitions: Vec<i32>,
    }

    /// Used within `ShareGroupStatePartitionMetadataValue`.
    TopicInfo {
        topic_id: Uuid,
        topic_name: String,
    }
}
