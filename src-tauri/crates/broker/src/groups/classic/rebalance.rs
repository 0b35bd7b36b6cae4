//! The phases of a rebalance: everyone joins, the leader assigns, everyone learns.

use std::collections::HashMap;

use bytes::Bytes;
use wire::ErrorCode;

use super::{Effect, Group, Join, Joined, Millis, State, Synced, Ticket};

impl Group {
    /// Asks everyone to join anew.
    pub fn start_rebalance(&mut self, now: Millis) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.rebalance(now, &mut effects);
        effects
    }

    /// Sends everyone who waits away: the group goes on under another protocol.
    pub fn abort(&mut self) -> Vec<Effect> {
        let error = ErrorCode::RebalanceInProgress;
        let mut effects = Vec::new();
        for member in self.members.values_mut() {
            let joining = member.joining.take();
            effects.extend(joining.map(|ticket| Effect::Joined(ticket, Joined::error(error, &member.id))));
            let syncing = member.syncing.take();
            effects.extend(syncing.map(|ticket| Effect::Synced(ticket, Synced::error(error))));
        }
        effects
    }

    /// Starts a rebalance, or carries on with the one under way.
    pub(super) fn rebalance(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        match self.state {
            State::Dead => {}
            State::PreparingRebalance => self.try_complete_join(now, effects),
            State::Empty | State::CompletingRebalance | State::Stable => {
                let assigning = self.state == State::CompletingRebalance;
                for member in self.members.values_mut() {
                    member.synced = false;
                    // Of a stable group it is shown until the next is known.
                    if assigning {
                        member.assignment = Bytes::new();
                    }
                    if let Some(ticket) = member.syncing.take() {
                        effects.push(Effect::Synced(ticket, Synced::error(ErrorCode::RebalanceInProgress)));
                        member.expires_at = now + member.session_timeout_ms;
                    }
                }
                self.initial = self.state == State::Empty;
                let wait_ms = if self.initial {
                    self.limits.initial_rebalance_delay_ms
                } else {
                    self.rebalance_timeout_ms()
                };
                self.phase_ends_at = Some(now + wait_ms);
                self.enter(now, State::PreparingRebalance);
                if self.initial && wait_ms == 0 {
                    self.complete_join(now, effects);
                } else {
                    self.try_complete_join(now, effects);
                }
            }
        }
    }

    /// Ends the joining phase if nobody is missing.
    pub(super) fn try_complete_join(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        let complete = self.state == State::PreparingRebalance
            && !self.initial
            && self.pending.is_empty()
            && self.members.values().all(|member| member.joining.is_some());
        if complete {
            self.complete_join(now, effects);
        }
    }

    /// The time for the current phase is over.
    pub(super) fn end_phase(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        self.phase_ends_at = None;
        match self.state {
            State::PreparingRebalance => self.complete_join(now, effects),
            State::CompletingRebalance => {
                // Those who never asked for their assignment, the leader among them perhaps.
                let missing: Vec<String> = self
                    .members
                    .values()
                    .filter(|member| !member.synced)
                    .map(|member| member.id.clone())
                    .collect();
                for id in missing {
                    self.remove(&id, effects);
                }
                self.rebalance_or_empty(now, effects);
            }
            State::Empty | State::Stable | State::Dead => {}
        }
    }

    fn complete_join(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        self.initial = false;
        // Static members keep their place until their session ends.
        let silent: Vec<String> = self
            .members
            .values()
            .filter(|member| member.joining.is_none() && member.instance_id.is_none())
            .map(|member| member.id.clone())
            .collect();
        for id in silent {
            self.remove(&id, effects);
        }
        if self.members.is_empty() {
            self.become_empty(now, effects);
            return;
        }
        let joined = |group: &Group, id: &String| group.members.get(id).is_some_and(|m| m.joining.is_some());
        if !self.leader.as_ref().is_some_and(|leader| joined(self, leader)) {
            let candidate = self.members.values().find(|member| member.joining.is_some());
            match candidate.map(|member| member.id.clone()) {
                Some(id) => self.leader = Some(id),
                None => {
                    // Only static members, none of them back yet.
                    self.phase_ends_at = Some(now + self.rebalance_timeout_ms());
                    return;
                }
            }
        }
        self.generation = self.generation.wrapping_add(1).max(1);
        self.protocol = self.vote();
        self.enter(now, State::CompletingRebalance);
        self.phase_ends_at = Some(now + self.rebalance_timeout_ms());
        let ids: Vec<String> = self.members.keys().cloned().collect();
        for id in ids {
            let answer = self.joined(&id);
            if let Some(member) = self.members.get_mut(&id) {
                member.synced = false;
                member.expires_at = now + member.session_timeout_ms;
                if let Some(ticket) = member.joining.take() {
                    effects.push(Effect::Joined(ticket, answer));
                }
            }
        }
    }

    /// The leader's assignment: everyone who asked gets theirs.
    pub(super) fn assign(
        &mut self,
        now: Millis,
        assignments: Vec<(String, Bytes)>,
        effects: &mut Vec<Effect>,
    ) {
        let mut by_id: HashMap<String, Bytes> = assignments.into_iter().collect();
        for member in self.members.values_mut() {
            member.assignment = by_id.remove(&member.id).unwrap_or_default();
        }
        self.enter(now, State::Stable);
        self.phase_ends_at = None;
        effects.push(Effect::Persist);
        let ids: Vec<String> = self.members.keys().cloned().collect();
        for id in ids {
            let answer = self.synced(&id);
            if let Some(member) = self.members.get_mut(&id)
                && let Some(ticket) = member.syncing.take()
            {
                member.expires_at = now + member.session_timeout_ms;
                effects.push(Effect::Synced(ticket, answer));
            }
        }
    }

    /// A static member is back under a new id; the process with the old id is fenced.
    pub(super) fn replace_static(
        &mut self,
        now: Millis,
        ticket: Ticket,
        join: &Join,
        old_id: &str,
        effects: &mut Vec<Effect>,
    ) {
        let Some(mut member) = self.members.remove(old_id) else { return };
        if let Some(old) = member.joining.take() {
            effects.push(Effect::Joined(old, Joined::error(ErrorCode::FencedInstanceId, old_id)));
        }
        if let Some(old) = member.syncing.take() {
            effects.push(Effect::Synced(old, Synced::error(ErrorCode::FencedInstanceId)));
        }
        let new_id = join.fresh_id.clone();
        let led = self.leader.as_deref() == Some(old_id);
        member.id.clone_from(&new_id);
        member.protocols.clone_from(&join.protocols);
        member.session_timeout_ms = join.session_timeout_ms;
        member.rebalance_timeout_ms = join.rebalance_timeout_ms;
        member.client_id.clone_from(&join.client_id);
        member.client_host.clone_from(&join.client_host);
        member.expires_at = now + join.session_timeout_ms;
        if let Some(instance) = &join.instance_id {
            self.instances.insert(instance.clone(), new_id.clone());
        }
        self.members.insert(new_id.clone(), member);
        if led {
            self.leader = Some(new_id.clone());
        }
        // Its protocols may be others, as long as the next generation would use the same one.
        if self.state == State::Stable && self.vote() == self.protocol {
            effects.push(Effect::Persist);
            let mut answer = self.joined(&new_id);
            if led {
                if join.knows_skip_assignment {
                    answer.skip_assignment = true;
                } else {
                    // An older client would assign anew if it were told that it leads.
                    old_id.clone_into(&mut answer.leader);
                    answer.members.clear();
                }
            }
            effects.push(Effect::Joined(ticket, answer));
            return;
        }
        if let Some(member) = self.members.get_mut(&new_id) {
            member.joining = Some(ticket);
        }
        self.rebalance(now, effects);
    }

    pub(super) fn remove_and_rebalance(&mut self, now: Millis, id: &str, effects: &mut Vec<Effect>) {
        self.remove(id, effects);
        self.rebalance_or_empty(now, effects);
    }

    fn rebalance_or_empty(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        // The last one out: nobody is left to wait for, unless an id was just given out.
        if self.members.is_empty() && self.pending.is_empty() && self.state != State::Dead {
            self.become_empty(now, effects);
        } else {
            self.rebalance(now, effects);
        }
    }

    fn remove(&mut self, id: &str, effects: &mut Vec<Effect>) {
        let Some(member) = self.members.remove(id) else { return };
        if let Some(ticket) = member.joining {
            effects.push(Effect::Joined(ticket, Joined::error(ErrorCode::UnknownMemberId, id)));
        }
        if let Some(ticket) = member.syncing {
            effects.push(Effect::Synced(ticket, Synced::error(ErrorCode::UnknownMemberId)));
        }
        if let Some(instance) = &member.instance_id
            && self.instances.get(instance).is_some_and(|known| known == id)
        {
            self.instances.remove(instance);
        }
        if self.leader.as_deref() == Some(id) {
            self.leader = self.members.keys().next().cloned();
        }
    }

    fn become_empty(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        self.generation = self.generation.wrapping_add(1).max(1);
        self.protocol = None;
        self.leader = None;
        self.phase_ends_at = None;
        self.initial = false;
        self.enter(now, State::Empty);
        effects.push(Effect::Persist);
    }

    fn rebalance_timeout_ms(&self) -> Millis {
        self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0)
    }

    /// The protocol most members prefer among those all of them know.
    fn vote(&self) -> Option<String> {
        let all_know = |name: &str| self.members.values().all(|member| member.knows(name));
        let mut votes: Vec<(&str, usize)> = Vec::new();
        for member in self.members.values() {
            let Some(choice) = member.protocols.iter().find(|protocol| all_know(&protocol.name)) else {
                continue;
            };
            match votes.iter_mut().find(|(name, _)| *name == choice.name) {
                Some((_, count)) => *count += 1,
                None => votes.push((&choice.name, 1)),
            }
        }
        let most = votes.iter().map(|(_, count)| *count).max()?;
        votes.iter().find(|(_, count)| *count == most).map(|(name, _)| (*name).to_owned())
    }

    /// What a member learns when joining is over.
    pub(super) fn joined(&self, id: &str) -> Joined {
        let leads = self.leader.as_deref() == Some(id);
        let protocol = self.protocol.clone().unwrap_or_default();
        let members = if leads {
            self.members
                .values()
                .map(|member| (member.id.clone(), member.instance_id.clone(), member.metadata(&protocol)))
                .collect()
        } else {
            Vec::new()
        };
        Joined {
            error: ErrorCode::None,
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            leader: self.leader.clone().unwrap_or_default(),
            skip_assignment: false,
            member_id: id.to_owned(),
            members,
        }
    }

    /// What a member learns when assigning is over.
    pub(super) fn synced(&self, id: &str) -> Synced {
        Synced {
            error: ErrorCode::None,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            assignment: self.members.get(id).map(|member| member.assignment.clone()).unwrap_or_default(),
        }
    }
}
