//! Reading for a consumer group without joining it: what is new since its
//! committed offsets, and nothing is committed here.
//!
//! A batch task reads to the end and goes away; joining a group for that costs
//! two rebalances and seconds. Its lag is visible all the same, because lag is
//! what was committed against what is stored. [`Cluster::commit`] refuses while
//! the group has members.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::browse::{Flow, Range};
use crate::cluster::Cluster;
use crate::error::{ClusterError, Result};
use crate::ffi::TopicPartition;
use crate::message::{Detail, Message, size_bytes};

/// Between two looks for something new, while waiting.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A read of what is there ends after this long.
const READ_LIMIT: Duration = Duration::from_secs(60);

/// Where a partition without a committed offset begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetReset {
    Earliest,
    Latest,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumeRequest {
    pub topics: Vec<String>,
    pub group: String,
    pub messages_max: usize,
    pub bytes_max: usize,
    /// How long something new is waited for when there is nothing.
    pub wait: Duration,
    pub reset: OffsetReset,
    /// Goes on from here instead of the committed offsets.
    pub from: Vec<(TopicPartition, i64)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumedRecord {
    pub topic: Arc<str>,
    pub message: Message,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consumed {
    /// In each partition's own order.
    pub records: Vec<ConsumedRecord>,
    /// Where each partition goes on; only those that moved.
    pub positions: Vec<(TopicPartition, i64)>,
    pub bytes: usize,
    /// Everything stored when the read began was read.
    pub at_end: bool,
}

impl Cluster {
    pub async fn consume(&self, request: ConsumeRequest) -> Result<Consumed> {
        if request.topics.is_empty() {
            return Err(ClusterError::invalid("topics: none is named"));
        }
        if request.group.is_empty() {
            return Err(ClusterError::invalid("group_id: the name is empty"));
        }
        let committed: BTreeMap<TopicPartition, i64> =
            self.committed(&request.group).await?.into_iter().collect();
        let deadline = Instant::now() + request.wait;
        let mut from = committed;
        from.extend(request.from);
        loop {
            let mut work = Vec::new();
            for topic in &request.topics {
                work.push((topic.clone(), self.ranges(topic, &mut from, request.reset).await?));
            }
            let something = work.iter().any(|(_, ranges)| ranges.iter().any(|range| range.from < range.to));
            if something || Instant::now() >= deadline || request.messages_max == 0 {
                return self.read_ranges(work, request.messages_max, request.bytes_max).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// What is stored behind the offsets known; where a partition begins is remembered in `from`.
    async fn ranges(
        &self,
        topic: &str,
        from: &mut BTreeMap<TopicPartition, i64>,
        reset: OffsetReset,
    ) -> Result<Vec<Range>> {
        let spans = self.spans(topic, None).await?;
        let ranges = spans.into_iter().map(|span| {
            let first = match reset {
                OffsetReset::Earliest => span.start,
                OffsetReset::Latest => span.end,
            };
            let at = TopicPartition::new(topic, span.partition);
            let known = *from.entry(at).or_insert(first);
            // Deleted since, or from before the topic was made anew.
            let from = if known < span.start || known > span.end { first } else { known };
            Range { partition: span.partition, from, to: span.end }
        });
        Ok(ranges.collect())
    }

    async fn read_ranges(
        &self,
        work: Vec<(String, Vec<Range>)>,
        messages_max: usize,
        bytes_max: usize,
    ) -> Result<Consumed> {
        self.reading(READ_LIMIT, move |reader, decoder| {
            let mut consumed = Consumed { at_end: true, ..Consumed::default() };
            for (topic, ranges) in work {
                let name: Arc<str> = topic.as_str().into();
                let Consumed { records, bytes, .. } = &mut consumed;
                let mut full = records.len() >= messages_max || *bytes >= bytes_max;
                if full {
                    consumed.at_end &= ranges.iter().all(|range| range.from >= range.to);
                    continue;
                }
                let progress = reader.read(&topic, &ranges, READ_LIMIT, &mut |native| {
                    *bytes += usize::try_from(size_bytes(native)).unwrap_or(usize::MAX);
                    records.push(ConsumedRecord {
                        topic: name.clone(),
                        message: decoder.message(native, Detail::Text),
                    });
                    full = records.len() >= messages_max || *bytes >= bytes_max;
                    if full { Flow::Stop } else { Flow::Continue }
                })?;
                for range in &ranges {
                    let position = progress.positions.get(&range.partition).copied().unwrap_or(range.from);
                    if position > range.from {
                        consumed
                            .positions
                            .push((TopicPartition::new(name.clone(), range.partition), position));
                    }
                    consumed.at_end &= position >= range.to;
                }
            }
            Ok(consumed)
        })
        .await
    }
}
