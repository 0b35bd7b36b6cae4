//! What must hold of a share partition, whatever its members do.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::partition::{
    AcknowledgeError, Acknowledgement, Acquire, Acquired, Kind, Limits, LogBatch, Mode, SharePartition,
    StateBatch,
};
use crate::groups::Millis;

const LIMITS: Limits = Limits { lock_ms: 100, deliveries_max: 5, locks_max: 40, renew: true };

fn acquire(member: &str, mode: Mode, records_max: i64) -> Acquire {
    Acquire { member: Arc::from(member), mode, records_max, batch_size: 1000, except: Vec::new() }
}

fn batch(first: i64, last: i64) -> LogBatch {
    LogBatch { first, last, aborted: false }
}

fn acknowledge(first: i64, last: i64, kinds: &[Kind]) -> [Acknowledgement; 1] {
    [Acknowledgement { first, last, kinds: kinds.to_vec() }]
}

fn acquired(first: i64, last: i64, deliveries: i16) -> Acquired {
    Acquired { first, last, deliveries }
}

fn changed(first: i64, last: i64, state: i8, deliveries: i16) -> StateBatch {
    StateBatch { first, last, state, deliveries }
}

#[test]
fn whole_batches_or_as_many_as_asked() {
    let log = [batch(0, 9), batch(10, 19)];
    let take = |mode, max| {
        let mut share = SharePartition::new(0);
        let taken = share.acquire(0, LIMITS, &acquire("a", mode, max), 0, &log);
        (taken, share.next_fetch_offset(&[]))
    };
    assert_eq!(take(Mode::Batches, 5), (vec![acquired(0, 9, 1)], 10));
    assert_eq!(take(Mode::Batches, 11), (vec![acquired(0, 19, 1)], 20));
    assert_eq!(take(Mode::Records, 5), (vec![acquired(0, 4, 1)], 5));
    assert_eq!(take(Mode::Records, 11), (vec![acquired(0, 10, 1)], 11));
    let mut share = SharePartition::new(0);
    let small = Acquire { batch_size: 10, ..acquire("a", Mode::Batches, 50) };
    assert_eq!(share.acquire(0, LIMITS, &small, 0, &log), [acquired(0, 9, 1), acquired(10, 19, 1)]);
}

#[test]
fn acknowledging_settles_and_moves_the_start() {
    let mut share = SharePartition::new(0);
    share.acquire(0, LIMITS, &acquire("a", Mode::Batches, 10), 0, &[batch(0, 9)]);
    let mut say = |said: &[Acknowledgement]| {
        let mut next = share.clone();
        let changes = next.acknowledge(1, LIMITS, "a", said);
        if changes.is_ok() {
            next.advance();
            share = next;
        }
        (changes, share.start_offset(), share.delivery_complete())
    };
    assert_eq!(say(&acknowledge(3, 4, &[Kind::Accept])), (Ok(vec![changed(3, 4, 2, 1)]), 0, 2));
    let mixed = acknowledge(0, 2, &[Kind::Accept, Kind::Release, Kind::Reject]);
    let expected = vec![changed(0, 0, 2, 1), changed(1, 1, 0, 1), changed(2, 2, 4, 1)];
    assert_eq!(say(&mixed), (Ok(expected), 1, 3));
    // Settled is settled; what lies before the start is nobody's business any more.
    assert_eq!(say(&acknowledge(3, 3, &[Kind::Accept])).0, Err(AcknowledgeError::NotAcquired));
    assert_eq!(say(&acknowledge(0, 0, &[Kind::Accept])).0, Ok(vec![]));
    assert_eq!(say(&acknowledge(9, 10, &[Kind::Accept])).0, Err(AcknowledgeError::LastPastEnd));
    assert_eq!(say(&acknowledge(10, 10, &[Kind::Accept])).0, Err(AcknowledgeError::FirstPastEnd));
    assert_eq!(
        share.acknowledge(1, LIMITS, "b", &acknowledge(5, 5, &[Kind::Accept])),
        Err(AcknowledgeError::NotOwner)
    );
    // What was released comes first, and counts.
    assert_eq!(share.next_fetch_offset(&[]), 1);
    let again = share.acquire(2, LIMITS, &acquire("b", Mode::Batches, 10), 1, &[batch(0, 9)]);
    assert_eq!(again, [acquired(1, 1, 2)]);
}

