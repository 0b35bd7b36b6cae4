//! A classic group's membership as a state machine.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use wire::ErrorCode;

use super::{Claim, Effect, Join, Joined, Member, Millis, Sync, Synced, Ticket};

/// Where a group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No members; there may be offsets.
    Empty,
    /// Members are asked to join anew.
    PreparingRebalance,
    /// Everyone joined; the leader's assignment is awaited.
    CompletingRebalance,
    /// Everyone has an assignment.
    Stable,
    /// Deleted.
    Dead,
}

impl State {
    /// The name Kafka shows.
    pub fn name(self) -> &'static str {
        match self {
            State::Empty => "Empty",
            State::PreparingRebalance => "PreparingRebalance",
            State::CompletingRebalance => "CompletingRebalance",
            State::Stable => "Stable",
            State::Dead => "Dead",
        }
    }
}

/// What every group shares.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long an empty group waits for more members after the first.
    pub initial_rebalance_delay_ms: Millis,
    pub members_max: usize,
}

/// A group as it was written down.
#[derive(Debug, Clone)]
pub struct Restored {
    pub generation: i32,
    pub protocol_type: Option<String>,
    pub protocol: Option<String>,
    pub leader: Option<String>,
    pub members: Vec<Member>,
}

/// A classic group.
#[derive(Debug, Clone)]
pub struct Group {
    pub(super) limits: Limits,
    pub(super) state: State,
    pub(super) state_since: Millis,
    pub(super) generation: i32,
    pub(super) protocol_type: Option<String>,
    pub(super) protocol: Option<String>,
    pub(super) leader: Option<String>,
    pub(super) members: BTreeMap<String, Member>,
    /// Member ids by instance id.
    pub(super) instances: HashMap<String, String>,
    /// Ids given out whose owners have not come back yet, with the time they lapse.
    pub(super) pending: HashMap<String, Millis>,
    /// When the current phase of a rebalance ends without those still missing.
    pub(super) phase_ends_at: Option<Millis>,
    /// The first rebalance of an empty group: it waits for its delay, not for its members.
    pub(super) initial: bool,
}

impl Group {
    /// A group nobody has joined yet.
    pub fn new(now: Millis, limits: Limits) -> Self {
        Self {
            limits,
            state: State::Empty,
            state_since: now,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            instances: HashMap::new(),
            pending: HashMap::new(),
            phase_ends_at: None,
            initial: false,
        }
    }

    /// A group read from disk: stable if it had members.
    pub fn restore(now: Millis, limits: Limits, restored: Restored) -> Self {
        let mut group = Self::new(now, limits);
        group.generation = restored.generation;
        group.protocol_type = restored.protocol_type;
        if restored.members.is_empty() {
            return group;
        }
        group.state = State::Stable;
        group.protocol = restored.protocol;
        group.leader = restored.leader;
        for member in restored.members {
            if let Some(instance) = &member.instance_id {
                group.instances.insert(instance.clone(), member.id.clone());
            }
            group.members.insert(member.id.clone(), member);
        }
        group
    }

    pub fn state(&self) -> State {
        self.state
    }

    pub fn state_since(&self) -> Millis {
        self.state_since
    }

    pub fn generation(&self) -> i32 {
        self.generation
    }

    pub fn protocol_type(&self) -> Option<&str> {
        self.protocol_type.as_deref()
    }

    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    pub fn leader(&self) -> Option<&str> {
        self.leader.as_deref()
    }

    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// Whether a member subscribed to `topic` may still read it: a stable consumer group's own knowledge.
    pub fn is_subscribed(&self, subscribes: impl Fn(&Bytes) -> bool) -> bool {
        let Some(protocol) = &self.protocol else { return false };
        self.members.values().any(|member| subscribes(&member.metadata(protocol)))
    }

