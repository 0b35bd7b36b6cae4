//! The target: what everyone is to have, computed once per epoch of the group.

use std::collections::{BTreeMap, BTreeSet};

use wire::Uuid;

use super::{Assignment, Change, Group, Member, Spec, SpecMember, Step};
use crate::groups::catalog::{Catalog, metadata_hash};

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
    pub(super) fn update_target(&mut self, step: &Step<'_>, changes: &mut Vec<Change>) {
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
        let mut topics: Vec<BTreeSet<Uuid>> = Vec::with_capacity(self.members.len());
        for member in self.members.values() {
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
        let members = self.members.values().zip(&topics).map(|(member, topics)| SpecMember {
            id: &member.id,
            instance_id: member.instance_id.as_deref(),
            topics,
            current: member.target.as_ref().unwrap_or(&none),
        });
        let spec = Spec { members: members.collect(), partitions: &partitions };
        let targets = self.assignor(&step.settings).assign(&spec);
        for (member, target) in self.members.values_mut().zip(targets) {
            if member.target.as_ref() != Some(&target) {
                member.target = Some(target);
                changes.push(Change::Target(member.id.clone()));
            }
        }
        self.target_epoch = self.epoch;
        self.target_at_ms = step.clock_ms;
        changes.push(Change::TargetEpoch);
    }

    /// The names of all topics a member reads, whether or not they exist.
    pub(super) fn names_of<'a>(&'a self, member: &'a Member) -> impl Iterator<Item = &'a str> {
        let resolved = member.regex.as_ref().and_then(|expression| self.regexes.get(expression));
        let by_regex = resolved.into_iter().flat_map(|resolved| &resolved.topics);
        member.names.iter().chain(by_regex).map(String::as_str)
    }
}
