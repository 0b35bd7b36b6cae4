//! Share groups (KIP-932): what members, readers and administrators ask.

use std::collections::{BTreeMap, BTreeSet};

use testkit::Random;
use wire::messages::share_fetch::AcknowledgementBatch;
use wire::messages::share_group_heartbeat::Assignment;
use wire::{ApiKey, Uuid};

use super::script::{LASTING, Text};
use crate::client::Client;

/// The first reads its topics from their beginning, the second what comes, the third is only administered: what a
/// Kafka broker remembers of records it lent outlives a change of the group's offsets.
pub(super) const POOLS: [Text; 3] = ["pool-a", "pool-b", "pool-c"];
/// One that no topic has.
pub(super) const NO_PARTITION: i32 = 7;
/// Ids in the form clients make theirs.
const MEMBERS: [Text; 2] = ["rcT1rRMQQCyGVpqTqqZLQA", "Wn9mSUhmTRu0iIIiwbbQ7g"];

#[derive(Debug, Clone)]
pub(super) enum Pool {
    /// Has a group begin at the beginning.
    Configure {
        group: Text,
    },
    Join {
        group: Text,
        member: Text,
        topics: Vec<Text>,
    },
    Beat {
        group: Text,
        member: Text,
        ahead: i32,
        topics: Option<Vec<Text>>,
    },
    Leave {
        group: Text,
        member: Text,
        epoch: i32,
    },
    Describe {
        group: Text,
    },
    Fetch {
        group: Text,
        member: Text,
        session: Session,
        places: Vec<(Text, i32)>,
        said: Option<Said>,
        wants: Wants,
    },
    Acknowledge {
        group: Text,
        member: Text,
        session: Session,
        said: Said,
    },
    Offsets {
        group: Text,
        topics: Option<Vec<Text>>,
    },
    Alter {
        group: Text,
        topic: Text,
        partition: i32,
        offset: i64,
    },
    Forget {
        group: Text,
        topic: Text,
    },
    Delete {
        group: Text,
    },
}

/// How a request puts its share session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Session {
    Opens,
    GoesOn,
    Skips,
    Closes,
}

/// What is said of the records that are held: a word for each, in turn.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) words: &'static [i8],
    one_by_one: bool,
    harm: Harm,
    /// Of how many of the ranges that are held.
    most: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    None,
    /// Of records nobody holds.
    Beyond,
    Backwards,
    Twice,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Wants {
    pub(super) records: i32,
    pub(super) batch: i32,
    pub(super) strictly: bool,
    pub(super) forgets: bool,
}

/// Accept, release, reject, each in turn; a gap, a renewal, and a word that is none.
const WORDS: [&[i8]; 8] = [&[1], &[1], &[2], &[3], &[1, 2, 3], &[0], &[4], &[7]];
pub(super) const RELEASE: i8 = 2;
pub(super) const RENEW: i8 = 4;

/// A member as its client knows it.
#[derive(Debug, Clone, Default)]
pub(super) struct PoolSeat {
    /// 0 if it is none.
    pub(super) epoch: i32,
    pub(super) assigned: Assignment,
    pub(super) session_epoch: i32,
    /// What its share session covers.
    pub(super) reads: BTreeSet<(Uuid, i32)>,
    /// Topic, partition, first and last offset of what it holds.
    pub(super) held: Vec<(Uuid, i32, i64, i64)>,
}

/// What a broker's share groups are known by.
#[derive(Default)]
pub(super) struct Pools {
    pub(super) seats: BTreeMap<(Text, Text), PoolSeat>,
    /// Connections of those that read as members.
    pub(super) clients: BTreeMap<(Text, Text), Client>,
    /// Groups, topics and partitions that were read.
    pub(super) loaded: BTreeSet<(Text, Text, i32)>,
    /// Groups that had several members at a time.
    pub(super) crowded: BTreeSet<Text>,
}

