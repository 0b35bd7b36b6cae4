//! Members of the classic protocol in a consumer group: what JoinGroup, SyncGroup, Heartbeat and LeaveGroup do.

use bytes::Bytes;
use wire::ErrorCode;

use super::member::{ClassicPart, Member, plain};
use super::target::Cause;
use super::{Change, Downgrade, Group, MemberState, MigrationPolicy, Refusal, Step, protocol};
use crate::groups::classic::{Claim, Protocol};

/// JoinGroup to a consumer group.
#[derive(Debug, Clone)]
pub struct ClassicJoin {
    /// Empty for a new member.
    pub member_id: String,
    /// The id for a member that has none.
    pub fresh_id: String,
    pub instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub protocol_type: String,
    pub protocols: Vec<Protocol>,
    pub session_timeout_ms: i32,
    pub rebalance_timeout_ms: i32,
    /// A dynamic member must come back with the id it is given.
    pub needs_known_id: bool,
}

/// The answer to JoinGroup: nobody leads, the coordinator assigns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassicJoined {
    pub member_id: String,
    pub generation: i32,
    pub protocol: String,
    /// It took the place of the last member of the consumer protocol: the caller makes the group a classic one.
    pub downgrade: Option<Downgrade>,
}

impl Group {
    /// JoinGroup. Nothing has changed if it is refused.
    pub fn classic_join(
        &mut self,
        step: &Step<'_>,
        join: &ClassicJoin,
    ) -> Result<(ClassicJoined, Vec<Change>), Refusal> {
        if step.settings.migration == MigrationPolicy::Disabled {
            let message = "The group may not have members of the classic protocol.";
            return Err(Refusal::new(ErrorCode::InconsistentGroupProtocol, message));
        }
        let unknown = join.member_id.is_empty();
        let member_id = if unknown { &join.fresh_id } else { &join.member_id };
        self.check_room(step, member_id)?;
        let inconsistent = || {
            let message = format!("Member {member_id}'s protocols are not supported.");
            Refusal::new(ErrorCode::InconsistentGroupProtocol, message)
        };
        if join.protocol_type != protocol::CONSUMER || !self.accepts(&join.protocols) {
            return Err(inconsistent());
        }
        if unknown && join.instance_id.is_none() && join.needs_known_id {
            return Err(Refusal::new(ErrorCode::MemberIdRequired, ""));
        }
        let first = join.protocols.first().ok_or_else(inconsistent)?;
        let known = match &join.instance_id {
            None => self.members.get(member_id).map(|member| member.id.clone()),
            Some(instance) if unknown => self.instances.get(instance).cloned(),
            Some(instance) => Some(self.known_static(instance, member_id)?.id.clone()),
        };
        let (_, subscription) = protocol::subscription(&first.metadata)
            .ok_or_else(|| Refusal::new(ErrorCode::UnknownServerError, "The subscription is malformed."))?;
        let downgrade = join.instance_id.as_ref().and(known.as_ref());
        let mut downgrade = downgrade.and_then(|replaced| self.downgrade_by(&step.settings, replaced));
        let cause = Cause { member_id, is_new: !self.members.contains_key(member_id) };
        let mut changes = Vec::new();
        let fresh = known.is_none();
        let mut member = match known {
            Some(id) if id != *member_id => self.replace_static(step, &id, member_id, &mut changes),
            Some(id) => self.members.get(&id).cloned().unwrap_or_else(|| Member::new(member_id, step.now)),
            None => Member::new(member_id, step.now),
        };
        let was = member.clone();
        if join.instance_id.is_some() {
            member.instance_id.clone_from(&join.instance_id);
        }
        if subscription.rack_id.is_some() {
            member.rack_id.clone_from(&subscription.rack_id);
        }
        member.rebalance_timeout_ms = join.rebalance_timeout_ms;
        member.names = subscription.topics.iter().cloned().collect();
        member.regex = None;
        member.client_id.clone_from(&join.client_id);
        member.client_host.clone_from(&join.client_host);
        member.expires_at = step.now + i64::from(join.session_timeout_ms);
        member.revoke_until = None;
        let mut part = ClassicPart::new(join.session_timeout_ms, join.protocols.clone());
        // Until it asks for its assignment.
        part.sync_until = Some(step.now + i64::from(join.rebalance_timeout_ms.max(0)));
        member.classic = Some(part);

        let subscription_changed = self.subscription_changed(&member, fresh, &was, &mut changes);
        self.put(member);
        self.follow_topics(step, subscription_changed, was.regex.as_deref(), &mut changes);
        if downgrade.is_none() {
            self.update_target(step, cause, &mut changes);
        }
        // A classic group whose assignment is out of date asks everyone to join anew.
        let rebalances = downgrade.is_some() && self.target_epoch < self.epoch;
        if !rebalances {
            let owned = protocol::by_id(&subscription.owned_partitions, step.topics);
            self.reconcile(step, member_id, Some(&owned), &mut changes)?;
        }
        if let Some(downgrade) = &mut downgrade {
            downgrade.rebalances = rebalances;
            downgrade.newest = Some(member_id.clone());
        }
        let generation = self.members.get(member_id).map_or(0, |member| member.epoch);
        let (member_id, protocol) = (member_id.clone(), first.name.clone());
        Ok((ClassicJoined { member_id, generation, protocol, downgrade }, changes))
    }

