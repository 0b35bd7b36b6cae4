//! Random steps that make sense often enough to reach deep, and none often enough to reach every refusal.

use std::collections::BTreeSet;

use testkit::Random;
use wire::ApiKey;
use wire::batch::Compression;

use super::batch::{Batch, Harm};
use super::club::Club;
use super::crowd::Crowd;
use super::flow::{FLOWS, Flow};
use super::pool::{POOLS, Pool};
use super::session::Fetch;
use super::small::Small;
use super::steps::{Ask, Step};

pub(super) type Text = &'static str;

/// Topics that are made, changed and deleted.
pub(super) const TOPICS: [Text; 4] = ["plain", "compact", "stamped", "small"];
/// Topics that stay as they are: what Kafka learns of others later would change what groups are given.
pub(super) const LASTING: [Text; 2] = ["lasting-x", "lasting-y"];
/// Those of both.
pub(super) const LASTING_PARTITIONS: usize = 5;
/// Steps that make the topics.
pub(super) const OPENING: usize = 6;
pub(super) const GROUPS: [Text; 3] = ["group-a", "group-b", "group-c"];
const PRODUCERS: [Text; 2] = ["sure", "surer"];
const TRANSACTIONAL: [Text; 2] = ["txn-a", "txn-b"];

/// Configurations that are set at random, with values that hold and values that don't.
const CONFIGS: [(Text, Text); 20] = [
    ("retention.ms", "3600000"),
    ("retention.ms", "-1"),
    ("retention.ms", "-2"),
    ("retention.bytes", "1000000"),
    ("cleanup.policy", "compact"),
    ("cleanup.policy", "delete,compact"),
    ("cleanup.policy", "none"),
    ("max.message.bytes", "700"),
    ("max.message.bytes", "-5"),
    ("message.timestamp.type", "LogAppendTime"),
    ("message.timestamp.type", "Never"),
    ("compression.type", "gzip"),
    ("compression.type", "uncompressed"),
    ("compression.type", "rar"),
    ("min.insync.replicas", "1"),
    ("min.insync.replicas", "0"),
    ("segment.bytes", "1048576"),
    ("segment.bytes", "10"),
    ("unclean.leader.election.enable", "maybe"),
    ("no.such.config", "1"),
];

/// Long gone, but not so long that retention would matter within a test.
const TIME_MS: i64 = 1_700_000_000_000;

/// Longer than a sequence takes on a busy machine, shorter than what Kafka allows.
pub(super) const PATIENCE_MS: i32 = 600_000;

/// What a sequence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// But for share and streams groups and crowded consumer groups, whose sequences are their own.
    Everything,
    ConsumerGroups,
    ShareGroups,
    StreamsGroups,
}

pub(super) struct Script {
    subject: Subject,
    random: Random,
    apis: BTreeSet<i16>,
    /// What the script does first, so that there is something to ask about.
    opening: Vec<Step>,
    sequences: [i32; 2],
    txn_sequences: [i32; 2],
    /// What half of the steps are about, so that something is gone into deeply.
    focus: usize,
}

/// Kinds of steps beside those of topics, records and single members.
const KINDS: usize = 4;

impl Script {
    /// `apis`: the numbers of those to use.
    pub(super) fn new(subject: Subject, mut random: Random, apis: BTreeSet<i16>) -> Self {
        let focus = random.below(KINDS + 1);
        let topic = |topic, partitions, configs: &[(Text, Text)]| Step {
            version: 7,
            ask: Ask::CreateTopic {
                topic,
                partitions,
                factor: 1,
                configs: configs.to_vec(),
                only_validate: false,
            },
        };
        let mut opening = vec![
            topic("plain", 2, &[("retention.ms", "-1")]),
            topic("compact", 1, &[("cleanup.policy", "compact")]),
            topic("stamped", 1, &[("message.timestamp.type", "LogAppendTime")]),
            topic("small", 1, &[("max.message.bytes", "200"), ("retention.ms", "-1")]),
            topic("lasting-x", 2, &[("retention.ms", "-1")]),
            topic("lasting-y", 3, &[("retention.ms", "-1")]),
        ];
        if subject == Subject::StreamsGroups {
            let ready = |group| Step { version: 0, ask: Ask::Flow(Flow::Ready { group }) };
            opening.extend(FLOWS.map(ready));
        }
        if subject == Subject::ShareGroups {
            opening.push(Step { version: 1, ask: Ask::Pool(Pool::Configure { group: POOLS[0] }) });
        }
        opening.reverse();
        Self { subject, random, apis, opening, sequences: [0; 2], txn_sequences: [0; 2], focus }
    }