impl Pool {
    pub(super) fn choose(random: &mut Random) -> (ApiKey, Pool) {
        let (group, member) = (*random.pick(&POOLS), *random.pick(&MEMBERS));
        let reads = *random.pick(&POOLS[..2]);
        let topic = *random.pick(&LASTING);
        match random.below(22) {
            0..3 => {
                let topics =
                    random.pick(&[vec![topic], LASTING.to_vec(), vec!["no-topic", topic], vec![]]).clone();
                (ApiKey::ShareGroupHeartbeat, Pool::Join { group, member, topics })
            }
            3..5 => {
                let ahead = *random.pick(&[0, 0, 0, 1, -1]);
                let topics = random.one_in(4).then(|| vec![topic]);
                (ApiKey::ShareGroupHeartbeat, Pool::Beat { group, member, ahead, topics })
            }
            5 => {
                let epoch = *random.pick(&[-1, -1, -1, -2]);
                (ApiKey::ShareGroupHeartbeat, Pool::Leave { group, member, epoch })
            }
            6 => (ApiKey::ShareGroupDescribe, Pool::Describe { group }),
            7..13 => {
                use Session::{Closes, GoesOn, Opens, Skips};
                let session = *random.pick(&[Opens, GoesOn, GoesOn, GoesOn, GoesOn, Skips, Closes]);
                let places = match random.below(5) {
                    0 => Vec::new(),
                    // A Kafka that is asked for the id of no topic fails as a whole, at counting the bytes it sends.
                    1 => vec![(topic, NO_PARTITION)],
                    _ => vec![(topic, 0), (topic, 1)],
                };
                let said = random.one_in(3).then(|| Said::choose(random));
                let wants = Wants {
                    records: *random.pick(&[100, 100, 3, 1, 0]),
                    batch: *random.pick(&[100, 100, 2, 1]),
                    strictly: random.one_in(3),
                    forgets: random.one_in(8),
                };
                (ApiKey::ShareFetch, Pool::Fetch { group: reads, member, session, places, said, wants })
            }
            13..16 => {
                use Session::{Closes, GoesOn, Skips};
                let session = *random.pick(&[GoesOn, GoesOn, GoesOn, GoesOn, Skips, Closes]);
                let said = Said::choose(random);
                (ApiKey::ShareAcknowledge, Pool::Acknowledge { group: reads, member, session, said })
            }
            16..19 => {
                let topics = match random.below(3) {
                    0 => None,
                    1 => Some(vec![topic, "no-topic"]),
                    _ => Some(LASTING.to_vec()),
                };
                (ApiKey::DescribeShareGroupOffsets, Pool::Offsets { group, topics })
            }
            19 => {
                let topic = *random.pick(&[topic, topic, "no-topic"]);
                let (partition, offset) = (*random.pick(&[0, 1]), *random.pick(&[0, 1, 3, 1000, -1]));
                (ApiKey::AlterShareGroupOffsets, Pool::Alter { group, topic, partition, offset })
            }
            20 => {
                let topic = *random.pick(&[topic, topic, "no-topic"]);
                (ApiKey::DeleteShareGroupOffsets, Pool::Forget { group, topic })
            }
            _ => (ApiKey::DeleteGroups, Pool::Delete { group }),
        }
    }

    pub(super) fn only_looks(&self) -> bool {
        matches!(self, Pool::Describe { .. } | Pool::Offsets { .. })
    }
}

impl Said {
    fn choose(random: &mut Random) -> Said {
        Said {
            words: WORDS[random.below(WORDS.len())],
            one_by_one: random.one_in(2),
            harm: *random.pick(&[
                Harm::None,
                Harm::None,
                Harm::None,
                Harm::None,
                Harm::Beyond,
                Harm::Backwards,
                Harm::Twice,
            ]),
            most: *random.pick(&[99, 99, 1]),
        }
    }

    /// All of it goes back.
    pub(super) fn release() -> Said {
        Said { words: &[RELEASE], one_by_one: false, harm: Harm::None, most: usize::MAX }
    }

    /// By topic and partition.
    pub(super) fn of(&self, held: &[(Uuid, i32, i64, i64)]) -> Vec<(Uuid, i32, Vec<AcknowledgementBatch>)> {
        let mut said: Vec<(Uuid, i32, Vec<AcknowledgementBatch>)> = Vec::new();
        for &(topic, partition, first, last) in held.iter().take(self.most) {
            let count = usize::try_from(last - first + 1).unwrap_or(1);
            let words: Vec<i8> = match self.one_by_one {
                true => self.words.iter().copied().cycle().take(count).collect(),
                false => self.words[..1].to_vec(),
            };
            let (first_offset, last_offset) = match self.harm {
                Harm::Beyond => (first, last + 5),
                Harm::Backwards => (last, first - 1),
                _ => (first, last),
            };
            let batch = AcknowledgementBatch { first_offset, last_offset, acknowledge_types: words };
            let mut batches = vec![batch];
            if self.harm == Harm::Twice {
                batches.extend_from_within(..);
            }
            match said.iter_mut().find(|(id, index, _)| (*id, *index) == (topic, partition)) {
                Some((_, _, known)) => known.extend(batches),
                None => said.push((topic, partition, batches)),
            }
        }
        said
    }
}

impl Session {
    pub(super) fn epoch(self, seat: &PoolSeat) -> i32 {
        match self {
            Session::Opens => 0,
            Session::GoesOn => seat.session_epoch,
            Session::Skips => seat.session_epoch + 2,
            Session::Closes => -1,
        }
    }
}