#[test]
fn locks_time_out_renew_and_are_released() {
    let mut share = SharePartition::new(0);
    share.acquire(0, LIMITS, &acquire("a", Mode::Batches, 10), 0, &[batch(0, 9)]);
    assert_eq!(share.next_deadline(), Some(100));
    share.acknowledge(50, LIMITS, "a", &acknowledge(0, 4, &[Kind::Renew])).unwrap();
    assert_eq!(share.expire(100, LIMITS), [changed(5, 9, 0, 1)]);
    assert_eq!(share.next_deadline(), Some(150));
    assert_eq!(share.release(LIMITS, "a"), [changed(0, 4, 0, 1)]);
    let mut refused = share.clone();
    share.acquire(0, LIMITS, &acquire("a", Mode::Batches, 10), 0, &[batch(0, 9)]);
    refused.acquire(0, LIMITS, &acquire("a", Mode::Batches, 10), 0, &[batch(0, 9)]);
    let no_renewal = Limits { renew: false, ..LIMITS };
    let renew = acknowledge(0, 4, &[Kind::Renew]);
    assert_eq!(refused.acknowledge(1, no_renewal, "a", &renew), Err(AcknowledgeError::NoRenewal));
}

#[test]
fn what_is_delivered_often_comes_in_smaller_parts_and_at_last_alone() {
    let mut share = SharePartition::new(0);
    let log = [batch(0, 15)];
    let mut sizes = Vec::new();
    for now in 0..30 {
        let from = share.next_fetch_offset(&[]);
        let taken = share.acquire(now, LIMITS, &acquire("a", Mode::Batches, 100), from, &log);
        sizes.push(taken.iter().map(|taken| taken.last - taken.first + 1).sum::<i64>());
        share.release(LIMITS, "a");
        share.advance();
    }
    // Three times all of it, then halves, then one by one until each was delivered five times.
    assert_eq!(sizes[..3], [16, 16, 16]);
    assert_eq!(sizes[3], 8);
    assert!(sizes.contains(&1), "{sizes:?}");
    for now in 0.. {
        let from = share.next_fetch_offset(&[]);
        if share.acquire(now, LIMITS, &acquire("a", Mode::Batches, 100), from, &log).is_empty() {
            break;
        }
        share.release(LIMITS, "a");
        share.advance();
    }
    assert_eq!((share.start_offset(), share.next_fetch_offset(&[])), (16, 16));
}

#[test]
fn locks_are_limited_and_what_was_aborted_is_settled() {
    let mut share = SharePartition::new(0);
    let limits = Limits { locks_max: 10, ..LIMITS };
    let all = acquire("a", Mode::Batches, 100);
    let aborted = LogBatch { first: 4, last: 4, aborted: true };
    let log = [batch(2, 3), aborted, batch(5, 12), batch(13, 30)];
    assert_eq!(share.acquire(0, limits, &all, 0, &log), [acquired(2, 3, 1), acquired(5, 12, 1)]);
    assert_eq!((share.start_offset(), share.can_acquire(share.next_fetch_offset(&[]), limits)), (2, false));
    assert_eq!(share.acquire(0, limits, &all, 13, &[batch(13, 30)]), []);
    share.acknowledge(0, limits, "a", &acknowledge(5, 6, &[Kind::Release])).unwrap();
    assert!(share.can_acquire(share.next_fetch_offset(&[]), limits));
    assert_eq!(share.acquire(0, limits, &all, 5, &[batch(5, 12)]), [acquired(5, 6, 2)]);
    share.log_starts_at(20);
    assert_eq!((share.start_offset(), share.next_fetch_offset(&[])), (20, 20));
    assert_eq!(share.acknowledge(0, limits, "a", &acknowledge(7, 8, &[Kind::Accept])), Ok(vec![]));
    // Nothing of it is for anybody: passed over at once.
    let aborted = LogBatch { first: 20, last: 25, aborted: true };
    assert_eq!(share.acquire(0, limits, &all, 20, &[aborted]), []);
    assert_eq!((share.start_offset(), share.next_fetch_offset(&[])), (26, 26));
}

