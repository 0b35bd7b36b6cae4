//! Streams groups (KIP-1071): what members with topologies ask.

use testkit::Random;
use wire::ApiKey;
use wire::messages::streams_group_heartbeat::{CopartitionGroup, KeyValue, Subtopology, TopicInfo};

use super::script::{LASTING, Text};
use super::side::Side;

pub(super) const FLOWS: [Text; 3] = ["flow-a", "flow-b", "flow-c"];
/// Members with their processes: threads share one.
const MEMBERS: [(Text, Text); 4] = [
    ("a3b0a2de-thread-1", "process-one"),
    ("a3b0a2de-thread-2", "process-one"),
    ("77c5f1b4-thread-1", "process-two"),
    ("0e11d3ff-thread-1", "process-three"),
];

#[derive(Debug, Clone)]
pub(super) enum Flow {
    /// Waits until the coordinator of the group knows the topics that last: each of Kafka's learns of them by itself.
    Ready {
        group: Text,
    },
    /// How many copies of its state a group keeps.
    Standbys {
        group: Text,
        count: Text,
    },
    Join {
        group: Text,
        member: Text,
        process: Text,
        shape: Shape,
        topology_epoch: i32,
        endpoint: bool,
        fixed: bool,
    },
    Beat {
        group: Text,
        member: Text,
        ahead: i32,
        owns: bool,
        shuts_down: bool,
    },
    Leave {
        group: Text,
        member: Text,
        epoch: i32,
    },
    Describe {
        group: Text,
    },
    /// Everyone beats until nothing changes any more.
    Settle {
        group: Text,
    },
    Commit {
        group: Text,
        member: Text,
        topic: Text,
        partition: i32,
        ahead: i32,
    },
    Positions {
        group: Text,
        member: Option<Text>,
        ahead: i32,
    },
    Delete {
        group: Text,
    },
    /// What no client sends.
    Odd {
        group: Text,
        member: Text,
        epoch: i32,
        topology: Option<Shape>,
        tasks: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Reads one topic.
    Plain,
    /// Reads two that need not have as many partitions each.
    Merged,
    /// Reads two that must have as many partitions each, and has not.
    Joined,
    /// Counts: one topic between, one changelog.
    Count,
    /// A repartition topic of its own size, joined with a source.
    Fixed,
    /// Reads what is not there.
    Missing,
    /// A changelog that says how many partitions it has.
    Counted,
    /// Reads one of the broker's own topics.
    Internal,
    /// Reads what can't be the name of a topic.
    Misnamed,
}

/// A member as its client knows it.
#[derive(Debug, Clone, Default)]
pub(super) struct FlowSeat {
    pub(super) epoch: i32,
    pub(super) endpoint_epoch: i32,
    pub(super) tasks: [Vec<(String, Vec<i32>)>; 3],
}

impl Flow {
    pub(super) fn choose(random: &mut Random) -> (ApiKey, Flow) {
        let group = *random.pick(&FLOWS);
        let (member, process) = *random.pick(&MEMBERS);
        let beats = ApiKey::StreamsGroupHeartbeat;
        let ahead = *random.pick(&[0, 0, 0, 0, 0, 1, -1]);
        let flow = match random.below(24) {
            0..6 => {
                let shape = match group {
                    // Each mostly as it began.
                    "flow-a" => *random.pick(&[Shape::Count, Shape::Count, Shape::Count, Shape::Plain]),
                    "flow-b" => *random.pick(&[Shape::Plain, Shape::Plain, Shape::Plain, Shape::Count]),
                    _ => *random.pick(&[
                        Shape::Merged,
                        Shape::Merged,
                        Shape::Joined,
                        Shape::Fixed,
                        Shape::Fixed,
                        Shape::Missing,
                    ]),
                };
                Flow::Join {
                    group,
                    member,
                    process,
                    shape,
                    topology_epoch: *random.pick(&[0, 0, 0, 0, 0, 1]),
                    // A Kafka that lacks topics, or finds them wrong, fails inside at telling who answers for them.
                    endpoint: group != "flow-c" && random.one_in(2),
                    fixed: random.one_in(16),
                }
            }
            6..12 => {
                Flow::Beat { group, member, ahead, owns: !random.one_in(3), shuts_down: random.one_in(12) }
            }
            12 => Flow::Leave { group, member, epoch: *random.pick(&[-1, -1, -1, -2, -3]) },
            13..15 => return (ApiKey::StreamsGroupDescribe, Flow::Describe { group }),
            15..19 => return (ApiKey::StreamsGroupDescribe, Flow::Settle { group }),
            19 => {
                let (topic, partition) = (*random.pick(&LASTING), *random.pick(&[0, 1]));
                return (ApiKey::OffsetCommit, Flow::Commit { group, member, topic, partition, ahead });
            }
            20 => {
                let member = (!random.one_in(3)).then_some(member);
                return (ApiKey::OffsetFetch, Flow::Positions { group, member, ahead });
            }
            21 => {
                let count = *random.pick(&["0", "1", "1", "2"]);
                return (ApiKey::IncrementalAlterConfigs, Flow::Standbys { group, count });
            }
            22 => return (ApiKey::DeleteGroups, Flow::Delete { group }),
            _ => Flow::Odd {
                group: random.pick::<Text>(&["", group]),
                member: random.pick::<Text>(&["", member]),
                epoch: *random.pick(&[0, 0, -7]),
                topology: *random.pick(&[
                    None,
                    Some(Shape::Plain),
                    Some(Shape::Counted),
                    Some(Shape::Internal),
                    Some(Shape::Misnamed),
                ]),
                tasks: random.one_in(2),
            },
        };
        (beats, flow)
    }

