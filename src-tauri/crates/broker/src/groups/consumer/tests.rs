//! The state machine by scenario, and by random events against what must always hold.

mod classic_members;
mod random;
mod scenarios;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

    fn rack(&self) -> Option<&str> {
        None
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
