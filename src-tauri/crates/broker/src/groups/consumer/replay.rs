//! The group as it was written down, record by record.

use super::member::{ClassicPart, Held, Member};
use super::regex::Resolved;
use super::{Assignment, Group, MemberState, Millis, Settings};

/// A record read back; without a value it was a tombstone.
#[derive(Debug, Clone, PartialEq)]
pub enum Replayed {
    /// Epoch and metadata hash.
    Epoch(Option<(i32, i64)>),
    /// Epoch and when it was computed.
    TargetEpoch(Option<(i32, i64)>),
    Member(String, Option<Box<Described>>),
    Target(String, Option<Assignment>),
    Current(String, Option<Current>),
    Regex(String, Option<Resolved>),
}

/// What a member had.
#[derive(Debug, Clone, PartialEq)]
pub struct Current {
    pub epoch: i32,
    pub previous_epoch: i32,
    pub state: MemberState,
    pub assigned: Held,
    pub revoking: Held,
}

/// A member as it described itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub names: Vec<String>,
    pub regex: Option<String>,
    pub rebalance_timeout_ms: i32,
    pub assignor: Option<String>,
    pub classic: Option<ClassicPart>,
}

impl Group {
    /// Takes in one record. Says whether the group is still there.
    pub fn replay(&mut self, record: Replayed) -> bool {
        match record {
            Replayed::Epoch(Some((epoch, hash))) => {
                self.epoch = epoch;
                self.metadata_hash = hash;
            }
            Replayed::Epoch(None) => return false,
            Replayed::TargetEpoch(Some((epoch, at_ms))) => {
                self.target_epoch = epoch;
                self.target_at_ms = at_ms;
            }
            Replayed::TargetEpoch(None) => {
                self.target_epoch = crate::groups::FIRST_EPOCH;
                self.target_at_ms = 0;
            }
            Replayed::Member(id, Some(described)) => {
                let mut member = self.member_or_new(&id);
                member.instance_id = described.instance_id;
                member.rack_id = described.rack_id;
                member.client_id = described.client_id;
                member.client_host = described.client_host;
                member.names = described.names.into_iter().collect();
                member.regex = described.regex.filter(|expression| !expression.is_empty());
                member.rebalance_timeout_ms = described.rebalance_timeout_ms;
                member.assignor = described.assignor;
                member.classic = described.classic;
                self.put(member);
            }
            Replayed::Member(id, None) => {
                self.take(&id);
            }
            Replayed::Target(id, Some(target)) => {
                let mut member = self.member_or_new(&id);
                member.target = Some(target);
                self.put(member);
            }
            Replayed::Target(id, None) => {
                if let Some(member) = self.members.get_mut(&id) {
                    member.target = None;
                }
            }
            Replayed::Current(id, current) => {
                // The tombstone of a member that is gone already makes no new one.
                if current.is_none() && !self.members.contains_key(&id) {
                    return true;
                }
                let mut member = self.member_or_new(&id);
                let none = Current {
                    epoch: super::LEAVE_EPOCH,
                    previous_epoch: super::LEAVE_EPOCH,
                    state: MemberState::Stable,
                    assigned: Held::new(),
                    revoking: Held::new(),
                };
                let current = current.unwrap_or(none);
                member.epoch = current.epoch;
                member.previous_epoch = current.previous_epoch;
                member.state = current.state;
                member.assigned = current.assigned;
                member.revoking = current.revoking;
                self.put(member);
            }
            Replayed::Regex(expression, Some(resolved)) => {
                self.regexes.insert(expression, resolved);
            }
            Replayed::Regex(expression, None) => {
                self.regexes.remove(&expression);
            }
        }
        true
    }

    /// All records are read: every member has a session's time to be heard from.
    pub fn loaded(&mut self, now: Millis, settings: &Settings) {
        self.seen_topics = None;
        for member in self.members.values_mut() {
            let classic_ms = member.classic.as_ref().map(|part| i64::from(part.session_timeout_ms));
            member.expires_at = now + classic_ms.unwrap_or(settings.session_ms);
            let revokes = member.state == MemberState::Unrevoked && member.classic.is_none();
            member.revoke_until = revokes.then(|| now + i64::from(member.rebalance_timeout_ms.max(0)));
        }
    }

    fn member_or_new(&self, id: &str) -> Member {
        self.members.get(id).cloned().unwrap_or_else(|| Member::new(id, 0))
    }
}
