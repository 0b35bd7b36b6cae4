//! From looks to rates, lag and trends. Pure: time arrives as an argument.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Sample;
use super::fetch::{Look, Plan};
use crate::ffi::{ClusterDescription, GroupDescription, GroupKind, GroupState, TopicPartition};
use crate::metadata::Metadata;

/// Points of a trend: the last minute.
const TREND_POINTS: usize = 60;
/// A rate shown is the mean of this many looks, because writers beat against the sampler.
const RATE_POINTS: usize = 3;
/// Up to this many partitions, metadata is fetched at every look.
const PARTITIONS_SMALL: usize = 1000;
const METADATA_EVERY: Duration = Duration::from_secs(5);
const STARTS_EVERY: Duration = Duration::from_secs(10);
const NODES_EVERY: Duration = Duration::from_secs(15);
/// Members join without changing their group's state.
const DESCRIBE_EVERY: Duration = Duration::from_secs(5);
const GROUPS_A_LOOK: usize = 100;
const POLICIES_A_LOOK: usize = 50;
const POLICY_AGE_MAX: Duration = Duration::from_secs(120);

/// A partition's offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) partition: i32,
    pub(crate) start: i64,
    pub(crate) end: i64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct TopicState {
    /// By partition.
    pub(crate) marks: Vec<Mark>,
    pub(crate) trend: VecDeque<f32>,
    pub(crate) policy: Option<(Instant, Option<String>)>,
}

#[derive(Debug, Clone)]
pub(crate) struct GroupRecord {
    pub(crate) state: GroupState,
    pub(crate) kind: GroupKind,
    pub(crate) simple: bool,
    pub(crate) description: Option<(Instant, GroupDescription)>,
    pub(crate) committed: Vec<(TopicPartition, i64)>,
    pub(crate) lag: u64,
    pub(crate) trend: VecDeque<f32>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) taken: Option<Instant>,
    pub(crate) at_ms: i64,
    pub(crate) metadata: Option<Arc<Metadata>>,
    pub(crate) nodes: Option<(Instant, ClusterDescription)>,
    pub(crate) topics: BTreeMap<Arc<str>, TopicState>,
    pub(crate) groups: BTreeMap<String, GroupRecord>,
    pub(crate) trend: VecDeque<f32>,
    starts_taken: Option<Instant>,
    groups_last: Option<String>,
}

impl State {
    /// What the next look should fetch.
    pub(crate) fn plan(&self, known: Option<Arc<Metadata>>, watched: bool) -> Plan {
        let due =
            |taken: Option<Instant>, every: Duration| taken.is_none_or(|taken| taken.elapsed() >= every);
        let metadata = known.filter(|known| {
            known.taken.elapsed() < METADATA_EVERY && known.partition_count() > PARTITIONS_SMALL
        });
        let describe = self
            .groups
            .iter()
            .filter(|(_, group)| {
                group.state != GroupState::Empty
                    && due(group.description.as_ref().map(|(taken, _)| *taken), DESCRIBE_EVERY)
            })
            .map(|(name, _)| name.clone())
            .take(GROUPS_A_LOOK)
            .collect();
        let policies = self
            .topics
            .iter()
            .filter(|(_, topic)| {
                watched && due(topic.policy.as_ref().map(|(taken, _)| *taken), POLICY_AGE_MAX)
            })
            .map(|(name, _)| name.to_string())
            .take(POLICIES_A_LOOK)
            .collect();
        Plan {
            metadata,
            starts: due(self.starts_taken, STARTS_EVERY) || watched,
            nodes: due(self.nodes.as_ref().map(|(taken, _)| *taken), NODES_EVERY),
            describe,
            known_groups: self.groups.iter().map(|(name, group)| (name.clone(), group.state)).collect(),
            groups_max: GROUPS_A_LOOK,
            groups_after: self.groups_last.clone(),
            policies,
        }
    }

    pub(crate) fn forget_policy(&mut self, topic: &str) {
        if let Some(topic) = self.topics.get_mut(topic) {
            topic.policy = None;
        }
    }

