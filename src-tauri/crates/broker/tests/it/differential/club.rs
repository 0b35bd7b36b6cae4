//! Consumer groups of KIP-848: heartbeats, fencing, offsets by member epoch.

use testkit::Random;
use wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, RequestTopicPartitions,
};
use wire::messages::*;
use wire::{ApiKey, Uuid};

use super::script::{LASTING, PATIENCE_MS, Text};
use super::settle::Led;
use super::side::Side;
use super::tree::Node;

pub(super) const CLUBS: [Text; 2] = ["club-a", "club-b"];
/// One alone: which of several is given what of several topics depends on the topics' random ids.
const MEMBER: Text = "c0";
const STRANGER: Text = "c1";
/// Several, of one topic, and whether each is static. Not by regular expression: Kafka looks what one stands for ten
/// seconds apart. None becomes static later, which no client does: Kafka then finds no target for its instance id and
/// leaves it, stable, without partitions until the next epoch.
const MEMBERS: [(Text, bool); 4] =
    [("c0", false), ("c1", true), ("reader", false), ("Wn9mSUhmTRu0iIIiwbbQ7g", true)];

#[derive(Debug, Clone)]
pub(super) enum Club {
    Join {
        group: Text,
        member: Text,
        fixed: bool,
        topics: Vec<Text>,
        assignor: Option<Text>,
        timeout_ms: i32,
    },
    Beat {
        group: Text,
        member: Text,
        ahead: i32,
        owns: bool,
        topics: Option<Vec<Text>>,
    },
    Leave {
        group: Text,
        member: Text,
        epoch: i32,
    },
    Commit {
        group: Text,
        member: Text,
        topic: Text,
        offset: i64,
        ahead: i32,
    },
    Positions {
        group: Text,
        member: Option<Text>,
        ahead: i32,
        stable: bool,
    },
    Describe {
        group: Text,
    },
    /// Everyone beats until nothing changes any more.
    Settle {
        group: Text,
    },
    /// What no client sends.
    Odd {
        group: Text,
        member: Text,
        epoch: i32,
        names: bool,
        owned: bool,
    },
}

/// A member as its client knows it.
#[derive(Debug, Clone, Default)]
pub(super) struct ClubSeat {
    epoch: i32,
    instance: Option<String>,
    assigned: Vec<(Uuid, Vec<i32>)>,
}

impl Club {
    pub(super) fn choose(random: &mut Random) -> (ApiKey, Club) {
        let group = *random.pick(&CLUBS);
        let member = if random.one_in(8) { STRANGER } else { MEMBER };
        let ahead = *random.pick(&[0, 0, 0, 0, 0, 1, -1]);
        let beats = ApiKey::ConsumerGroupHeartbeat;
        match random.below(16) {
            0..4 => {
                let assignor = *random.pick(&[None, None, Some("range"), Some("uniform"), Some("odd")]);
                let timeout_ms = *random.pick(&[PATIENCE_MS, PATIENCE_MS, PATIENCE_MS, PATIENCE_MS, -1, 0]);
                let (topics, fixed) = (topics(random), random.one_in(4));
                (beats, Club::Join { group, member: MEMBER, fixed, topics, assignor, timeout_ms })
            }
            4..8 => {
                let topics = random.one_in(5).then(|| topics(random));
                (beats, Club::Beat { group, member, ahead, owns: !random.one_in(4), topics })
            }
            8 => (beats, Club::Leave { group, member, epoch: *random.pick(&[-1, -1, -2, -3]) }),
            9 => {
                let (topic, offset) = (*random.pick(&LASTING), *random.pick(&[0, 2, 5]));
                (ApiKey::OffsetCommit, Club::Commit { group, member, topic, offset, ahead })
            }
            10 => {
                let (member, stable) = ((!random.one_in(3)).then_some(member), random.one_in(2));
                (ApiKey::OffsetFetch, Club::Positions { group, member, ahead, stable })
            }
            11..13 => (ApiKey::ConsumerGroupDescribe, Club::Describe { group }),
            13..15 => (ApiKey::ConsumerGroupDescribe, Club::Settle { group }),
            _ => {
                let (names, owned) = (random.one_in(2), random.one_in(2));
                let (group, member) = (*random.pick(&["", group]), *random.pick(&["", member]));
                (beats, Club::Odd { group, member, epoch: *random.pick(&[0, 0, 1, -7]), names, owned })
            }
        }
    }

