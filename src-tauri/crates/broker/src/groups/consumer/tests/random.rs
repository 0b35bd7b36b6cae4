//! Whatever clients do, in any order, against what must always hold.

use proptest::prelude::*;

use super::*;

/// What clients may do, in any order.
#[derive(Debug, Clone)]
enum Act {
    Join {
        who: u8,
        topics: u8,
        static_: bool,
    },
    /// A heartbeat; `revokes`: the client has given up what it was told to.
    Beat {
        who: u8,
        revokes: bool,
        tells: bool,
    },
    Leave {
        who: u8,
        for_a_while: bool,
    },
    Grow {
        topic: u8,
    },
    Delete {
        topic: u8,
    },
    Pass {
        ms: u16,
    },
    Restart,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (0u8..5, 1u8..8, any::<bool>()).prop_map(|(who, topics, static_)| Act::Join { who, topics, static_ }),
        10 => (0u8..5, any::<bool>(), any::<bool>())
            .prop_map(|(who, revokes, tells)| Act::Beat { who, revokes, tells }),
        1 => (0u8..5, any::<bool>()).prop_map(|(who, for_a_while)| Act::Leave { who, for_a_while }),
        1 => (0u8..3).prop_map(|topic| Act::Grow { topic }),
        1 => (0u8..3).prop_map(|topic| Act::Delete { topic }),
        1 => (0u16..30_000).prop_map(|ms| Act::Pass { ms }),
        1 => Just(Act::Restart),
    ];
    proptest::collection::vec(act, 1..80)
}

/// What a client believes: its epoch, and the partitions it works on.
#[derive(Default, Clone)]
struct Client {
    id: String,
    instance: Option<String>,
    epoch: i32,
    owns: Assignment,
    told: Assignment,
}

const NAMES: [&str; 3] = ["t0", "t1", "t2"];

impl World {
    /// One heartbeat of a client that works as real ones do.
    fn drive(&mut self, client: &mut Client, revokes: bool, tells: bool) {
        if revokes {
            // It stops working on what was taken away, then takes up what it was given.
            client.owns.clone_from(&client.told);
        }
        let owned = tells.then(|| client.owns.clone());
        let beaten = self.beat(&Heartbeat {
            owned,
            instance_id: client.instance.clone(),
            ..beat(&client.id, client.epoch)
        });
        match beaten {
            Ok(beaten) => {
                client.epoch = beaten.member_epoch;
                if let Some(told) = beaten.assignment {
                    client.told = told;
                    // What is new may be worked on at once; what is gone only stops when the client says so.
                    for (topic, partitions) in &client.told {
                        client.owns.entry(*topic).or_default().extend(partitions);
                    }
                }
            }
            Err(_) => {
                *client =
                    Client { id: client.id.clone(), instance: client.instance.clone(), ..Client::default() }
            }
        }
    }

    /// Removes the silent, and tells their clients as a fence would.
    fn expire(&mut self) -> Vec<String> {
        let ids: Vec<String> = self.group.overdue(self.now).into_iter().map(|(id, _)| id).collect();
        let step = Self::step(&self.topics, self.now, self.interval_ms);
        self.group.remove(&step, &ids);
        ids
    }

    fn check_books(&self) {
        let mut seen = HashMap::new();
        for member in self.group.members() {
            for (topic, held) in member.assigned.iter().chain(&member.revoking) {
                for partition in held.keys() {
                    let other = seen.insert((*topic, *partition), &member.id);
                    assert!(other.is_none(), "{partition} is with {other:?} and {}", member.id);
                }
            }
            assert!(member.epoch <= self.group.epoch);
            if let Some(instance) = &member.instance_id {
                assert_eq!(self.group.instances.get(instance), Some(&member.id));
            }
        }
        let taken: BTreeSet<(Uuid, i32)> = self.group.taken.iter().copied().collect();
        assert_eq!(taken, seen.into_keys().collect(), "the books of who has what are wrong");
        assert!(self.group.target_epoch <= self.group.epoch);
    }
}

/// The group written down and read back.
fn restarted(group: &Group, now: Millis, settings: &Settings) -> Group {
    let mut read = Group::new();
    for change in group.everything() {
        let record = match change {
            Change::Epoch => Replayed::Epoch(Some((group.epoch, group.metadata_hash))),
            Change::TargetEpoch => Replayed::TargetEpoch(Some((group.target_epoch, group.target_at_ms))),
            Change::Member(id) => {
                let member = &group.members[&id];
                let described = Described {
                    instance_id: member.instance_id.clone(),
                    rack_id: member.rack_id.clone(),
                    client_id: member.client_id.clone(),
                    client_host: member.client_host.clone(),
                    names: member.names.iter().cloned().collect(),
                    regex: member.regex.clone(),
                    rebalance_timeout_ms: member.rebalance_timeout_ms,
                    assignor: member.assignor.clone(),
                    classic: member.classic.clone(),
                };
                Replayed::Member(id, Some(Box::new(described)))
            }
            Change::Target(id) => {
                let target = group.members[&id].target();
                Replayed::Target(id, Some(target))
            }
            Change::Current(id) => {
                let member = &group.members[&id];
                let current = Current {
                    epoch: member.epoch,
                    previous_epoch: member.previous_epoch,
                    state: member.state,
                    assigned: member.assigned.clone(),
                    revoking: member.revoking.clone(),
                };
                Replayed::Current(id, Some(current))
            }
            Change::Regex(expression) => {
                let resolved = group.regexes[&expression].clone();
                Replayed::Regex(expression, Some(resolved))
            }
        };
        assert!(read.replay(record));
    }
    read.loaded(now, settings);
    read
}

