use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;
use wire::{ErrorCode, Uuid};

use super::*;
use crate::groups::TopicInfo;
use crate::groups::classic::{Claim, Protocol};

const SESSION_MS: Millis = 45_000;
const REBALANCE_MS: i32 = 30_000;

/// Topics as a test makes them.
#[derive(Default)]
struct Map {
    topics: BTreeMap<String, TopicInfo>,
    version: Cell<u64>,
}

impl Map {
    fn with(topics: &[(&str, i32)]) -> Self {
        let mut map = Self::default();
        for (name, partitions) in topics {
            map.set(name, *partitions);
        }
        map
    }

    fn set(&mut self, name: &str, partitions: i32) {
        let fresh = Uuid([self.version.get() as u8 + 1; 16]);
        let id = self.topics.get(name).map_or(fresh, |topic| topic.id);
        self.topics.insert(name.to_owned(), TopicInfo { id, partitions });
        self.version.set(self.version.get() + 1);
    }

    fn remove(&mut self, name: &str) {
        self.topics.remove(name);
        self.version.set(self.version.get() + 1);
    }

    fn id(&self, name: &str) -> Uuid {
        self.topics[name].id
    }
}

impl Catalog for Map {
    fn version(&self) -> u64 {
        self.version.get()
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
}

struct World {
    group: Group,
    topics: Map,
    now: Millis,
    interval_ms: i64,
}

impl World {
    fn new(topics: &[(&str, i32)]) -> Self {
        Self { group: Group::new(), topics: Map::with(topics), now: 1, interval_ms: 0 }
    }

    fn step(topics: &Map, now: Millis, assignment_interval_ms: i64) -> Step<'_> {
        Step {
            now,
            clock_ms: now,
            topics,
            settings: Settings {
                session_ms: SESSION_MS,
                heartbeat_interval_ms: 5000,
                assignment_interval_ms,
                members_max: 6,
                assignors: &[Assignor::Uniform, Assignor::Range],
                migration: MigrationPolicy::Bidirectional,
                classic_members_max: 100,
            },
        }
    }

    fn beat(&mut self, beat: &Heartbeat) -> Result<Beaten, Refusal> {
        let step = Self::step(&self.topics, self.now, self.interval_ms);
        self.group.heartbeat(&step, beat).map(|(beaten, _)| beaten)
    }

    fn join(&mut self, id: &str, topics: &[&str]) -> Beaten {
        self.beat(&joining(id, topics)).expect("joins")
    }

    /// A heartbeat of a member that says what it has.
    fn go_on(&mut self, id: &str, epoch: i32, owned: &[(&str, &[i32])]) -> Result<Beaten, Refusal> {
        let owned = owned.iter().map(|(topic, held)| (self.topics.id(topic), held.iter().copied().collect()));
        let owned = Some(owned.collect());
        self.beat(&Heartbeat { owned, ..beat(id, epoch) })
    }

    fn remove(&mut self, ids: &[&str]) -> Vec<Change> {
        let step = Self::step(&self.topics, self.now, self.interval_ms);
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        self.group.remove(&step, &ids)
    }

    #[track_caller]
    fn check(&self, beaten: &Beaten, epoch: i32, assignment: Option<&[(&str, &[i32])]>) {
        let expected: Option<Assignment> = assignment.map(|topics| {
            let topics =
                topics.iter().map(|(name, held)| (self.topics.id(name), held.iter().copied().collect()));
            topics.collect()
        });
        assert_eq!((beaten.member_epoch, &beaten.assignment), (epoch, &expected));
    }
}

fn beat(id: &str, epoch: i32) -> Heartbeat {
    Heartbeat {
        group: "g".into(),
        member_id: id.into(),
        member_epoch: epoch,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        ..Default::default()
    }
}

fn joining(id: &str, topics: &[&str]) -> Heartbeat {
    Heartbeat {
        rebalance_timeout_ms: Some(REBALANCE_MS),
        names: Some(topics.iter().map(|name| (*name).to_owned()).collect()),
        owned: Some(Assignment::new()),
        ..beat(id, 0)
    }
}

