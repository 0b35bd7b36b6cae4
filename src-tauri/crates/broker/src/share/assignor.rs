//! The assignor "simple" (KIP-932): every partition has a member, every member has a partition, as evenly as
//! possible, and as little as possible moves. Several members may share a partition.
//!
//! How many each gets is what Kafka gives it: the first of equals are those that its hash map has first.

use std::collections::{BTreeMap, BTreeSet};

use wire::Uuid;

use super::session::PartitionId;
use crate::groups::java::hash_map_order;

/// Partitions by topic.
pub(crate) type Assignment = BTreeMap<Uuid, BTreeSet<i32>>;

/// One member, as far as its assignment depends on it.
#[derive(Debug, Clone)]
pub(crate) struct Subscriber {
    pub(crate) topics: BTreeSet<Uuid>,
    pub(crate) current: Assignment,
}

/// Distributes the partitions of topics over members. `alike`: all subscribe to the same; otherwise each topic is
/// distributed by itself.
pub(crate) fn assign(
    members: &BTreeMap<String, Subscriber>,
    topics: &BTreeMap<Uuid, BTreeSet<i32>>,
    alike: bool,
) -> BTreeMap<String, Assignment> {
    let ids: Vec<&str> = members.keys().map(String::as_str).collect();
    let in_order: Vec<(&str, &Subscriber)> = hash_map_order(&ids, None)
        .into_iter()
        .filter_map(|place| ids.get(place).and_then(|id| Some((*id, members.get(*id)?))))
        .collect();
    let all: Vec<PartitionId> = topics
        .iter()
        .flat_map(|(topic, partitions)| partitions.iter().map(|partition| (*topic, *partition)))
        .filter(|(topic, _)| members.values().any(|member| member.topics.contains(topic)))
        .collect();
    let mut assigned: BTreeMap<String, Assignment> =
        ids.iter().map(|id| ((*id).to_owned(), Assignment::new())).collect();
    let parts: Vec<Vec<PartitionId>> = match alike {
        true => vec![all],
        false => {
            topics.keys().map(|topic| all.iter().filter(|id| id.0 == *topic).copied().collect()).collect()
        }
    };
    for part in parts {
        let subscribes = |member: &Subscriber| part.iter().any(|(topic, _)| member.topics.contains(topic));
        let subscribers: Vec<(&str, &Subscriber)> =
            in_order.iter().filter(|(_, member)| subscribes(member)).copied().collect();
        let held = subscribers.iter().map(|(_, member)| {
            let current = |(topic, partition): &PartitionId| {
                member.current.get(topic).is_some_and(|held| held.contains(partition))
            };
            part.iter().filter(|id| current(id)).copied().collect()
        });
        let shares = distribute(&part, held.collect());
        for ((id, _), share) in subscribers.iter().zip(shares) {
            let assignment = assigned.entry((*id).to_owned()).or_default();
            for (topic, partition) in share {
                assignment.entry(topic).or_default().insert(partition);
            }
        }
    }
    assigned
}

/// Distributes partitions over members that may have each of them, by what each holds.
fn distribute(
    partitions: &[PartitionId],
    mut held: Vec<BTreeSet<PartitionId>>,
) -> Vec<BTreeSet<PartitionId>> {
    let (count, members) = (partitions.len(), held.len());
    if count == 0 || members == 0 {
        return held;
    }
    let sharing = members.div_ceil(count);
    // What is left over goes to members in turn: how many those up to one have together.
    let upto = |member: usize| (sharing * count * member).div_ceil(members);
    let due = |member: usize| upto(member + 1) - upto(member);
    for (member, held) in held.iter_mut().enumerate() {
        while held.len() > due(member) {
            held.pop_first();
        }
    }
    let mut holders: BTreeMap<PartitionId, BTreeSet<usize>> =
        partitions.iter().map(|partition| (*partition, BTreeSet::new())).collect();
    for (member, held) in held.iter().enumerate() {
        for partition in held {
            holders.entry(*partition).or_default().insert(member);
        }
    }
    for (partition, holders) in &mut holders {
        while holders.len() > sharing {
            if let Some(member) = holders.pop_first() {
                held[member].remove(partition);
            }
        }
    }
    // In turn, whoever still wants some; a partition that all of them have already gets no more.
    let mut wanting: Vec<usize> = (0..members).filter(|member| held[*member].len() < due(*member)).collect();
    let mut turn = 0;
    for (partition, holders) in &mut holders {
        let mut refused = 0;
        while holders.len() < sharing && refused < wanting.len() {
            turn %= wanting.len();
            let member = wanting[turn];
            if !holders.insert(member) {
                refused += 1;
                turn += 1;
                continue;
            }
            refused = 0;
            held[member].insert(*partition);
            match held[member].len() < due(member) {
                true => turn += 1,
                false => {
                    wanting.remove(turn);
                }
            }
        }
    }
    held
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
        let first = assign(&three, &topics([3, 3, 0]), true);
        let sizes = |assignment: &Assignment| assignment.values().map(BTreeSet::len).sum::<usize>();
        assert!(first.values().all(|assignment| sizes(assignment) == 2), "{first:?}");
        for (id, member) in &mut three {
            member.current = first[id].clone();
        }
        assert_eq!(assign(&three, &topics([3, 3, 0]), true), first);
        three.remove("m1");
        let fewer = assign(&three, &topics([3, 3, 0]), true);
        assert!(fewer.values().all(|assignment| sizes(assignment) == 3), "{fewer:?}");
        for id in ["m0", "m2"] {
            assert!(first[id].iter().all(|(topic, held)| held.is_subset(&fewer[id][topic])), "{fewer:?}");
        }
    }

    #[test]
    fn members_get_as_many_as_kafka_gives_them() {
        // Java's hash map has "first" first.
        let names = ["first", "second"];
        let mut two: BTreeMap<String, Subscriber> = names
            .into_iter()
            .zip(members(&[1, 1]).into_values())
            .map(|(id, it)| (id.to_owned(), it))
            .collect();
        let count = |assigned: &BTreeMap<String, Assignment>, id: &str| assigned[id][&TOPICS[0]].len();
        let fresh = assign(&two, &topics([5, 0, 0]), true);
        assert_eq!((count(&fresh, "first"), count(&fresh, "second")), (3, 2));
        for (name, held) in [("first", 0..5), ("second", 0..0)] {
            two.get_mut(name).unwrap().current = BTreeMap::from([(TOPICS[0], held.collect())]);
        }
        let moved = assign(&two, &topics([5, 0, 0]), true);
        assert_eq!((count(&moved, "first"), count(&moved, "second")), (3, 2));
    }

    #[test]
    fn more_members_than_partitions_share_them_evenly() {
        let shared = assign(&members(&[1; 6]), &topics([2, 0, 0]), true);
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
            let assigned = assign(&members, &topics, subscriptions.iter().all(|bits| *bits == subscriptions[0]));
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
