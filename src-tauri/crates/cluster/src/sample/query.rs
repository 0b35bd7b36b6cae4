//! Views of the last look, for lists.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::state::{GroupRecord, Mark, State, TopicState, rate};
use crate::cluster::Cluster;
use crate::error::{ClusterError, Result};
use crate::ffi::{GroupDescription, GroupKind, GroupState, Node, TopicPartition};
use crate::metadata::Topic;

/// The cluster at a glance.
#[derive(Debug, Clone, Default)]
pub struct ClusterView {
    pub at_ms: i64,
    pub brokers: usize,
    pub topics: usize,
    pub partitions: usize,
    pub under_replicated: usize,
    pub offline: usize,
    pub messages_in_per_s: f64,
    pub total_lag: u64,
    pub nodes: Vec<Node>,
    pub controller: Option<i32>,
    /// Per broker: replicas it holds, and partitions it leads.
    pub loads: BTreeMap<i32, (usize, usize)>,
}

#[derive(Debug, Clone)]
pub struct TopicView {
    pub topic: Topic,
    /// End minus start offsets, summed.
    pub messages: u64,
    pub messages_in_per_s: f64,
    pub trend: Vec<f64>,
    pub cleanup_policy: Option<String>,
    /// Groups with committed offsets on it.
    pub consumers: usize,
    /// (partition, start, end).
    pub offsets: Vec<(i32, i64, i64)>,
}

#[derive(Debug, Clone)]
pub struct TopicGroupView {
    pub group: String,
    pub state: GroupState,
    pub members: usize,
    pub lag: u64,
}

#[derive(Debug, Clone)]
pub struct GroupView {
    pub group: String,
    pub state: GroupState,
    pub kind: GroupKind,
    pub simple: bool,
    pub description: Option<GroupDescription>,
    pub topics: Vec<Arc<str>>,
    pub total_lag: u64,
    pub trend: Vec<f64>,
}

#[derive(Debug, Clone)]
pub struct GroupLagView {
    pub group: String,
    pub state: GroupState,
    pub total_lag: u64,
    pub trend: Vec<f64>,
}

fn trend(values: &VecDeque<f32>) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

impl State {
    fn consumers(&self) -> BTreeMap<Arc<str>, usize> {
        let mut counts = BTreeMap::new();
        for group in self.groups.values() {
            let topics: BTreeSet<&Arc<str>> = group.committed.iter().map(|(at, _)| &at.topic).collect();
            for topic in topics {
                *counts.entry(topic.clone()).or_insert(0) += 1;
            }
        }
        counts
    }

    fn topic_view(&self, topic: &Topic, known: &TopicState, consumers: usize) -> TopicView {
        TopicView {
            topic: topic.clone(),
            messages: known.marks.iter().map(|mark| u64::try_from(mark.end - mark.start).unwrap_or(0)).sum(),
            messages_in_per_s: rate(&known.trend),
            trend: trend(&known.trend),
            cleanup_policy: known.policy.as_ref().and_then(|(_, policy)| policy.clone()),
            consumers,
            offsets: known
                .marks
                .iter()
                .map(|Mark { partition, start, end }| (*partition, *start, *end))
                .collect(),
        }
    }

    fn group_view(name: &str, group: &GroupRecord) -> GroupView {
        let description = group.description.as_ref().map(|(_, description)| description.clone());
        let assigned = description.iter().flat_map(|description| &description.members);
        let mut topics: BTreeSet<Arc<str>> = group.committed.iter().map(|(at, _)| at.topic.clone()).collect();
        topics.extend(assigned.flat_map(|member| &member.assignment).map(|at| at.topic.clone()));
        GroupView {
            group: name.to_owned(),
            state: group.state,
            kind: group.kind,
            simple: group.simple,
            topics: topics.into_iter().collect(),
            total_lag: group.lag,
            trend: trend(&group.trend),
            // The members of an empty group are gone, whatever was described before.
            description: description.map(|description| match group.state {
                GroupState::Empty | GroupState::Dead => {
                    GroupDescription { members: Vec::new(), ..description }
                }
                _ => description,
            }),
        }
    }
}

