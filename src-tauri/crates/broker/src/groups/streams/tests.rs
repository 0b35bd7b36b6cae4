use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use proptest::prelude::*;
use wire::{ErrorCode, Uuid};

use super::*;
use crate::groups::TopicInfo;
use crate::groups::classic::Claim;

/// Topics as a test makes them.
#[derive(Default)]
struct Map {
    topics: BTreeMap<String, TopicInfo>,
    version: u64,
}

impl Map {
    fn set(&mut self, name: &str, partitions: i32) {
        self.version += 1;
        let id = Uuid([self.version as u8; 16]);
        self.topics.insert(name.to_owned(), TopicInfo { id, partitions });
    }
}

impl Catalog for Map {
    fn version(&self) -> u64 {
        self.version
    }

    fn topic(&self, name: &str) -> Option<TopicInfo> {
        self.topics.get(name).copied()
    }

    fn name(&self, id: Uuid) -> Option<String> {
        self.topics.iter().find(|(_, topic)| topic.id == id).map(|(name, _)| name.clone())
    }

    fn names(&self) -> Vec<String> {
        self.topics.keys().cloned().collect()
    }

    fn rack(&self) -> Option<&str> {
        None
    }
}

struct World {
    group: Group,
    topics: Map,
    now: Millis,
    replicas: i32,
    delay_ms: Millis,
}

fn internal(name: &str) -> InternalTopic {
    InternalTopic { name: name.into(), ..Default::default() }
}

/// A word count: lines are split and sent on by word, counted words are kept.
fn word_count() -> Topology {
    let split =
        Subtopology { sources: vec!["lines".into()], sinks: vec!["words".into()], ..Default::default() };
    let count = Subtopology {
        repartitions: vec![internal("words")],
        changelogs: vec![internal("counts-changelog")],
        ..Default::default()
    };
    let subtopologies = [("0".to_owned(), split), ("1".to_owned(), count)];
    Topology { epoch: 0, subtopologies: subtopologies.into_iter().collect() }
}

impl World {
    fn new(topics: &[(&str, i32)]) -> Self {
        let mut map = Map::default();
        for (name, partitions) in topics {
            map.set(name, *partitions);
        }
        Self { group: Group::new(), topics: map, now: 1, replicas: 0, delay_ms: 0 }
    }

    fn settings(&self) -> Settings {
        Settings {
            session_ms: 45_000,
            heartbeat_interval_ms: 5000,
            assignment_interval_ms: 0,
            initial_delay_ms: self.delay_ms,
            members_max: 10,
            standby_replicas: self.replicas,
        }
    }

    fn beat(&mut self, beat: &Heartbeat) -> Result<Beaten, Refusal> {
        let settings = self.settings();
        let step = Step { now: self.now, clock_ms: self.now, topics: &self.topics, settings };
        self.group.heartbeat(&step, beat).map(|(beaten, _)| beaten)
    }

    /// Joins, and makes the topics that are missing as the broker does.
    fn join(&mut self, id: &str, process: &str) -> Beaten {
        let join = joining(id, process);
        let beaten = self.beat(&join).expect("joins");
        for topic in &beaten.missing {
            self.topics.set(&topic.name, topic.partitions);
        }
        self.beat(&join).expect("joins again")
    }
}

fn beat(id: &str, epoch: i32) -> Heartbeat {
    Heartbeat { group: "g".into(), member_id: id.into(), member_epoch: epoch, ..Default::default() }
}

fn joining(id: &str, process: &str) -> Heartbeat {
    Heartbeat {
        rebalance_timeout_ms: Some(30_000),
        topology: Some(word_count()),
        process_id: Some(process.into()),
        owned: Some(Tasks::default()),
        ..beat(id, 0)
    }
}

fn count(tasks: &TaskMap) -> usize {
    tasks.values().map(BTreeSet::len).sum()
}

fn codes(beaten: &Beaten) -> Vec<StatusCode> {
    beaten.status.iter().map(|status| status.code).collect()
}