    /// Takes a look in and says what it adds to the history.
    pub(crate) fn apply(&mut self, look: Look, now: Instant, at_ms: i64) -> Sample {
        let since = self.taken.map(|taken| now.saturating_duration_since(taken).as_secs_f64());
        let topic_in = self.apply_topics(&look, since);
        if look.starts.is_some() {
            self.starts_taken = Some(now);
        }
        for (topic, policy) in look.policies {
            if let Some(topic) = self.topics.get_mut(topic.as_str()) {
                topic.policy = Some((now, policy));
            }
        }
        if let Some(nodes) = look.nodes {
            self.nodes = Some((now, nodes));
        }

        self.groups.retain(|name, _| look.groups.iter().any(|listing| listing.group == *name));
        for listing in look.groups {
            let group = self.groups.entry(listing.group).or_insert_with(|| GroupRecord {
                state: listing.state,
                kind: listing.kind,
                simple: listing.simple,
                description: None,
                committed: Vec::new(),
                lag: 0,
                trend: VecDeque::new(),
            });
            group.state = listing.state;
            group.kind = listing.kind;
            group.simple = listing.simple;
        }
        for description in look.described {
            if let Some(group) = self.groups.get_mut(&description.group) {
                group.description = Some((now, description));
            }
        }
        for (name, committed) in look.committed {
            if let Some(group) = self.groups.get_mut(&name) {
                group.committed = committed;
            }
        }
        self.groups_last = look.groups_last;
        for group in self.groups.values_mut() {
            group.lag =
                group.committed.iter().filter_map(|(at, offset)| lag(&self.topics, at, *offset)).sum();
            push(&mut group.trend, group.lag as f32);
        }

        // An empty sum of floats is -0.
        let messages_in = topic_in.iter().fold(0.0, |sum, (_, rate)| sum + rate);
        push(&mut self.trend, messages_in as f32);
        self.metadata = Some(look.metadata);
        self.taken = Some(now);
        self.at_ms = at_ms;
        Sample {
            at_ms,
            messages_in,
            total_lag: self.total_lag(),
            topic_in,
            group_lag: self.groups.iter().map(|(name, group)| (name.clone(), group.lag)).collect(),
        }
    }

    /// Rates of the topics that received anything.
    fn apply_topics(&mut self, look: &Look, since: Option<f64>) -> Vec<(Arc<str>, f64)> {
        let mut starts: HashMap<&TopicPartition, i64> = HashMap::new();
        for start in look.starts.iter().flatten() {
            starts.extend(start.offset.map(|offset| (&start.at, offset)));
        }
        let mut ends: BTreeMap<&str, Vec<(&TopicPartition, i64)>> = BTreeMap::new();
        for end in &look.ends {
            if let Some(offset) = end.offset {
                ends.entry(&end.at.topic).or_default().push((&end.at, offset));
            }
        }
        self.topics.retain(|name, _| look.metadata.topics.contains_key(name));
        let mut rates = Vec::new();
        for name in look.metadata.topics.keys() {
            let known = self.topics.contains_key(name);
            let topic = self.topics.entry(name.clone()).or_default();
            let mut written = 0;
            let mut marks = Vec::new();
            for (at, end) in ends.remove(&**name).unwrap_or_default() {
                let before = topic.marks.iter().find(|mark| mark.partition == at.partition);
                let start = starts.get(at).copied().or(before.map(|mark| mark.start)).unwrap_or(0);
                written += match before {
                    Some(before) => (end - before.end).max(0),
                    // A topic that appeared since the last look was written since then.
                    None if since.is_some() => end - start,
                    None => 0,
                };
                marks.push(Mark { partition: at.partition, start: start.min(end), end });
            }
            marks.sort_by_key(|mark| mark.partition);
            topic.marks = marks;
            let rate = match since {
                Some(seconds) if seconds > 0.0 => written as f64 / seconds,
                _ => 0.0,
            };
            if since.is_some() || known {
                push(&mut topic.trend, rate as f32);
            }
            if rate > 0.0 {
                rates.push((name.clone(), rate));
            }
        }
        rates
    }

    pub(crate) fn total_lag(&self) -> u64 {
        self.groups.values().map(|group| group.lag).sum()
    }

    pub(crate) fn mark(&self, at: &TopicPartition) -> Option<Mark> {
        mark(&self.topics, at)
    }
}

