//! What share partitions keep in `__share_group_state` (KIP-932): keys and values, each behind a version (i16);
//! a key's version is the record's type.

use crate::uuid::Uuid;

messages! {
    /// ShareSnapshotKey: the key of record type 0, never flexible.
    ShareSnapshotKey {
        group_id: String,
        topic_id: Uuid,
        partition: i32,
    }

    /// ShareSnapshotValue, version 0, flexible from 0.
    ShareSnapshotValue {
        snapshot_epoch: i32,
        state_epoch: i32,
        leader_epoch: i32,
        start_offset: i64,
        create_timestamp: i64,
        write_timestamp: i64,
        state_batches: Vec<ShareSnapshotValueStateBatch>,
        delivery_complete_count: i32 = -1 => tag 0,
    }

    /// One of `ShareSnapshotValue::state_batches`.
    ShareSnapshotValueStateBatch {
        first_offset: i64,
        last_offset: i64,
        delivery_state: i8,
        delivery_count: i16,
    }

    /// ShareUpdateKey: the key of record type 1, never flexible.
    ShareUpdateKey {
        group_id: String,
        topic_id: Uuid,
        partition: i32,
    }

    /// ShareUpdateValue, version 0, flexible from 0.
    ShareUpdateValue {
        snapshot_epoch: i32,
        leader_epoch: i32,
        start_offset: i64,
        state_batches: Vec<ShareUpdateValueStateBatch>,
        delivery_complete_count: i32 = -1 => tag 0,
    }

    /// One of `ShareUpdateValue::state_batches`.
    ShareUpdateValueStateBatch {
        first_offset: i64,
        last_offset: i64,
        delivery_state: i8,
        delivery_count: i16,
    }
}
