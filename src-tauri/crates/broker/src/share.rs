//! Share groups (KIP-932): many consumers read the same partitions, each record goes to one of them at a time,
//! and each is acknowledged by itself.
//!
//! Three state machines without clock or socket: [`group`] (who is a member, who reads what), [`session`] (which
//! partitions a member's fetches cover) and [`partition`] (what became of each record; [`acquire`]: what a member is
//! given). `Broker`'s methods in `membership`, `delivery` and `offsets` run them: they read the log, write what must
//! outlive the process to `__consumer_offsets` (membership) and `__share_group_state` (records), and wake who waits.
//!
//! Locks are taken in this order: a group, a share partition, the deadlines.

mod acquire;
mod assignor;
mod deadlines;
mod delivery;
mod group;
mod group_records;
mod membership;
mod offsets;
mod partition;
mod runs;
mod session;
mod settings;
mod shared;
mod state_records;
mod state_topic;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use deadlines::{Deadlines, Due};
use session::ShareSessions;
use shared::Shared;

use crate::groups::Millis;

pub(crate) use delivery::{Delivered, Wanted};
pub(crate) use group::{Beat, LEAVE, Refused, ShareGroup};
pub(crate) use group_records::load as load_group_record;
pub(crate) use offsets::Offset;
pub(crate) use partition::{Acknowledgement, Acquire, Kind, Mode};
pub(crate) use session::{FINAL_EPOCH, INITIAL_EPOCH, PartitionId, Plan, SessionKey};
pub(crate) use settings::GroupSettings;
pub(crate) use shared::Shared as SharedPartition;
pub(crate) use state_records::ShareKey;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use state_records::load as load_state_record;
pub(crate) use state_topic::state_topic;

/// The assignor every share group uses.
pub(crate) const ASSIGNOR: &str = "simple";

/// The type of a share group (KIP-848 names them).
pub(crate) const GROUP_TYPE: &str = "share";

/// Every share group of the broker.
#[derive(Default)]
pub(crate) struct Shares {
    groups: Mutex<BTreeMap<String, Arc<Mutex<ShareGroup>>>>,
    partitions: Mutex<HashMap<ShareKey, Arc<Shared>>>,
    sessions: Mutex<ShareSessions>,
    deadlines: Mutex<Deadlines>,
    /// A deadline has come nearer.
    pub(crate) sooner: Notify,
}

impl Shares {
    /// The group, if it is known.
    pub(crate) fn group(&self, id: &str) -> Option<Arc<Mutex<ShareGroup>>> {
        self.groups.lock().get(id).cloned()
    }

    /// Every group, by name.
    pub(crate) fn groups(&self) -> Vec<(String, Arc<Mutex<ShareGroup>>)> {
        self.groups.lock().iter().map(|(id, group)| (id.clone(), Arc::clone(group))).collect()
    }

    fn group_or_new(&self, id: &str) -> Arc<Mutex<ShareGroup>> {
        Arc::clone(self.groups.lock().entry(id.to_owned()).or_default())
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, ShareSessions> {
        self.sessions.lock()
    }

    /// The share partition, if it is known.
    pub(crate) fn partition(&self, key: &ShareKey) -> Option<Arc<Shared>> {
        self.partitions.lock().get(key).cloned()
    }

    fn partition_or_new(&self, key: &ShareKey, state_epoch: i32) -> Arc<Shared> {
        let mut partitions = self.partitions.lock();
        let shared =
            partitions.entry(key.clone()).or_insert_with(|| Arc::new(Shared::new(key.clone(), state_epoch)));
        Arc::clone(shared)
    }

    fn all_partitions(&self) -> Vec<Arc<Shared>> {
        self.partitions.lock().values().cloned().collect()
    }

    fn note_deadline(&self, due: Due, at: Option<Millis>) {
        if at.is_some_and(|at| self.deadlines.lock().note(due, at)) {
            self.sooner.notify_one();
        }
    }
}
