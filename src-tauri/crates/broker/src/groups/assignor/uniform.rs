//! `uniform` where everyone reads the same topics: shares differ by one at most, and whoever has a partition
//! keeps it as long as its share allows.

use std::collections::BTreeSet;

use wire::Uuid;

use super::{Assignment, Spec};

pub(super) fn assign(spec: &Spec<'_>) -> Vec<Assignment> {
    let topics = spec.members[0].topics;
    let mut assignments = Vec::with_capacity(spec.members.len());
    let total: i32 = topics.iter().map(|topic| spec.count(*topic)).sum();
    let members = i32::try_from(spec.members.len()).unwrap_or(i32::MAX);
    let (share, mut extra) = (total / members, total % members);

    // Nobody's partitions first, in order; what members have to give up follows.
    let taken: BTreeSet<(Uuid, i32)> = spec
        .members
        .iter()
        .flat_map(|member| member.current.iter())
        .flat_map(|(topic, partitions)| partitions.iter().map(|partition| (*topic, *partition)))
        .collect();
    let mut free: Vec<(Uuid, i32)> = topics
        .iter()
        .flat_map(|topic| (0..spec.count(*topic)).map(|partition| (*topic, partition)))
        .filter(|partition| !taken.contains(partition))
        .collect();

    let mut room = Vec::with_capacity(spec.members.len());
    for member in &spec.members {
        let one_more = i32::from(extra > 0);
        extra -= one_more;
        let mut quota = share + one_more;
        let mut kept = Assignment::new();
        for (topic, partitions) in member.current {
            if !topics.contains(topic) {
                continue;
            }
            for partition in partitions.iter().filter(|partition| **partition < spec.count(*topic)) {
                if quota > 0 {
                    quota -= 1;
                    kept.entry(*topic).or_default().insert(*partition);
                } else {
                    free.push((*topic, *partition));
                }
            }
        }
        room.push(quota);
        assignments.push(kept);
    }
    let mut free = free.into_iter();
    for (assignment, quota) in assignments.iter_mut().zip(room) {
        for (topic, partition) in free.by_ref().take(usize::try_from(quota).unwrap_or(0)) {
            assignment.entry(topic).or_default().insert(partition);
        }
    }
    assignments
}
