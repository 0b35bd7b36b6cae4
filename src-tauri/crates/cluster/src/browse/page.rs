//! One page: forwards in one sweep, backwards in growing windows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::plan::{Found, take_newest, take_oldest, windows};
use super::read::{Flow, Range, Reader};
use super::{Page, Position, Span};
use crate::error::Result;
use crate::message::{Decoder, Detail};

/// A backwards window grows by this much when it held too few matches.
const WINDOW_GROWTH: i64 = 4;
/// Offsets a backwards window spans at most: its matches are held until it is read.
const WINDOW_MAX: i64 = 100_000;

pub(super) struct Job {
    pub(super) topic: Arc<str>,
    pub(super) spans: Vec<Span>,
    /// Per span: forwards the first offset, backwards the one after the last.
    pub(super) from: Vec<i64>,
    pub(super) newest: bool,
    pub(super) limit: usize,
    pub(super) contains: Option<String>,
}

/// What was read so far, against its bounds.
struct Tally {
    started: Instant,
    limit: Duration,
    bytes_max: u64,
    scanned: u64,
    scanned_bytes: u64,
}

impl Tally {
    fn time_left(&self) -> Duration {
        self.limit.saturating_sub(self.started.elapsed())
    }

    fn spent(&self) -> bool {
        self.time_left().is_zero() || self.scanned_bytes >= self.bytes_max
    }
}

pub(super) fn page(
    reader: &Reader,
    decoder: &Decoder,
    job: &Job,
    limit: Duration,
    bytes_max: u64,
) -> Result<Page> {
    let mut tally = Tally { started: Instant::now(), limit, bytes_max, scanned: 0, scanned_bytes: 0 };
    let (messages, offsets) = if job.newest {
        backwards(reader, decoder, job, &mut tally)?
    } else {
        forwards(reader, decoder, job, &mut tally)?
    };
    let end_reached = job
        .spans
        .iter()
        .zip(&offsets)
        .all(|(span, offset)| if job.newest { *offset <= span.start } else { *offset >= span.end });
    Ok(Page {
        messages,
        positions: positions(&job.spans, &offsets),
        scanned: tally.scanned,
        scanned_bytes: tally.scanned_bytes,
        elapsed: tally.started.elapsed(),
        end_reached,
    })
}

fn positions(spans: &[Span], offsets: &[i64]) -> Vec<Position> {
    spans
        .iter()
        .zip(offsets)
        .map(|(span, offset)| Position { partition: span.partition, offset: *offset })
        .collect()
}

type Outcome = Result<(Vec<crate::Message>, Vec<i64>)>;

fn forwards(reader: &Reader, decoder: &Decoder, job: &Job, tally: &mut Tally) -> Outcome {
    let ranges: Vec<Range> = job
        .spans
        .iter()
        .zip(&job.from)
        .map(|(span, from)| Range { partition: span.partition, from: *from, to: span.end })
        .collect();
    let mut found = Found::new();
    let bytes_max = tally.bytes_max;
    let mut bytes = 0;
    let progress = reader.read(&job.topic, &ranges, tally.time_left(), &mut |native| {
        bytes += crate::message::size_bytes(native);
        let queue = found.entry(rdkafka::Message::partition(native)).or_default();
        if job.contains.as_deref().is_none_or(|needle| decoder.contains(native, needle)) {
            queue.push_back(decoder.message(native, Detail::Preview));
        }
        match queue.len() >= job.limit {
            _ if bytes >= bytes_max => Flow::Stop,
            true => Flow::PartitionDone,
            false => Flow::Continue,
        }
    })?;
    tally.scanned += progress.scanned;
    tally.scanned_bytes += progress.scanned_bytes;
    let messages = take_oldest(&mut found, job.limit);
    let offsets = ranges
        .iter()
        .map(|range| {
            // The first message found but not on this page is the next page's.
            let left = found.get(&range.partition).and_then(|queue| queue.front());
            let read_to = progress.positions.get(&range.partition).copied().unwrap_or(range.from);
            left.map_or(read_to, |message| message.offset)
        })
        .collect();
    Ok((messages, offsets))
}

fn backwards(reader: &Reader, decoder: &Decoder, job: &Job, tally: &mut Tally) -> Outcome {
    let mut messages = Vec::new();
    let mut offsets = job.from.clone();
    let mut size = i64::try_from(job.limit).unwrap_or(i64::MAX);
    while messages.len() < job.limit && !tally.spent() {
        let windows = windows(&job.spans, &offsets, size);
        if windows.is_empty() {
            break;
        }
        let ranges: Vec<Range> =
            windows.iter().map(|&(partition, from, to)| Range { partition, from, to }).collect();
        let mut found = Found::new();
        let progress = reader.read(&job.topic, &ranges, tally.time_left(), &mut |native| {
            if job.contains.as_deref().is_none_or(|needle| decoder.contains(native, needle)) {
                let queue = found.entry(rdkafka::Message::partition(native)).or_default();
                queue.push_back(decoder.message(native, Detail::Preview));
                // Only the newest can end up on the page.
                if queue.len() > job.limit {
                    queue.pop_front();
                }
            }
            Flow::Continue
        })?;
        tally.scanned += progress.scanned;
        tally.scanned_bytes += progress.scanned_bytes;
        if !progress.complete {
            // A window read in part says nothing about its newest messages: it is read again next time.
            break;
        }
        let trimmed: std::collections::BTreeSet<i32> = found
            .iter()
            .filter(|(_, queue)| queue.len() == job.limit)
            .map(|(partition, _)| *partition)
            .collect();
        let first_kept: std::collections::BTreeMap<i32, i64> =
            found.iter().filter_map(|(partition, queue)| Some((*partition, queue.front()?.offset))).collect();
        messages.extend(take_newest(&mut found, job.limit - messages.len()));
        for range in &ranges {
            let Some(at) = job.spans.iter().position(|span| span.partition == range.partition) else {
                continue;
            };
            let left = found.get(&range.partition).and_then(|queue| queue.back());
            offsets[at] = match left {
                Some(message) => message.offset + 1,
                // Older matches of the window may have been let go.
                None if trimmed.contains(&range.partition) => {
                    first_kept.get(&range.partition).copied().unwrap_or(range.from)
                }
                None => range.from,
            };
        }
        size = (size.saturating_mul(WINDOW_GROWTH)).min(WINDOW_MAX);
    }
    Ok((messages, offsets))
}
