//! What a page holds. Pure: offsets and messages in, offsets and messages out.

use std::collections::{BTreeMap, VecDeque};

use super::{Position, Span};
use crate::message::Message;

/// Where an earlier page left each partition; an unknown partition starts over.
pub(super) fn resume(spans: &[Span], positions: &[Position], newest: bool) -> Vec<i64> {
    spans
        .iter()
        .map(|span| {
            let known = positions.iter().find(|position| position.partition == span.partition);
            let fresh = if newest { span.end } else { span.start };
            known.map_or(fresh, |position| position.offset).clamp(span.start, span.end)
        })
        .collect()
}

/// The windows read backwards from `from`, none larger than `size`.
pub(super) fn windows(spans: &[Span], from: &[i64], size: i64) -> Vec<(i32, i64, i64)> {
    spans
        .iter()
        .zip(from)
        .filter(|(span, from)| **from > span.start)
        .map(|(span, from)| (span.partition, (*from - size).max(span.start), *from))
        .collect()
}

/// Messages by partition, each in offset order.
pub(super) type Found = BTreeMap<i32, VecDeque<Message>>;

/// Takes the `limit` newest, newest first. What is left in `found` was not taken.
///
/// Within a partition the order is the offsets'; between partitions the time decides.
pub(super) fn take_newest(found: &mut Found, limit: usize) -> Vec<Message> {
    take(found, limit, VecDeque::back, VecDeque::pop_back, |a, b| a > b)
}

/// Takes the `limit` oldest, oldest first.
pub(super) fn take_oldest(found: &mut Found, limit: usize) -> Vec<Message> {
    take(found, limit, VecDeque::front, VecDeque::pop_front, |a, b| a < b)
}

fn take(
    found: &mut Found,
    limit: usize,
    peek: fn(&VecDeque<Message>) -> Option<&Message>,
    pop: fn(&mut VecDeque<Message>) -> Option<Message>,
    better: fn(i64, i64) -> bool,
) -> Vec<Message> {
    let mut taken = Vec::with_capacity(limit.min(found.values().map(VecDeque::len).sum()));
    while taken.len() < limit {
        let mut best: Option<(i32, i64)> = None;
        for (partition, queue) in found.iter() {
            let Some(message) = peek(queue) else { continue };
            let time = message.timestamp_ms.unwrap_or(i64::MIN);
            if best.is_none_or(|(_, best)| better(time, best)) {
                best = Some((*partition, time));
            }
        }
        let Some((partition, _)) = best else { break };
        taken.extend(found.get_mut(&partition).and_then(pop));
    }
    taken
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::message::Payload;
    use payload::Encoding;

    pub(crate) fn message(partition: i32, offset: i64, timestamp_ms: i64) -> Message {
        let empty = Payload {
            encoding: Encoding::Null,
            text: String::new(),
            truncated: false,
            size_bytes: 0,
            hex: None,
            schema: None,
            error: None,
        };
        Message {
            partition,
            offset,
            timestamp_ms: Some(timestamp_ms),
            key: empty.clone(),
            value: empty,
            headers: Vec::new(),
            size_bytes: 0,
        }
    }

    fn found(messages: &[(i32, i64, i64)]) -> Found {
        let mut found = Found::new();
        for (partition, offset, time) in messages {
            found.entry(*partition).or_default().push_back(message(*partition, *offset, *time));
        }
        found
    }

    fn names(messages: &[Message]) -> Vec<(i32, i64)> {
        messages.iter().map(|message| (message.partition, message.offset)).collect()
    }

    #[track_caller]
    fn check_newest(messages: &[(i32, i64, i64)], limit: usize, expected: &[(i32, i64)]) {
        assert_eq!(names(&take_newest(&mut found(messages), limit)), expected);
    }

    #[track_caller]
    fn check_oldest(messages: &[(i32, i64, i64)], limit: usize, expected: &[(i32, i64)]) {
        assert_eq!(names(&take_oldest(&mut found(messages), limit)), expected);
    }

    #[test]
    fn partitions_merge_by_time_and_keep_their_order() {
        let two = [(0, 5, 100), (0, 6, 300), (1, 1, 200), (1, 2, 400)];
        check_newest(&two, 3, &[(1, 2), (0, 6), (1, 1)]);
        check_oldest(&two, 3, &[(0, 5), (1, 1), (0, 6)]);
        // A clock that ran backwards does not reorder a partition.
        let backwards = [(0, 5, 900), (0, 6, 100), (1, 1, 500)];
        check_newest(&backwards, 9, &[(1, 1), (0, 6), (0, 5)]);
        check_newest(&[], 9, &[]);
    }

    #[test]
    fn a_page_goes_on_where_the_last_one_ended() {
        let spans = [Span { partition: 0, start: 10, end: 50 }, Span { partition: 1, start: 0, end: 9 }];
        let positions = [Position { partition: 0, offset: 30 }];
        assert_eq!(resume(&spans, &positions, false), [30, 0]);
        assert_eq!(resume(&spans, &positions, true), [30, 9]);
        assert_eq!(resume(&spans, &[Position { partition: 0, offset: 5 }], true), [10, 9]);
        assert_eq!(windows(&spans, &[30, 9], 5), [(0, 25, 30), (1, 4, 9)]);
        assert_eq!(windows(&spans, &[10, 9], 50), [(1, 0, 9)]);
    }
}
