//! The live tail: what comes after the positions held by the caller.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::read::{Flow, Range, Reader};
use super::{Position, Span, Tail};
use crate::error::Result;
use crate::message::{Decoder, Detail};

/// After the first message, others that arrive this soon come along.
const GATHER: Duration = Duration::from_millis(30);

/// Where the tail goes on, and what it passes over to keep up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) from: Vec<Position>,
    /// Something is stored already.
    pub(super) backlog: bool,
    pub(super) skipped: u64,
}

/// More than `limit` waiting: the oldest are passed over, evenly.
pub(super) fn plan(spans: &[Span], positions: &[Position], limit: usize) -> Plan {
    let starts: Vec<i64> = spans
        .iter()
        .map(|span| {
            let known = positions.iter().find(|position| position.partition == span.partition);
            match known {
                Some(position) => position.offset.clamp(span.start, span.end),
                // A partition added while tailing is read from its start.
                None if positions.is_empty() => span.end,
                None => span.start,
            }
        })
        .collect();
    let waiting: i64 = spans.iter().zip(&starts).map(|(span, from)| span.end - from).sum();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut skipped = 0;
    let from = spans
        .iter()
        .zip(&starts)
        .map(|(span, from)| {
            let has = span.end - from;
            let keep = if waiting > limit {
                // Its share of the limit, by how much it has waiting.
                (i128::from(has) * i128::from(limit) / i128::from(waiting)).try_into().unwrap_or(has)
            } else {
                has
            };
            skipped += has - keep;
            Position { partition: span.partition, offset: span.end - keep }
        })
        .collect();
    Plan { from, backlog: waiting > 0, skipped: skipped.try_into().unwrap_or(0) }
}

pub(super) fn tail(
    reader: &Reader,
    decoder: &Decoder,
    topic: &Arc<str>,
    plan: Plan,
    contains: Option<&str>,
    wait: Duration,
    limit: usize,
) -> Result<Tail> {
    let ranges: Vec<Range> = plan
        .from
        .iter()
        .map(|position| Range { partition: position.partition, from: position.offset, to: i64::MAX })
        .collect();
    let mut messages = Vec::new();
    let started = Instant::now();
    let mut first: Option<Instant> = None;
    let wait = if plan.backlog { wait.max(Duration::from_millis(500)) } else { wait };
    let progress = reader.follow(topic, &ranges, wait, &mut |native| {
        if contains.is_none_or(|needle| decoder.contains(native, needle)) {
            messages.push(decoder.message(native, Detail::Preview));
        }
        let since = *first.get_or_insert_with(Instant::now);
        let enough = messages.len() >= limit
            || (!messages.is_empty() && since.elapsed() > GATHER)
            || started.elapsed() > wait.max(GATHER);
        if enough { Flow::Stop } else { Flow::Continue }
    })?;
    let positions = plan
        .from
        .iter()
        .map(|position| Position {
            partition: position.partition,
            offset: progress.positions.get(&position.partition).copied().unwrap_or(position.offset),
        })
        .collect();
    messages.sort_by_key(|message| (message.timestamp_ms, message.partition, message.offset));
    Ok(Tail { messages, positions, skipped: plan.skipped })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(spans: &[(i64, i64)], positions: &[i64], limit: usize, expected: &[i64], skipped: u64) {
        let number = |index: usize| i32::try_from(index).unwrap_or(0);
        let spans: Vec<Span> = spans
            .iter()
            .enumerate()
            .map(|(index, (start, end))| Span { partition: number(index), start: *start, end: *end })
            .collect();
        let positions: Vec<Position> = positions
            .iter()
            .enumerate()
            .map(|(index, offset)| Position { partition: number(index), offset: *offset })
            .collect();
        let plan = plan(&spans, &positions, limit);
        assert_eq!(plan.from.iter().map(|position| position.offset).collect::<Vec<_>>(), expected);
        assert_eq!(plan.skipped, skipped);
    }

    #[test]
    fn a_tail_keeps_up_by_passing_over() {
        // No positions: from the end.
        check(&[(0, 10), (0, 5)], &[], 100, &[10, 5], 0);
        check(&[(0, 10), (0, 5)], &[8, 5], 100, &[8, 5], 0);
        // 100 wait and 10 may come: each partition keeps its share.
        check(&[(0, 90), (0, 10)], &[0, 0], 10, &[81, 9], 90);
        // Deleted below the position held.
        check(&[(50, 60)], &[3], 100, &[50], 0);
        // A new partition is read from its start.
        check(&[(0, 10), (0, 2)], &[10], 100, &[10, 0], 0);
    }
}