    pub(super) fn next(&mut self) -> Step {
        if let Some(step) = self.opening.pop() {
            return step;
        }
        loop {
            let (api, ask) = self.choose();
            if !self.apis.contains(&api.number()) {
                continue;
            }
            let versions = api.versions();
            let min = match (&ask, api) {
                (_, ApiKey::Produce) => 3,
                _ => versions.min,
            };
            let max = match (&ask, api) {
                // From version 4 on it is the brokers' own.
                (_, ApiKey::AddPartitionsToTxn) => 3,
                _ => versions.max,
            };
            let span = usize::try_from(max - min).unwrap() + 1;
            let version = min + i16::try_from(self.random.below(span)).unwrap();
            return Step { version, ask };
        }
    }

    fn choose(&mut self) -> (ApiKey, Ask) {
        fn of<T>((api, ask): (ApiKey, T), kind: impl Fn(T) -> Ask) -> (ApiKey, Ask) {
            (api, kind(ask))
        }
        match self.subject {
            Subject::ConsumerGroups => return of(Club::choose_of_several(&mut self.random), Ask::Club),
            Subject::ShareGroups if self.random.one_in(5) => {
                return (ApiKey::Produce, self.produce_what_lasts());
            }
            Subject::ShareGroups => return of(Pool::choose(&mut self.random), Ask::Pool),
            Subject::StreamsGroups => return of(Flow::choose(&mut self.random), Ask::Flow),
            Subject::Everything => {}
        }
        let kind = if self.random.one_in(2) { self.focus } else { self.random.below(KINDS + 2) };
        match kind {
            0 => of(Crowd::choose(&mut self.random), Ask::Crowd),
            1 => of(Club::choose(&mut self.random), Ask::Club),
            2 => of(Fetch::choose(&mut self.random), Ask::Session),
            3 => of(Small::choose(&mut self.random), Ask::Small),
            _ => self.ask(),
        }
    }