#[test]
fn internal_topics_are_made_once_the_sources_are_there() {
    let mut world = World::new(&[]);
    let first = world.beat(&joining("a", "p")).unwrap();
    assert_eq!(codes(&first), [StatusCode::MissingSourceTopics]);
    assert_eq!((world.group.state(), first.tasks), (GroupState::NotReady, Some(Tasks::default())));
    world.topics.set("lines", 3);
    let second = world.beat(&beat("a", first.member_epoch)).unwrap();
    assert_eq!(codes(&second), [StatusCode::MissingInternalTopics]);
    let missing: Vec<(&str, i32)> =
        second.missing.iter().map(|topic| (topic.name.as_str(), topic.partitions)).collect();
    assert_eq!(missing, [("counts-changelog", 3), ("words", 3)]);
    for topic in &second.missing {
        world.topics.set(&topic.name, topic.partitions);
    }
    let third = world.beat(&beat("a", second.member_epoch)).unwrap();
    assert_eq!((codes(&third), third.missing.len()), (vec![], 0));
    assert_eq!(count(&third.tasks.unwrap().active), 6);
    assert_eq!(world.group.state(), GroupState::Stable);
    // A changelog of another size cannot be used.
    world.topics.set("counts-changelog", 2);
    let fourth = world.beat(&beat("a", third.member_epoch)).unwrap();
    assert_eq!(codes(&fourth), [StatusCode::IncorrectlyPartitionedTopics]);
}

#[test]
fn joined_topics_have_the_same_number_of_partitions() {
    let mut world = World::new(&[("left", 4), ("right", 2)]);
    let mut topology = word_count();
    let join = Subtopology {
        sources: vec!["left".into(), "right".into()],
        copartitions: vec![Copartition { sources: vec![0, 1], repartitions: vec![] }],
        ..Default::default()
    };
    topology.subtopologies = BTreeMap::from([("0".to_owned(), join)]);
    let ask = Heartbeat { topology: Some(topology.clone()), ..joining("a", "p") };
    let refused = world.beat(&ask).unwrap();
    assert_eq!(codes(&refused), [StatusCode::IncorrectlyPartitionedTopics]);

    // A repartition topic follows what it is joined with.
    let mut world = World::new(&[("left", 4), ("lines", 2)]);
    let join = Subtopology {
        sources: vec!["left".into()],
        repartitions: vec![internal("words")],
        copartitions: vec![Copartition { sources: vec![0], repartitions: vec![0] }],
        ..Default::default()
    };
    topology.subtopologies =
        BTreeMap::from([("0".to_owned(), word_count().subtopologies["0"].clone()), ("1".to_owned(), join)]);
    let ask = Heartbeat { topology: Some(topology.clone()), ..joining("a", "p") };
    assert_eq!(world.beat(&ask).unwrap().missing[0].partitions, 4);

    // Nobody writes what is read.
    topology.subtopologies.remove("0");
    let mut world = World::new(&[("left", 4)]);
    let ask = Heartbeat { topology: Some(topology), ..joining("a", "p") };
    assert_eq!(world.beat(&ask).unwrap_err().code, ErrorCode::StreamsInvalidTopology);
    assert_eq!(world.group.members().count(), 0);
}

#[test]
fn tasks_move_once_they_were_given_up() {
    let mut world = World::new(&[("lines", 2)]);
    let first = world.join("a", "p");
    let has = first.tasks.unwrap();
    assert_eq!(count(&has.active), 4);
    let second = world.join("b", "q");
    assert_eq!(count(&second.tasks.unwrap().active), 0);
    let told = world.beat(&Heartbeat { owned: Some(has), ..beat("a", first.member_epoch) }).unwrap();
    let keeps = told.tasks.unwrap();
    assert_eq!((told.member_epoch, count(&keeps.active)), (first.member_epoch, 2));
    let waits = world.beat(&beat("b", second.member_epoch)).unwrap();
    assert_eq!(waits.tasks, None);
    world.beat(&Heartbeat { owned: Some(keeps), ..beat("a", told.member_epoch) }).unwrap();
    let gets = world.beat(&beat("b", waits.member_epoch)).unwrap();
    assert_eq!(count(&gets.tasks.unwrap().active), 2);
    let again = world.beat(&Heartbeat { owned: Some(Tasks::default()), ..beat("a", world.group.epoch()) });
    assert!(again.is_ok());
    assert_eq!(world.group.state(), GroupState::Stable);
}

#[test]
fn standbys_are_on_other_processes_and_take_over() {
    let mut world = World::new(&[("lines", 2)]);
    world.replicas = 1;
    world.join("a", "p");
    world.join("b", "p");
    // One process has room for no copies of its own tasks.
    assert!(world.group.members().all(|member| member.target().standby.is_empty()));
    world.join("c", "q");
    let targets: Vec<(String, Tasks)> =
        world.group.members().map(|member| (member.process_id.clone(), member.target())).collect();
    let standbys: usize = targets.iter().map(|(_, tasks)| count(&tasks.standby)).sum();
    assert_eq!(standbys, 2);
    check_targets(&world);
    let copies: Vec<i32> =
        world.group.member("c").unwrap().target().standby.values().flatten().copied().collect();
    // Who worked on a task goes: its copy becomes the task.
    world.group.remove(&["a".to_owned(), "b".to_owned()]);
    world.join("d", "r");
    let target = world.group.member("c").unwrap().target();
    assert!(copies.iter().all(|partition| tasks::has(&target.active, "1", *partition)));
}

