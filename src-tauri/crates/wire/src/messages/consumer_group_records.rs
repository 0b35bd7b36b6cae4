//! What a coordinator keeps of consumer groups (KIP-848) in `__consumer_offsets`: keys and values, each behind a
//! version (i16); a key's version is the record's type.

use bytes::Bytes;

use crate::uuid::Uuid;

messages! {
    /// ConsumerGroupMetadataKey: the key of record type 3, never flexible.
    ConsumerGroupMetadataKey {
        group_id: String,
    }

    /// ConsumerGroupMetadataValue, version 0, flexible from 0.
    ConsumerGroupMetadataValue {
        epoch: i32,
        metadata_hash: i64 => tag 0,
    }

    /// ConsumerGroupMemberMetadataKey: the key of record type 5, never flexible.
    ConsumerGroupMemberMetadataKey {
        group_id: String,
        member_id: String,
    }

    /// ConsumerGroupMemberMetadataValue, version 0, flexible from 0.
    ConsumerGroupMemberMetadataValue {
        instance_id: Option<String>,
        rack_id: Option<String>,
        client_id: String,
        client_host: String,
        subscribed_topic_names: Vec<String>,
        subscribed_topic_regex: Option<String>,
        rebalance_timeout_ms: i32 = -1,
        server_assignor: Option<String>,
        classic_member_metadata: Option<ClassicMemberMetadata> => tag 0,
    }

    /// The `ConsumerGroupMemberMetadataValue::classic_member_metadata`.
    ClassicMemberMetadata {
        session_timeout_ms: i32,
        supported_protocols: Vec<ClassicProtocol>,
    }

    /// One of `ClassicMemberMetadata::supported_protocols`.
    ClassicProtocol {
        name: String,
        metadata: Bytes,
    }

    /// ConsumerGroupTargetAssignmentMetadataKey: the key of record type 6, never flexible.
    ConsumerGroupTargetAssignmentMetadataKey {
        group_id: String,
    }

    /// ConsumerGroupTargetAssignmentMetadataValue, version 0, flexible from 0.
    ConsumerGroupTargetAssignmentMetadataValue {
        assignment_epoch: i32,
        assignment_timestamp: i64 => tag 0,
    }

    /// ConsumerGroupTargetAssignmentMemberKey: the key of record type 7, never flexible.
    ConsumerGroupTargetAssignmentMemberKey {
        group_id: String,
        member_id: String,
    }

    /// ConsumerGroupTargetAssignmentMemberValue, version 0, flexible from 0.
    ConsumerGroupTargetAssignmentMemberValue {
        topic_partitions: Vec<TopicPartition>,
    }

    /// One of `ConsumerGroupTargetAssignmentMemberValue::topic_partitions`.
    TopicPartition {
        topic_id: Uuid,
        partitions: Vec<i32>,
    }

    /// ConsumerGroupCurrentMemberAssignmentKey: the key of record type 8, never flexible.
    ConsumerGroupCurrentMemberAssignmentKey {
        group_id: String,
        member_id: String,
    }

    /// ConsumerGroupCurrentMemberAssignmentValue, version 0, flexible from 0.
    ConsumerGroupCurrentMemberAssignmentValue {
        member_epoch: i32,
        previous_member_epoch: i32,
        state: i8,
        assigned_partitions: Vec<TopicPartitions>,
        partitions_pending_revocation: Vec<TopicPartitions>,
    }

    /// Used within `ConsumerGroupCurrentMemberAssignmentValue`.
    TopicPartitions {
        topic_id: Uuid,
        partitions: Vec<i32>,
        assignment_epochs: Option<Vec<i32>> => tag 0,
    }

    /// ConsumerGroupRegularExpressionKey: the key of record type 16, never flexible.
    ConsumerGroupRegularExpressionKey {
        group_id: String,
        regular_expression: String,
    }

    /// ConsumerGroupRegularExpressionValue, version 0, flexible from 0.
    ConsumerGroupRegularExpressionValue {
        topics: Vec<String>,
        version: i64,
        timestamp: i64,
    }
}