    fn ask(&mut self) -> (ApiKey, Ask) {
        match self.random.below(100) {
            0..3 => (ApiKey::CreateTopics, self.create_topic()),
            3..5 => (ApiKey::DeleteTopics, Ask::DeleteTopic { topic: self.topic() }),
            5..7 => {
                let count = *self.random.pick(&[0, 1, 2, 3, 4, -1]);
                let only_validate = self.random.one_in(3);
                (
                    ApiKey::CreatePartitions,
                    Ask::CreatePartitions { topic: self.topic(), count, only_validate },
                )
            }
            7..10 => (ApiKey::Metadata, Ask::Metadata { topics: self.topics() }),
            10..12 => {
                let limit = *self.random.pick(&[2000, 1, 2]);
                let topics = self.topics();
                (ApiKey::DescribeTopicPartitions, Ask::DescribeTopicPartitions { topics, limit })
            }
            12..15 => {
                let keys = match self.random.below(3) {
                    0 => None,
                    1 => Some(vec!["retention.ms", "no.such.config"]),
                    _ => Some(Vec::new()),
                };
                let synonyms = self.random.one_in(2);
                (ApiKey::DescribeConfigs, Ask::DescribeConfigs { topic: self.topic(), keys, synonyms })
            }
            15..18 => {
                let changes = (0..=self.random.below(2)).map(|_| self.change()).collect();
                let (topic, only_validate) = (self.topic(), self.random.one_in(4));
                let ask = Ask::IncrementalAlterConfigs { topic, changes, only_validate };
                (ApiKey::IncrementalAlterConfigs, ask)
            }
            18..19 => {
                let configs = (0..self.random.below(3)).map(|_| *self.random.pick(&CONFIGS)).collect();
                let (topic, only_validate) = (self.topic(), self.random.one_in(4));
                (ApiKey::AlterConfigs, Ask::AlterConfigs { topic, configs, only_validate })
            }
            19..37 => (ApiKey::Produce, self.produce()),
            37..47 => (ApiKey::Fetch, self.fetch()),
            47..53 => {
                let timestamp =
                    *self.random.pick(&[-1, -2, -3, -4, -5, -6, TIME_MS, TIME_MS + 5, TIME_MS + 50, 0]);
                let (topic, partition, epoch) = (self.topic(), self.partition(), self.epoch());
                let committed = self.random.one_in(2);
                (ApiKey::ListOffsets, Ask::ListOffsets { topic, partition, timestamp, committed, epoch })
            }
            53..55 => {
                let (topic, partition, epoch, current) =
                    (self.topic(), self.partition(), *self.random.pick(&[0, 0, 1, -1]), self.epoch());
                (ApiKey::OffsetForLeaderEpoch, Ask::OffsetForLeaderEpoch { topic, partition, epoch, current })
            }
            55..58 => {
                let offset = *self.random.pick(&[0, 1, 2, 5, 50, -1, -2]);
                let (topic, partition) = (self.topic(), self.partition());
                (ApiKey::DeleteRecords, Ask::DeleteRecords { topic, partition, offset })
            }
            58..64 => {
                let (group, topic, partition) = (self.group(), self.topic(), self.partition());
                let offset = *self.random.pick(&[0, 1, 7, 100, -1]);
                let metadata = *self.random.pick(&[None, Some(""), Some("a note")]);
                let member = self.random.one_in(2);
                (
                    ApiKey::OffsetCommit,
                    Ask::OffsetCommit { group, topic, partition, offset, metadata, member },
                )
            }
            64..68 => {
                let topics = if self.random.one_in(2) { None } else { Some(self.topics()) };
                (ApiKey::OffsetFetch, Ask::OffsetFetch { group: self.group(), topics })
            }
            68..69 => (ApiKey::OffsetDelete, Ask::OffsetDelete { group: self.group(), topic: self.topic() }),
            69..74 => {
                let ask = Ask::Join {
                    group: self.group(),
                    instance: if self.random.one_in(5) { Some("instance") } else { None },
                    known: !self.random.one_in(3),
                    protocol: if self.random.one_in(6) { "roundrobin" } else { "range" },
                    session_ms: if self.random.one_in(8) { 10 } else { PATIENCE_MS },
                };
                (ApiKey::JoinGroup, ask)
            }
            74..77 => (ApiKey::SyncGroup, Ask::Sync { group: self.group(), behind: self.behind() }),
            77..79 => (ApiKey::Heartbeat, Ask::Heartbeat { group: self.group(), behind: self.behind() }),
            79..81 => (ApiKey::LeaveGroup, Ask::Leave { group: self.group() }),
            81..83 => {
                (ApiKey::DescribeGroups, Ask::DescribeGroups { groups: vec![self.group(), "no-group"] })
            }
            83..85 => {
                let states = match self.random.below(4) {
                    0 => vec!["Stable"],
                    1 => vec!["Empty", "stable"],
                    _ => Vec::new(),
                };
                (ApiKey::ListGroups, Ask::ListGroups { states })
            }
            85..86 => (ApiKey::DeleteGroups, Ask::DeleteGroups { groups: vec![self.group(), "no-group"] }),
            86..90 => {
                let transactional = self.random.one_in(2);
                let names = if transactional { &TRANSACTIONAL } else { &PRODUCERS };
                let producer = *self.random.pick(names);
                let timeout_ms =
                    *self.random.pick(&[PATIENCE_MS, PATIENCE_MS, PATIENCE_MS, 0, 2_000_000_000]);
                let again = self.random.one_in(3);
                if let Some(at) = PRODUCERS.iter().position(|name| *name == producer) {
                    self.sequences[at] = 0;
                }
                if let Some(at) = TRANSACTIONAL.iter().position(|name| *name == producer) {
                    self.txn_sequences[at] = 0;
                }
                if transactional && !self.apis.contains(&ApiKey::EndTxn.number()) {
                    return self.ask();
                }
                (ApiKey::InitProducerId, Ask::InitProducerId { producer, transactional, timeout_ms, again })
            }
            90..93 => {
                let (producer, topic, partition) = (self.transactional(), self.topic(), self.partition());
                let older = self.older();
                (ApiKey::AddPartitionsToTxn, Ask::AddPartitions { producer, topic, partition, older })
            }
            93..94 => {
                // One group: where all offsets lie in one partition, as here, a transaction with one has them all.
                let (producer, group, older) = (self.transactional(), GROUPS[0], self.older());
                (ApiKey::AddOffsetsToTxn, Ask::AddOffsets { producer, group, older })
            }
            94..95 => {
                let (producer, group, topic) = (self.transactional(), GROUPS[0], self.topic());
                let (offset, older) = (*self.random.pick(&[3, 4]), self.older());
                (ApiKey::TxnOffsetCommit, Ask::TxnOffsetCommit { producer, group, topic, offset, older })
            }
            95..98 => {
                let (producer, commit, older) = (self.transactional(), self.random.one_in(2), self.older());
                (ApiKey::EndTxn, Ask::EndTxn { producer, commit, older })
            }
            98..99 => {
                (ApiKey::DescribeTransactions, Ask::DescribeTransactions { producer: self.transactional() })
            }
            _ => {
                let (topic, partition) = (self.topic(), self.partition());
                (ApiKey::DescribeProducers, Ask::DescribeProducers { topic, partition })
            }
        }
    }

