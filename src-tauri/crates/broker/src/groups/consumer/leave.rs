//! How a member goes: by its own word, or because it was not heard from.

use wire::ErrorCode;

use super::member::Held;
use super::{Beaten, Change, Group, LEAVE_STATIC_EPOCH, Refusal, Step};

impl Group {
    /// ConsumerGroupHeartbeat with an epoch below zero. The answer says which members go; the caller takes
    /// them out by [`Group::remove`], unless the group becomes a classic one.
    pub fn leave(
        &mut self,
        group: &str,
        member_id: &str,
        instance_id: Option<&str>,
        epoch: i32,
    ) -> Result<(Beaten, Vec<Change>, Vec<String>), Refusal> {
        let beaten = Beaten { member_id: member_id.to_owned(), member_epoch: epoch, assignment: None };
        let Some(instance) = instance_id else {
            let id = self.known(group, member_id)?.id.clone();
            return Ok((beaten, Vec::new(), vec![id]));
        };
        let member = self.known_static(instance, member_id)?;
        if epoch != LEAVE_STATIC_EPOCH {
            let id = member.id.clone();
            return Ok((beaten, Vec::new(), vec![id]));
        }
        // It will be back: until its session ends it keeps what it has.
        let mut member = member.clone();
        member.epoch = LEAVE_STATIC_EPOCH;
        member.revoking = Held::new();
        member.revoke_until = None;
        for epoch in member.assigned.values_mut().flat_map(|held| held.values_mut()) {
            *epoch = 0;
        }
        self.put(member);
        Ok((beaten, vec![Change::Current(member_id.to_owned())], Vec::new()))
    }

    /// Takes members out: a new epoch, and the next heartbeat of another one brings a new target.
    pub fn remove(&mut self, step: &Step<'_>, ids: &[String]) -> Vec<Change> {
        let mut changes = Vec::new();
        for id in ids {
            if self.take(id).is_some() {
                for gone in [Change::Current, Change::Target, Change::Member] {
                    changes.push(gone(id.clone()));
                }
            }
        }
        if changes.is_empty() {
            return changes;
        }
        self.drop_regexes(&mut changes);
        let hash = self.hash_topics(step.topics);
        self.bump(hash, &mut changes);
        changes
    }

    /// DeleteGroups: only a group without members goes.
    pub fn check_delete(&self) -> ErrorCode {
        if self.members.is_empty() { ErrorCode::None } else { ErrorCode::NonEmptyGroup }
    }
}
