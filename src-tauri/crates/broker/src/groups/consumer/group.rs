//! The group: its epochs, its members, who has which partition.

use std::collections::{BTreeMap, HashMap, HashSet};

use wire::{ErrorCode, Uuid};

use super::member::{Held, Member};
use super::regex::Resolved;
use super::{Assignor, Millis, Refusal};
use crate::groups::FIRST_EPOCH;

/// Whether a group may change its protocol while it has members (`group.consumer.migration.policy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationPolicy {
    Disabled,
    Upgrade,
    Downgrade,
    Bidirectional,
}

impl MigrationPolicy {
    pub fn named(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "disabled" => MigrationPolicy::Disabled,
            "upgrade" => MigrationPolicy::Upgrade,
            "downgrade" => MigrationPolicy::Downgrade,
            _ => MigrationPolicy::Bidirectional,
        }
    }

    pub fn upgrades(self) -> bool {
        matches!(self, MigrationPolicy::Upgrade | MigrationPolicy::Bidirectional)
    }

    pub fn downgrades(self) -> bool {
        matches!(self, MigrationPolicy::Downgrade | MigrationPolicy::Bidirectional)
    }
}

/// What the configuration says about a group.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub session_ms: Millis,
    pub heartbeat_interval_ms: i32,
    /// The shortest time from one target to the next.
    pub assignment_interval_ms: i64,
    pub members_max: usize,
    /// Those a member may ask for, the default first.
    pub assignors: &'static [Assignor],
    pub migration: MigrationPolicy,
    /// The most members a classic group may have.
    pub classic_members_max: usize,
}

/// What surrounds a step of such a group.
pub type Step<'a> = crate::groups::Step<'a, Settings>;

/// Where a consumer group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupState {
    Empty,
    /// The target is of an older epoch.
    Assigning,
    /// Members are on their way to the target.
    Reconciling,
    Stable,
}

impl GroupState {
    /// The name Kafka shows.
    pub fn name(self) -> &'static str {
        match self {
            GroupState::Empty => "Empty",
            GroupState::Assigning => "Assigning",
            GroupState::Reconciling => "Reconciling",
            GroupState::Stable => "Stable",
        }
    }
}

/// A consumer group.
#[derive(Debug, Clone)]
pub struct Group {
    pub(super) epoch: i32,
    pub(super) metadata_hash: i64,
    pub(super) target_epoch: i32,
    /// When the target was computed, by the wall clock. 0 if that is not known.
    pub(super) target_at_ms: i64,
    pub(super) members: BTreeMap<String, Member>,
    /// How many members it had at most.
    pub(super) most_members: usize,
    /// Member ids by instance id.
    pub(super) instances: HashMap<String, String>,
    /// Partitions some member has or has not given up yet.
    pub(super) taken: HashSet<(Uuid, i32)>,
    pub(super) regexes: BTreeMap<String, Resolved>,
    /// The catalog's version when the topics were last looked at.
    pub(super) seen_topics: Option<u64>,
}

impl Default for Group {
    fn default() -> Self {
        Self::new()
    }
}

impl Group {
    pub fn new() -> Self {
        Self {
            epoch: FIRST_EPOCH,
            metadata_hash: 0,
            target_epoch: FIRST_EPOCH,
            target_at_ms: 0,
            members: BTreeMap::new(),
            most_members: 0,
            instances: HashMap::new(),
            taken: HashSet::new(),
            regexes: BTreeMap::new(),
            seen_topics: None,
        }
    }

    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    pub fn metadata_hash(&self) -> i64 {
        self.metadata_hash
    }

    pub fn target_epoch(&self) -> i32 {
        self.target_epoch
    }

    pub fn target_at_ms(&self) -> i64 {
        self.target_at_ms
    }

    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    pub fn member(&self, id: &str) -> Option<&Member> {
        self.members.get(id)
    }

    pub fn regexes(&self) -> &BTreeMap<String, Resolved> {
        &self.regexes
    }

