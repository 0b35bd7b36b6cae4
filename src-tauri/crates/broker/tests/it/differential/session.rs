//! Fetch sessions (KIP-227).

use std::collections::BTreeMap;

use testkit::Random;
use wire::ApiKey;
use wire::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, FetchableTopicResponse, ForgottenTopic,
};

use super::script::{LASTING, TOPICS, Text};
use super::side::Side;
use super::tree::Node;

const SLOTS: [Text; 2] = ["one session", "another session"];
/// The first version that names topics by their ids.
const BY_ID: i16 = 13;
/// The first version with sessions.
const SESSIONS: i16 = 7;

#[derive(Debug, Clone)]
pub(super) struct Fetch {
    slot: Text,
    epoch: Epoch,
    places: Vec<(Text, i32, i64)>,
    forgotten: Vec<(Text, i32)>,
    committed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Epoch {
    Opens,
    GoesOn,
    Skips,
    Closes,
    Strange,
}

impl Fetch {
    pub(super) fn choose(random: &mut Random) -> (ApiKey, Fetch) {
        use Epoch::{Closes, GoesOn, Opens, Skips, Strange};
        let mut place = || {
            let topic = if random.one_in(3) { *random.pick(&TOPICS) } else { *random.pick(&LASTING) };
            (topic, *random.pick(&[0, 0, 0, 1, 7]))
        };
        let places: Vec<(Text, i32)> = (0..3).map(|_| place()).collect();
        let forgotten = vec![place()];
        let places = places.into_iter().take(random.below(4));
        let mut places: Vec<_> =
            places.map(|(topic, partition)| (topic, partition, *random.pick(&[0, 0, 1, 3, 1000]))).collect();
        places.sort();
        places.dedup_by_key(|(topic, partition, _)| (*topic, *partition));
        let fetch = Fetch {
            slot: random.pick::<Text>(&SLOTS),
            epoch: *random.pick(&[Opens, GoesOn, GoesOn, GoesOn, GoesOn, GoesOn, Skips, Closes, Strange]),
            places,
            forgotten: if random.one_in(3) { forgotten } else { Vec::new() },
            committed: random.one_in(3),
        };
        (ApiKey::Fetch, fetch)
    }
}

impl Side {
    /// The other broker has room for a thousand of them.
    pub(super) async fn close_sessions(&mut self) {
        for slot in SLOTS {
            self.close_session(slot).await;
        }
    }

    async fn close_session(&mut self, slot: Text) {
        let Some((session_id, _, version)) = self.sessions.remove(slot) else { return };
        let request = FetchRequest { session_id, session_epoch: -1, ..Default::default() };
        self.ask::<_, FetchResponse>(ApiKey::Fetch, version, &request).await;
    }

    pub(super) async fn play_session(&mut self, version: i16, fetch: &Fetch) -> Node {
        self.learn_topics(&TOPICS).await;
        self.learn_topics(&LASTING).await;
        // Mostly by what the session began with.
        let (id, epoch, began) = self.sessions.get(fetch.slot).copied().unwrap_or((0, 0, version));
        let version = version.max(SESSIONS);
        let version =
            if fetch.epoch == Epoch::GoesOn && (version < BY_ID) != (began < BY_ID) && version % 3 > 0 {
                began
            } else {
                version
            };
        if fetch.epoch == Epoch::Opens {
            self.close_session(fetch.slot).await;
        }
        let (session_id, session_epoch) = match fetch.epoch {
            Epoch::Opens => (0, 0),
            Epoch::GoesOn => (id, epoch),
            Epoch::Skips => (id, epoch + 1),
            Epoch::Closes => (id, -1),
            Epoch::Strange => (987_654, 1),
        };
        let id_of = |topic: &str| self.topic_ids.get(topic).copied().unwrap_or(wire::Uuid([9; 16]));
        let mut topics: BTreeMap<Text, FetchTopic> = BTreeMap::new();
        for (topic, partition, fetch_offset) in &fetch.places {
            let entry = topics.entry(topic).or_insert_with(|| FetchTopic {
                topic: self.name(topic),
                topic_id: id_of(topic),
                partitions: Vec::new(),
            });
            entry.partitions.push(FetchPartition {
                partition: *partition,
                fetch_offset: *fetch_offset,
                partition_max_bytes: 1 << 20,
                ..Default::default()
            });
        }
        let forgotten = fetch.forgotten.iter().map(|(topic, partition)| ForgottenTopic {
            topic: self.name(topic),
            topic_id: id_of(topic),
            partitions: vec![*partition],
        });
        let request = FetchRequest {
            max_wait_ms: 0,
            min_bytes: 0,
            isolation_level: i8::from(fetch.committed),
            session_id,
            session_epoch,
            topics: topics.into_values().collect(),
            forgotten_topics_data: forgotten.collect(),
            ..Default::default()
        };
        let (mut answer, _): (FetchResponse, _) = self.ask(ApiKey::Fetch, version, &request).await;
        if answer.error_code == 0 {
            match fetch.epoch {
                Epoch::Opens => {
                    self.sessions.insert(fetch.slot, (answer.session_id, 1, version));
                }
                Epoch::GoesOn | Epoch::Skips => {
                    self.sessions.insert(fetch.slot, (id, session_epoch + 1, began));
                }
                Epoch::Closes => {
                    self.sessions.remove(fetch.slot);
                }
                Epoch::Strange => {}
            }
        }
        // A topic may be there more than once: partitions come in the order the session last gave them.
        let mut apart: Vec<FetchableTopicResponse> = Vec::new();
        for topic in std::mem::take(&mut answer.responses) {
            for partition in topic.partitions {
                let (topic, topic_id) = (topic.topic.clone(), topic.topic_id);
                apart.push(FetchableTopicResponse { topic, topic_id, partitions: vec![partition] });
            }
        }
        apart.sort_by_key(|topic| (topic.topic.clone(), topic.topic_id, topic.partitions[0].partition_index));
        answer.responses = apart;
        self.normalised(Node::of(&answer)).map(&|name, node| {
            let opened = name == "session_id" && node != Node::Leaf("0".into());
            Some(if opened { Node::Leaf("a session".into()) } else { node })
        })
    }
}