    /// As [`Club::choose`], for members of a group that ask for the same topic, or for one that is not there too.
    pub(super) fn choose_of_several(random: &mut Random) -> (ApiKey, Club) {
        let (api, chosen) = Club::choose(random);
        let (one, fixed) = *random.pick(&MEMBERS);
        let topic = *random.pick(&LASTING);
        let few = if random.one_in(8) { vec!["no-topic", topic] } else { vec![topic] };
        let chosen = match chosen {
            Club::Join { group, assignor, timeout_ms, .. } => {
                Club::Join { group, member: one, fixed, topics: few, assignor, timeout_ms }
            }
            Club::Beat { group, ahead, owns, topics, .. } => {
                Club::Beat { group, member: one, ahead, owns, topics: topics.map(|_| few) }
            }
            Club::Leave { group, epoch, .. } => Club::Leave { group, member: one, epoch },
            Club::Commit { group, topic, offset, ahead, .. } => {
                Club::Commit { group, member: one, topic, offset, ahead }
            }
            Club::Positions { group, member, ahead, stable } => {
                Club::Positions { group, member: member.map(|_| one), ahead, stable }
            }
            other => other,
        };
        (api, chosen)
    }

    pub(super) fn only_looks(&self) -> bool {
        matches!(self, Club::Positions { .. } | Club::Describe { .. } | Club::Settle { .. })
    }
}

fn topics(random: &mut Random) -> Vec<Text> {
    match random.below(6) {
        0 => vec![LASTING[0], "no-topic"],
        1 => Vec::new(),
        2..4 => LASTING.to_vec(),
        _ => vec![*random.pick(&LASTING)],
    }
}

impl Side {
    pub(super) async fn play_club(&mut self, v: i16, ask: &Club) -> Node {
        match ask {
            Club::Join { group, member, fixed, topics, assignor, timeout_ms } => {
                self.learn_topics(&LASTING).await;
                let instance = match self.club_seats.get(&(*group, *member)) {
                    Some(seat) => seat.instance.clone(),
                    None => fixed.then(|| format!("i-{member}")),
                };
                let request = ConsumerGroupHeartbeatRequest {
                    group_id: self.name(group),
                    member_id: (*member).into(),
                    instance_id: instance.clone(),
                    rebalance_timeout_ms: *timeout_ms,
                    server_assignor: assignor.map(Into::into),
                    topic_partitions: Some(Vec::new()),
                    subscribed_topic_names: Some(topics.iter().map(|name| self.name(name)).collect()),
                    ..Default::default()
                };
                let (answer, node) = self.club_beat(v, &request).await;
                if answer.error_code == 0 {
                    self.club_seats.entry((group, member)).or_default().instance = instance;
                    self.learn_club(group, member, &answer);
                }
                node
            }
            Club::Beat { group, member, ahead, owns, topics } => {
                let mut request = self.beating(group, member, *owns);
                request.member_epoch += ahead;
                request.subscribed_topic_names =
                    topics.as_ref().map(|topics| topics.iter().map(|name| self.name(name)).collect());
                let (answer, node) = self.club_beat(v, &request).await;
                self.learn_club(group, member, &answer);
                node
            }
            Club::Leave { group, member, epoch } => {
                let request = ConsumerGroupHeartbeatRequest {
                    member_epoch: *epoch,
                    ..self.beating(group, member, false)
                };
                let (answer, node) = self.club_beat(v, &request).await;
                if answer.error_code == 0 && *epoch == -1 {
                    self.club_seats.remove(&(*group, *member));
                }
                node
            }
            Club::Commit { group, member, topic, offset, ahead } => {
                self.learn_topics(&LASTING).await;
                let epoch = self.club_seats.get(&(*group, *member)).map_or(-1, |seat| seat.epoch);
                let request = offset_commit::OffsetCommitRequest {
                    group_id: self.name(group),
                    generation_id_or_member_epoch: epoch + ahead,
                    member_id: (*member).into(),
                    topics: vec![offset_commit::OffsetCommitRequestTopic {
                        name: self.name(topic),
                        topic_id: self.topic_ids.get(*topic).copied().unwrap_or_default(),
                        partitions: vec![offset_commit::OffsetCommitRequestPartition {
                            committed_offset: *offset,
                            ..Default::default()
                        }],
                    }],
                    ..Default::default()
                };
                self.ask::<_, offset_commit::OffsetCommitResponse>(ApiKey::OffsetCommit, v, &request).await.1
            }
            Club::Positions { group, member, ahead, stable } => {
                let seat = member.and_then(|member| self.club_seats.get(&(*group, member)));
                let request = offset_fetch::OffsetFetchRequest {
                    group_id: self.name(group),
                    topics: (v < 2).then(Vec::new),
                    groups: vec![offset_fetch::OffsetFetchRequestGroup {
                        group_id: self.name(group),
                        member_id: member.map(Into::into),
                        member_epoch: seat.map_or(-1, |seat| seat.epoch + ahead),
                        topics: None,
                    }],
                    require_stable: *stable,
                };
                self.ask::<_, offset_fetch::OffsetFetchResponse>(ApiKey::OffsetFetch, v, &request).await.1
            }
            Club::Describe { group } => self.describe_club(v, group).await.1,
            Club::Settle { group } => self.settle(Led::Club, group).await,
            Club::Odd { group, member, epoch, names, owned } => {
                let request = ConsumerGroupHeartbeatRequest {
                    group_id: self.name(group),
                    member_id: (*member).into(),
                    member_epoch: *epoch,
                    rebalance_timeout_ms: PATIENCE_MS,
                    subscribed_topic_names: names.then(|| vec![self.name(LASTING[0])]),
                    topic_partitions: owned.then(|| {
                        vec![RequestTopicPartitions { topic_id: Uuid([7; 16]), partitions: vec![0] }]
                    }),
                    ..Default::default()
                };
                // Were it let in, nobody would know of it.
                if v == 0 || *epoch == 1 || (*names && !owned && !group.is_empty()) {
                    return Node::Leaf("it would be let in".into());
                }
                self.club_beat(v, &request).await.1
            }
        }
    }

