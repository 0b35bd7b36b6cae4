//! The state machine by scenario, and by random events against what must always hold.

mod random;

use std::collections::BTreeMap;

use bytes::Bytes;
use wire::ErrorCode;

use super::*;

const SESSION_MS: Millis = 10_000;
const REBALANCE_MS: Millis = 30_000;

/// A group, its clock, and every answer it gave.
struct World {
    group: Group,
    now: Millis,
    next_ticket: Ticket,
    joined: BTreeMap<Ticket, Joined>,
    synced: BTreeMap<Ticket, Synced>,
    persisted: usize,
}

impl World {
    fn new(initial_rebalance_delay_ms: Millis) -> Self {
        Self {
            group: Group::new(0, Limits { initial_rebalance_delay_ms, members_max: 5 }),
            now: 0,
            next_ticket: 0,
            joined: BTreeMap::new(),
            synced: BTreeMap::new(),
            persisted: 0,
        }
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let fresh = match effect {
                Effect::Joined(ticket, answer) => self.joined.insert(ticket, answer).is_none(),
                Effect::Synced(ticket, answer) => self.synced.insert(ticket, answer).is_none(),
                Effect::Persist => {
                    self.persisted += 1;
                    true
                }
            };
            assert!(fresh, "a request was answered twice");
        }
    }

    fn join(&mut self, join: Join) -> Ticket {
        self.next_ticket += 1;
        let effects = self.group.join(self.now, self.next_ticket, join);
        self.take(effects);
        self.next_ticket
    }

    fn sync(&mut self, member: &str, generation: i32, assignments: &[(&str, &'static [u8])]) -> Ticket {
        self.next_ticket += 1;
        let sync = Sync {
            member_id: member.into(),
            instance_id: None,
            generation,
            protocol_type: None,
            protocol: None,
            assignments: assignments.iter().map(|(id, a)| ((*id).into(), Bytes::from_static(a))).collect(),
        };
        let effects = self.group.sync(self.now, self.next_ticket, sync);
        self.take(effects);
        self.next_ticket
    }

    fn beat(&mut self, member: &str, generation: i32) -> ErrorCode {
        self.group.heartbeat(self.now, Claim { member_id: member, instance_id: None, generation })
    }

    fn leave(&mut self, member: &str) -> ErrorCode {
        let (error, effects) = self.group.leave(self.now, member, None);
        self.take(effects);
        error
    }

    fn pass(&mut self, ms: Millis) {
        self.now += ms;
        let effects = self.group.tick(self.now);
        self.take(effects);
    }

    /// Two members in a stable group, the first leading.
    fn pair() -> Self {
        let mut world = World::new(0);
        world.join(member("a"));
        world.join(member("b"));
        let again = world.join(member("a").known("a"));
        assert_eq!(world.joined[&again].generation, 2);
        world.sync("b", 2, &[]);
        world.sync("a", 2, &[("a", b"1"), ("b", b"2")]);
        assert_eq!(world.group.state(), State::Stable);
        world
    }
}

/// A first JoinGroup of a client that takes what id it is given.
fn member(id: &str) -> Join {
    Join {
        member_id: String::new(),
        instance_id: None,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        protocol_type: "consumer".into(),
        protocols: vec![Protocol { name: "range".into(), metadata: Bytes::from_static(b"t") }],
        session_timeout_ms: SESSION_MS,
        rebalance_timeout_ms: REBALANCE_MS,
        needs_known_id: false,
        knows_skip_assignment: true,
        fresh_id: id.into(),
    }
}

impl Join {
    fn known(mut self, id: &str) -> Self {
        self.member_id = id.into();
        self
    }

    fn instance(mut self, instance: &str) -> Self {
        self.instance_id = Some(instance.into());
        self
    }

    fn protocols(mut self, names: &[&str]) -> Self {
        let protocol = |name: &&str| Protocol { name: (*name).into(), metadata: Bytes::new() };
        self.protocols = names.iter().map(protocol).collect();
        self
    }
}

#[test]
fn one_member_leads_at_once() {
    let mut world = World::new(0);
    let ticket = world.join(member("a"));
    let answer = &world.joined[&ticket];
    assert_eq!((answer.error, answer.generation, answer.leader.as_str()), (ErrorCode::None, 1, "a"));
    assert_eq!(answer.members.len(), 1);
    let ticket = world.sync("a", 1, &[("a", b"all")]);
    assert_eq!(world.synced[&ticket].assignment, "all");
    assert_eq!((world.group.state(), world.persisted), (State::Stable, 1));
}

#[test]
fn the_first_rebalance_waits_for_its_delay() {
    let mut world = World::new(3000);
    let first = world.join(member("a"));
    world.pass(2999);
    let second = world.join(member("b"));
    assert!(world.joined.is_empty());
    world.pass(1);
    assert_eq!(world.joined[&first].members.len(), 2);
    assert_eq!(world.joined[&second].members.len(), 0);
}

#[test]
fn a_dynamic_member_comes_back_with_the_id_it_was_given() {
    let mut world = World::new(0);
    let ask = Join { needs_known_id: true, ..member("a") };
    let ticket = world.join(ask.clone());
    assert_eq!(world.joined[&ticket].error, ErrorCode::MemberIdRequired);
    assert_eq!(world.joined[&ticket].member_id, "a");
    // It does not become a static one on the way.
    let ticket = world.join(Join { instance_id: Some("i".into()), ..ask.clone().known("a") });
    assert_eq!(world.joined[&ticket].error, ErrorCode::UnknownServerError);
    let ticket = world.join(ask.known("a"));
    assert_eq!(world.joined[&ticket].error, ErrorCode::None);
    // An id nobody was given.
    let ticket = world.join(member("x").known("x"));
    assert_eq!(world.joined[&ticket].error, ErrorCode::UnknownMemberId);
}

#[test]
fn a_new_member_rebalances_and_heartbeats_tell() {
    let mut world = World::pair();
    assert_eq!(world.beat("a", 2), ErrorCode::None);
    let third = world.join(member("c"));
    assert_eq!(world.beat("a", 2), ErrorCode::RebalanceInProgress);
    assert_eq!(world.beat("a", 1), ErrorCode::IllegalGeneration);
    world.join(member("a").known("a"));
    // b never comes back.
    assert!(!world.joined.contains_key(&third));
    world.pass(REBALANCE_MS);
    assert_eq!(world.joined[&third].generation, 3);
    assert_eq!(world.beat("b", 2), ErrorCode::UnknownMemberId);
    assert_eq!(world.beat("a", 3), ErrorCode::None);
}

#[test]
fn an_unchanged_follower_does_not_rebalance_but_the_leader_does() {
    let mut world = World::pair();
    let ticket = world.join(member("b").known("b"));
    assert_eq!(world.joined[&ticket].generation, 2);
    assert_eq!(world.group.state(), State::Stable);
    let ticket = world.join(member("a").known("a"));
    assert!(!world.joined.contains_key(&ticket));
    assert_eq!(world.group.state(), State::PreparingRebalance);
}

#[test]
fn the_silent_are_removed_and_the_last_leaves_an_empty_group() {
    let mut world = World::pair();
    world.pass(SESSION_MS - 1);
    assert_eq!(world.beat("a", 2), ErrorCode::None);
    world.pass(1);
    assert_eq!(world.beat("b", 2), ErrorCode::UnknownMemberId);
    assert_eq!(world.leave("a"), ErrorCode::None);
    assert_eq!(world.group.state(), State::Empty);
    assert_eq!(world.leave("a"), ErrorCode::UnknownMemberId);
}

#[test]
fn members_that_do_not_fetch_their_assignment_are_removed() {
    let mut world = World::new(0);
    world.join(member("a"));
    assert_eq!(world.group.state(), State::CompletingRebalance);
    for _ in 0..3 {
        world.pass(REBALANCE_MS / 3);
        world.beat("a", 1);
    }
    assert_eq!(world.group.state(), State::Empty);
}

#[test]
fn protocols_must_overlap() {
    let mut world = World::new(0);
    world.join(member("a").protocols(&["sticky", "range"]));
    let ticket = world.join(member("b").protocols(&["roundrobin"]));
    assert_eq!(world.joined[&ticket].error, ErrorCode::InconsistentGroupProtocol);
    let ticket = world.join(Join { protocol_type: "connect".into(), ..member("b") });
    assert_eq!(world.joined[&ticket].error, ErrorCode::InconsistentGroupProtocol);
    world.join(member("b").protocols(&["range"]));
    let ticket = world.join(member("a").known("a").protocols(&["sticky", "range"]));
    assert_eq!(world.joined[&ticket].protocol.as_deref(), Some("range"));
}

#[test]
fn a_static_member_replaces_itself_without_a_rebalance() {
    let mut world = World::new(0);
    world.join(member("a").instance("i"));
    world.sync("a", 1, &[("a", b"all")]);
    let ticket = world.join(member("a2").instance("i"));
    let answer = &world.joined[&ticket];
    assert_eq!((answer.generation, answer.member_id.as_str()), (1, "a2"));
    assert!(answer.skip_assignment);
    assert_eq!(world.group.state(), State::Stable);
    let fenced = Claim { member_id: "a", instance_id: Some("i"), generation: 1 };
    assert_eq!(world.group.heartbeat(0, fenced), ErrorCode::FencedInstanceId);
    let ticket = world.sync("a2", 1, &[]);
    assert_eq!(world.synced[&ticket].assignment, "all");
    // Leaving goes by instance id.
    let (error, effects) = world.group.leave(0, "", Some("i"));
    world.take(effects);
    assert_eq!((error, world.group.state()), (ErrorCode::None, State::Empty));
}

#[test]
fn an_older_client_is_not_told_that_it_leads() {
    let mut world = World::new(0);
    world.join(member("a").instance("i"));
    world.sync("a", 1, &[("a", b"all")]);
    let ticket = world.join(Join { knows_skip_assignment: false, ..member("a2").instance("i") });
    let answer = &world.joined[&ticket];
    assert_eq!((answer.leader.as_str(), answer.skip_assignment), ("a", false));
    assert!(answer.members.is_empty());
}

#[test]
fn commits_follow_the_generation() {
    let mut world = World::new(0);
    let claim = |member_id, generation| Claim { member_id, instance_id: None, generation };
    let check = |world: &mut World, claim, expected| {
        assert_eq!(world.group.check_commit(world.now, claim), expected);
    };
    check(&mut world, claim("", -1), ErrorCode::None);
    world.join(member("a"));
    check(&mut world, claim("a", 1), ErrorCode::RebalanceInProgress);
    world.sync("a", 1, &[]);
    check(&mut world, claim("a", 1), ErrorCode::None);
    check(&mut world, claim("a", 0), ErrorCode::IllegalGeneration);
    check(&mut world, claim("b", 1), ErrorCode::UnknownMemberId);
    check(&mut world, claim("", -1), ErrorCode::UnknownMemberId);
    assert_eq!(world.group.delete(0), ErrorCode::NonEmptyGroup);
    world.leave("a");
    assert_eq!(world.group.delete(0), ErrorCode::None);
    let ticket = world.join(member("a"));
    assert_eq!(world.joined[&ticket].error, ErrorCode::CoordinatorNotAvailable);
}

#[test]
fn a_full_group_takes_no_more() {
    let mut world = World::new(0);
    for id in ["a", "b", "c", "d", "e"] {
        world.join(member(id));
    }
    let ticket = world.join(member("f"));
    assert_eq!(world.joined[&ticket].error, ErrorCode::GroupMaxSizeReached);
}