#[test]
fn a_second_member_gets_its_share_once_the_first_gave_it_up() {
    let mut world = World::new(&[("t", 4)]);
    let first = world.join("a", &["t"]);
    world.check(&first, 1, Some(&[("t", &[0, 1, 2, 3])]));
    let second = world.join("b", &["t"]);
    world.check(&second, 2, Some(&[]));
    assert_eq!(world.group.state(), GroupState::Reconciling);

    // The first is told, and stays at its epoch until it says that it did.
    let told = world.go_on("a", 1, &[("t", &[0, 1, 2, 3])]).unwrap();
    world.check(&told, 1, Some(&[("t", &[0, 1])]));
    let waits = world.go_on("b", 2, &[]).unwrap();
    world.check(&waits, 2, None);
    let done = world.go_on("a", 1, &[("t", &[0, 1])]).unwrap();
    world.check(&done, 2, None);
    let gets = world.go_on("b", 2, &[]).unwrap();
    world.check(&gets, 2, Some(&[("t", &[2, 3])]));
    assert_eq!(world.group.state(), GroupState::Stable);
}

#[test]
fn a_member_that_leaves_frees_what_it_had() {
    let mut world = World::new(&[("t", 2)]);
    world.join("a", &["t"]);
    world.join("b", &["t"]);
    let (beaten, _, leaving) = world.group.leave("g", "a", None, LEAVE_EPOCH).unwrap();
    assert_eq!((beaten.member_epoch, leaving.as_slice()), (-1, &["a".to_owned()][..]));
    let changes = world.remove(&["a"]);
    let gone = [Change::Current, Change::Target, Change::Member].map(|change| change("a".into()));
    assert_eq!(changes, [&gone[..], &[Change::Epoch]].concat());
    assert_eq!(world.group.state(), GroupState::Assigning);
    let gets = world.go_on("b", 2, &[]).unwrap();
    world.check(&gets, 3, Some(&[("t", &[0, 1])]));
    assert_eq!(world.group.leave("g", "a", None, LEAVE_EPOCH).unwrap_err().code, ErrorCode::UnknownMemberId);
}

#[test]
fn epochs_fence() {
    let mut world = World::new(&[("t", 2)]);
    world.join("a", &["t"]);
    let code = |world: &mut World, epoch, owned: &[(&str, &[i32])]| {
        world.go_on("a", epoch, owned).map_or_else(|refusal| refusal.code, |_| ErrorCode::None)
    };
    assert_eq!(code(&mut world, 2, &[]), ErrorCode::FencedMemberEpoch);
    // The answer with epoch 1 was lost.
    assert_eq!(code(&mut world, 0, &[]), ErrorCode::None);
    world.topics.set("t", 3);
    assert_eq!(code(&mut world, 1, &[("t", &[0, 1])]), ErrorCode::None);
    assert_eq!(code(&mut world, 1, &[("t", &[0, 1])]), ErrorCode::None);
    assert_eq!(code(&mut world, 1, &[("t", &[7])]), ErrorCode::FencedMemberEpoch);
    assert_eq!(world.beat(&beat("x", 3)).unwrap_err().code, ErrorCode::UnknownMemberId);
}

#[test]
fn topics_that_change_make_a_new_epoch() {
    let mut world = World::new(&[]);
    let first = world.join("a", &["t"]);
    world.check(&first, 1, Some(&[]));
    world.topics.set("other", 1);
    let same = world.beat(&beat("a", 1)).unwrap();
    world.check(&same, 1, None);
    world.topics.set("t", 1);
    let made = world.beat(&beat("a", 1)).unwrap();
    world.check(&made, 2, Some(&[("t", &[0])]));
    world.topics.set("t", 2);
    let grown = world.beat(&beat("a", 2)).unwrap();
    world.check(&grown, 3, Some(&[("t", &[0, 1])]));
    world.topics.remove("t");
    // What it still has of a topic that is gone it has to give up.
    let told = world.beat(&beat("a", 3)).unwrap();
    world.check(&told, 3, Some(&[]));
    let gone = world.go_on("a", 3, &[]).unwrap();
    world.check(&gone, 4, None);
    assert!(world.group.taken.is_empty());
}

#[test]
fn expressions_match_whole_names_and_follow_the_topics() {
    let mut world = World::new(&[("orders", 1), ("old-orders", 1)]);
    let ask = |expression: &str| Heartbeat { regex: Some(expression.into()), ..joining("a", &[]) };
    for broken in ["(", ")", "a{2", "(?=x)", r"\1"] {
        let refused = world.beat(&ask(broken));
        assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidRegularExpression, "{broken}");
    }
    assert_eq!(world.group.members().count(), 0);
    let first = world.beat(&ask("orders|payments.*")).unwrap();
    world.check(&first, 1, Some(&[("orders", &[0])]));
    world.topics.set("payments-eu", 1);
    let more = world.beat(&beat("a", 1)).unwrap();
    world.check(&more, 2, Some(&[("orders", &[0]), ("payments-eu", &[0])]));
    assert!(world.group.is_subscribed("payments-eu") && !world.group.is_subscribed("old-orders"));
    world.remove(&["a"]);
    assert!(world.group.regexes().is_empty());
}

