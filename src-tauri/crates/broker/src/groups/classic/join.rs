//! How a member comes in: unknown, known, or in place of itself.

use bytes::Bytes;
use wire::ErrorCode;

use super::{Effect, Group, Join, Joined, Member, Millis, State, Ticket};

/// A member that joins for the first time may wait this long for the others.
const NEW_MEMBER_TIMEOUT_MS: Millis = 5 * 60 * 1000;

impl Group {
    pub(super) fn try_join(
        &mut self,
        now: Millis,
        ticket: Ticket,
        join: &Join,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        if self.state == State::Dead {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        if !self.accepts_protocols(join) {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        if join.member_id.is_empty() {
            return self.join_unknown(now, ticket, join, effects);
        }
        if self.pending.contains_key(&join.member_id) {
            // The id was given to a dynamic member, and no client becomes static in between: Kafka fails inside.
            if join.instance_id.is_some() {
                return Err(ErrorCode::UnknownServerError);
            }
            self.pending.remove(&join.member_id);
            self.add_member(now, ticket, join, join.member_id.clone(), effects);
            return Ok(());
        }
        self.check_member(&join.member_id, join.instance_id.as_deref())?;
        match self.state {
            State::Empty | State::Dead => Err(ErrorCode::UnknownMemberId),
            State::PreparingRebalance => {
                self.update_member(now, ticket, join, effects);
                Ok(())
            }
            State::CompletingRebalance | State::Stable => {
                let member = &self.members[&join.member_id];
                let leads = self.leader.as_ref() == Some(&join.member_id);
                let unchanged = member.protocols == join.protocols;
                if unchanged && (self.state == State::CompletingRebalance || !leads) {
                    // The answer to the first JoinGroup was lost, or a follower asks again.
                    self.hear(now, &join.member_id);
                    effects.push(Effect::Joined(ticket, self.joined(&join.member_id)));
                } else {
                    self.update_member(now, ticket, join, effects);
                }
                Ok(())
            }
        }
    }

    fn join_unknown(
        &mut self,
        now: Millis,
        ticket: Ticket,
        join: &Join,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ErrorCode> {
        if let Some(instance) = &join.instance_id {
            if let Some(old_id) = self.instances.get(instance).cloned() {
                self.replace_static(now, ticket, join, &old_id, effects);
                return Ok(());
            }
        } else if join.needs_known_id {
            if self.members.len() + self.pending.len() >= self.limits.members_max {
                return Err(ErrorCode::GroupMaxSizeReached);
            }
            self.pending.insert(join.fresh_id.clone(), now + join.session_timeout_ms);
            return Err(ErrorCode::MemberIdRequired);
        }
        if self.members.len() >= self.limits.members_max {
            return Err(ErrorCode::GroupMaxSizeReached);
        }
        self.add_member(now, ticket, join, join.fresh_id.clone(), effects);
        Ok(())
    }

    /// Whether a member with these protocols can be in one group with all who are in it. Its own former protocols
    /// count too: a member that comes again must share one with them, as in Kafka.
    fn accepts_protocols(&self, join: &Join) -> bool {
        if join.protocol_type.is_empty() || join.protocols.is_empty() {
            return false;
        }
        if self.state == State::Empty {
            return true;
        }
        self.protocol_type.as_ref().is_none_or(|known| *known == join.protocol_type)
            && join
                .protocols
                .iter()
                .any(|protocol| self.members.values().all(|member| member.knows(&protocol.name)))
    }

    fn add_member(
        &mut self,
        now: Millis,
        ticket: Ticket,
        join: &Join,
        id: String,
        effects: &mut Vec<Effect>,
    ) {
        if self.members.is_empty() {
            self.protocol_type = Some(join.protocol_type.clone());
        }
        if self.leader.is_none() {
            self.leader = Some(id.clone());
        }
        if let Some(instance) = &join.instance_id {
            self.instances.insert(instance.clone(), id.clone());
        }
        let member = Member {
            id: id.clone(),
            instance_id: join.instance_id.clone(),
            client_id: join.client_id.clone(),
            client_host: join.client_host.clone(),
            session_timeout_ms: join.session_timeout_ms,
            rebalance_timeout_ms: join.rebalance_timeout_ms,
            protocols: join.protocols.clone(),
            assignment: Bytes::new(),
            expires_at: now + NEW_MEMBER_TIMEOUT_MS,
            joining: Some(ticket),
            syncing: None,
            synced: false,
        };
        self.members.insert(id, member);
        self.rebalance(now, effects);
    }

    fn update_member(&mut self, now: Millis, ticket: Ticket, join: &Join, effects: &mut Vec<Effect>) {
        if let Some(member) = self.members.get_mut(&join.member_id) {
            member.protocols.clone_from(&join.protocols);
            member.session_timeout_ms = join.session_timeout_ms;
            member.rebalance_timeout_ms = join.rebalance_timeout_ms;
            member.client_id.clone_from(&join.client_id);
            member.client_host.clone_from(&join.client_host);
            member.expires_at = now + join.session_timeout_ms;
            if let Some(old) = member.joining.replace(ticket) {
                let error = Joined::error(ErrorCode::RebalanceInProgress, &join.member_id);
                effects.push(Effect::Joined(old, error));
            }
        }
        self.rebalance(now, effects);
    }
}
