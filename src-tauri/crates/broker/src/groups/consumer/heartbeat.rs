//! ConsumerGroupHeartbeat: a member joins, tells what it reads and has, and learns what it is to have.

use std::collections::BTreeSet;

use wire::ErrorCode;

use super::member::{Member, plain};
use super::target::Cause;
use super::{Assignment, Change, Group, LEAVE_STATIC_EPOCH, Refusal, Step, regex};

/// ConsumerGroupHeartbeat of a member that stays. What is absent has not changed.
#[derive(Debug, Clone, Default)]
pub struct Heartbeat {
    pub group: String,
    pub member_id: String,
    /// 0 to join.
    pub member_epoch: i32,
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub rebalance_timeout_ms: Option<i32>,
    pub names: Option<Vec<String>>,
    pub regex: Option<String>,
    pub assignor: Option<String>,
    /// What the member has.
    pub owned: Option<Assignment>,
    pub client_id: String,
    pub client_host: String,
}

/// What a member learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beaten {
    pub member_id: String,
    pub member_epoch: i32,
    /// Everything the member is to have now; absent if that has not changed.
    pub assignment: Option<Assignment>,
}

impl Group {
    /// One heartbeat of a member that stays or joins. Nothing has changed if it is refused.
    pub fn heartbeat(&mut self, step: &Step<'_>, beat: &Heartbeat) -> Result<(Beaten, Vec<Change>), Refusal> {
        self.check_room(step, &beat.member_id)?;
        let known = self.find(beat)?;
        if let Some(expression) = &beat.regex {
            regex::check(expression)?;
        }
        let cause = Cause { member_id: &beat.member_id, is_new: !self.members.contains_key(&beat.member_id) };
        let mut changes = Vec::new();
        let joins = beat.member_epoch == 0;
        let fresh = known.is_none();
        let mut member = match known {
            Some(known) if known == beat.member_id => match self.members.get_mut(&beat.member_id) {
                Some(member) => {
                    member.expires_at = step.now + step.settings.session_ms;
                    member.clone()
                }
                None => Member::new(&beat.member_id, step.now + step.settings.session_ms),
            },
            Some(old_id) => self.replace_static(step, &old_id, &beat.member_id, &mut changes),
            None => Member::new(&beat.member_id, step.now + step.settings.session_ms),
        };
        let was = member.clone();
        member.update(beat);
        let subscription_changed = self.subscription_changed(&member, fresh, &was, &mut changes);
        self.put(member.clone());
        self.follow_topics(step, subscription_changed, was.regex.as_deref(), &mut changes);
        self.update_target(step, cause, &mut changes);
        let member = self.reconcile(step, &beat.member_id, beat.owned.as_ref(), &mut changes)?;

        let whole = beat.rebalance_timeout_ms.is_some() && beat.names.is_some() && beat.owned.is_some();
        let assigned = plain(&member.assigned);
        let shown = joins || whole || assigned != plain(&was.assigned);
        let beaten = Beaten {
            member_id: member.id.clone(),
            member_epoch: member.epoch,
            assignment: shown.then_some(assigned),
        };
        Ok((beaten, changes))
    }

    /// The member this heartbeat speaks for: the id it is known by, or none if it is new.
    fn find(&self, beat: &Heartbeat) -> Result<Option<String>, Refusal> {
        let joins = beat.member_epoch == 0;
        let Some(instance) = &beat.instance_id else {
            return match self.members.get(&beat.member_id) {
                None if joins => Ok(None),
                None => self.known(&beat.group, &beat.member_id).map(|member| Some(member.id.clone())),
                Some(member) => {
                    check_epoch(member, beat)?;
                    Ok(Some(member.id.clone()))
                }
            };
        };
        if !joins {
            let member = self.known_static(instance, &beat.member_id)?;
            check_epoch(member, beat)?;
            return Ok(Some(member.id.clone()));
        }
        let existing = self.instances.get(instance).and_then(|id| self.members.get(id));
        let Some(existing) = existing else {
            // A dynamic member may become a static one.
            return Ok(self.members.get(&beat.member_id).map(|member| member.id.clone()));
        };
        // Between members of this protocol, the place is free once its owner has left for a while.
        if existing.classic.is_none() && existing.epoch != LEAVE_STATIC_EPOCH {
            return Err(Refusal::new(
                ErrorCode::UnreleasedInstanceId,
                format!(
                    "Static member {} with instance id {instance} cannot join the group because the instance \
                     id is owned by {} member.",
                    beat.member_id, existing.id
                ),
            ));
        }
        Ok(Some(existing.id.clone()))
    }

