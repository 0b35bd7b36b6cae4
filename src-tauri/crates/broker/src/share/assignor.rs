//! The assignor "simple" (KIP-932): every partition has a member, every member has a partition, and as little
//! as possible moves. Several members may share a partition.

use std::collections::{BTreeMap, BTreeSet};

use wire::Uuid;

use super::session::PartitionId;

/// Partitions by topic.
pub(crate) type Assignment = BTreeMap<Uuid, BTreeSet<i32>>;

/// One member, as far as its assignment depends on it.
#[derive(Debug, Clone)]
pub(crate) struct Subscriber {
    pub(crate) topics: BTreeSet<Uuid>,
    pub(crate) current: Assignment,
}

/// Distributes the partitions of topics over members.
pub(crate) fn assign(
    members: &BTreeMap<String, Subscriber>,
    topics: &BTreeMap<Uuid, BTreeSet<i32>>,
) -> BTreeMap<String, Assignment> {
    let mut targets: BTreeMap<&str, BTreeSet<PartitionId>> =
        members.keys().map(|id| (id.as_str(), BTreeSet::new())).collect();
    let wanted: Vec<PartitionId> = topics
        .iter()
        .flat_map(|(topic, partitions)| partitions.iter().map(|partition| (*topic, *partition)))
        .filter(|(topic, _)| members.values().any(|member| member.topics.contains(topic)))
        .collect();
    // What a member has it keeps, up to its fair part.
    let fair = wanted.len().div_ceil(members.len().max(1));
    let mut sharing: BTreeMap<PartitionId, usize> = BTreeMap::new();
    for partition in &wanted {
        let holds = |member: &Subscriber| {
            member.topics.contains(&partition.0)
                && member.current.get(&partition.0).is_some_and(|held| held.contains(&partition.1))
        };
        let keeper = members.iter().find(|(id, member)| {
            holds(member) && targets.get(id.as_str()).is_some_and(|target| target.len() < fair)
        });
        if let Some((id, _)) = keeper {
            targets.entry(id).or_default().insert(*partition);
            sharing.insert(*partition, 1);
        }
    }
    for partition in
        wanted.iter().filter(|partition| !sharing.contains_key(*partition)).copied().collect::<Vec<_>>()
    {
        let least = members
            .iter()
            .filter(|(_, member)| member.topics.contains(&partition.0))
            .min_by_key(|(id, _)| targets.get(id.as_str()).map_or(0, BTreeSet::len));
        if let Some((id, _)) = least {
            targets.entry(id).or_default().insert(partition);
            sharing.insert(partition, 1);
        }
    }
    // More members than partitions: the others share.
    for (id, member) in members {
        if targets.get(id.as_str()).is_some_and(|target| !target.is_empty()) {
            continue;
        }
        let held = |partition: &PartitionId| {
            member.current.get(&partition.0).is_some_and(|held| held.contains(&partition.1))
        };
        let least = wanted
            .iter()
            .filter(|(topic, _)| member.topics.contains(topic))
            .min_by_key(|partition| (sharing.get(*partition).copied().unwrap_or(0), !held(partition)));
        if let Some(partition) = least {
            targets.entry(id).or_default().insert(*partition);
            *sharing.entry(*partition).or_default() += 1;
        }
    }
    let by_topic = |partitions: BTreeSet<PartitionId>| {
        let mut assignment = Assignment::new();
        for (topic, partition) in partitions {
            assignment.entry(topic).or_default().insert(partition);
        }
        assignment
    };
    targets.into_iter().map(|(id, partitions)| (id.to_owned(), by_topic(partitions))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOPICS: [Uuid; 3] = [Uuid([1; 16]), Uuid([2; 16]), Uuid([3; 16])];

    fn topics(counts: [i32; 3]) -> BTreeMap<Uuid, BTreeSet<i32>> {
        TOPICS.into_iter().zip(counts).map(|(id, count)| (id, (0..count).collect())).collect()
    }

    fn members(subscriptions: &[u8]) -> BTreeMap<String, Subscriber> {
        let member = |bits: u8| Subscriber {
            topics: (0..3).filter(|bit| bits & (1 << bit) != 0).map(|bit| TOPICS[bit]).collect(),
            current: Assignment::new(),
        };
        subscriptions.iter().enumerate().map(|(at, bits)| (format!("m{at}"), member(*bits))).collect()
    }

    #[test]
    fn alike_members_get_even_parts_and_keep_them() {
        let mut three = members(&[7, 7, 7]);
        let first = assign(&three, &topics([3, 3, 0]));
        let sizes = |assignment: &Assignment| assignment.values().map(BTreeSet::len).sum::<usize>();
        assert!(first.values().all(|assignment| sizes(assignment) == 2), "{first:?}");
        for (id, member) in &mut three {
            member.current = first[id].clone();
        }
        assert_eq!(assign(&three, &topics([3, 3, 0])), first);
        three.remove("m1");
        let fewer = assign(&three, &topics([3, 3, 0]));
        assert!(fewer.values().all(|assignment| sizes(assignment) == 3), "{fewer:?}");
        for id in ["m0", "m2"] {
            assert!(first[id].iter().all(|(topic, held)| held.is_subset(&fewer[id][topic])), "{fewer:?}");
        }
    }

    #[test]
    fn more_members_than_partitions_share_them_evenly() {
        let shared = assign(&members(&[1; 6]), &topics([2, 0, 0]));
        for partition in 0..2 {
            let holders = shared.values().filter(|held| held[&TOPICS[0]].contains(&partition)).count();
            assert_eq!(holders, 3, "{shared:?}");
        }
    }

    proptest! {
        #[test]
        fn every_partition_and_every_member_is_served(
            subscriptions in prop::collection::vec(0u8..8, 0..8),
            counts in prop::array::uniform3(0i32..6),
        ) {
            let (members, topics) = (members(&subscriptions), topics(counts));
            let assigned = assign(&members, &topics);
            for (id, member) in &members {
                let possible = topics.iter().any(|(topic, held)| member.topics.contains(topic) && !held.is_empty());
                let got = &assigned[id];
                prop_assert_eq!(possible, !got.is_empty());
                prop_assert!(got.keys().all(|topic| member.topics.contains(topic)));
            }
            for (topic, partitions) in &topics {
                let wanted = members.values().any(|member| member.topics.contains(topic));
                for partition in partitions {
                    let held = assigned.values().any(|got| got.get(topic).is_some_and(|got| got.contains(partition)));
                    prop_assert_eq!(held, wanted);
                }
            }
        }
    }
}
