//! Reading messages: pages, one whole message, the live tail.
//!
//! A read borrows a consumer from the [`pool`], assigns partitions at exact
//! offsets and reads up to ends taken at its start, so it always ends. [`plan`]
//! decides what is read and what a page holds, without I/O.

mod page;
mod plan;
mod pool;
mod read;
mod tail;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(crate) use pool::Pool;
pub(crate) use read::{Flow, Range};

use crate::cluster::Cluster;
use crate::error::{ClusterError, Result};
use crate::ffi::{OffsetSpec, TopicPartition};
use crate::groups::choose;
use crate::message::{Decoder, Detail, Message};

/// Messages a page holds at most.
pub const MESSAGES_MAX: usize = 1000;
/// A page ends after this long with what it found; the positions go on from there.
const PAGE_LIMIT: Duration = Duration::from_secs(8);
/// A page ends after reading this much.
const PAGE_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Where reading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seek {
    /// The newest, backwards.
    Newest,
    Oldest,
    Offset(i64),
    /// The first message at or after this time.
    TimeMs(i64),
}

/// A partition's next offset to read; backwards, the one just read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub partition: i32,
    pub offset: i64,
}

#[derive(Debug, Clone)]
pub struct BrowseRequest {
    pub topic: String,
    /// None: all.
    pub partitions: Option<Vec<i32>>,
    pub seek: Seek,
    /// Goes on from an earlier page; the seek then only gives the direction.
    pub positions: Option<Vec<Position>>,
    pub limit: usize,
    /// Only messages whose decoded key or value contains this.
    pub contains: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Newest first when the seek was newest, else oldest first.
    pub messages: Vec<Message>,
    pub positions: Vec<Position>,
    pub scanned: u64,
    pub scanned_bytes: u64,
    pub elapsed: Duration,
    /// Nothing is left in the direction of reading.
    pub end_reached: bool,
}

#[derive(Debug, Clone)]
pub struct TailRequest {
    pub topic: String,
    /// Empty: begin at the current end.
    pub positions: Vec<Position>,
    pub partitions: Option<Vec<i32>>,
    pub contains: Option<String>,
    /// How long the first message is waited for.
    pub wait: Duration,
    pub limit: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// Oldest first.
    pub messages: Vec<Message>,
    pub positions: Vec<Position>,
    /// Passed over because more arrived than the limit.
    pub skipped: u64,
}

/// A partition's offsets at the start of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) partition: i32,
    pub(crate) start: i64,
    pub(crate) end: i64,
}