    pub fn state(&self) -> GroupState {
        if self.members.is_empty() {
            GroupState::Empty
        } else if self.epoch > self.target_epoch {
            GroupState::Assigning
        } else if self.members.values().all(|member| member.is_reconciled_to(self.target_epoch)) {
            GroupState::Stable
        } else {
            GroupState::Reconciling
        }
    }

    /// Whether a member reads this topic.
    pub fn is_subscribed(&self, topic: &str) -> bool {
        self.members.values().any(|member| member.names.contains(topic))
            || self.regexes.values().any(|resolved| resolved.topics.contains(topic))
    }

    /// The assignor most members ask for, or the default.
    pub fn assignor(&self, settings: &Settings) -> Assignor {
        self.most_asked(settings, Assignor::Uniform)
    }

    /// As [`Group::assignor`]; `first` is taken if as many ask for it as for another.
    pub(super) fn most_asked(&self, settings: &Settings, first: Assignor) -> Assignor {
        let assignors = settings.assignors.iter().copied();
        assignors
            .filter(|assignor| self.votes(*assignor) > 0)
            .max_by_key(|assignor| (self.votes(*assignor), *assignor == first))
            .or_else(|| settings.assignors.first().copied())
            .unwrap_or(Assignor::Uniform)
    }

    pub(super) fn votes(&self, assignor: Assignor) -> usize {
        self.members.values().filter(|member| member.assignor.as_deref() == Some(assignor.name())).count()
    }

    /// When time alone will next change something.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.members.values().map(Member::next_deadline).min()
    }

    pub(super) fn known(&self, group: &str, member_id: &str) -> Result<&Member, Refusal> {
        self.members.get(member_id).ok_or_else(|| {
            let message = format!("Member {member_id} is not a member of group {group}.");
            Refusal::new(ErrorCode::UnknownMemberId, message)
        })
    }

    /// The static member of this instance id, if the member id is its.
    pub(super) fn known_static(&self, instance_id: &str, member_id: &str) -> Result<&Member, Refusal> {
        let found = self.instances.get(instance_id).and_then(|id| self.members.get(id));
        let member = found.ok_or_else(|| {
            Refusal::new(ErrorCode::UnknownMemberId, format!("Instance id {instance_id} is unknown."))
        })?;
        if member.id != member_id {
            return Err(Refusal::new(
                ErrorCode::FencedInstanceId,
                format!(
                    "Static member {member_id} with instance id {instance_id} was fenced by member {}.",
                    member.id
                ),
            ));
        }
        Ok(member)
    }

    /// Puts a changed member in place and keeps the books of who has what.
    pub(super) fn put(&mut self, member: Member) {
        if let Some(old) = self.members.get(&member.id) {
            release(&mut self.taken, old);
        }
        let held = member.assigned.iter().chain(&member.revoking);
        self.taken.extend(held.flat_map(|(topic, held)| held.keys().map(|partition| (*topic, *partition))));
        if let Some(instance) = &member.instance_id {
            self.instances.insert(instance.clone(), member.id.clone());
        }
        self.members.insert(member.id.clone(), member);
        self.most_members = self.most_members.max(self.members.len());
    }

    /// Takes a member out.
    pub(super) fn take(&mut self, id: &str) -> Option<Member> {
        let member = self.members.remove(id)?;
        release(&mut self.taken, &member);
        if let Some(instance) = &member.instance_id
            && self.instances.get(instance).is_some_and(|known| known == id)
        {
            self.instances.remove(instance);
        }
        Some(member)
    }
}

fn release(taken: &mut HashSet<(Uuid, i32)>, member: &Member) {
    for (topic, held) in member.assigned.iter().chain(&member.revoking) {
        for partition in held.keys() {
            taken.remove(&(*topic, *partition));
        }
    }
}

/// Whether nothing is held.
pub(super) fn insert(held: &mut Held, topic: Uuid, partition: i32, epoch: i32) {
    held.entry(topic).or_default().insert(partition, epoch);
}
