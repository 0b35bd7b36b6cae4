//! What a member is given of a share partition.
//!
//! As in Kafka: what is new is taken by whole batches of the log, several of them as one range up to the size the
//! member asked for; what comes again comes by the ranges it was first given in.

use std::sync::Arc;

use super::partition::{Acquire, Acquired, Limits, LogBatch, Mode, SharePartition};
use super::runs::{Run, State};
use crate::groups::Millis;

/// Below this many deliveries records are never throttled.
const THROTTLE_DELIVERIES_MIN: i16 = 2;

/// One acquisition under way.
struct Taking<'a> {
    limits: Limits,
    acquire: &'a Acquire,
    log: &'a [LogBatch],
    until: Millis,
    taken: Vec<Acquired>,
    count: i64,
}

impl SharePartition {
    /// Hands out what can be delivered of the log's batches read from `from`, the next fetch offset, on.
    pub(crate) fn acquire(
        &mut self,
        now: Millis,
        limits: Limits,
        acquire: &Acquire,
        from: i64,
        log: &[LogBatch],
    ) -> Vec<Acquired> {
        let (Some(first), Some(last)) = (log.first(), log.last()) else { return Vec::new() };
        let Some((cap, room)) = self.room(limits, acquire.records_max, from, last.last) else {
            return Vec::new();
        };
        self.archive(from, first.first - 1, &State::Available);
        let until = now + limits.lock_ms;
        let mut taking = Taking { limits, acquire, log, until, taken: Vec::new(), count: 0 };
        self.take(&mut taking, first.first, cap, room);
        let mut taken = taking.taken;
        for batch in log.iter().filter(|batch| batch.aborted) {
            let (first, last) = (batch.first.max(self.runs.start()), batch.last);
            if first <= last {
                let held = |state: &State| matches!(state, State::Acquired { .. });
                self.archive_where(first, last, held);
                taken = without(&taken, first, last);
            }
        }
        match taken.is_empty() {
            // There is nothing to hear of: what was passed over is done with.
            true => self.advance(),
            false => {
                self.note_deadline(until);
                self.runs.pass_missing();
            }
        }
        taken
    }

    /// Up to where, and how many; none if there is no room.
    fn room(&self, limits: Limits, records_max: i64, from: i64, last: i64) -> Option<(i64, i64)> {
        let room = records_max.min(limits.locks_max - self.in_flight());
        if records_max <= 0 || last < self.runs.start() {
            return None;
        }
        if room > 0 {
            return Some((last, room));
        }
        // Only what is in flight already may be delivered again.
        let end = self.runs.end();
        (from < end).then(|| (last.min(end - 1), records_max.min(end - from)))
    }

    fn take(&mut self, taking: &mut Taking<'_>, base: i64, cap: i64, mut room: i64) {
        let from = match self.ranges.range(..=base).next_back() {
            None => base.max(self.runs.start()),
            Some((first, last)) if *last >= base => *first,
            Some(_) => base,
        };
        if base.min(from) > cap {
            return;
        }
        let known: Vec<(i64, i64)> =
            self.ranges.range(base.min(from)..=cap).map(|(first, last)| (*first, *last)).collect();
        let Some((_, known_last)) = known.last().copied() else {
            self.take_new(taking, from, cap, room, false);
            return;
        };
        let mut gap_from = from;
        for (first, last) in known {
            if taking.count >= room {
                break;
            }
            // Read back after a restart: what was delivered then and never settled is known to nobody.
            if let Some(gap) = self.runs.available(gap_from, first - 1, &taking.acquire.except).first() {
                self.take_new(taking, gap.first, first - 1, room - taking.count, true);
                if taking.count >= room {
                    break;
                }
            }
            gap_from = last + 1;
            let (from, to) = (first.max(base), last.min(cap));
            let found = self.runs.available(from, to, &taking.acquire.except);
            let most = found.iter().map(|run| run.deliveries).max();
            let throttled = most.unwrap_or(0) >= throttled_from(taking.limits);
            if throttled && taking.count > 0 {
                room = 0;
                break;
            }
            let before = taking.count;
            self.take_again(taking, (from, to), last - first + 1, room - before);
            if throttled && taking.count > before {
                room = 0;
                break;
            }
        }
        if taking.count < room && known_last < cap {
            self.take_new(taking, known_last + 1, cap, room - taking.count, false);
        }
    }

