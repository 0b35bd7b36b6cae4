//! Tasks by their role.

use std::collections::{BTreeMap, BTreeSet};

/// Partition numbers by subtopology.
pub type TaskMap = BTreeMap<String, BTreeSet<i32>>;

/// Tasks a member is to have, or says that it has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tasks {
    pub active: TaskMap,
    pub standby: TaskMap,
    pub warmup: TaskMap,
}

/// Tasks a member has; active ones with the epoch at which it got them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeldTasks {
    pub active: BTreeMap<String, BTreeMap<i32, i32>>,
    pub standby: TaskMap,
    pub warmup: TaskMap,
}

impl HeldTasks {
    pub fn is_empty(&self) -> bool {
        self.active.is_empty() && self.standby.is_empty() && self.warmup.is_empty()
    }

    /// The same without epochs.
    pub fn plain(&self) -> Tasks {
        let active = self.active.iter().map(|(id, held)| (id.clone(), held.keys().copied().collect()));
        Tasks { active: active.collect(), standby: self.standby.clone(), warmup: self.warmup.clone() }
    }

    /// Whether all of these are held in the same roles.
    pub fn contains(&self, tasks: &Tasks) -> bool {
        let has_active = |id: &String, partition: &i32| {
            self.active.get(id).is_some_and(|held| held.contains_key(partition))
        };
        all(&tasks.active, has_active)
            && all(&tasks.standby, |id, partition| has(&self.standby, id, *partition))
            && all(&tasks.warmup, |id, partition| has(&self.warmup, id, *partition))
    }

    /// Whether any of these are held in the same role.
    pub fn overlaps(&self, tasks: &Tasks) -> bool {
        let has_active = |id: &String, partition: &i32| {
            self.active.get(id).is_some_and(|held| held.contains_key(partition))
        };
        any(&tasks.active, has_active)
            || any(&tasks.standby, |id, partition| has(&self.standby, id, *partition))
            || any(&tasks.warmup, |id, partition| has(&self.warmup, id, *partition))
    }
}

pub(super) fn has(tasks: &TaskMap, id: &str, partition: i32) -> bool {
    tasks.get(id).is_some_and(|partitions| partitions.contains(&partition))
}

fn all(tasks: &TaskMap, test: impl Fn(&String, &i32) -> bool) -> bool {
    tasks.iter().all(|(id, partitions)| partitions.iter().all(|partition| test(id, partition)))
}

fn any(tasks: &TaskMap, test: impl Fn(&String, &i32) -> bool) -> bool {
    tasks.iter().any(|(id, partitions)| partitions.iter().any(|partition| test(id, partition)))
}
