//! What a group coordinator keeps in `__consumer_offsets`: keys and values, each behind a version (i16).

use bytes::Bytes;

messages! {
    /// Key of a committed offset, versions 0–1.
    OffsetCommitKey {
        group: String,
        topic: String,
        partition: i32,
    }

    /// Value of a committed offset, versions 0–4, flexible from 4.
    OffsetCommitValue {
        offset: i64,
        leader_epoch: i32 [3..] = -1,
        metadata: String,
        commit_timestamp: i64,
        expire_timestamp: i64 [1..=1] = -1,
    }

    /// Key of a group's metadata, version 2.
    GroupMetadataKey {
        group: String,
    }

    /// Value of a group's metadata, versions 0–4, flexible from 4.
    GroupMetadataValue {
        protocol_type: String,
        generation: i32,
        protocol: Option<String>,
        leader: Option<String>,
        current_state_timestamp: i64 [2..] = -1,
        members: Vec<MemberMetadata>,
    }

    /// One of `GroupMetadataValue::members`.
    MemberMetadata {
        member_id: String,
        group_instance_id: Option<String> [3..],
        client_id: String,
        client_host: String,
        rebalance_timeout: i32 [1..] = -1,
        session_timeout: i32,
        subscription: Bytes,
        assignment: Bytes,
    }

    /// What a consumer's JoinGroup metadata carries, versions 0–3, behind a version.
    ConsumerProtocolSubscription {
        topics: Vec<String>,
        user_data: Option<Bytes>,
        owned_partitions: Vec<ConsumerProtocolTopic> [1..],
        generation_id: i32 [2..] = -1,
        rack_id: Option<String> [3..],
    }

    /// What a consumer's leader assigns to a member, versions 0–3, behind a version.
    ConsumerProtocolAssignment {
        assigned_partitions: Vec<ConsumerProtocolTopic>,
        user_data: Option<Bytes>,
    }

    /// Partitions of one topic in a consumer's subscription or assignment.
    ConsumerProtocolTopic {
        topic: String,
        partitions: Vec<i32>,
    }
}
