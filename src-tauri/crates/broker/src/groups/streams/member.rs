//! One member of a streams group.

use std::collections::BTreeMap;

use super::{HeldTasks, MemberState, Millis, Tasks};

/// One member of a streams group: a thread of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: String,
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub rebalance_timeout_ms: i32,
    pub topology_epoch: i32,
    /// Members of one process share its disk.
    pub process_id: String,
    /// Where the process answers interactive queries.
    pub endpoint: Option<(String, u16)>,
    pub tags: BTreeMap<String, String>,
    pub epoch: i32,
    pub previous_epoch: i32,
    pub state: MemberState,
    pub assigned: HeldTasks,
    /// What it has to give up and has not said it did.
    pub revoking: HeldTasks,
    /// None until the first target that knows of it.
    pub target: Option<Tasks>,
    /// Taken for dead then, unless it is heard from.
    pub(super) expires_at: Millis,
    /// Has to have given up what it must until then.
    pub(super) revoke_until: Option<Millis>,
}

impl Member {
    pub(super) fn new(id: &str, expires_at: Millis) -> Self {
        Self {
            id: id.to_owned(),
            rack_id: None,
            client_id: String::new(),
            client_host: String::new(),
            rebalance_timeout_ms: -1,
            topology_epoch: -1,
            process_id: String::new(),
            endpoint: None,
            tags: BTreeMap::new(),
            epoch: 0,
            previous_epoch: 0,
            state: MemberState::Stable,
            assigned: HeldTasks::default(),
            revoking: HeldTasks::default(),
            target: None,
            expires_at,
            revoke_until: None,
        }
    }

    pub fn is_reconciled_to(&self, epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == epoch
    }

    /// The target, empty if there is none yet.
    pub fn target(&self) -> Tasks {
        self.target.clone().unwrap_or_default()
    }

    /// The epoch at which the member got an active task it has, or has still to give up.
    pub(super) fn active_since(&self, subtopology: &str, partition: i32) -> Option<i32> {
        let find = |held: &HeldTasks| held.active.get(subtopology)?.get(&partition).copied();
        find(&self.assigned).or_else(|| find(&self.revoking))
    }
}
