//! Who gets which partitions: the server-side assignors of KIP-848.
//!
//! Both decide as Apache Kafka's do. Where Kafka goes by the order of a hash map, the order here is that of
//! the ids, so that the same members always get the same.

mod mixed;
mod range;
#[cfg(test)]
mod tests;
mod uniform;

use std::collections::{BTreeMap, BTreeSet};

use wire::Uuid;

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
        match self {
            Assignor::Uniform if spec.is_homogeneous() => uniform::assign(spec),
            Assignor::Uniform => mixed::assign(spec),
            Assignor::Range => range::assign(spec),
        }
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
    /// By id.
    pub members: Vec<SpecMember<'a>>,
    /// How many partitions every topic has that a member reads.
    pub partitions: &'a BTreeMap<Uuid, i32>,
}

impl Spec<'_> {
    fn count(&self, topic: Uuid) -> i32 {
        self.partitions.get(&topic).copied().unwrap_or(0)
    }

    /// Whether everyone reads the same topics.
    fn is_homogeneous(&self) -> bool {
        self.members.windows(2).all(|pair| pair[0].topics == pair[1].topics)
    }
}