#[test]
fn a_static_member_comes_back_to_its_partitions() {
    let mut world = World::new(&[("t", 2)]);
    let fixed = |id: &str| Heartbeat { instance_id: Some("i".into()), ..joining(id, &["t"]) };
    world.beat(&fixed("a")).unwrap();
    world.join("b", &["t"]);
    world
        .beat(&Heartbeat { owned: Some(Assignment::new()), instance_id: Some("i".into()), ..beat("a", 1) })
        .unwrap();
    assert_eq!(world.beat(&fixed("a2")).unwrap_err().code, ErrorCode::UnreleasedInstanceId);
    let (beaten, changes, leaving) = world.group.leave("g", "a", Some("i"), LEAVE_STATIC_EPOCH).unwrap();
    assert_eq!((beaten.member_epoch, changes.len(), leaving.len()), (-2, 1, 0));
    let epoch = world.group.epoch();
    let back = world.beat(&fixed("a2")).unwrap();
    assert_eq!((back.member_epoch, world.group.epoch()), (epoch, epoch));
    assert_eq!(back.assignment.unwrap().values().map(BTreeSet::len).sum::<usize>(), 1);
    let fenced = world.beat(&Heartbeat { instance_id: Some("i".into()), ..beat("a", 2) });
    assert_eq!(fenced.unwrap_err().code, ErrorCode::FencedInstanceId);
}

#[test]
fn a_full_group_takes_no_more_and_the_preferred_assignor_is_used() {
    let mut world = World::new(&[("t", 12)]);
    for id in ["a", "b", "c", "d", "e", "f"] {
        let range = Some("range".to_owned()).filter(|_| id < "d");
        world.beat(&Heartbeat { assignor: range, ..joining(id, &["t"]) }).unwrap();
    }
    let refused = world.beat(&joining("g", &["t"]));
    assert_eq!(refused.unwrap_err().code, ErrorCode::GroupMaxSizeReached);
    let settings = World::step(&world.topics, 0, 0).settings;
    assert_eq!(world.group.assignor(&settings), Assignor::Range);
}

#[test]
fn the_silent_and_the_slow_are_overdue() {
    let mut world = World::new(&[("t", 2)]);
    world.join("a", &["t"]);
    world.join("b", &["t"]);
    world.now += 10_000;
    world.go_on("a", 1, &[("t", &[0, 1])]).unwrap();
    assert_eq!(world.group.overdue(world.now), []);
    assert_eq!(world.group.next_deadline(), Some(world.now + i64::from(REBALANCE_MS)));
    world.now += i64::from(REBALANCE_MS);
    assert_eq!(world.group.overdue(world.now), [("a".to_owned(), Overdue::Revocation)]);
    world.now += SESSION_MS;
    let overdue: Vec<Overdue> = world.group.overdue(world.now).into_iter().map(|(_, why)| why).collect();
    assert_eq!(overdue, [Overdue::Session, Overdue::Session]);
}

#[test]
fn a_target_may_have_to_wait() {
    let mut world = World::new(&[("t", 2)]);
    world.interval_ms = 1000;
    world.join("a", &["t"]);
    let second = world.join("b", &["t"]);
    // The last target knows nothing of it.
    world.check(&second, 1, Some(&[]));
    world.now += 1000;
    world.beat(&beat("b", 1)).unwrap();
    assert_eq!(world.group.target_epoch(), 2);
}