fn mark(topics: &BTreeMap<Arc<str>, TopicState>, at: &TopicPartition) -> Option<Mark> {
    topics.get(&at.topic)?.marks.iter().find(|mark| mark.partition == at.partition).copied()
}

fn lag(topics: &BTreeMap<Arc<str>, TopicState>, at: &TopicPartition, committed: i64) -> Option<u64> {
    u64::try_from(mark(topics, at)?.end - committed).ok()
}

fn push(trend: &mut VecDeque<f32>, value: f32) {
    if trend.len() == TREND_POINTS {
        trend.pop_front();
    }
    trend.push_back(value);
}

/// The rate shown: a short mean.
pub(crate) fn rate(trend: &VecDeque<f32>) -> f64 {
    let recent = trend.iter().rev().take(RATE_POINTS);
    let count = recent.len();
    if count == 0 { 0.0 } else { recent.map(|value| f64::from(*value)).sum::<f64>() / count as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::{GroupListing, ListedOffset};
    use crate::metadata::{Partition, Topic};

    fn look(ends: &[(&str, i64)], committed: &[(&str, &str, i64)]) -> Look {
        let topics = ends.iter().map(|(name, _)| {
            let name: Arc<str> = (*name).into();
            let partition = Partition { id: 0, leader: 0, replicas: vec![0], isr: vec![0] };
            (name.clone(), Topic { name, partitions: vec![partition] })
        });
        let at = |name: &str| TopicPartition::new(name, 0);
        let offset =
            |name: &str, offset| ListedOffset { at: at(name), offset: Some(offset), timestamp_ms: None };
        Look {
            metadata: Arc::new(Metadata {
                taken: Instant::now(),
                brokers: vec![0],
                topics: topics.collect(),
            }),
            ends: ends.iter().map(|(name, end)| offset(name, *end)).collect(),
            starts: Some(ends.iter().map(|(name, _)| offset(name, 0)).collect()),
            nodes: None,
            groups: committed
                .iter()
                .map(|(group, ..)| GroupListing {
                    group: (*group).to_owned(),
                    state: GroupState::Empty,
                    kind: GroupKind::Classic,
                    simple: false,
                })
                .collect(),
            described: Vec::new(),
            committed: committed
                .iter()
                .map(|(group, topic, offset)| ((*group).to_owned(), vec![(at(topic), *offset)]))
                .collect(),
            policies: Vec::new(),
            groups_last: None,
        }
    }

    #[test]
    fn looks_become_rates_and_lag() {
        let mut state = State::default();
        let start = Instant::now();
        let first = state.apply(look(&[("a", 100)], &[("g", "a", 90)]), start, 1000);
        assert_eq!((first.messages_in, first.total_lag), (0.0, 10));

        let second = state.apply(
            look(&[("a", 120), ("b", 5)], &[("g", "a", 120)]),
            start + Duration::from_secs(2),
            3000,
        );
        assert_eq!(second.topic_in, [("a".into(), 10.0), ("b".into(), 2.5)]);
        assert_eq!((second.messages_in, second.total_lag), (12.5, 0));

        // A topic made anew under the same name does not run backwards, and a group that went is gone.
        let third = state.apply(look(&[("a", 3)], &[]), start + Duration::from_secs(3), 4000);
        assert_eq!((third.messages_in, third.group_lag.len()), (0.0, 0));
        assert_eq!(state.topics["a"].trend, [10.0, 0.0]);
        assert!(!state.topics.contains_key("b"));
        assert_eq!(rate(&state.topics["a"].trend), 5.0);
    }

    #[test]
    fn committed_past_the_end_is_no_lag() {
        let mut state = State::default();
        let sample = state.apply(look(&[("a", 5)], &[("g", "a", 90), ("h", "gone", 1)]), Instant::now(), 0);
        assert_eq!(sample.total_lag, 0);
    }

    #[test]
    fn a_trend_is_a_minute() {
        let mut trend = VecDeque::new();
        for value in 0..100_u8 {
            push(&mut trend, value.into());
        }
        assert_eq!((trend.len(), trend.front(), trend.back()), (60, Some(&40.0), Some(&99.0)));
    }
}
