//! `uniform` where everyone reads the same topics: shares differ by one at most, and whoever has a partition
//! keeps it as long as its share allows.

use std::collections::BTreeSet;

use wire::Uuid;

use super::{Assignment, Spec};
use crate::groups::java::{copied_numbers, copied_topics, topic_map_order};

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
    let mut free: Vec<(Uuid, i32)> = copied_topics(topics.iter().copied().collect())
        .into_iter()
        .flat_map(|topic| (0..spec.count(topic)).map(move |partition| (topic, partition)))
        .filter(|partition| !taken.contains(partition))
        .collect();

    let mut room = Vec::with_capacity(spec.members.len());
    for (member, left) in spec.members.iter().zip((1..=members).rev()) {
        let mut one_more = i32::from(extra > 0);
        let mut quota = share + one_more;
        let mut kept = Assignment::new();
        let held: Vec<Uuid> = member.current.keys().copied().collect();
        for topic in topic_map_order(&held).into_iter().map(|place| held[place]) {
            if !topics.contains(&topic) {
                continue;
            }
            let partitions = member.current[&topic].iter().copied().collect();
            for partition in
                copied_numbers(partitions).into_iter().filter(|partition| *partition < spec.count(topic))
            {
                if quota > 0 {
                    quota -= 1;
                    kept.entry(topic).or_default().insert(partition);
                } else {
                    free.push((topic, partition));
                }
            }
        }
        // Whoever has it already gets the one more, if enough members follow.
        if quota > 0 && one_more > 0 && left > extra {
            quota -= 1;
            one_more = 0;
        }
        extra -= one_more;
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
