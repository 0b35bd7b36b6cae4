//! A member's next step towards its target.

use std::collections::{BTreeMap, HashMap, HashSet};

use wire::ErrorCode;

use super::{Change, Group, HeldTasks, Member, MemberState, Refusal, Step, TaskMap, Tasks};

/// Which process has which task, in all members.
struct Holders<'a> {
    active: HashMap<(&'a str, i32), &'a str>,
    /// Standbys and warm-ups.
    copies: HashSet<(&'a str, &'a str, i32)>,
}

impl<'a> Holders<'a> {
    fn of(group: &'a Group) -> Self {
        let mut holders = Self { active: HashMap::new(), copies: HashSet::new() };
        for member in group.members.values() {
            let process = member.process_id.as_str();
            for held in [&member.assigned, &member.revoking] {
                for (id, partitions) in &held.active {
                    let tasks = partitions.keys().map(|partition| ((id.as_str(), *partition), process));
                    holders.active.extend(tasks);
                }
                for (id, partitions) in held.standby.iter().chain(&held.warmup) {
                    let tasks = partitions.iter().map(|partition| (process, id.as_str(), *partition));
                    holders.copies.extend(tasks);
                }
            }
        }
        holders
    }

    fn is_here(&self, process: &str, id: &str, partition: i32) -> bool {
        self.active.get(&(id, partition)) == Some(&process) || self.copies.contains(&(process, id, partition))
    }
}

impl Group {
    /// Leads a member on as far as it can go now. `owned`: what the member says it has. `delayed`: there is no
    /// target yet.
    pub(super) fn reconcile(
        &mut self,
        step: &Step<'_>,
        member_id: &str,
        owned: Option<&Tasks>,
        delayed: bool,
        changes: &mut Vec<Change>,
    ) -> Result<Member, Refusal> {
        let Some(member) = self.members.get(member_id) else {
            return Err(Refusal::new(ErrorCode::UnknownServerError, "The member is gone."));
        };
        let epoch = match member.state {
            MemberState::Stable if member.epoch == self.target_epoch => return Ok(member.clone()),
            MemberState::Unrevoked if owns_any(owned, &member.revoking) => return Ok(member.clone()),
            MemberState::Unrevoked => member.epoch.saturating_add(1),
            MemberState::Stable | MemberState::Unreleased => member.epoch,
        };
        let target = if delayed { Tasks::default() } else { member.target() };
        let mut next = self.advance(member, epoch, &target, owned);
        let same = next.epoch == member.epoch
            && next.previous_epoch == member.previous_epoch
            && next.state == member.state
            && next.assigned == member.assigned
            && next.revoking == member.revoking;
        if same {
            return Ok(next);
        }
        let timeout_ms = i64::from(next.rebalance_timeout_ms.max(0));
        next.revoke_until = (next.state == MemberState::Unrevoked).then_some(step.now + timeout_ms);
        changes.push(Change::Current(next.id.clone()));
        self.members.insert(next.id.clone(), next.clone());
        Ok(next)
    }

    fn advance(&self, member: &Member, epoch: i32, target: &Tasks, owned: Option<&Tasks>) -> Member {
        let holders = Holders::of(self);
        let (mut kept, mut revoking) = (HeldTasks::default(), HeldTasks::default());
        for (id, partitions) in &member.assigned.active {
            for (partition, since) in partitions {
                let wanted = super::tasks::has(&target.active, id, *partition);
                let to = if wanted { &mut kept.active } else { &mut revoking.active };
                to.entry(id.clone()).or_default().insert(*partition, *since);
            }
        }
        split(&member.assigned.standby, &target.standby, &mut kept.standby, &mut revoking.standby);
        split(&member.assigned.warmup, &target.warmup, &mut kept.warmup, &mut revoking.warmup);
        let mut next =
            Member { previous_epoch: member.epoch, revoking: HeldTasks::default(), ..member.clone() };
        if !revoking.is_empty() && owns_any(owned, &revoking) {
            next.state = MemberState::Unrevoked;
            next.epoch = epoch;
            next.assigned = kept;
            next.revoking = revoking;
            return next;
        }
        let process = member.process_id.as_str();
        let mut missing = false;
        let mut take = |id: &str, partition: i32, active: bool| {
            let taken = holders.is_here(process, id, partition)
                || (active && holders.active.contains_key(&(id, partition)));
            missing |= taken;
            !taken
        };
        for (id, partition) in lacking(&target.active, |id, partition| {
            kept.active.get(id).is_some_and(|held: &BTreeMap<i32, i32>| held.contains_key(&partition))
        }) {
            if take(id, partition, true) {
                kept.active.entry(id.to_owned()).or_default().insert(partition, self.target_epoch);
            }
        }
        for (wanted, kept) in [(&target.standby, &mut kept.standby), (&target.warmup, &mut kept.warmup)] {
            for (id, partition) in lacking(wanted, |id, partition| super::tasks::has(kept, id, partition)) {
                if take(id, partition, false) {
                    kept.entry(id.to_owned()).or_default().insert(partition);
                }
            }
        }
        next.state = if missing { MemberState::Unreleased } else { MemberState::Stable };
        next.epoch = self.target_epoch;
        next.assigned = kept;
        next
    }
}

/// The tasks of a target that are not held.
fn lacking(target: &TaskMap, held: impl Fn(&str, i32) -> bool) -> Vec<(&str, i32)> {
    let tasks = target
        .iter()
        .flat_map(|(id, partitions)| partitions.iter().map(move |partition| (id.as_str(), *partition)));
    tasks.filter(|(id, partition)| !held(id, *partition)).collect()
}

fn split(held: &TaskMap, target: &TaskMap, kept: &mut TaskMap, revoking: &mut TaskMap) {
    for (id, partitions) in held {
        for partition in partitions {
            let wanted = super::tasks::has(target, id, *partition);
            let to = if wanted { &mut *kept } else { &mut *revoking };
            to.entry(id.clone()).or_default().insert(*partition);
        }
    }
}

/// Whether a member that says what it owns has any of these. One that says nothing may.
fn owns_any(owned: Option<&Tasks>, held: &HeldTasks) -> bool {
    owned.is_none_or(|owned| held.overlaps(owned))
}