#[test]
fn commits_count_from_the_epoch_a_partition_was_given_at() {
    let mut world = World::new(&[("t", 2)]);
    let topic = world.topics.id("t");
    let claim = |member_id, generation| Claim { member_id, instance_id: None, generation };
    assert_eq!(world.group.check_commit(claim("", -1), false), ErrorCode::None);
    world.join("a", &["t"]);
    assert_eq!(world.group.check_commit(claim("", -1), true), ErrorCode::UnknownMemberId);
    assert_eq!(world.group.check_commit(claim("a", 1), false), ErrorCode::UnsupportedVersion);
    assert_eq!(world.group.check_commit(claim("a", 2), true), ErrorCode::StaleMemberEpoch);
    world.topics.set("t", 3);
    world.beat(&beat("a", 1)).unwrap();
    assert_eq!(world.group.check_commit(claim("a", 1), true), ErrorCode::None);
    assert_eq!(world.group.check_commit_of(claim("a", 1), topic, 0), ErrorCode::None);
    assert_eq!(world.group.check_commit_of(claim("a", 1), topic, 2), ErrorCode::StaleMemberEpoch);
    assert_eq!(world.group.check_fetch(Some("a"), 1), ErrorCode::StaleMemberEpoch);
    assert_eq!(world.group.check_fetch(Some("a"), 2), ErrorCode::None);
    assert_eq!(world.group.check_fetch(None, -1), ErrorCode::None);
}

fn subscription(topics: &[&str], owned: &[(&str, &[i32])]) -> Protocol {
    use wire::codec::{Cx, encode};
    use wire::messages::group_records::{ConsumerProtocolSubscription, ConsumerProtocolTopic};
    let owned = owned.iter().map(|(topic, partitions)| ConsumerProtocolTopic {
        topic: (*topic).into(),
        partitions: partitions.to_vec(),
    });
    let body = ConsumerProtocolSubscription {
        topics: topics.iter().map(|name| (*name).to_owned()).collect(),
        owned_partitions: owned.collect(),
        ..Default::default()
    };
    let body = encode(&body, Cx { version: 1, flexible: false });
    Protocol { name: "cooperative-sticky".into(), metadata: [&[0, 1][..], &body].concat().into() }
}

fn classic(id: &str, owned: &[(&str, &[i32])]) -> ClassicJoin {
    ClassicJoin {
        member_id: id.into(),
        fresh_id: "fresh".into(),
        instance_id: None,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        protocol_type: "consumer".into(),
        protocols: vec![subscription(&["t"], owned)],
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: REBALANCE_MS,
        needs_known_id: true,
    }
}

#[test]
fn classic_members_live_beside_the_others() {
    let mut world = World::new(&[("t", 4)]);
    world.join("a", &["t"]);
    let topics = Map::with(&[("t", 4)]);
    let step = World::step(&topics, 1, 0);
    let refused = world.group.classic_join(&step, &classic("", &[])).unwrap_err();
    assert_eq!(refused.code, ErrorCode::MemberIdRequired);
    let (joined, _) = world.group.classic_join(&step, &classic("c", &[])).unwrap();
    assert_eq!((joined.generation, joined.protocol.as_str()), (2, "cooperative-sticky"));
    let claim = |generation| Claim { member_id: "c", instance_id: None, generation };
    let empty = world.group.classic_sync(&step, "g", claim(2), (Some("consumer"), None)).unwrap();
    assert_eq!(protocol::assignment(&empty, &topics), Some(Assignment::new()));
    assert!(world.group.classic_heartbeat(&step, "g", claim(2)).is_ok());
    // Once the other has given up its part, the heartbeat tells the classic one to join anew.
    world.go_on("a", 1, &[("t", &[0, 1, 2, 3])]).unwrap();
    world.go_on("a", 1, &[("t", &[0, 1])]).unwrap();
    let told = world.group.classic_heartbeat(&step, "g", claim(2)).unwrap_err();
    assert_eq!(told.code, ErrorCode::RebalanceInProgress);
    let (joined, _) = world.group.classic_join(&step, &classic("c", &[])).unwrap();
    let bytes = world.group.classic_sync(&step, "g", claim(joined.generation), (None, None)).unwrap();
    let expected = Assignment::from([(topics.id("t"), BTreeSet::from([2, 3]))]);
    assert_eq!(protocol::assignment(&bytes, &topics), Some(expected.clone()));

    // The last of the others leaves: a classic group remains, with what was assigned.
    assert!(world.group.is_classic_without(&["a".to_owned()]));
    let limits = crate::groups::classic::Limits { initial_rebalance_delay_ms: 0, members_max: 10 };
    let group = world.group.to_classic(&step, limits, &["a".to_owned()]);
    assert_eq!((group.generation(), group.members().count()), (2, 1));
    let upgraded = Group::from_classic(1, &group, &topics).unwrap();
    assert_eq!(upgraded.member("c").unwrap().assigned(), expected);
    assert_eq!(upgraded.state(), GroupState::Stable);
}

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