    fn create_topic(&mut self) -> Ask {
        let topic = if self.random.one_in(5) {
            *self.random.pick(&["", "bad name", "dots.and_lines"])
        } else {
            self.topic()
        };
        Ask::CreateTopic {
            topic,
            partitions: *self.random.pick(&[1, 2, 3, -1, 0, -2]),
            factor: *self.random.pick(&[1, 1, 1, -1, 0, 2]),
            configs: (0..self.random.below(3)).map(|_| *self.random.pick(&CONFIGS)).collect(),
            only_validate: self.random.one_in(4),
        }
    }

    fn change(&mut self) -> (Text, i8, Option<Text>) {
        let (name, value) = *self.random.pick(&CONFIGS);
        // Set, delete, append, subtract, and one that is none.
        let operation = *self.random.pick(&[0, 0, 0, 1, 2, 3, 4]);
        (name, operation, if operation == 1 || self.random.one_in(10) { None } else { Some(value) })
    }

    fn produce(&mut self) -> Ask {
        let count = self.random.below(4) + 1;
        let long = self.random.one_in(8);
        let values: Vec<Text> = (0..count)
            .map(|_| if long { LONG } else { *self.random.pick(&["one", "two", "three", "", "four"]) })
            .collect();
        let compression = *self.random.pick(&[
            Compression::None,
            Compression::None,
            Compression::Gzip,
            Compression::Snappy,
            Compression::Lz4,
            Compression::Zstd,
        ]);
        let harm = if self.random.one_in(3) { *self.random.pick(&Harm::ALL) } else { Harm::None };
        let producer = match self.random.below(4) {
            0 => {
                let at = self.random.below(2);
                let count = i32::try_from(count).unwrap();
                let base = self.sequences[at];
                // In order, again, or with a gap.
                let sequence = match self.random.below(6) {
                    0 => (base - count).max(0),
                    1 => base + 3,
                    _ => base,
                };
                if sequence == base {
                    self.sequences[at] += count;
                }
                Some((PRODUCERS[at], sequence, self.older(), false))
            }
            1 if self.apis.contains(&ApiKey::EndTxn.number()) => {
                let at = self.random.below(2);
                let base = self.txn_sequences[at];
                self.txn_sequences[at] += i32::try_from(count).unwrap();
                Some((TRANSACTIONAL[at], base, self.older(), true))
            }
            _ => None,
        };
        let usual_ms = TIME_MS + i64::try_from(self.random.below(100)).unwrap();
        // Far in the future, or none at all.
        let timestamp_ms =
            *self.random.pick(&[usual_ms, usual_ms, usual_ms, usual_ms, 4_000_000_000_000, -1]);
        // The coordinator is asked first: a batch of a transaction that is wrong otherwise too has two errors.
        let within = producer.is_some_and(|(_, _, _, within)| within);
        let (harm, values, timestamp_ms) = match within {
            true => (Harm::None, vec!["of a transaction"; count], usual_ms),
            false => (harm, values, timestamp_ms),
        };
        // Kafka does not look at the length of a packed record, and keeps what no consumer can read then.
        let compression = if harm.is_of_length() { Compression::None } else { compression };
        let topic = if self.random.one_in(2) { *self.random.pick(&LASTING) } else { self.topic() };
        Ask::Produce {
            topic,
            partition: self.partition(),
            // Kafka adds the partition to the transaction before it looks at acks, Pumphouse refuses first.
            acks: match *self.random.pick(&[-1, -1, 1, 2]) {
                2 if producer.is_some_and(|(_, _, _, within)| within) => -1,
                acks => acks,
            },
            batch: Batch {
                values,
                keyed: within || !self.random.one_in(3),
                compression,
                timestamp_ms,
                producer,
                harm,
            },
        }
    }