    pub(super) fn check_room(&self, step: &Step<'_>, member_id: &str) -> Result<(), Refusal> {
        let max = step.settings.members_max;
        if self.members.len() >= max && !self.members.contains_key(member_id) {
            let message = format!("The consumer group has reached its maximum capacity of {max} members.");
            return Err(Refusal::new(ErrorCode::GroupMaxSizeReached, message));
        }
        Ok(())
    }

    /// A static member is back under a new id, or with the same one: it takes the place with all that is in it.
    pub(super) fn replace_static(
        &mut self,
        step: &Step<'_>,
        old_id: &str,
        new_id: &str,
        changes: &mut Vec<Change>,
    ) -> Member {
        let expires_at = step.now + step.settings.session_ms;
        let Some(mut member) = self.take(old_id) else { return Member::new(new_id, expires_at) };
        for gone in [Change::Current, Change::Target, Change::Member] {
            changes.push(gone(old_id.to_owned()));
        }
        new_id.clone_into(&mut member.id);
        member.epoch = 0;
        member.previous_epoch = 0;
        member.expires_at = expires_at;
        member.revoke_until = None;
        for written in [Change::Member, Change::Target, Change::Current] {
            changes.push(written(new_id.to_owned()));
        }
        self.put(member.clone());
        member
    }

    /// Notes that a member changed; says whether what it reads did.
    pub(super) fn subscription_changed(
        &self,
        member: &Member,
        fresh: bool,
        was: &Member,
        changes: &mut Vec<Change>,
    ) -> bool {
        if fresh || member != was {
            changes.push(Change::Member(member.id.clone()));
        }
        // A fresh one was as good as subscribed to nothing: one that still is changes nothing for the group.
        member.names != was.names || member.regex != was.regex
    }
}

impl Member {
    /// Takes over what a heartbeat tells.
    fn update(&mut self, beat: &Heartbeat) {
        let set = |field: &mut Option<String>, given: &Option<String>| {
            if given.is_some() {
                field.clone_from(given);
            }
        };
        set(&mut self.instance_id, &beat.instance_id);
        set(&mut self.rack_id, &beat.rack_id);
        set(&mut self.assignor, &beat.assignor);
        if let Some(timeout) = beat.rebalance_timeout_ms {
            self.rebalance_timeout_ms = timeout;
        }
        if let Some(names) = &beat.names {
            self.names = names.iter().cloned().collect::<BTreeSet<String>>();
        }
        if let Some(expression) = &beat.regex {
            // An empty one takes the subscription back.
            self.regex = Some(expression.clone()).filter(|expression| !expression.is_empty());
        }
        self.client_id.clone_from(&beat.client_id);
        self.client_host.clone_from(&beat.client_host);
        self.classic = None;
    }
}

/// Whether a member may go on with the epoch it says it is at.
fn check_epoch(member: &Member, beat: &Heartbeat) -> Result<(), Refusal> {
    let (said, known) = (beat.member_epoch, member.epoch);
    if said == 0 || said == known {
        return Ok(());
    }
    let fenced = |than: &str| {
        let message = format!(
            "The consumer group member has a {than} member epoch ({said}) than the one known by the group \
             coordinator ({known}). The member must abandon all its partitions and rejoin."
        );
        Err(Refusal::new(ErrorCode::FencedMemberEpoch, message))
    };
    if said > known {
        return fenced("greater");
    }
    // The answer with the newer epoch may have been lost.
    let lost =
        said == member.previous_epoch && beat.owned.as_ref().is_some_and(|owned| member.is_assigned(owned));
    if lost { Ok(()) } else { fenced("smaller") }
}