#[test]
fn what_comes_again_comes_by_the_ranges_it_was_first_given_in() {
    let log = [batch(0, 4), batch(5, 9), batch(12, 14)];
    let mut share = SharePartition::new(0);
    let first = share.acquire(0, LIMITS, &acquire("a", Mode::Batches, 3), 0, &log);
    let rest = share.acquire(0, LIMITS, &acquire("a", Mode::Batches, 100), 5, &log[1..]);
    // Several batches are one range, with what the log has lost between them.
    assert_eq!((first, rest), (vec![acquired(0, 4, 1)], vec![acquired(5, 14, 1)]));
    share.release(LIMITS, "a");
    let all = acquire("b", Mode::Batches, 100);
    assert_eq!(share.acquire(1, LIMITS, &all, 0, &log), [acquired(0, 4, 2), acquired(5, 14, 2)]);
    // A word may reach over ranges, not past them; nothing of a refused one counts.
    let said = acknowledge(3, 8, &[Kind::Accept]);
    assert_eq!(share.acknowledge(1, LIMITS, "b", &said), Ok(vec![changed(3, 8, 2, 2)]));
    assert_eq!((share.start_offset(), share.delivery_complete()), (0, 6));
    let past = acknowledge(12, 15, &[Kind::Accept]);
    assert_eq!(share.acknowledge(1, LIMITS, "b", &past), Err(AcknowledgeError::LastPastEnd));
    assert_eq!(
        SharePartition::new(5).acknowledge(1, LIMITS, "b", &acknowledge(7, 8, &[Kind::Accept])),
        Err(AcknowledgeError::NothingInFlight)
    );
    share.release(LIMITS, "b");
    // What the same request released is for the next one.
    let others = Acquire { except: vec![(0, 1), (11, 13)], ..acquire("c", Mode::Records, 4) };
    let taken = share.clone().acquire(2, LIMITS, &others, 2, &log);
    assert_eq!(taken, [acquired(2, 2, 3), acquired(9, 10, 3), acquired(14, 14, 3)]);
    let few = acquire("c", Mode::Records, 4);
    assert_eq!(share.acquire(2, LIMITS, &few, 0, &log), [acquired(0, 2, 3), acquired(9, 9, 3)]);
}

/// What a member, or fate, does.
#[derive(Debug, Clone)]
enum Step {
    Acquire { member: u8, records: bool, max: i64 },
    Say { member: u8, first: i64, count: i64, kinds: Vec<u8>, renews: bool },
    Release(u8),
    Wait(Millis),
    Crash,
    Trim(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..3, any::<bool>(), 1i64..20).prop_map(|(member, records, max)| Step::Acquire { member, records, max }),
        6 => (0u8..3, 0i64..100, 1i64..12, prop::collection::vec(0u8..4, 1..12), prop::bool::weighted(0.1))
            .prop_map(|(member, first, count, kinds, renews)| Step::Say { member, first, count, kinds, renews }),
        1 => (0u8..3).prop_map(Step::Release),
        2 => (1i64..80).prop_map(Step::Wait),
        1 => Just(Step::Crash),
        1 => (0i64..4).prop_map(Step::Trim),
    ]
}

/// A log of batches of three records, a hole of one after each; every fifth batch is aborted.
fn log_from(from: i64, end: i64) -> Vec<LogBatch> {
    (0..)
        .map(|at| LogBatch { first: at * 4, last: at * 4 + 2, aborted: at % 5 == 4 })
        .skip_while(|batch| batch.last < from)
        .take_while(|batch| batch.last < end)
        .take(6)
        .collect()
}

const END: i64 = 120;

/// Holes may be handed out with the records around them: who gets them says that there is nothing.
fn is_record(offset: i64) -> bool {
    offset % 4 != 3 && (offset / 4) % 5 != 4
}