proptest! {
    #[test]
    fn whatever_clients_do(acts in acts(), interval in prop_oneof![3 => Just(0i64), 1 => Just(1000)]) {
        let mut world = World::new(&[("t0", 3), ("t1", 2)]);
        world.interval_ms = interval;
        let mut clients: Vec<Client> =
            (0..5).map(|who| Client { id: format!("m{who}"), ..Client::default() }).collect();
        let mut fresh = 5;
        for act in acts {
            let epochs: HashMap<String, i32> =
                world.group.members().map(|member| (member.id.clone(), member.epoch)).collect();
            let before = world.group.epoch();
            match act {
                Act::Join { who, topics, static_ } => {
                    let client = &mut clients[usize::from(who)];
                    let names: Vec<&str> =
                        NAMES.iter().enumerate().filter(|(bit, _)| topics >> bit & 1 == 1).map(|(_, name)| *name).collect();
                    if !world.group.members.contains_key(&client.id) {
                        fresh += 1;
                        client.id = format!("m{fresh}");
                        client.instance = static_.then(|| format!("i{who}"));
                    }
                    let join = Heartbeat { instance_id: client.instance.clone(), ..joining(&client.id, &names) };
                    client.owns.clear();
                    client.told.clear();
                    if let Ok(beaten) = world.beat(&join) {
                        client.epoch = beaten.member_epoch;
                        client.told = beaten.assignment.unwrap();
                        client.owns.clone_from(&client.told);
                    }
                }
                Act::Beat { who, revokes, tells } => {
                    let mut client = clients[usize::from(who)].clone();
                    if client.epoch > 0 {
                        world.drive(&mut client, revokes, tells);
                    }
                    clients[usize::from(who)] = client;
                }
                Act::Leave { who, for_a_while } => {
                    let client = &mut clients[usize::from(who)];
                    let epoch = if for_a_while && client.instance.is_some() { LEAVE_STATIC_EPOCH } else { LEAVE_EPOCH };
                    let left = world.group.leave("g", &client.id, client.instance.as_deref(), epoch);
                    client.owns.clear();
                    client.told.clear();
                    client.epoch = 0;
                    if let Ok((_, _, leaving)) = left {
                        let step = World::step(&world.topics, world.now, interval);
                        world.group.remove(&step, &leaving);
                    }
                }
                Act::Grow { topic } => {
                    let name = NAMES[usize::from(topic)];
                    let partitions = world.topics.topic(name).map_or(1, |topic| topic.partitions + 1);
                    world.topics.set(name, partitions.min(9));
                }
                Act::Delete { topic } => world.topics.remove(NAMES[usize::from(topic)]),
                Act::Pass { ms } => {
                    world.now += Millis::from(ms);
                    let removed = world.expire();
                    for client in clients.iter_mut().filter(|client| removed.contains(&client.id)) {
                        // It finds out at its next heartbeat at the latest; its session tells it to stop before.
                        *client = Client { id: client.id.clone(), instance: client.instance.clone(), ..Client::default() };
                    }
                }
                Act::Restart => {
                    let settings = World::step(&world.topics, 0, 0).settings;
                    world.group = restarted(&world.group, world.now, &settings);
                }
            }
            world.check_books();
            prop_assert!(world.group.epoch() >= before, "the group's epoch went back");
            for member in world.group.members() {
                let before = epochs.get(&member.id).copied().unwrap_or(0);
                prop_assert!(member.epoch >= before || member.epoch == LEAVE_STATIC_EPOCH || before < 0,
                    "a member's epoch went back from {before} to {}", member.epoch);
            }
            // No two clients work on one partition.
            let mut working: HashMap<(Uuid, i32), &str> = HashMap::new();
            for client in &clients {
                for (topic, partitions) in &client.owns {
                    for partition in partitions {
                        let other = working.insert((*topic, *partition), &client.id);
                        prop_assert!(other.is_none(), "{partition} is worked on by {other:?} and {}", client.id);
                    }
                }
            }
        }

        // Left to well-behaved members, everything is assigned in the end.
        for _ in 0..12 {
            world.now += 2000;
            for client in &mut clients {
                let known = world.group.members.get(&client.id).is_some_and(|member| member.epoch >= 0);
                if client.epoch > 0 && known {
                    world.drive(client, true, true);
                } else if known {
                    let names: Vec<String> = world.group.members[&client.id].names.iter().cloned().collect();
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    let join = Heartbeat { instance_id: client.instance.clone(), ..joining(&client.id, &names) };
                    if let Ok(beaten) = world.beat(&join) {
                        client.epoch = beaten.member_epoch;
                        client.told = beaten.assignment.unwrap_or_default();
                        client.owns.clone_from(&client.told);
                    }
                }
            }
            let away: Vec<String> = world
                .group
                .members()
                .filter(|member| !clients.iter().any(|client| client.id == member.id && client.epoch > 0))
                .map(|member| member.id.clone())
                .collect();
            let step = World::step(&world.topics, world.now, interval);
            world.group.remove(&step, &away);
            world.check_books();
        }
        let read: BTreeSet<&String> = world.group.members().flat_map(|member| &member.names).collect();
        let all: BTreeSet<(Uuid, i32)> = read
            .into_iter()
            .filter_map(|name| world.topics.topic(name))
            .flat_map(|topic| (0..topic.partitions).map(move |partition| (topic.id, partition)))
            .collect();
        let assigned: BTreeSet<(Uuid, i32)> = world
            .group
            .members()
            .flat_map(Member::assigned)
            .flat_map(|(topic, held)| held.into_iter().map(move |partition| (topic, partition)))
            .collect();
        prop_assert_eq!(assigned, all, "not everything is assigned: {:?}", world.group);
    }
}
