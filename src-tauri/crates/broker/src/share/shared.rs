//! A share partition between its members: the state machine, how it is written down, and who waits for it.

use std::sync::{Arc, Weak};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use super::partition::{SharePartition, StateBatch};
use super::state_records::{ShareKey, Standing};

/// A share partition.
pub(crate) struct Shared {
    pub(crate) key: ShareKey,
    cell: Mutex<Cell>,
    waiters: Mutex<Vec<Weak<Notify>>>,
}

/// What stands behind a share partition's lock.
pub(crate) struct Cell {
    /// None: the group has not begun to read here.
    pub(crate) state: Option<SharePartition>,
    /// What is told of where the group stands.
    pub(crate) told: Option<Told>,
    pub(crate) state_epoch: i32,
    pub(crate) snapshot_epoch: i32,
    /// Written since the last snapshot.
    pub(crate) updates: i64,
    /// The last snapshot's place in `__share_group_state`: partition and offset.
    pub(crate) snapshot_at: Option<(usize, i64)>,
    /// Unwritten: whoever still holds it starts over.
    pub(crate) gone: bool,
}

/// Where a group stood when it last said something of its records, before it moved on over what was settled then:
/// what Kafka writes down and tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) start: i64,
    /// Records behind the start that are settled.
    pub(crate) complete: i64,
}

impl Told {
    pub(crate) fn of(state: &SharePartition) -> Self {
        Self { start: state.start_offset(), complete: state.delivery_complete() }
    }
}

impl Shared {
    pub(crate) fn new(key: ShareKey, state_epoch: i32) -> Self {
        let cell = Cell {
            state: None,
            told: None,
            state_epoch,
            snapshot_epoch: 0,
            updates: 0,
            snapshot_at: None,
            gone: false,
        };
        Self { key, cell: Mutex::new(cell), waiters: Mutex::default() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Cell> {
        self.cell.lock()
    }

    /// Has `waiter` notified once, when records can be delivered again. Call before looking: nothing is missed.
    pub(crate) fn wake_on_release(&self, waiter: &Arc<Notify>) {
        let mut waiters = self.waiters.lock();
        waiters.retain(|known| known.strong_count() > 0);
        if waiters.iter().all(|known| known.as_ptr() != Arc::as_ptr(waiter)) {
            waiters.push(Arc::downgrade(waiter));
        }
    }

    pub(crate) fn wake(&self) {
        for waiter in self.waiters.lock().drain(..) {
            if let Some(waiter) = waiter.upgrade() {
                waiter.notify_one();
            }
        }
    }
}

impl Cell {
    /// What a snapshot says, as the next one.
    pub(crate) fn snapshot(&self, state: Option<&SharePartition>) -> Standing {
        Standing {
            snapshot_epoch: self.snapshot_epoch + i32::from(self.snapshot_at.is_some()),
            state_epoch: self.state_epoch,
            start_offset: state.map_or(-1, SharePartition::start_offset),
            delivery_complete: state.map_or(0, SharePartition::delivery_complete),
            batches: state.map(SharePartition::snapshot).unwrap_or_default(),
        }
    }

    /// What an update of `changes` says.
    pub(crate) fn update(&self, state: &SharePartition, changes: Vec<StateBatch>) -> Standing {
        Standing {
            snapshot_epoch: self.snapshot_epoch,
            state_epoch: self.state_epoch,
            start_offset: state.start_offset(),
            delivery_complete: state.delivery_complete(),
            batches: changes,
        }
    }
}
