//! The group: its epochs, its topology, its members.

use std::collections::BTreeMap;

use wire::ErrorCode;

use super::{Change, Configured, Member, Millis, Refusal, Topology};
use crate::groups::FIRST_EPOCH;
use crate::groups::classic::Claim;

/// What the configuration says about a group.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub session_ms: Millis,
    pub heartbeat_interval_ms: i32,
    /// The shortest time from one target to the next.
    pub assignment_interval_ms: i64,
    /// How long a new group waits for more members.
    pub initial_delay_ms: Millis,
    pub members_max: usize,
    pub standby_replicas: i32,
}

/// What surrounds a step of such a group.
pub type Step<'a> = crate::groups::Step<'a, Settings>;

/// Where a streams group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupState {
    Empty,
    /// Topics are missing or wrong.
    NotReady,
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
            GroupState::NotReady => "NotReady",
            GroupState::Assigning => "Assigning",
            GroupState::Reconciling => "Reconciling",
            GroupState::Stable => "Stable",
        }
    }
}

/// A streams group.
#[derive(Debug, Clone)]
pub struct Group {
    pub(super) epoch: i32,
    pub(super) metadata_hash: i64,
    /// The epoch of the topology that was found to be ready, or -1.
    pub(super) validated_epoch: i32,
    /// What the last assignment was configured by.
    pub(super) configs: BTreeMap<String, String>,
    pub(super) topology: Option<Topology>,
    pub(super) configured: Option<Configured>,
    pub(super) target_epoch: i32,
    /// When the target was computed, by the wall clock. 0 if that is not known.
    pub(super) target_at_ms: i64,
    pub(super) members: BTreeMap<String, Member>,
    /// Counts changes of who answers queries for what.
    pub(super) endpoint_epoch: i32,
    /// Who asked everyone to stop.
    pub(super) shutdown_by: Option<String>,
    /// The first target waits until then.
    pub(super) delayed_until: Option<Millis>,
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
            validated_epoch: -1,
            configs: BTreeMap::new(),
            topology: None,
            configured: None,
            target_epoch: FIRST_EPOCH,
            target_at_ms: 0,
            members: BTreeMap::new(),
            endpoint_epoch: 0,
            shutdown_by: None,
            delayed_until: None,
            seen_topics: None,
        }
    }

    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    pub fn metadata_hash(&self) -> i64 {
        self.metadata_hash
    }

    pub fn validated_epoch(&self) -> i32 {
        self.validated_epoch
    }

    pub fn configs(&self) -> &BTreeMap<String, String> {
        &self.configs
    }

    pub fn topology(&self) -> Option<&Topology> {
        self.topology.as_ref()
    }

    /// The topology against the topics there are, as last looked at.
    pub fn configured(&self) -> Option<&Configured> {
        self.configured.as_ref()
    }

    /// Forgets what is not written down, as Kafka does after the heartbeat that makes a group.
    pub fn forget_what_is_not_written(&mut self) {
        self.configured = None;
        self.seen_topics = None;
        self.endpoint_epoch = 0;
        self.shutdown_by = None;
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

    pub fn state(&self) -> GroupState {
        let ready = self.topology.as_ref().is_some_and(|topology| topology.epoch == self.validated_epoch);
        if self.members.is_empty() {
            GroupState::Empty
        } else if !ready {
            GroupState::NotReady
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
        !self.members.is_empty()
            && self.topology.as_ref().is_some_and(|topology| topology.reader_of(topic).is_some())
    }

    /// Every record the group consists of.
    pub fn everything(&self) -> Vec<Change> {
        let ids = || self.members.keys().cloned();
        let mut changes: Vec<Change> = ids().map(Change::Member).collect();
        changes.extend(self.topology.as_ref().map(|_| Change::Topology));
        changes.push(Change::Epoch);
        changes.extend(ids().map(Change::Target));
        changes.push(Change::TargetEpoch);
        changes.extend(ids().map(Change::Current));
        changes
    }

    /// When time alone will next change something.
    pub fn next_deadline(&self) -> Option<Millis> {
        let members = self.members.values();
        let members = members
            .map(|member| member.revoke_until.map_or(member.expires_at, |at| at.min(member.expires_at)));
        members.chain(self.delayed_until).min()
    }

    /// Members whose time is over. The caller takes them out by [`Group::remove`].
    pub fn overdue(&self, now: Millis) -> Vec<String> {
        let passed = |member: &&Member| {
            member.expires_at <= now || member.revoke_until.is_some_and(|until| until <= now)
        };
        self.members.values().filter(passed).map(|member| member.id.clone()).collect()
    }

    /// A new group has waited long enough for members: the target is computed.
    pub fn end_delay(&mut self, step: &Step<'_>) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.delayed_until.is_some_and(|until| until <= step.now) {
            self.delayed_until = None;
            if !self.members.is_empty() {
                self.update_target(step, None, &mut changes);
            }
        }
        changes
    }

    /// StreamsGroupHeartbeat with an epoch below zero: the member that goes. The caller takes it out by
    /// [`Group::remove`].
    pub fn leave(&mut self, group: &str, member_id: &str, shutdown: bool) -> Result<String, Refusal> {
        let id = self.known(group, member_id)?.id.clone();
        if shutdown {
            self.shutdown_by.get_or_insert_with(|| id.clone());
        }
        Ok(id)
    }

    /// Takes members out: a new epoch, and the next heartbeat of another one brings a new target.
    pub fn remove(&mut self, ids: &[String]) -> Vec<Change> {
        let mut changes = Vec::new();
        for id in ids {
            if self.members.remove(id).is_some() {
                for gone in [Change::Current, Change::Target, Change::Member] {
                    changes.push(gone(id.clone()));
                }
            }
        }
        if self.members.is_empty() {
            self.shutdown_by = None;
        }
        if !changes.is_empty() {
            self.epoch = self.epoch.saturating_add(1);
            changes.push(Change::Epoch);
        }
        changes
    }

    /// DeleteGroups: only a group without members goes.
    pub fn check_delete(&self) -> ErrorCode {
        if self.members.is_empty() { ErrorCode::None } else { ErrorCode::NonEmptyGroup }
    }

    /// Whether whoever claims so may commit now. `by_epoch`: the request speaks of member epochs.
    pub fn check_commit(&self, claim: Claim<'_>, by_epoch: bool) -> ErrorCode {
        if claim.generation < 0 && self.members.is_empty() {
            return ErrorCode::None;
        }
        match self.members.get(claim.member_id) {
            None => ErrorCode::UnknownMemberId,
            Some(_) if !by_epoch => ErrorCode::UnsupportedVersion,
            Some(member) if claim.generation > member.epoch => ErrorCode::StaleMemberEpoch,
            Some(_) => ErrorCode::None,
        }
    }

    /// Whether the commit counts for one partition: at an older epoch only if the member had its task by then.
    pub fn check_commit_of(&self, claim: Claim<'_>, topic: &str, partition: i32) -> ErrorCode {
        let Some(member) = self.members.get(claim.member_id) else { return ErrorCode::None };
        if member.epoch == claim.generation {
            return ErrorCode::None;
        }
        let reader = self.topology.as_ref().and_then(|topology| topology.reader_of(topic));
        match reader.and_then(|subtopology| member.active_since(subtopology, partition)) {
            Some(since) if since <= claim.generation => ErrorCode::None,
            _ => ErrorCode::StaleMemberEpoch,
        }
    }

    /// Whether offsets may be read by whoever says that it is a member.
    pub fn check_fetch(&self, member_id: Option<&str>, epoch: i32) -> ErrorCode {
        let member_id = match member_id {
            None if epoch < 0 => return ErrorCode::None,
            given => given.unwrap_or_default(),
        };
        match self.members.get(member_id) {
            None => ErrorCode::UnknownMemberId,
            Some(member) if member.epoch == epoch => ErrorCode::None,
            Some(_) => ErrorCode::StaleMemberEpoch,
        }
    }

    pub(super) fn known(&self, group: &str, member_id: &str) -> Result<&Member, Refusal> {
        self.members.get(member_id).ok_or_else(|| {
            let message = format!("Member {member_id} is not a member of group {group}.");
            Refusal::new(ErrorCode::UnknownMemberId, message)
        })
    }
}
