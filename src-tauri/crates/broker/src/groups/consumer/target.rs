//! The target: what everyone is to have, computed once per epoch of the group.

use std::collections::{BTreeMap, BTreeSet};

use wire::Uuid;

use super::{Assignment, Assignor, Change, Group, Member, Spec, SpecMember, Step};
use crate::groups::catalog::{Catalog, metadata_hash};
use crate::groups::java::members_in_order;

/// Whose request changes the group: it shows in Kafka's target.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cause<'a> {
    pub(super) member_id: &'a str,
    /// Whether it was no member before.
    pub(super) is_new: bool,
}

impl Group {
    /// Looks at the topics again if they, or what members read, have changed; a difference is a new epoch.
    pub(super) fn follow_topics(
        &mut self,
        step: &Step<'_>,
        subscription_changed: bool,
        regex_before: Option<&str>,
        changes: &mut Vec<Change>,
    ) {
        let version = step.topics.version();
        if !subscription_changed && self.seen_topics == Some(version) {
            return;
        }
        self.resolve_regexes(step, regex_before, changes);
        self.seen_topics = Some(version);
        let hash = self.hash_topics(step.topics);
        if subscription_changed || hash != self.metadata_hash {
            self.bump(hash, changes);
        }
    }

    /// A new epoch of the group.
    pub(super) fn bump(&mut self, metadata_hash: i64, changes: &mut Vec<Change>) {
        self.metadata_hash = metadata_hash;
        self.epoch = self.epoch.saturating_add(1);
        changes.push(Change::Epoch);
    }

    pub(super) fn hash_topics(&self, topics: &dyn Catalog) -> i64 {
        let names: BTreeSet<&str> = self
            .members
            .values()
            .flat_map(|member| &member.names)
            .chain(self.regexes.values().flat_map(|resolved| &resolved.topics))
            .map(String::as_str)
            .collect();
        metadata_hash(names.into_iter(), topics)
    }

    /// Computes the target of the group's epoch, unless the last one is too fresh.
    pub(super) fn update_target(&mut self, step: &Step<'_>, cause: Cause<'_>, changes: &mut Vec<Change>) {
        if self.target_epoch >= self.epoch {
            return;
        }
        let interval_ms = step.settings.assignment_interval_ms;
        let fresh = self.target_at_ms != 0
            && interval_ms != 0
            && (0..interval_ms).contains(&(step.clock_ms - self.target_at_ms));
        if fresh {
            return;
        }
        let mut partitions: BTreeMap<Uuid, i32> = BTreeMap::new();
        let mut ids: BTreeMap<&str, Option<Uuid>> = BTreeMap::new();
        // Changing a member in a full map makes it grow as well.
        let order = members_in_order(
            self.members.keys().map(String::as_str),
            cause.is_new.then_some(cause.member_id),
            self.most_members + 1,
        );
        let members: Vec<&Member> = order.into_iter().filter_map(|id| self.members.get(id)).collect();
        let mut topics: Vec<BTreeSet<Uuid>> = Vec::with_capacity(members.len());
        for member in &members {
            let mut read = BTreeSet::new();
            for name in self.names_of(member) {
                let id = *ids.entry(name).or_insert_with(|| {
                    let found = step.topics.topic(name)?;
                    partitions.insert(found.id, found.partitions);
                    Some(found.id)
                });
                read.extend(id);
            }
            topics.push(read);
        }
        let none = Assignment::new();
        let asking = members.iter().zip(&topics).map(|(member, topics)| SpecMember {
            id: &member.id,
            instance_id: member.instance_id.as_deref(),
            topics,
            current: member.target.as_ref().unwrap_or(&none),
        });
        let spec = Spec { members: asking.collect(), partitions: &partitions, alike: self.is_homogeneous() };
        let targets = self.most_asked(&step.settings, self.first_assignor(cause)).assign(&spec);
        let targets: BTreeMap<String, Assignment> =
            members.iter().map(|member| member.id.clone()).zip(targets).collect();
        for (id, target) in targets {
            if let Some(member) = self.members.get_mut(&id)
                && member.target.as_ref() != Some(&target)
            {
                member.target = Some(target);
                changes.push(Change::Target(id));
            }
        }
        self.target_epoch = self.epoch;
        self.target_at_ms = step.clock_ms;
        changes.push(Change::TargetEpoch);
    }

    /// Which of two assignors wins if as many members ask for one as for the other: Kafka's map of votes has the one
    /// first that nobody else asks for, which the request took out and put in again, and else `uniform`.
    fn first_assignor(&self, cause: Cause<'_>) -> Assignor {
        let asked = self.members.get(cause.member_id).and_then(|member| member.assignor.as_deref());
        let asked = asked.and_then(Assignor::named).filter(|assignor| self.votes(*assignor) == 1);
        asked.unwrap_or(Assignor::Uniform)
    }

    /// Whether everyone asks for the same, by names alone or by one expression alone.
    fn is_homogeneous(&self) -> bool {
        let mut wishes = self.members.values().map(|member| (&member.names, member.regex.as_deref()));
        let Some(first) = wishes.next() else { return true };
        let by_one_means = first.0.is_empty() || first.1.is_none_or(str::is_empty);
        by_one_means && wishes.all(|wish| wish == first)
    }

    /// The names of all topics a member reads, whether or not they exist.
    pub(super) fn names_of<'a>(&'a self, member: &'a Member) -> impl Iterator<Item = &'a str> {
        let resolved = member.regex.as_ref().and_then(|expression| self.regexes.get(expression));
        let by_regex = resolved.into_iter().flat_map(|resolved| &resolved.topics);
        member.names.iter().chain(by_regex).map(String::as_str)
    }
}