    /// JoinGroup. The answer comes as an effect, at once or in a later step.
    pub fn join(&mut self, now: Millis, ticket: Ticket, join: Join) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Err(error) = self.try_join(now, ticket, &join, &mut effects) {
            let id = match error {
                ErrorCode::MemberIdRequired => &join.fresh_id,
                ErrorCode::UnknownServerError => "",
                _ => &join.member_id,
            };
            effects.push(Effect::Joined(ticket, Joined::error(error, id)));
        }
        effects
    }

    /// SyncGroup. The answer comes as an effect, at once or in a later step.
    pub fn sync(&mut self, now: Millis, ticket: Ticket, sync: Sync) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Err(error) = self.try_sync(now, ticket, sync, &mut effects) {
            effects.push(Effect::Synced(ticket, Synced::error(error)));
        }
        effects
    }

    fn try_sync(
        &mut self,
        now: Millis,
        ticket: Ticket,
        sync: Sync,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        self.check_claim(Claim {
            member_id: &sync.member_id,
            instance_id: sync.instance_id.as_deref(),
            generation: sync.generation,
        })?;
        let differs = |wanted: &Option<String>, is: &Option<String>| wanted.is_some() && wanted != is;
        if differs(&sync.protocol_type, &self.protocol_type) || differs(&sync.protocol, &self.protocol) {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        match self.state {
            State::Empty | State::Dead => Err(ErrorCode::UnknownMemberId),
            State::PreparingRebalance => Err(ErrorCode::RebalanceInProgress),
            State::Stable => {
                self.hear(now, &sync.member_id);
                let answer = self.synced(&sync.member_id);
                effects.push(Effect::Synced(ticket, answer));
                Ok(())
            }
            State::CompletingRebalance => {
                self.hear(now, &sync.member_id);
                if let Some(member) = self.members.get_mut(&sync.member_id) {
                    member.synced = true;
                    if let Some(old) = member.syncing.replace(ticket) {
                        effects.push(Effect::Synced(old, Synced::error(ErrorCode::RebalanceInProgress)));
                    }
                }
                if self.leader.as_ref() == Some(&sync.member_id) {
                    self.assign(now, sync.assignments, effects);
                }
                Ok(())
            }
        }
    }

    /// Heartbeat.
    pub fn heartbeat(&mut self, now: Millis, claim: Claim<'_>) -> ErrorCode {
        if let Err(error) = self.check_claim(claim) {
            return error;
        }
        match self.state {
            State::Empty | State::Dead => ErrorCode::UnknownMemberId,
            State::PreparingRebalance => {
                self.hear(now, claim.member_id);
                ErrorCode::RebalanceInProgress
            }
            State::CompletingRebalance | State::Stable => {
                self.hear(now, claim.member_id);
                ErrorCode::None
            }
        }
    }

    /// LeaveGroup of one member, known by its id, its instance id or both.
    pub fn leave(
        &mut self,
        now: Millis,
        member_id: &str,
        instance_id: Option<&str>,
    ) -> (ErrorCode, Vec<Effect>) {
        let mut effects = Vec::new();
        if instance_id.is_none() && self.pending.remove(member_id).is_some() {
            self.try_complete_join(now, &mut effects);
            return (ErrorCode::None, effects);
        }
        let id = match instance_id {
            None => member_id.to_owned(),
            Some(instance) => match self.instances.get(instance) {
                None => return (ErrorCode::UnknownMemberId, effects),
                Some(known) if !member_id.is_empty() && known != member_id => {
                    return (ErrorCode::FencedInstanceId, effects);
                }
                Some(known) => known.clone(),
            },
        };
        if !self.members.contains_key(&id) {
            return (ErrorCode::UnknownMemberId, effects);
        }
        self.remove_and_rebalance(now, &id, &mut effects);
        (ErrorCode::None, effects)
    }

    /// Whether offsets may be committed now by whoever claims so.
    pub fn check_commit(&mut self, now: Millis, claim: Claim<'_>) -> ErrorCode {
        if claim.generation < 0 && self.state == State::Empty {
            return ErrorCode::None;
        }
        if claim.generation < 0 && claim.member_id.is_empty() && claim.instance_id.is_none() {
            return ErrorCode::UnknownMemberId;
        }
        if let Err(error) = self.check_claim(claim) {
            return error;
        }
        match self.state {
            State::CompletingRebalance => ErrorCode::RebalanceInProgress,
            State::Empty | State::Dead => ErrorCode::UnknownMemberId,
            State::PreparingRebalance | State::Stable => {
                self.hear(now, claim.member_id);
                ErrorCode::None
            }
        }
    }

    /// Whether a transaction may commit offsets for whoever claims so. Unlike [`Group::check_commit`] it may at
    /// any time, and need not say who it is (KIP-447).
    pub fn check_transactional_commit(&self, claim: Claim<'_>) -> Result<(), ErrorCode> {
        if self.state == State::Dead {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        let anonymous = claim.generation < 0 && claim.member_id.is_empty() && claim.instance_id.is_none();
        if anonymous || (claim.generation < 0 && self.state == State::Empty) {
            return Ok(());
        }
        self.check_claim(claim)
    }

    /// DeleteGroups: only a group without members goes.
    pub fn delete(&mut self, now: Millis) -> ErrorCode {
        match self.state {
            State::Dead => ErrorCode::GroupIdNotFound,
            State::Empty => {
                self.enter(now, State::Dead);
                ErrorCode::None
            }
            State::PreparingRebalance | State::CompletingRebalance | State::Stable => {
                ErrorCode::NonEmptyGroup
            }
        }
    }

    /// When time alone will next change something.
    pub fn next_deadline(&self) -> Option<Millis> {
        let members = self.members.values().filter(|member| !member.is_waiting()).map(|m| m.expires_at);
        members.chain(self.pending.values().copied()).chain(self.phase_ends_at).min()
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Millis) -> Vec<Effect> {
        let mut effects = Vec::new();
        let pending_before = self.pending.len();
        self.pending.retain(|_, lapses_at| *lapses_at > now);
        if self.pending.len() != pending_before {
            self.try_complete_join(now, &mut effects);
        }
        let expired: Vec<String> = self
            .members
            .values()
            .filter(|member| !member.is_waiting() && member.expires_at <= now)
            .map(|member| member.id.clone())
            .collect();
        for id in expired {
            // An earlier removal may have put this one into a fresh rebalance; it is still silent.
            if self.members.get(&id).is_some_and(|member| !member.is_waiting()) {
                self.remove_and_rebalance(now, &id, &mut effects);
            }
        }
        if self.phase_ends_at.is_some_and(|at| at <= now) {
            self.end_phase(now, &mut effects);
        }
        effects
    }

    pub(super) fn enter(&mut self, now: Millis, state: State) {
        self.state = state;
        self.state_since = now;
    }

    pub(super) fn hear(&mut self, now: Millis, member_id: &str) {
        if let Some(member) = self.members.get_mut(member_id) {
            member.expires_at = now + member.session_timeout_ms;
        }
    }

    pub(super) fn check_member(&self, member_id: &str, instance_id: Option<&str>) -> Result<(), ErrorCode> {
        if let Some(instance) = instance_id {
            match self.instances.get(instance) {
                None => return Err(ErrorCode::UnknownMemberId),
                Some(known) if known != member_id => return Err(ErrorCode::FencedInstanceId),
                Some(_) => {}
            }
        }
        if self.members.contains_key(member_id) { Ok(()) } else { Err(ErrorCode::UnknownMemberId) }
    }

    fn check_claim(&self, claim: Claim<'_>) -> Result<(), ErrorCode> {
        self.check_member(claim.member_id, claim.instance_id)?;
        if claim.generation != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        Ok(())
    }
}