    /// Records that share groups read.
    fn produce_what_lasts(&mut self) -> Ask {
        let count = self.random.below(6) + 1;
        let batch = Batch {
            values: (0..count).map(|_| *self.random.pick(&["one", "two", "three", "four"])).collect(),
            keyed: self.random.one_in(2),
            compression: *self.random.pick(&[Compression::None, Compression::Lz4]),
            timestamp_ms: TIME_MS,
            producer: None,
            harm: Harm::None,
        };
        let (topic, partition) = (*self.random.pick(&LASTING), *self.random.pick(&[0, 0, 1]));
        Ask::Produce { topic, partition, acks: -1, batch }
    }

    fn fetch(&mut self) -> Ask {
        Ask::Fetch {
            topic: self.topic(),
            partition: self.partition(),
            offset: *self.random.pick(&[0, 0, 1, 2, 5, 10, 1000, -1]),
            committed: self.random.one_in(2),
            bytes: *self.random.pick(&[1 << 20, 1 << 20, 1, 100, 0]),
            epoch: self.epoch(),
        }
    }

    fn topic(&mut self) -> Text {
        if self.random.one_in(20) { "no-topic" } else { TOPICS[self.random.below(TOPICS.len())] }
    }

    fn topics(&mut self) -> Vec<Text> {
        let one = self.topic();
        if self.random.one_in(2) { vec![one] } else { TOPICS.to_vec() }
    }

    fn partition(&mut self) -> i32 {
        *self.random.pick(&[0, 0, 0, 0, 0, 1, 7, -1])
    }

    fn epoch(&mut self) -> i32 {
        *self.random.pick(&[-1, -1, -1, 0, 0, 5])
    }

    fn group(&mut self) -> Text {
        GROUPS[self.random.below(GROUPS.len())]
    }

    fn behind(&mut self) -> i32 {
        i32::from(self.random.one_in(5))
    }

    fn transactional(&mut self) -> Text {
        TRANSACTIONAL[self.random.below(TRANSACTIONAL.len())]
    }

    fn older(&mut self) -> i16 {
        i16::from(self.random.one_in(10))
    }
}

const LONG: Text = "a value that is long enough to fill what a small topic takes, and then some: \
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
    bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
