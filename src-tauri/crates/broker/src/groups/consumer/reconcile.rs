//! A member's next step towards its target.

use std::collections::BTreeSet;

use wire::{ErrorCode, Uuid};

use super::group::insert;
use super::member::{Held, Member};
use super::{Assignment, Change, Group, MemberState, Refusal, Step};

impl Group {
    /// Leads a member on as far as it can go now. `owned`: what the member says it has.
    pub(super) fn reconcile(
        &mut self,
        step: &Step<'_>,
        member_id: &str,
        owned: Option<&Assignment>,
        changes: &mut Vec<Change>,
    ) -> Result<Member, Refusal> {
        let Some(member) = self.members.get(member_id) else {
            return Err(Refusal::new(ErrorCode::UnknownServerError, "The member is gone."));
        };
        let stays = match member.state {
            MemberState::Stable => member.epoch == self.target_epoch,
            // Until it says that it gave them up.
            MemberState::Unrevoked => owns_any(owned, &member.revoking),
            MemberState::Unreleased => false,
        };
        if stays {
            return Ok(member.clone());
        }
        let mut next = self.advance(step, member, owned);
        let same = next.epoch == member.epoch
            && next.previous_epoch == member.previous_epoch
            && next.state == member.state
            && next.assigned == member.assigned
            && next.revoking == member.revoking;
        if same {
            return Ok(next);
        }
        if next.classic.is_none() {
            let timeout_ms = i64::from(next.rebalance_timeout_ms.max(0));
            next.revoke_until = (next.state == MemberState::Unrevoked).then_some(step.now + timeout_ms);
        }
        changes.push(Change::Current(next.id.clone()));
        self.put(next.clone());
        Ok(next)
    }

    fn advance(&self, step: &Step<'_>, member: &Member, owned: Option<&Assignment>) -> Member {
        let target = member.target();
        let reads: BTreeSet<Uuid> =
            self.names_of(member).filter_map(|name| step.topics.topic(name)).map(|topic| topic.id).collect();
        let wanted = |topic: Uuid, partition: i32| {
            reads.contains(&topic) && target.get(&topic).is_some_and(|held| held.contains(&partition))
        };
        let (mut assigned, mut revoking) = (Held::new(), Held::new());
        for (topic, held) in &member.assigned {
            for (partition, epoch) in held {
                let to = if wanted(*topic, *partition) { &mut assigned } else { &mut revoking };
                insert(to, *topic, *partition, *epoch);
            }
        }
        let mut next = Member { assigned, revoking: Held::new(), ..member.clone() };
        if !revoking.is_empty() && owns_any(owned, &revoking) {
            // It stays at its epoch until it has given them up.
            next.state = MemberState::Unrevoked;
            next.previous_epoch = member.epoch;
            next.revoking = revoking;
            return next;
        }
        let mut missing = false;
        for (topic, partitions) in target.iter().filter(|(topic, _)| reads.contains(topic)) {
            for partition in partitions {
                if next.assigned.get(topic).is_some_and(|held| held.contains_key(partition)) {
                    continue;
                }
                // What it is still to give up itself it may have again.
                let own = member.revoking.get(topic).is_some_and(|held| held.contains_key(partition));
                if self.taken.contains(&(*topic, *partition)) && !own {
                    missing = true;
                } else {
                    insert(&mut next.assigned, *topic, *partition, self.target_epoch);
                }
            }
        }
        next.state = if missing { MemberState::Unreleased } else { MemberState::Stable };
        next.previous_epoch = member.epoch;
        next.epoch = self.target_epoch;
        next
    }

    /// Whether the member waits for partitions that others have not given up yet.
    pub(super) fn waits_for_others(&self, member: &Member) -> bool {
        member.state == MemberState::Unreleased
            && member.target.iter().flatten().any(|(topic, partitions)| {
                partitions.iter().any(|partition| {
                    let has = member.assigned.get(topic).is_some_and(|held| held.contains_key(partition));
                    !has && self.taken.contains(&(*topic, *partition))
                })
            })
    }
}

/// Whether a member that says what it owns has any of these. One that says nothing may.
fn owns_any(owned: Option<&Assignment>, held: &Held) -> bool {
    let Some(owned) = owned else { return true };
    owned.iter().any(|(topic, partitions)| {
        held.get(topic).is_some_and(|held| partitions.iter().any(|partition| held.contains_key(partition)))
    })
}