impl Cluster {
    pub async fn view(&self) -> Result<ClusterView> {
        self.sampled(|state| {
            let mut view = ClusterView {
                at_ms: state.at_ms,
                messages_in_per_s: rate(&state.trend),
                total_lag: state.total_lag(),
                ..ClusterView::default()
            };
            if let Some(metadata) = &state.metadata {
                view.brokers = metadata.brokers.len();
                view.topics = metadata.topics.len();
                view.partitions = metadata.partition_count();
                view.under_replicated = metadata.topics.values().map(Topic::under_replicated).sum();
                view.offline = metadata.topics.values().map(Topic::offline).sum();
                for partition in metadata.topics.values().flat_map(|topic| &topic.partitions) {
                    for replica in &partition.replicas {
                        view.loads.entry(*replica).or_default().0 += 1;
                    }
                    view.loads.entry(partition.leader).or_default().1 += 1;
                }
            }
            if let Some((_, nodes)) = &state.nodes {
                view.nodes = nodes.nodes.clone();
                view.controller = nodes.controller;
            }
            view
        })
        .await
    }

    /// Sorted by name.
    pub async fn topic_views(&self) -> Result<Vec<TopicView>> {
        self.sampled(|state| {
            let consumers = state.consumers();
            let Some(metadata) = &state.metadata else { return Vec::new() };
            let unknown = TopicState::default();
            metadata
                .topics
                .values()
                .map(|topic| {
                    let known = state.topics.get(&topic.name).unwrap_or(&unknown);
                    state.topic_view(topic, known, consumers.get(&topic.name).copied().unwrap_or(0))
                })
                .collect()
        })
        .await
    }

    /// The topics written to most, busiest first.
    pub async fn busiest_topics(&self, limit: usize) -> Result<Vec<(Arc<str>, f64, Vec<f64>)>> {
        self.sampled(|state| {
            let mut busy: Vec<(&Arc<str>, f64, &TopicState)> = state
                .topics
                .iter()
                .map(|(name, topic)| (name, rate(&topic.trend), topic))
                .filter(|(name, rate, _)| *rate > 0.0 && !name.starts_with("__"))
                .collect();
            busy.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
            busy.into_iter()
                .take(limit)
                .map(|(name, rate, topic)| (name.clone(), rate, trend(&topic.trend)))
                .collect()
        })
        .await
    }

    /// One topic and the groups that read it.
    pub async fn topic_view(&self, topic: &str) -> Result<(TopicView, Vec<TopicGroupView>)> {
        // Created a moment ago by somebody else: the last look may not show it yet.
        let unknown = self.sampled(|state| !state.topics.contains_key(topic)).await?;
        if unknown {
            self.metadata_with(topic).await?;
            self.refresh().await;
        }
        self.sampled(|state| {
            let metadata = state.metadata.as_ref().and_then(|metadata| metadata.topics.get(topic))?;
            let known = state.topics.get(topic)?;
            let groups: Vec<TopicGroupView> = state
                .groups
                .iter()
                .filter_map(|(name, group)| {
                    let view = State::group_view(name, group);
                    let on_topic = |at: &TopicPartition| *at.topic == *topic;
                    view.topics.iter().any(|name| **name == *topic).then(|| TopicGroupView {
                        group: name.clone(),
                        state: group.state,
                        members: view.description.map_or(0, |description| {
                            let reads = |member: &&crate::Member| member.assignment.iter().any(on_topic);
                            description.members.iter().filter(reads).count()
                        }),
                        lag: group
                            .committed
                            .iter()
                            .filter(|(at, _)| on_topic(at))
                            .filter_map(|(at, offset)| u64::try_from(state.mark(at)?.end - offset).ok())
                            .sum(),
                    })
                })
                .collect();
            Some((state.topic_view(metadata, known, groups.len()), groups))
        })
        .await?
        .ok_or_else(|| ClusterError::topic_missing(topic))
    }

    /// Sorted by name.
    pub async fn group_views(&self) -> Result<Vec<GroupView>> {
        self.sampled(|state| {
            state.groups.iter().map(|(name, group)| State::group_view(name, group)).collect()
        })
        .await
    }

    /// One group's row, when the last look knows it.
    pub async fn group_view(&self, group: &str) -> Result<Option<GroupView>> {
        self.sampled(|state| state.groups.get(group).map(|known| State::group_view(group, known))).await
    }

    /// The groups furthest behind, slowest first.
    pub async fn slowest_groups(&self, limit: usize) -> Result<Vec<GroupLagView>> {
        self.sampled(|state| {
            let mut slow: Vec<(&String, &GroupRecord)> = state.groups.iter().collect();
            slow.sort_by(|a, b| b.1.lag.cmp(&a.1.lag).then_with(|| a.0.cmp(b.0)));
            slow.into_iter()
                .take(limit)
                .map(|(name, group)| GroupLagView {
                    group: name.clone(),
                    state: group.state,
                    total_lag: group.lag,
                    trend: trend(&group.trend),
                })
                .collect()
        })
        .await
    }
}