/// Tells the reading thread that nobody waits for it any more.
pub(crate) struct CancelOnDrop(pub(crate) Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Cluster {
    pub async fn browse(&self, request: BrowseRequest) -> Result<Page> {
        if request.limit == 0 || request.limit > MESSAGES_MAX {
            return Err(ClusterError::Invalid(format!(
                "limit must be 1 to {MESSAGES_MAX}, not {}",
                request.limit
            )));
        }
        let spans = self.spans(&request.topic, request.partitions.as_deref()).await?;
        let from = self.first_offsets(&request, &spans).await?;
        let topic: Arc<str> = request.topic.as_str().into();
        let job = page::Job {
            topic,
            spans,
            from,
            newest: request.seek == Seek::Newest,
            limit: request.limit,
            contains: request.contains.filter(|text| !text.is_empty()),
        };
        self.reading(PAGE_LIMIT + Duration::from_secs(2), move |reader, decoder| {
            page::page(reader, decoder, &job, PAGE_LIMIT, PAGE_BYTES_MAX)
        })
        .await
    }

    /// One message with its payloads whole.
    pub async fn message(&self, topic: &str, partition: i32, offset: i64) -> Result<Message> {
        let spans = self.spans(topic, Some(&[partition])).await?;
        let missing = |why: &str| ClusterError::NotFound {
            what: format!("message {offset} of topic '{topic}', partition {partition}{why}"),
        };
        let span = *spans.first().ok_or_else(|| missing(""))?;
        if offset < span.start || offset >= span.end {
            return Err(missing(&format!(" (it holds {} to {})", span.start, span.end - 1)));
        }
        let name: Arc<str> = topic.into();
        let found = self
            .reading(PAGE_LIMIT, move |reader, decoder| {
                let range = read::Range { partition, from: offset, to: offset + 1 };
                let mut found = None;
                reader.read(&name, &[range], PAGE_LIMIT, &mut |native| {
                    found = Some(decoder.message(native, Detail::Whole));
                    read::Flow::Stop
                })?;
                Ok(found)
            })
            .await?;
        found.ok_or_else(|| missing(" (compacted away, or not a message)"))
    }

    /// Waits for what comes after the positions.
    pub async fn tail(&self, request: TailRequest) -> Result<Tail> {
        let limit = request.limit.clamp(1, MESSAGES_MAX);
        let spans = self.spans(&request.topic, request.partitions.as_deref()).await?;
        let plan = tail::plan(&spans, &request.positions, limit);
        let topic: Arc<str> = request.topic.as_str().into();
        let contains = request.contains.filter(|text| !text.is_empty());
        let wait = request.wait.min(Duration::from_secs(5));
        self.reading(wait + Duration::from_secs(5), move |reader, decoder| {
            tail::tail(reader, decoder, &topic, plan, contains.as_deref(), wait, limit)
        })
        .await
    }

    /// First and next offsets of the partitions asked for, in one look.
    pub(crate) async fn spans(&self, topic: &str, partitions: Option<&[i32]>) -> Result<Vec<Span>> {
        let metadata = self.metadata_with(topic).await?;
        let chosen = choose(metadata.topic(topic)?, partitions)?;
        let ask = |spec| chosen.iter().map(move |at: &TopicPartition| (at.clone(), spec)).collect::<Vec<_>>();
        let (starts, ends) = tokio::try_join!(
            self.list_offsets(ask(OffsetSpec::Earliest)),
            self.list_offsets(ask(OffsetSpec::Latest)),
        )?;
        let mut spans = Vec::with_capacity(ends.len());
        for end in ends {
            let start = starts.iter().find(|start| start.at == end.at).and_then(|start| start.offset);
            if let (Some(start), Some(end_offset)) = (start, end.offset) {
                spans.push(Span { partition: end.at.partition, start, end: end_offset.max(start) });
            }
        }
        spans.sort_by_key(|span| span.partition);
        Ok(spans)
    }

    /// The offset each partition is read from: forwards the first, backwards the one after the last.
    async fn first_offsets(&self, request: &BrowseRequest, spans: &[Span]) -> Result<Vec<i64>> {
        if let Some(positions) = &request.positions {
            return Ok(plan::resume(spans, positions, request.seek == Seek::Newest));
        }
        let times = match request.seek {
            Seek::TimeMs(at_ms) => {
                let topic: Arc<str> = request.topic.as_str().into();
                let wanted = spans
                    .iter()
                    .map(|span| (TopicPartition::new(topic.clone(), span.partition), OffsetSpec::AtMs(at_ms)))
                    .collect();
                self.list_offsets(wanted).await?
            }
            Seek::Newest | Seek::Oldest | Seek::Offset(_) => Vec::new(),
        };
        Ok(spans
            .iter()
            .map(|span| match request.seek {
                Seek::Newest => span.end,
                Seek::Oldest => span.start,
                Seek::Offset(offset) => offset.clamp(span.start, span.end),
                Seek::TimeMs(_) => times
                    .iter()
                    .find(|found| found.at.partition == span.partition)
                    .and_then(|found| found.offset)
                    .unwrap_or(span.end)
                    .clamp(span.start, span.end),
            })
            .collect())
    }

    /// Runs a read on a thread with a borrowed consumer; dropped, it stops.
    pub(crate) async fn reading<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&read::Reader, &Decoder) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = self.inner.clone();
        let cancelled = Arc::new(AtomicBool::new(false));
        let _guard = CancelOnDrop(cancelled.clone());
        let decoder = Decoder { schemas: inner.schemas.clone(), runtime: tokio::runtime::Handle::current() };
        let lease = tokio::time::timeout(limit, inner.pool.lease())
            .await
            .map_err(|_| ClusterError::Timeout { what: "a free reader".to_owned(), limit })?;
        let task = tokio::task::spawn_blocking(move || {
            let reader = read::Reader { consumer: lease.consumer(&inner.clients)?, cancelled };
            let outcome = work(&reader, &decoder).map_err(|error| inner.clients.explain(error));
            lease.give_back(reader.consumer);
            outcome
        });
        match task.await {
            Ok(outcome) => outcome,
            Err(error) => Err(ClusterError::Internal(format!("reading: {error}"))),
        }
    }
}
