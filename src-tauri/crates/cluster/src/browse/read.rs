//! Reads exact ranges of offsets with one consumer. Blocks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::topic_partition_list::TopicPartitionList;

use crate::client::Consumer;
use crate::error::{ClusterError, Result};
use crate::message::size_bytes;

/// How often a waiting read looks at its cancel flag.
const POLL: Duration = Duration::from_millis(100);

/// How long a tail that has something waits for its neighbours.
const GATHER: Duration = Duration::from_millis(20);

/// What the end of the stored messages means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Stop,
    Wait,
}

/// Offsets `from` up to but not including `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) partition: i32,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// What the receiver of a message wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Continue,
    /// Enough of this partition.
    PartitionDone,
    Stop,
}

/// How far a read came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// The next offset of each partition read.
    pub(crate) positions: BTreeMap<i32, i64>,
    pub(crate) scanned: u64,
    pub(crate) scanned_bytes: u64,
    /// Every range was read to its end (or its receiver had enough of it).
    pub(crate) complete: bool,
}

pub(crate) struct Reader {
    pub(crate) consumer: Consumer,
    pub(crate) cancelled: Arc<AtomicBool>,
}

impl Reader {
    /// Hands over every message of the ranges; a partition's own order is kept.
    pub(crate) fn read(
        &self,
        topic: &str,
        ranges: &[Range],
        limit: Duration,
        receive: &mut dyn FnMut(&BorrowedMessage<'_>) -> Flow,
    ) -> Result<Progress> {
        self.run(topic, ranges, limit, End::Stop, receive)
    }

    /// As [`Reader::read`], but waits for more at the end of what is stored, and
    /// returns a moment after the first message came.
    pub(crate) fn follow(
        &self,
        topic: &str,
        ranges: &[Range],
        limit: Duration,
        receive: &mut dyn FnMut(&BorrowedMessage<'_>) -> Flow,
    ) -> Result<Progress> {
        self.run(topic, ranges, limit, End::Wait, receive)
    }

    fn run(
        &self,
        topic: &str,
        ranges: &[Range],
        limit: Duration,
        end: End,
        receive: &mut dyn FnMut(&BorrowedMessage<'_>) -> Flow,
    ) -> Result<Progress> {
        let failed = |error: KafkaError| ClusterError::from_kafka(format!("topic '{topic}'"), &error);
        let mut progress = Progress::default();
        let mut open: BTreeMap<i32, i64> = BTreeMap::new();
        let mut assignment = TopicPartitionList::with_capacity(ranges.len());
        for range in ranges {
            progress.positions.insert(range.partition, range.from);
            if range.from < range.to {
                open.insert(range.partition, range.to);
                assignment
                    .add_partition_offset(topic, range.partition, Offset::Offset(range.from))
                    .map_err(failed)?;
            }
        }
        if open.is_empty() {
            progress.complete = true;
            return Ok(progress);
        }
        self.consumer.assign(&assignment).map_err(failed)?;
        let outcome = self.drain(topic, open, limit, end, receive, &mut progress);
        // A pause outlives the assignment, and the consumer is used again.
        if let Err(error) = self.consumer.resume(&assignment) {
            tracing::debug!(%error, "reader not resumed");
        }
        if let Err(error) = self.consumer.unassign() {
            tracing::debug!(%error, "reader not unassigned");
        }
        outcome.map(|()| progress)
    }

    fn drain(
        &self,
        topic: &str,
        mut open: BTreeMap<i32, i64>,
        limit: Duration,
        end: End,
        receive: &mut dyn FnMut(&BorrowedMessage<'_>) -> Flow,
        progress: &mut Progress,
    ) -> Result<()> {
        let deadline = Instant::now() + limit;
        let mut trouble: Option<KafkaError> = None;
        while !open.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.cancelled.load(Ordering::Relaxed) {
                break;
            }
            // A tail that has something does not wait for more.
            let pause = if end == End::Wait && progress.scanned > 0 { GATHER } else { POLL };
            match self.consumer.poll(left.min(pause)) {
                None if end == End::Wait && progress.scanned > 0 => break,
                None => {}
                Some(Ok(message)) => {
                    let partition = message.partition();
                    let Some(to) = open.get(&partition).copied() else { continue };
                    if message.offset() >= to {
                        progress.positions.insert(partition, to);
                        self.close(topic, partition, &mut open);
                        continue;
                    }
                    progress.scanned += 1;
                    progress.scanned_bytes += size_bytes(&message);
                    progress.positions.insert(partition, message.offset() + 1);
                    let flow = receive(&message);
                    if flow == Flow::Stop {
                        progress.complete = message.offset() + 1 >= to && open.len() == 1;
                        return Ok(());
                    }
                    if flow == Flow::PartitionDone || message.offset() + 1 >= to {
                        self.close(topic, partition, &mut open);
                    }
                }
                Some(Err(KafkaError::PartitionEOF(_))) if end == End::Wait => {}
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    // Nothing more is stored, even if the last offsets hold no message.
                    if let Some(to) = open.remove(&partition) {
                        let position = progress.positions.entry(partition).or_insert(to);
                        *position = to.max(*position);
                    }
                }
                Some(Err(error)) => match error.rdkafka_error_code() {
                    Some(
                        Code::UnknownTopicOrPartition
                        | Code::UnknownTopic
                        | Code::UnknownPartition
                        | Code::TopicAuthorizationFailed,
                    ) => return Err(ClusterError::from_kafka(format!("topic '{topic}'"), &error)),
                    // The client reconnects by itself; the limit ends the wait.
                    _ => trouble = Some(error),
                },
            }
        }
        progress.complete = open.is_empty();
        match trouble {
            Some(error) if !progress.complete && progress.scanned == 0 => {
                Err(ClusterError::from_kafka(format!("topic '{topic}'"), &error))
            }
            _ => Ok(()),
        }
    }

    /// No more of this partition: what is fetched ahead is dropped.
    fn close(&self, topic: &str, partition: i32, open: &mut BTreeMap<i32, i64>) {
        open.remove(&partition);
        if open.is_empty() {
            return;
        }
        let mut list = TopicPartitionList::with_capacity(1);
        list.add_partition(topic, partition);
        if let Err(error) = self.consumer.pause(&list) {
            tracing::debug!(%error, partition, "partition not paused");
        }
    }
}
