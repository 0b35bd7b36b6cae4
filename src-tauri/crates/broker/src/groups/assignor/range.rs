//! `range`: of each topic, every subscriber gets neighbouring partitions. With equal subscriptions and equal
//! partition counts, a member gets the same partition numbers of every topic.

use std::collections::BTreeMap;

use wire::Uuid;

use super::{Assignment, Spec};

/// How a topic is cut.
struct Cut {
    /// What every subscriber gets.
    share: i32,
    /// Subscribers that get one more, the first ones.
    extra: i32,
    /// The first partition not given yet.
    next: i32,
}

pub(super) fn assign(spec: &Spec<'_>) -> Vec<Assignment> {
    // Static members first, by instance id: their places survive a restart.
    let mut order: Vec<usize> = (0..spec.members.len()).collect();
    order.sort_by_key(|index| {
        let member = &spec.members[*index];
        (member.instance_id.is_none(), member.instance_id, member.id)
    });
    let mut cuts: BTreeMap<Uuid, Cut> = spec
        .partitions
        .iter()
        .filter_map(|(topic, count)| {
            let subscribers = spec.members.iter().filter(|member| member.topics.contains(topic)).count();
            let subscribers = i32::try_from(subscribers).ok().filter(|count| *count > 0)?;
            Some((*topic, Cut { share: count / subscribers, extra: count % subscribers, next: 0 }))
        })
        .collect();
    let mut assignments = vec![Assignment::new(); spec.members.len()];
    for index in order {
        for topic in spec.members[index].topics {
            let Some(cut) = cuts.get_mut(topic) else { continue };
            let one_more = i32::from(cut.extra > 0);
            cut.extra -= one_more;
            let end = (cut.next + cut.share + one_more).min(spec.count(*topic));
            if cut.next < end {
                assignments[index].insert(*topic, (cut.next..end).collect());
            }
            cut.next = end;
        }
    }
    assignments
}