/// What is known of each record from outside.
#[derive(Default)]
struct Seen {
    holders: BTreeMap<i64, u8>,
    deliveries: BTreeMap<i64, i16>,
    settled: BTreeMap<i64, Kind>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_record_is_held_by_one_delivered_within_the_limit_and_settled_once(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let names = ["a", "b", "c"];
        let mut share = SharePartition::new(0);
        // What is on disk: a snapshot and the changes since.
        let mut stored = (0, share.snapshot(), Vec::<(i64, Vec<StateBatch>)>::new());
        let mut seen = Seen::default();
        let (mut now, mut log_start, mut start) = (0, 0, 0);
        for step in steps {
            let mut changes = Vec::new();
            match step {
                Step::Acquire { member, records, max } => {
                    let mode = if records { Mode::Records } else { Mode::Batches };
                    let from = share.next_fetch_offset(&[]);
                    let batches = log_from(from, END);
                    let taken = share.acquire(now, LIMITS, &acquire(names[usize::from(member)], mode, max), from, &batches);
                    let count: i64 = taken.iter().map(|taken| taken.last - taken.first + 1).sum();
                    if records {
                        prop_assert!(count <= max);
                    }
                    for taken in taken {
                        for offset in taken.first..=taken.last {
                            prop_assert!(offset % 4 == 3 || is_record(offset), "{offset} was aborted");
                            prop_assert!(seen.holders.insert(offset, member).is_none(), "{offset} is held twice");
                            prop_assert!(!seen.settled.contains_key(&offset), "{offset} was settled");
                            let deliveries = seen.deliveries.entry(offset).or_default();
                            *deliveries += 1;
                            prop_assert_eq!(*deliveries, taken.deliveries, "{}", offset);
                            prop_assert!(*deliveries <= LIMITS.deliveries_max);
                        }
                    }
                }
                Step::Say { member, first, count, kinds, renews } => {
                    let last = first + count - 1;
                    let mut kinds: Vec<Kind> = kinds
                        .iter()
                        .map(|kind| [Kind::Gap, Kind::Accept, Kind::Release, Kind::Reject][usize::from(*kind)])
                        .collect();
                    if kinds.len() < count as usize {
                        kinds.truncate(1);
                    }
                    kinds.truncate(count as usize);
                    if renews {
                        kinds = vec![Kind::Renew];
                    }
                    let said = acknowledge(first, last, &kinds);
                    let before = share.clone();
                    let mut next = share.clone();
                    let done = next.acknowledge(now, LIMITS, names[usize::from(member)], &said);
                    let mine = (first.max(start)..=last).all(|offset| seen.holders.get(&offset) == Some(&member));
                    prop_assert!(done.is_ok() || !mine, "{:?} of {:?}", done, before);
                    if let Ok(done) = done {
                        changes = done;
                        share = next;
                        for offset in first.max(start)..=last {
                            if seen.holders.get(&offset) != Some(&member) {
                                prop_assert!(!is_record(offset), "{offset} of {before:?} is somebody else's");
                                continue;
                            }
                            let at = usize::try_from(offset - first).unwrap_or(0);
                            let kind = if kinds.len() > 1 { kinds[at] } else { kinds[0] };
                            match kind {
                                Kind::Renew => continue,
                                Kind::Release if seen.deliveries[&offset] < LIMITS.deliveries_max => {}
                                kind => {
                                    seen.settled.insert(offset, kind);
                                }
                            }
                            seen.holders.remove(&offset);
                        }
                    }
                }
                Step::Release(member) => {
                    changes = share.release(LIMITS, names[usize::from(member)]);
                    seen.let_go(|holder, _| holder == member, &changes);
                }
                Step::Wait(ms) => {
                    now += ms;
                    changes = share.expire(now, LIMITS);
                    let freed = changes.clone();
                    seen.let_go(|_, offset| freed.iter().any(|it| (it.first..=it.last).contains(&offset)), &changes);
                    prop_assert!(share.next_deadline().is_none_or(|due| due > now));
                }
                Step::Crash => {
                    let mut restored = SharePartition::new(stored.0);
                    restored.restore(stored.0, &stored.1);
                    for (start, changes) in &stored.2 {
                        restored.restore(*start, changes);
                    }
                    // Deliveries nobody answered do not count after a crash.
                    for (offset, _) in std::mem::take(&mut seen.holders) {
                        *seen.deliveries.entry(offset).or_default() -= 1;
                    }
                    share = restored;
                    share.log_starts_at(log_start);
                    start = start.min(share.start_offset());
                }
                Step::Trim(by) => {
                    log_start = (log_start + by).min(END);
                    share.log_starts_at(log_start);
                    seen.holders.retain(|offset, _| *offset >= log_start);
                }
            }
            if !changes.is_empty() {
                stored.2.push((share.start_offset(), changes));
                if stored.2.len() > 10 {
                    stored = (share.start_offset(), share.snapshot(), Vec::new());
                }
                share.advance();
            }
            prop_assert!(share.start_offset() >= start, "the start went back");
            start = share.start_offset();
            // Nothing before the start is still wanted.
            for offset in log_start..start {
                prop_assert!(!is_record(offset) || seen.settled.contains_key(&offset), "{offset} was lost");
            }
        }
        // Whoever is left can finish it: nothing is stuck.
        share.expire(Millis::MAX, LIMITS);
        share.advance();
        for round in 0.. {
            let from = share.next_fetch_offset(&[]);
            let batches = log_from(from, END);
            if batches.is_empty() {
                break;
            }
            prop_assert!(round < 2000, "stuck at {from}");
            let taken = share.acquire(now, LIMITS, &acquire("z", Mode::Batches, 10), from, &batches);
            for taken in taken {
                let said = acknowledge(taken.first, taken.last, &[Kind::Accept]);
                share.acknowledge(now, LIMITS, "z", &said).unwrap();
                share.advance();
            }
        }
        prop_assert!(share.start_offset() >= END - 4);
    }
}

impl Seen {
    /// Holds that ended by themselves: what was delivered too often is settled.
    fn let_go(&mut self, ends: impl Fn(u8, i64) -> bool, changes: &[StateBatch]) {
        let ended: Vec<i64> = self
            .holders
            .iter()
            .filter(|(offset, holder)| ends(**holder, **offset))
            .map(|(offset, _)| *offset)
            .collect();
        for offset in ended {
            self.holders.remove(&offset);
            let change = changes.iter().find(|change| (change.first..=change.last).contains(&offset));
            if change.is_some_and(|change| change.state == 4) {
                self.settled.insert(offset, Kind::Release);
            }
        }
    }
}