#[test]
fn epochs_fence_and_tasks_must_exist() {
    let mut world = World::new(&[("lines", 1)]);
    let joined = world.join("a", "p");
    let epoch = joined.member_epoch;
    let code = |world: &mut World, beat: Heartbeat| {
        world.beat(&beat).map_or_else(|refusal| refusal.code, |_| ErrorCode::None)
    };
    assert_eq!(code(&mut world, beat("a", epoch + 1)), ErrorCode::FencedMemberEpoch);
    assert_eq!(code(&mut world, beat("x", 1)), ErrorCode::UnknownMemberId);
    let odd = Tasks { active: TaskMap::from([("0".to_owned(), BTreeSet::from([7]))]), ..Default::default() };
    assert_eq!(
        code(&mut world, Heartbeat { owned: Some(odd), ..beat("a", epoch) }),
        ErrorCode::InvalidRequest
    );
    let other = Topology { epoch: 0, ..Default::default() };
    let update = Heartbeat { topology: Some(other), ..joining("a", "p") };
    assert_eq!(code(&mut world, update), ErrorCode::InvalidRequest);
    let claim = |generation| Claim { member_id: "a", instance_id: None, generation };
    assert_eq!(world.group.check_commit(claim(epoch), true), ErrorCode::None);
    assert_eq!(world.group.check_commit(claim(epoch + 1), true), ErrorCode::StaleMemberEpoch);
    assert_eq!(world.group.check_commit_of(claim(epoch - 1), "lines", 0), ErrorCode::StaleMemberEpoch);
    assert!(world.group.is_subscribed("words") && !world.group.is_subscribed("counts-changelog"));
}

#[test]
fn a_new_group_may_wait_and_anyone_may_stop_all() {
    let mut world = World::new(&[("lines", 1), ("words", 1), ("counts-changelog", 1)]);
    world.delay_ms = 3000;
    let first = world.beat(&joining("a", "p")).unwrap();
    assert_eq!((codes(&first), first.tasks), (vec![StatusCode::AssignmentDelayed], Some(Tasks::default())));
    assert_eq!(world.group.next_deadline(), Some(world.now + 3000));
    world.now += 3000;
    let settings = world.settings();
    let step = Step { now: world.now, clock_ms: world.now, topics: &world.topics, settings };
    assert!(!world.group.end_delay(&step).is_empty());
    let second = world.beat(&beat("a", first.member_epoch)).unwrap();
    assert_eq!(count(&second.tasks.unwrap().active), 2);
    let stop = Heartbeat { shutdown: true, ..beat("a", second.member_epoch) };
    assert_eq!(codes(&world.beat(&stop).unwrap()), [StatusCode::ShutdownApplication]);
    assert_eq!(world.group.leave("g", "a", false), Ok("a".to_owned()));
    world.group.remove(&["a".to_owned()]);
    world.delay_ms = 0;
    assert_eq!(codes(&world.join("b", "q")), []);
}

#[test]
fn who_answers_queries_is_told_when_it_changed() {
    let mut world = World::new(&[("lines", 1)]);
    let ask = Heartbeat { endpoint: Some(("host".into(), 80)), endpoint_epoch: -1, ..joining("a", "p") };
    world.join("a", "p");
    let told = world.beat(&ask).unwrap();
    let endpoints = told.endpoints.unwrap();
    assert_eq!((endpoints.len(), endpoints[0].active.len()), (1, 2));
    let same = Heartbeat { endpoint_epoch: told.endpoint_epoch, ..beat("a", told.member_epoch) };
    assert_eq!(world.beat(&same).unwrap().endpoints, None);
}

/// Every task is active once, and no process is to have a task twice.
fn check_targets(world: &World) {
    let mut active = HashSet::new();
    let mut here = HashSet::new();
    for member in world.group.members() {
        let target = member.target();
        for (id, partition) in
            target.active.iter().flat_map(|(id, held)| held.iter().map(move |p| (id.clone(), *p)))
        {
            assert!(active.insert((id.clone(), partition)), "a task is active twice");
            assert!(here.insert((member.process_id.clone(), id, partition)));
        }
        for (id, partition) in
            target.standby.iter().flat_map(|(id, held)| held.iter().map(move |p| (id.clone(), *p)))
        {
            assert!(here.insert((member.process_id.clone(), id, partition)), "a process has a task twice");
        }
    }
}

