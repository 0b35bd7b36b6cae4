//! The group as it was written down, record by record.

use std::collections::BTreeMap;

use super::member::Member;
use super::{Group, HeldTasks, MemberState, Millis, Settings, Tasks, Topology};

/// A record read back; without a value it was a tombstone.
#[derive(Debug, Clone, PartialEq)]
pub enum Replayed {
    Epoch(Option<Epoch>),
    Topology(Option<Topology>),
    /// Epoch and when it was computed.
    TargetEpoch(Option<(i32, i64)>),
    Member(String, Option<Box<Described>>),
    Target(String, Option<Tasks>),
    Current(String, Option<Current>),
}

/// The group's epoch and what it was computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct Epoch {
    pub epoch: i32,
    pub metadata_hash: i64,
    pub validated_epoch: i32,
    pub configs: BTreeMap<String, String>,
}

/// A member as it described itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub rebalance_timeout_ms: i32,
    pub topology_epoch: i32,
    pub process_id: String,
    pub endpoint: Option<(String, u16)>,
    pub tags: BTreeMap<String, String>,
}

/// What a member had.
#[derive(Debug, Clone, PartialEq)]
pub struct Current {
    pub epoch: i32,
    pub previous_epoch: i32,
    pub state: MemberState,
    pub assigned: HeldTasks,
    pub revoking: HeldTasks,
}

impl Replayed {
    /// Whether it is a tombstone.
    pub fn is_gone(&self) -> bool {
        matches!(
            self,
            Replayed::Epoch(None)
                | Replayed::Topology(None)
                | Replayed::TargetEpoch(None)
                | Replayed::Member(_, None)
                | Replayed::Target(_, None)
                | Replayed::Current(_, None)
        )
    }
}

impl Group {
    /// Takes in one record. Says whether the group is still there.
    pub fn replay(&mut self, record: Replayed) -> bool {
        match record {
            Replayed::Epoch(Some(value)) => {
                self.epoch = value.epoch;
                self.metadata_hash = value.metadata_hash;
                self.validated_epoch = value.validated_epoch;
                self.configs = value.configs;
            }
            Replayed::Epoch(None) => return false,
            Replayed::Topology(topology) => self.topology = topology,
            Replayed::TargetEpoch(value) => (self.target_epoch, self.target_at_ms) = value.unwrap_or((0, 0)),
            Replayed::Member(id, Some(described)) => {
                let member = self.member_or_new(&id);
                member.rack_id = described.rack_id;
                member.client_id = described.client_id;
                member.client_host = described.client_host;
                member.rebalance_timeout_ms = described.rebalance_timeout_ms;
                member.topology_epoch = described.topology_epoch;
                member.process_id = described.process_id;
                member.endpoint = described.endpoint;
                member.tags = described.tags;
            }
            Replayed::Member(id, None) => {
                self.members.remove(&id);
            }
            Replayed::Target(id, Some(target)) => self.member_or_new(&id).target = Some(target),
            Replayed::Target(id, None) => {
                if let Some(member) = self.members.get_mut(&id) {
                    member.target = None;
                }
            }
            Replayed::Current(id, Some(current)) => {
                let member = self.member_or_new(&id);
                member.epoch = current.epoch;
                member.previous_epoch = current.previous_epoch;
                member.state = current.state;
                member.assigned = current.assigned;
                member.revoking = current.revoking;
            }
            Replayed::Current(id, None) => {
                if let Some(member) = self.members.get_mut(&id) {
                    member.epoch = 0;
                    member.assigned = HeldTasks::default();
                    member.revoking = HeldTasks::default();
                }
            }
        }
        true
    }

    /// All records are read: every member has a session's time to be heard from.
    pub fn loaded(&mut self, now: Millis, settings: &Settings) {
        self.configured = None;
        self.seen_topics = None;
        for member in self.members.values_mut() {
            member.expires_at = now + settings.session_ms;
            let revokes = member.state == MemberState::Unrevoked;
            member.revoke_until = revokes.then(|| now + i64::from(member.rebalance_timeout_ms.max(0)));
        }
    }

    fn member_or_new(&mut self, id: &str) -> &mut Member {
        self.members.entry(id.to_owned()).or_insert_with(|| Member::new(id, 0))
    }
}
