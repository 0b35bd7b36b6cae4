//! Who gets which partitions: the server-side assignors of KIP-848.
//!
//! Both decide as Apache Kafka's do, whose `uniform` takes members, topics and partitions in the order of hash maps.

mod mixed;
mod range;
#[cfg(test)]
mod tests;
mod uniform;

use std::collections::{BTreeMap, BTreeSet};

use wire::Uuid;

use super::java::hash_map_order;

/// Partitions by topic.
pub type Assignment = BTreeMap<Uuid, BTreeSet<i32>>;

/// An assignor by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assignor {
    /// Even shares that change as little as may be.
    Uniform,
    /// Neighbouring partitions, the same ones of every topic.
    Range,
}

impl Assignor {
    /// The name a client asks for.
    pub fn name(self) -> &'static str {
        match self {
            Assignor::Uniform => "uniform",
            Assignor::Range => "range",
        }
    }

    /// The assignor of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Assignor::Uniform, Assignor::Range].into_iter().find(|assignor| assignor.name() == name)
    }

    /// Divides the partitions of the topics among the members: one assignment for each, in their order.
    pub fn assign(self, spec: &Spec<'_>) -> Vec<Assignment> {
        if spec.members.is_empty() {
            return Vec::new();
        }
        if self == Assignor::Range {
            return range::assign(spec);
        }
        let ids: Vec<&str> = spec.members.iter().map(|member| member.id).collect();
        let order = hash_map_order(&ids, None);
        let members = order.iter().map(|place| spec.members[*place]).collect();
        let in_order = Spec { members, ..*spec };
        let shares = match spec.alike {
            true => uniform::assign(&in_order),
            false => mixed::assign(&in_order),
        };
        let mut assignments = vec![Assignment::new(); spec.members.len()];
        for (place, share) in order.into_iter().zip(shares) {
            assignments[place] = share;
        }
        assignments
    }
}

/// A member as an assignor sees it.
#[derive(Debug, Clone, Copy)]
pub struct SpecMember<'a> {
    pub id: &'a str,
    pub instance_id: Option<&'a str>,
    /// The topics it reads that exist.
    pub topics: &'a BTreeSet<Uuid>,
    /// What it was to have until now.
    pub current: &'a Assignment,
}

/// What is to be divided.
#[derive(Debug)]
pub struct Spec<'a> {
    /// In the order in which the group knows them.
    pub members: Vec<SpecMember<'a>>,
    /// How many partitions every topic has that a member reads.
    pub partitions: &'a BTreeMap<Uuid, i32>,
    /// Whether everyone asks for the same topics, whether or not they exist.
    pub alike: bool,
}

impl Spec<'_> {
    fn count(&self, topic: Uuid) -> i32 {
        self.partitions.get(&topic).copied().unwrap_or(0)
    }
}