    async fn club_beat(
        &mut self,
        v: i16,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> (ConsumerGroupHeartbeatResponse, Node) {
        self.ask(ApiKey::ConsumerGroupHeartbeat, v, request).await
    }

    fn beating(&self, group: Text, member: Text, owns: bool) -> ConsumerGroupHeartbeatRequest {
        let seat = self.club_seats.get(&(group, member)).cloned().unwrap_or_default();
        let owned = seat.assigned.into_iter();
        ConsumerGroupHeartbeatRequest {
            group_id: self.name(group),
            member_id: member.into(),
            // One that never joined says it did.
            member_epoch: if seat.epoch == 0 { 1 } else { seat.epoch },
            instance_id: seat.instance,
            topic_partitions: owns.then(|| {
                owned.map(|(topic_id, partitions)| RequestTopicPartitions { topic_id, partitions }).collect()
            }),
            ..Default::default()
        }
    }

    fn learn_club(&mut self, group: Text, member: Text, answer: &ConsumerGroupHeartbeatResponse) {
        if [UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, GROUP_ID_NOT_FOUND].contains(&answer.error_code) {
            self.club_seats.remove(&(group, member));
        }
        let Some(seat) = self.club_seats.get_mut(&(group, member)) else { return };
        if answer.error_code != 0 {
            return;
        }
        seat.epoch = answer.member_epoch;
        if let Some(assignment) = &answer.assignment {
            let topics = assignment.topic_partitions.iter();
            seat.assigned = topics.map(|topic| (topic.topic_id, topic.partitions.clone())).collect();
        }
    }

    pub(super) async fn describe_club(
        &mut self,
        v: i16,
        group: Text,
    ) -> (consumer_group_describe::ConsumerGroupDescribeResponse, Node) {
        let request = consumer_group_describe::ConsumerGroupDescribeRequest {
            group_ids: vec![self.name(group)],
            include_authorized_operations: true,
        };
        self.ask(ApiKey::ConsumerGroupDescribe, v, &request).await
    }

    pub(super) async fn beat_on_in_club(&mut self, group: Text, member: Text) {
        let request = self.beating(group, member, true);
        let (answer, _) = self.club_beat(1, &request).await;
        self.learn_club(group, member, &answer);
    }
}

const UNKNOWN_MEMBER_ID: i16 = 25;
const GROUP_ID_NOT_FOUND: i16 = 69;
const FENCED_MEMBER_EPOCH: i16 = 110;