/// No active task is with two members, no task is twice in a process.
fn check_books(world: &World) {
    let mut active = HashMap::new();
    for member in world.group.members() {
        for held in [&member.assigned, &member.revoking] {
            for (id, partitions) in &held.active {
                for partition in partitions.keys() {
                    let other = active.insert((id.clone(), *partition), &member.id);
                    assert!(other.is_none(), "{id}_{partition} is with {other:?} and {}", member.id);
                }
            }
        }
        assert!(member.epoch <= world.group.epoch);
    }
    assert!(world.group.target_epoch <= world.group.epoch);
}

/// What clients may do, in any order.
#[derive(Debug, Clone)]
enum Act {
    Join { who: u8 },
    Beat { who: u8, revokes: bool, tells: bool },
    Leave { who: u8 },
    Pass { ms: u16 },
    Replicas { count: u8 },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (0u8..5).prop_map(|who| Act::Join { who }),
        10 => (0u8..5, any::<bool>(), any::<bool>())
            .prop_map(|(who, revokes, tells)| Act::Beat { who, revokes, tells }),
        1 => (0u8..5).prop_map(|who| Act::Leave { who }),
        1 => (0u16..30_000).prop_map(|ms| Act::Pass { ms }),
        1 => (0u8..3).prop_map(|count| Act::Replicas { count }),
    ];
    proptest::collection::vec(act, 1..60)
}

#[derive(Default, Clone)]
struct Client {
    epoch: i32,
    owns: Tasks,
    told: Tasks,
}

impl World {
    fn drive(&mut self, id: &str, client: &mut Client, revokes: bool, tells: bool) {
        if revokes {
            client.owns.clone_from(&client.told);
        }
        let owned = tells.then(|| client.owns.clone());
        match self.beat(&Heartbeat { owned, ..beat(id, client.epoch) }) {
            Ok(beaten) => {
                client.epoch = beaten.member_epoch;
                if let Some(told) = beaten.tasks {
                    client.told = told;
                    for (id, partitions) in &client.told.active {
                        client.owns.active.entry(id.clone()).or_default().extend(partitions);
                    }
                }
            }
            Err(_) => *client = Client::default(),
        }
    }
}

proptest! {
    #[test]
    fn whatever_clients_do(acts in acts(), partitions in 1i32..5) {
        let mut world = World::new(&[("lines", partitions)]);
        let mut clients = vec![Client::default(); 5];
        // Two threads in one process, then one each.
        let names = ["m0", "m1", "m2", "m3", "m4"];
        let process = ["p", "p", "q", "r", "s"];
        for act in acts {
            let before = world.group.epoch();
            match act {
                Act::Join { who } => {
                    let who = usize::from(who);
                    clients[who] = Client::default();
                    let joined = world.join(names[who], process[who]);
                    let told = joined.tasks.unwrap();
                    clients[who] = Client { epoch: joined.member_epoch, owns: told.clone(), told };
                }
                Act::Beat { who, revokes, tells } => {
                    let who = usize::from(who);
                    let mut client = clients[who].clone();
                    if client.epoch > 0 {
                        world.drive(names[who], &mut client, revokes, tells);
                    }
                    clients[who] = client;
                }
                Act::Leave { who } => {
                    let who = usize::from(who);
                    if let Ok(id) = world.group.leave("g", names[who], false) {
                        world.group.remove(&[id]);
                    }
                    clients[who] = Client::default();
                }
                Act::Pass { ms } => {
                    world.now += Millis::from(ms);
                    let overdue = world.group.overdue(world.now);
                    world.group.remove(&overdue);
                    for id in overdue {
                        clients[names.iter().position(|name| *name == id).unwrap()] = Client::default();
                    }
                }
                Act::Replicas { count } => world.replicas = i32::from(count),
            }
            check_books(&world);
            check_targets(&world);
            prop_assert!(world.group.epoch() >= before);
            let mut working = HashSet::new();
            for client in &clients {
                for (id, held) in &client.owns.active {
                    for partition in held {
                        prop_assert!(working.insert((id.clone(), *partition)), "two clients work on {id}_{partition}");
                    }
                }
            }
        }
        // Left to well-behaved members, every task is worked on in the end.
        for _ in 0..12 {
            for who in 0..clients.len() {
                let mut client = clients[who].clone();
                if client.epoch > 0 {
                    world.drive(names[who], &mut client, true, true);
                    clients[who] = client;
                } else if world.group.member(names[who]).is_some() {
                    world.group.remove(&[names[who].to_owned()]);
                }
            }
            check_books(&world);
        }
        if world.group.members().next().is_some() {
            let active: usize = world.group.members().map(|member| count(&member.assigned.plain().active)).sum();
            prop_assert_eq!(active, 2 * usize::try_from(partitions).unwrap(), "{:?}", world.group);
            prop_assert_eq!(world.group.state(), GroupState::Stable);
        }
    }
}