    /// Whether all members of the classic protocol know one of these protocols.
    fn accepts(&self, protocols: &[Protocol]) -> bool {
        let parts: Vec<&ClassicPart> =
            self.members.values().filter_map(|member| member.classic.as_ref()).collect();
        protocols.iter().any(|protocol| {
            parts.iter().all(|part| part.protocols.iter().any(|known| known.name == protocol.name))
        })
    }

    /// SyncGroup: what the member is to have, in its protocol's words, with the protocol's name.
    pub fn classic_sync(
        &mut self,
        step: &Step<'_>,
        group: &str,
        claim: Claim<'_>,
        (protocol_type, protocol): (Option<&str>, Option<&str>),
    ) -> Result<Bytes, Refusal> {
        let (member, part) = self.classic(group, claim)?;
        let first = part.protocols.first();
        let differs = protocol_type.is_some_and(|asked| asked != protocol::CONSUMER)
            || protocol.is_some_and(|asked| first.is_none_or(|known| known.name != asked));
        if differs {
            let message = format!("Member {}'s protocol is not the one it joined with.", member.id);
            return Err(Refusal::new(ErrorCode::InconsistentGroupProtocol, message));
        }
        let id = member.id.clone();
        if self.target_epoch > member.epoch && member.state != MemberState::Unrevoked {
            let message = format!("A new rebalance is triggered; member {id} should rejoin to catch up.");
            self.ask_to_join(step, &id);
            return Err(Refusal::new(ErrorCode::RebalanceInProgress, message));
        }
        let version =
            first.and_then(|known| protocol::subscription(&known.metadata)).map_or(0, |(version, _)| version);
        let assignment = protocol::write_assignment(version, &plain(&member.assigned), step.topics);
        if let Some(member) = self.members.get_mut(&id)
            && let Some(part) = &mut member.classic
        {
            part.sync_until = None;
            member.expires_at = step.now + i64::from(part.session_timeout_ms);
        }
        Ok(assignment)
    }

    /// Heartbeat: a member that lags behind is told to join anew.
    pub fn classic_heartbeat(
        &mut self,
        step: &Step<'_>,
        group: &str,
        claim: Claim<'_>,
    ) -> Result<(), Refusal> {
        let (member, part) = self.classic(group, claim)?;
        let (id, session_ms) = (member.id.clone(), i64::from(part.session_timeout_ms));
        let rejoin = member.epoch < self.target_epoch
            || member.state == MemberState::Unrevoked
            || (member.state == MemberState::Unreleased && !self.waits_for_others(member));
        if let Some(member) = self.members.get_mut(&id) {
            member.expires_at = step.now + session_ms;
        }
        if rejoin {
            self.ask_to_join(step, &id);
            return Err(Refusal::new(ErrorCode::RebalanceInProgress, ""));
        }
        Ok(())
    }

    /// LeaveGroup of one member, of whichever protocol: the id of who goes.
    pub fn classic_leave(
        &self,
        group: &str,
        member_id: &str,
        instance_id: Option<&str>,
    ) -> Result<String, Refusal> {
        let member = match instance_id {
            None => self.known(group, member_id)?,
            // An administrator removes by instance id alone.
            Some(instance) if member_id.is_empty() => {
                let id = self.instances.get(instance).map_or("", String::as_str);
                self.known_static(instance, id)?
            }
            Some(instance) => self.known_static(instance, member_id)?,
        };
        Ok(member.id.clone())
    }

    fn ask_to_join(&mut self, step: &Step<'_>, id: &str) {
        if let Some(member) = self.members.get_mut(id)
            && let Some(part) = &mut member.classic
        {
            let until = step.now + i64::from(member.rebalance_timeout_ms.max(0));
            part.join_until.get_or_insert(until);
        }
    }

    fn classic(&self, group: &str, claim: Claim<'_>) -> Result<(&Member, &ClassicPart), Refusal> {
        let member = match claim.instance_id {
            None => self.known(group, claim.member_id)?,
            Some(instance) => self.known_static(instance, claim.member_id)?,
        };
        let part = member.classic.as_ref().ok_or_else(|| not_classic(&member.id))?;
        if member.epoch != claim.generation {
            let message = format!(
                "The request generation id {} is not equal to the member epoch {} of member {}.",
                claim.generation, member.epoch, member.id
            );
            return Err(Refusal::new(ErrorCode::IllegalGeneration, message));
        }
        Ok((member, part))
    }
}

fn not_classic(id: &str) -> Refusal {
    Refusal::new(ErrorCode::UnknownMemberId, format!("Member {id} does not use the classic protocol."))
}
