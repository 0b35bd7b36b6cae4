//! One member of a consumer group.

use std::collections::{BTreeMap, BTreeSet};

use wire::Uuid;

use super::{Assignment, MemberState, Millis};
use crate::groups::classic::Protocol;

/// Partitions by topic, each with the epoch at which the member got it: commits of older epochs do not count.
pub type Held = BTreeMap<Uuid, BTreeMap<i32, i32>>;

/// What only a member of the classic protocol has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassicPart {
    pub session_timeout_ms: i32,
    /// In its order of preference, each with its subscription.
    pub protocols: Vec<Protocol>,
    /// It has to join anew until then.
    pub(super) join_until: Option<Millis>,
    /// It has to ask for its assignment until then.
    pub(super) sync_until: Option<Millis>,
}

impl ClassicPart {
    pub fn new(session_timeout_ms: i32, protocols: Vec<Protocol>) -> Self {
        Self { session_timeout_ms, protocols, join_until: None, sync_until: None }
    }
}

/// One member of a consumer group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: String,
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub names: BTreeSet<String>,
    pub regex: Option<String>,
    pub assignor: Option<String>,
    pub rebalance_timeout_ms: i32,
    pub classic: Option<ClassicPart>,
    pub epoch: i32,
    pub previous_epoch: i32,
    pub state: MemberState,
    pub assigned: Held,
    /// What it has to give up and has not said it did.
    pub revoking: Held,
    /// None until the first target that knows of it.
    pub target: Option<Assignment>,
    /// Taken for dead then, unless it is heard from.
    pub(super) expires_at: Millis,
    /// Has to have given up what it must until then.
    pub(super) revoke_until: Option<Millis>,
}

impl Member {
    pub(super) fn new(id: &str, expires_at: Millis) -> Self {
        Self {
            id: id.to_owned(),
            instance_id: None,
            rack_id: None,
            client_id: String::new(),
            client_host: String::new(),
            names: BTreeSet::new(),
            regex: None,
            assignor: None,
            rebalance_timeout_ms: -1,
            classic: None,
            epoch: 0,
            previous_epoch: 0,
            state: MemberState::Stable,
            assigned: Held::new(),
            revoking: Held::new(),
            target: None,
            expires_at,
            revoke_until: None,
        }
    }

    /// What `group describe` shows as a member's type.
    pub fn is_classic(&self) -> bool {
        self.classic.is_some()
    }

    /// Whether the member has all it is to have at this epoch.
    pub fn is_reconciled_to(&self, epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == epoch
    }

    /// What it has, that which it is still to give up too: what describing a group shows.
    pub fn held(&self) -> Assignment {
        let mut held = self.assigned();
        for (topic, partitions) in plain(&self.revoking) {
            held.entry(topic).or_default().extend(partitions);
        }
        held
    }

    /// What it has and keeps.
    pub fn assigned(&self) -> Assignment {
        plain(&self.assigned)
    }

    /// The target, empty if there is none yet.
    pub fn target(&self) -> Assignment {
        self.target.clone().unwrap_or_default()
    }

    /// The epoch at which the member got a partition it has, or has still to give up.
    pub fn held_since(&self, topic: Uuid, partition: i32) -> Option<i32> {
        let find = |held: &Held| held.get(&topic)?.get(&partition).copied();
        find(&self.assigned).or_else(|| find(&self.revoking))
    }

    /// Whether every partition named is assigned to the member.
    pub(super) fn is_assigned(&self, partitions: &Assignment) -> bool {
        partitions.iter().all(|(topic, partitions)| {
            self.assigned
                .get(topic)
                .is_some_and(|held| partitions.iter().all(|partition| held.contains_key(partition)))
        })
    }

    /// When time alone will do something to the member.
    pub(super) fn next_deadline(&self) -> Millis {
        let classic = self.classic.iter().flat_map(|part| [part.join_until, part.sync_until]).flatten();
        classic.chain(self.revoke_until).fold(self.expires_at, Millis::min)
    }
}

/// The partitions without their epochs.
pub(super) fn plain(held: &Held) -> Assignment {
    held.iter().map(|(topic, partitions)| (*topic, partitions.keys().copied().collect())).collect()
}
