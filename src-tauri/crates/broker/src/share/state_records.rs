//! Share partitions in `__share_group_state`, in Kafka's own formats: a snapshot, then what changed since.

use wire::Uuid;
use wire::messages::share_state_records::{
    ShareSnapshotKey, ShareSnapshotValue, ShareSnapshotValueStateBatch, ShareUpdateKey, ShareUpdateValue,
    ShareUpdateValueStateBatch,
};

use super::group_records::{key, read_key, read_value, split_key, value};
use super::partition::StateBatch;
use crate::coordinator::Stored;
use crate::partition::LEADER_EPOCH;

const SNAPSHOT: i16 = 0;
const UPDATE: i16 = 1;

/// A partition of a topic, as a group shares it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ShareKey {
    pub(crate) group: String,
    pub(crate) topic: Uuid,
    pub(crate) partition: i32,
}

impl ShareKey {
    /// What its place in `__share_group_state` is hashed from.
    pub(crate) fn text(&self) -> String {
        format!("{}:{}:{}", self.group, self.topic, self.partition)
    }
}

/// Where a share partition stands, to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Counts the snapshots.
    pub(crate) snapshot_epoch: i32,
    /// Counts how often the state began anew.
    pub(crate) state_epoch: i32,
    /// −1: the group has not begun to read.
    pub(crate) start_offset: i64,
    pub(crate) delivery_complete: i64,
    pub(crate) batches: Vec<StateBatch>,
}

/// A record read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LoadedState {
    Snapshot(ShareKey, Standing),
    Update {
        key: ShareKey,
        snapshot_epoch: i32,
        start_offset: i64,
        delivery_complete: i64,
        batches: Vec<StateBatch>,
    },
    Gone(ShareKey),
}

fn complete(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Everything about a share partition.
pub(crate) fn snapshot(at: &ShareKey, standing: &Standing, now_ms: i64) -> Stored {
    let batches = standing.batches.iter().map(|batch| ShareSnapshotValueStateBatch {
        first_offset: batch.first,
        last_offset: batch.last,
        delivery_state: batch.state,
        delivery_count: batch.deliveries,
    });
    let body = ShareSnapshotValue {
        snapshot_epoch: standing.snapshot_epoch,
        state_epoch: standing.state_epoch,
        leader_epoch: LEADER_EPOCH,
        start_offset: standing.start_offset,
        create_timestamp: now_ms,
        write_timestamp: now_ms,
        state_batches: batches.collect(),
        delivery_complete_count: complete(standing.delivery_complete),
    };
    Stored { key: snapshot_key(at), value: Some(value(&body)) }
}

fn snapshot_key(at: &ShareKey) -> bytes::Bytes {
    let body = ShareSnapshotKey { group_id: at.group.clone(), topic_id: at.topic, partition: at.partition };
    key(SNAPSHOT, &body)
}

/// What changed since the last snapshot or update: `standing.batches` alone.
pub(crate) fn update(at: &ShareKey, standing: &Standing) -> Stored {
    let batches = standing.batches.iter().map(|batch| ShareUpdateValueStateBatch {
        first_offset: batch.first,
        last_offset: batch.last,
        delivery_state: batch.state,
        delivery_count: batch.deliveries,
    });
    let body = ShareUpdateValue {
        snapshot_epoch: standing.snapshot_epoch,
        leader_epoch: LEADER_EPOCH,
        start_offset: standing.start_offset,
        state_batches: batches.collect(),
        delivery_complete_count: complete(standing.delivery_complete),
    };
    let key_body = ShareUpdateKey { group_id: at.group.clone(), topic_id: at.topic, partition: at.partition };
    Stored { key: key(UPDATE, &key_body), value: Some(value(&body)) }
}

/// Unwrites a share partition.
pub(crate) fn gone(at: &ShareKey) -> Stored {
    Stored { key: snapshot_key(at), value: None }
}

/// Reads a record; none if it cannot be read.
pub(crate) fn load(key: Option<&[u8]>, value: Option<&[u8]>) -> Option<LoadedState> {
    let (kind, body) = split_key(key?)?;
    match kind {
        SNAPSHOT => {
            let key = read_key::<ShareSnapshotKey>(body)?;
            let at = ShareKey { group: key.group_id, topic: key.topic_id, partition: key.partition };
            let Some(value) = read_value::<ShareSnapshotValue>(value)? else {
                return Some(LoadedState::Gone(at));
            };
            let batches = value.state_batches.into_iter().map(|batch| StateBatch {
                first: batch.first_offset,
                last: batch.last_offset,
                state: batch.delivery_state,
                deliveries: batch.delivery_count,
            });
            let standing = Standing {
                snapshot_epoch: value.snapshot_epoch,
                state_epoch: value.state_epoch,
                start_offset: value.start_offset,
                delivery_complete: i64::from(value.delivery_complete_count),
                batches: batches.collect(),
            };
            Some(LoadedState::Snapshot(at, standing))
        }
        UPDATE => {
            let key = read_key::<ShareUpdateKey>(body)?;
            let at = ShareKey { group: key.group_id, topic: key.topic_id, partition: key.partition };
            let value = read_value::<ShareUpdateValue>(value)??;
            let batches = value.state_batches.into_iter().map(|batch| StateBatch {
                first: batch.first_offset,
                last: batch.last_offset,
                state: batch.delivery_state,
                deliveries: batch.delivery_count,
            });
            Some(LoadedState::Update {
                key: at,
                snapshot_epoch: value.snapshot_epoch,
                start_offset: value.start_offset,
                delivery_complete: i64::from(value.delivery_complete_count),
                batches: batches.collect(),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_come_back_as_they_were_written() {
        let at = ShareKey { group: "g".into(), topic: Uuid([7; 16]), partition: 3 };
        let batches = vec![StateBatch { first: 4, last: 9, state: 2, deliveries: 1 }];
        let standing = Standing {
            snapshot_epoch: 2,
            state_epoch: 1,
            start_offset: 3,
            delivery_complete: 6,
            batches: batches.clone(),
        };
        let read = |stored: &Stored| load(Some(&stored.key), stored.value.as_deref());
        let snapshot = snapshot(&at, &standing, 5);
        assert_eq!(read(&snapshot), Some(LoadedState::Snapshot(at.clone(), standing.clone())));
        let expected = LoadedState::Update {
            key: at.clone(),
            snapshot_epoch: 2,
            start_offset: 3,
            delivery_complete: 6,
            batches,
        };
        assert_eq!(read(&update(&at, &standing)), Some(expected));
        assert_eq!(read(&gone(&at)), Some(LoadedState::Gone(at)));
        assert_eq!(load(Some(&[0, 9]), None), None);
        assert_eq!(load(Some(&[0, 0, 1]), Some(&[0, 0])), None);
    }
}
