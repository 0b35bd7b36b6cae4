use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

mod kafka;

fn topic(number: u8) -> Uuid {
    Uuid([number; 16])
}

/// A member: its id, its instance id, the topics it reads, what it has.
type Wish = (String, Option<String>, BTreeSet<Uuid>, Assignment);

fn divide(assignor: Assignor, wishes: &[Wish], partitions: &BTreeMap<Uuid, i32>) -> Vec<Assignment> {
    let members = wishes.iter().map(|(id, instance, topics, current)| SpecMember {
        id,
        instance_id: instance.as_deref(),
        topics,
        current,
    });
    let alike = wishes.windows(2).all(|pair| pair[0].2 == pair[1].2);
    assignor.assign(&Spec { members: members.collect(), partitions, alike })
}

fn wish(id: &str, topics: &[u8]) -> Wish {
    (id.to_owned(), None, topics.iter().copied().map(topic).collect(), Assignment::new())
}

/// Checks who gets what: `topic:partition` words per member.
#[track_caller]
fn check(assignor: Assignor, wishes: &[Wish], partitions: &[(u8, i32)], expected: &[&str]) {
    let partitions = partitions.iter().map(|(number, count)| (topic(*number), *count)).collect();
    let shown: Vec<String> = divide(assignor, wishes, &partitions).iter().map(show).collect();
    assert_eq!(shown, expected);
}

fn show(assignment: &Assignment) -> String {
    let words = assignment.iter().flat_map(|(topic, partitions)| {
        partitions.iter().map(|partition| format!("{}:{partition}", topic.0[0]))
    });
    words.collect::<Vec<_>>().join(" ")
}

fn has(mut wish: Wish, words: &str) -> Wish {
    for word in words.split_whitespace() {
        let (number, partition) = word.split_once(':').unwrap();
        wish.3.entry(topic(number.parse().unwrap())).or_default().insert(partition.parse().unwrap());
    }
    wish
}

#[test]
fn range_gives_neighbours_and_the_same_numbers_of_each_topic() {
    let members = [wish("a", &[1, 2]), wish("b", &[1, 2])];
    check(Assignor::Range, &members, &[(1, 3), (2, 3)], &["1:0 1:1 2:0 2:1", "1:2 2:2"]);
    let members = [wish("a", &[1]), wish("b", &[1, 2]), wish("c", &[2])];
    check(Assignor::Range, &members, &[(1, 3), (2, 2)], &["1:0 1:1", "1:2 2:0", "2:1"]);
}

#[test]
fn range_puts_static_members_first() {
    let mut fixed = wish("z", &[1]);
    fixed.1 = Some("i".into());
    check(Assignor::Range, &[wish("a", &[1]), fixed], &[(1, 3)], &["1:2", "1:0 1:1"]);
}

#[test]
fn uniform_moves_as_little_as_may_be() {
    let members = [has(wish("a", &[1]), "1:0 1:1 1:2 1:3"), wish("b", &[1])];
    check(Assignor::Uniform, &members, &[(1, 4)], &["1:0 1:1", "1:2 1:3"]);
    // A partition that is gone, a topic no longer read.
    let members = [has(wish("a", &[1]), "1:0 1:7 2:0"), wish("b", &[1])];
    check(Assignor::Uniform, &members, &[(1, 2)], &["1:0", "1:1"]);
}

#[test]
fn more_members_than_partitions_leaves_some_without() {
    let members = [wish("a", &[1]), wish("b", &[1]), wish("c", &[1])];
    check(Assignor::Uniform, &members, &[(1, 2)], &["", "1:0", "1:1"]);
    check(Assignor::Range, &members, &[(1, 2)], &["1:0", "1:1", ""]);
}

#[test]
fn different_subscriptions_are_evened_out() {
    let members = [has(wish("a", &[1, 2]), "1:0 1:1 1:2 2:0 2:1"), wish("b", &[2])];
    check(Assignor::Uniform, &members, &[(1, 3), (2, 4)], &["1:0 1:1 1:2 2:0", "2:1 2:2 2:3"]);
}

/// The topics each member reads.
fn subscriptions() -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec(proptest::collection::vec(0u8..5, 0..5), 1..12)
}

proptest! {
    /// Every partition that someone reads has one owner who reads it, before and after members come and go.
    #[test]
    fn all_is_given_once_to_those_who_read_it(
        members in subscriptions(),
        counts in proptest::collection::vec(0i32..12, 5),
        same in any::<bool>(),
        range in any::<bool>(),
    ) {
        let assignor = if range { Assignor::Range } else { Assignor::Uniform };
        let partitions: BTreeMap<Uuid, i32> =
            counts.iter().enumerate().map(|(number, count)| (topic(number as u8), *count)).collect();
        let mut wishes: Vec<Wish> = members
            .iter()
            .enumerate()
            .map(|(index, topics)| {
                let topics: &[u8] = if same { &members[0] } else { topics };
                wish(&format!("m{index:02}"), topics)
            })
            .collect();
        for round in 0..4 {
            let assignments = divide(assignor, &wishes, &partitions);
            prop_assert_eq!(assignments.len(), wishes.len());
            let mut given: BTreeSet<(Uuid, i32)> = BTreeSet::new();
            for (assignment, wish) in assignments.iter().zip(&wishes) {
                for (topic, held) in assignment {
                    prop_assert!(wish.2.contains(topic), "given what it does not read");
                    for partition in held {
                        prop_assert!(*partition < partitions[topic]);
                        prop_assert!(given.insert((*topic, *partition)), "given twice");
                    }
                }
            }
            let read: BTreeSet<(Uuid, i32)> = wishes
                .iter()
                .flat_map(|wish| &wish.2)
                .flat_map(|topic| (0..partitions[topic]).map(|partition| (*topic, partition)))
                .collect();
            prop_assert_eq!(&given, &read, "something was left over");
            let sizes: Vec<usize> =
                assignments.iter().map(|held| held.values().map(BTreeSet::len).sum()).collect();
            if same && !range {
                prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "uneven");
            }
            if !range {
                // Nothing changed, nothing moves.
                for (wish, assignment) in wishes.iter_mut().zip(&assignments) {
                    wish.3.clone_from(assignment);
                }
                if same {
                    prop_assert_eq!(&divide(assignor, &wishes, &partitions), &assignments);
                }
            }
            // Someone leaves, someone comes.
            if wishes.len() > 1 {
                wishes.remove(round % wishes.len());
            }
            let topics: &[u8] = if same { &members[0] } else { &members[round % members.len()] };
            wishes.push(wish(&format!("n{round}"), topics));
            wishes.sort();
        }
    }
}