    pub(super) fn only_looks(&self) -> bool {
        matches!(self, Flow::Describe { .. } | Flow::Settle { .. } | Flow::Positions { .. })
    }
}

impl Side {
    /// A topology of this shape, with internal topics of the group's own.
    pub(super) fn subtopologies(&self, group: &str, shape: Shape) -> Vec<Subtopology> {
        let internal = |name: &str, partitions: i32| TopicInfo {
            name: self.name(&format!("{group}-{name}")),
            partitions,
            topic_configs: vec![KeyValue { key: "cleanup.policy".into(), value: "delete".into() }],
            ..Default::default()
        };
        let of = |topics: Vec<String>| Subtopology {
            subtopology_id: "0".into(),
            source_topics: topics,
            ..Default::default()
        };
        let reads = |topics: &[Text]| of(topics.iter().map(|topic| self.name(topic)).collect());
        let together = CopartitionGroup { source_topics: vec![0, 1], ..Default::default() };
        match shape {
            Shape::Plain => vec![reads(&LASTING[..1])],
            Shape::Merged => vec![reads(&LASTING)],
            Shape::Missing => vec![reads(&["no-topic"])],
            Shape::Internal => vec![of(vec!["__consumer_offsets".into()])],
            Shape::Misnamed => vec![of(vec!["not a name".into()])],
            Shape::Joined => vec![Subtopology { copartition_groups: vec![together], ..reads(&LASTING) }],
            Shape::Counted => vec![Subtopology {
                state_changelog_topics: vec![internal("odd-changelog", 2)],
                ..reads(&LASTING[..1])
            }],
            Shape::Count => vec![
                Subtopology {
                    repartition_sink_topics: vec![self.name(&format!("{group}-words-repartition"))],
                    ..reads(&LASTING[..1])
                },
                Subtopology {
                    subtopology_id: "1".into(),
                    repartition_source_topics: vec![internal("words-repartition", 0)],
                    state_changelog_topics: vec![internal("counts-changelog", 0)],
                    ..Default::default()
                },
            ],
            Shape::Fixed => vec![
                Subtopology {
                    repartition_sink_topics: vec![self.name(&format!("{group}-by-key-repartition"))],
                    ..reads(&LASTING[..1])
                },
                Subtopology {
                    subtopology_id: "1".into(),
                    repartition_source_topics: vec![internal("by-key-repartition", 3)],
                    state_changelog_topics: vec![internal("table-changelog", 0)],
                    copartition_groups: vec![CopartitionGroup {
                        source_topics: vec![0],
                        repartition_source_topics: vec![0],
                        ..Default::default()
                    }],
                    ..reads(&LASTING[1..])
                },
            ],
        }
    }
}