    /// Takes what was never delivered. `bounded`: what follows `last` is known already.
    fn take_new(&mut self, taking: &mut Taking<'_>, first: i64, last: i64, room: i64, bounded: bool) {
        let first = if self.ranges.is_empty() { first.max(self.runs.end()) } else { first };
        if first > last {
            return;
        }
        let mut upto = last;
        if room < last - first + 1 {
            let wanted = first + room - 1;
            let batch = taking.log.iter().rfind(|batch| batch.first <= wanted);
            upto = batch.map_or(wanted, |batch| batch.last.max(wanted));
            if bounded {
                upto = upto.min(last);
            }
        }
        self.runs.miss_up_to(first);
        let held = State::Acquired { member: Arc::clone(&taking.acquire.member), until: taking.until };
        for (first, last) in taking.ranges(first, upto) {
            self.ranges.insert(first, last);
            let told = match taking.acquire.mode {
                Mode::Records => last.min(first + room - 1),
                Mode::Batches => last,
            };
            self.runs.set(first, last, State::Available, 0);
            self.runs.set(first, told, held.clone(), 1);
            taking.taken.push(Acquired { first, last: told, deliveries: 1 });
            taking.count += told - first + 1;
        }
    }

    /// Takes what can be delivered again of a range of `size` records.
    fn take_again(&mut self, taking: &mut Taking<'_>, (from, to): (i64, i64), size: i64, room: i64) {
        let limits = taking.limits;
        // Of two deliveries the last is nothing special.
        let alone = |deliveries: i16| limits.deliveries_max > 2 && deliveries >= limits.deliveries_max - 1;
        let mut most = None;
        let mut count = 0;
        let mut joins = false;
        for run in self.runs.available(from, to, &taking.acquire.except) {
            let Run { first, mut last, deliveries, .. } = run;
            if alone(deliveries) && count > 0 {
                break;
            }
            if most.is_none() && deliveries >= throttled_from(limits) {
                most = Some(throttled_to(limits, deliveries, size));
            }
            if alone(deliveries) {
                last = first;
            }
            if taking.acquire.mode == Mode::Records {
                last = last.min(first + room - count - 1);
            }
            if let Some(most) = most.filter(|most| *most > count) {
                last = last.min(first + most - count - 1);
            }
            let held = State::Acquired { member: Arc::clone(&taking.acquire.member), until: taking.until };
            let deliveries = deliveries.saturating_add(1);
            self.runs.set(first, last, held, deliveries);
            count += last - first + 1;
            match taking.taken.last_mut() {
                Some(before) if joins && before.last + 1 == first && before.deliveries == deliveries => {
                    before.last = last;
                }
                _ => taking.taken.push(Acquired { first, last, deliveries }),
            }
            joins = true;
            let full = taking.acquire.mode == Mode::Records && count == room;
            if alone(deliveries - 1) || full || most == Some(count) {
                break;
            }
        }
        taking.count += count;
    }
}

impl Taking<'_> {
    /// How `first..=last` is handed out.
    fn ranges(&self, first: i64, last: i64) -> Vec<(i64, i64)> {
        let mut ranges = Vec::new();
        let mut from = first;
        let size = self.acquire.batch_size;
        if self.acquire.mode == Mode::Batches && last - first + 1 > size {
            for batch in self.log.iter().take_while(|batch| batch.first <= last) {
                if batch.first - from >= size {
                    ranges.push((from, batch.first - 1));
                    from = batch.first;
                }
            }
        }
        ranges.push((from, last));
        ranges
    }
}

/// What is left of ranges without `first..=last`.
fn without(ranges: &[Acquired], first: i64, last: i64) -> Vec<Acquired> {
    let mut left = Vec::with_capacity(ranges.len());
    for range in ranges {
        left.extend([
            Acquired { last: range.last.min(first - 1), ..*range },
            Acquired { first: range.first.max(last + 1), ..*range },
        ]);
    }
    left.retain(|range| range.first <= range.last);
    left
}

/// From this many deliveries on.
fn throttled_from(limits: Limits) -> i16 {
    THROTTLE_DELIVERIES_MIN.max((limits.deliveries_max + 1) / 2)
}

/// A record that was delivered often may be what its consumers die of: less and less is delivered with it.
fn throttled_to(limits: Limits, deliveries: i16, range_records: i64) -> i64 {
    let halvings = u32::try_from(deliveries - throttled_from(limits) + 1).unwrap_or(0).min(62);
    (range_records >> halvings).max(1)
}
