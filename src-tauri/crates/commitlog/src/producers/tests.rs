use proptest::prelude::*;
use wire::batch::{Batch, BatchBuilder, Producer as Id};

use super::*;

fn bytes(id: i64, epoch: i16, base_sequence: i32, records: usize, transactional: bool) -> bytes::Bytes {
    let mut builder = BatchBuilder::new().producer(Id { id, epoch, base_sequence });
    if transactional {
        builder = builder.transactional();
    }
    for _ in 0..records {
        builder = builder.record(1, None, Some(b"v"));
    }
    builder.build()
}

fn header(id: i64, epoch: i16, base_sequence: i32, records: usize) -> BatchHeader {
    BatchHeader::parse(&bytes(id, epoch, base_sequence, records, false)).expect("sound")
}

fn transactional(id: i64, epoch: i16, base_sequence: i32, records: usize) -> BatchHeader {
    BatchHeader::parse(&bytes(id, epoch, base_sequence, records, true)).expect("sound")
}

const ABORT: Marker = Marker { committed: false, coordinator_epoch: 0 };

#[track_caller]
fn check(before: &[BatchHeader], batch: BatchHeader, expected: Result<Verdict, ProducerError>) {
    let mut producers = Producers::default();
    let mut offset = 0;
    for known in before {
        producers.note(known, Offset(offset), 0);
        offset += i64::from(known.record_count);
    }
    assert_eq!(producers.check(&batch, Verified::No), expected);
}

#[test]
fn batches_are_taken_in_order_once() {
    let first = header(1, 0, 0, 3);
    let duplicate = Verdict::Duplicate { first_offset: Offset(0), timestamp_ms: 1 };
    check(&[], header(1, 0, 17, 1), Ok(Verdict::Append));
    check(&[first], header(1, 0, 3, 1), Ok(Verdict::Append));
    check(&[first], header(1, 0, 0, 3), Ok(duplicate));
    check(&[first], header(1, 0, 4, 1), Err(ProducerError::OutOfOrder));
    check(&[first], header(2, 0, 9, 1), Ok(Verdict::Append));
}

#[test]
fn epochs_fence() {
    let first = header(1, 3, 0, 3);
    check(&[first], header(1, 2, 3, 1), Err(ProducerError::StaleEpoch));
    check(&[first], header(1, 4, 0, 1), Ok(Verdict::Append));
    check(&[first], header(1, 4, 3, 1), Err(ProducerError::OutOfOrder));
}

#[test]
fn sequences_wrap_and_old_batches_are_forgotten() {
    check(&[header(1, 0, i32::MAX, 1)], header(1, 0, 0, 1), Ok(Verdict::Append));
    let many: Vec<BatchHeader> = (0..6).map(|sequence| header(1, 0, sequence, 1)).collect();
    check(&many, header(1, 0, 0, 1), Err(ProducerError::OutOfOrder));
    let second = Verdict::Duplicate { first_offset: Offset(1), timestamp_ms: 1 };
    check(&many, header(1, 0, 1, 1), Ok(second));
}

#[test]
fn the_silent_are_forgotten_unless_something_is_open() {
    let mut producers = Producers::default();
    producers.note(&header(1, 0, 0, 1), Offset(0), 1000);
    producers.note(&transactional(2, 0, 0, 1), Offset(1), 1000);
    producers.expire(1999, 1000);
    assert_eq!(producers.check(&header(1, 0, 5, 1), Verified::No), Err(ProducerError::OutOfOrder));
    producers.expire(2000, 1000);
    assert_eq!(producers.check(&header(1, 0, 5, 1), Verified::No), Ok(Verdict::Append));
    assert_eq!(producers.first_open(), Some(Offset(1)));
}

#[test]
fn transactions_open_with_their_first_batch_and_end_with_a_marker() {
    let mut producers = Producers::default();
    let first = transactional(1, 0, 0, 2);
    assert_eq!(producers.check(&first, Verified::No), Err(ProducerError::Unverified));
    assert_eq!(producers.check(&first, Verified::Yes), Ok(Verdict::Append));
    assert_eq!(
        producers.check(&transactional(1, 0, 4, 1), Verified::OwnEpoch),
        Err(ProducerError::OutOfOrder)
    );
    producers.note(&first, Offset(10), 0);
    producers.note(&transactional(2, 0, 0, 1), Offset(12), 0);
    assert_eq!(producers.check(&transactional(1, 0, 2, 1), Verified::No), Ok(Verdict::Append));
    assert_eq!(producers.check(&header(1, 0, 2, 1), Verified::No), Err(ProducerError::NotTransactional));
    assert_eq!(producers.first_open(), Some(Offset(10)));

    // With an epoch of its own the marker must bring the next.
    assert_eq!(producers.check_marker(1, 0, ABORT, true), Err(ProducerError::StaleEpoch));
    assert_eq!(producers.check_marker(1, 0, ABORT, false), Ok(()));
    assert_eq!(producers.check_marker(1, 1, ABORT, true), Ok(()));
    let ended = producers.note_marker((1, 1), ABORT, Offset(13), 5, 5);
    assert_eq!(ended, Some(Ended { first_offset: Offset(10), next_open: Some(Offset(12)) }));
    assert_eq!(producers.check_marker(1, 1, ABORT, true), Ok(()), "the same once more");
    assert_eq!(producers.first_open(), Some(Offset(12)));
    assert_eq!(producers.check(&transactional(1, 0, 2, 1), Verified::Yes), Err(ProducerError::StaleEpoch));
    assert_eq!(producers.check(&transactional(1, 1, 2, 1), Verified::Yes), Err(ProducerError::OutOfOrder));
    assert_eq!(producers.check(&transactional(1, 1, 0, 1), Verified::Yes), Ok(Verdict::Append));
}

#[test]
fn what_was_refused_for_the_moment_comes_first() {
    let mut producers = Producers::default();
    let refused = |producers: &Producers, batch: &BatchHeader| {
        assert_eq!(producers.check(batch, Verified::Yes), Err(ProducerError::OutOfOrder));
    };
    let (first, second) = (transactional(1, 0, 0, 2), transactional(1, 0, 2, 1));
    producers.note_unverified(&second, false, 0);
    producers.note_unverified(&first, false, 0);
    refused(&producers, &second);
    refused(&producers, &header(1, 0, 2, 1));
    assert_eq!(producers.check(&first, Verified::Yes), Ok(Verdict::Append));
    producers.note(&first, Offset(0), 0);
    assert_eq!(producers.check(&second, Verified::Yes), Ok(Verdict::Append));

    // A newer epoch begins anew, a marker ends the waiting, unless it begins the epoch that is waited for.
    producers.note_unverified(&transactional(2, 0, 0, 1), true, 0);
    producers.note_unverified(&transactional(2, 1, 3, 1), true, 0);
    producers.note_marker((2, 1), ABORT, Offset(2), 0, 0);
    refused(&producers, &transactional(2, 1, 4, 1));
    producers.note_marker((2, 2), ABORT, Offset(3), 0, 0);
    assert_eq!(producers.check(&transactional(2, 2, 0, 1), Verified::OwnEpoch), Ok(Verdict::Append));
    assert!(producers.awaited.is_empty());

    // And nobody is waited for without an end.
    producers.note_unverified(&transactional(3, 0, 0, 1), false, 1000);
    producers.expire(1999, 1000);
    refused(&producers, &transactional(3, 0, 4, 1));
    producers.expire(2000, 1000);
    assert_eq!(producers.check(&transactional(3, 0, 4, 1), Verified::Yes), Ok(Verdict::Append));
}

#[test]
fn an_older_coordinator_is_fenced() {
    let mut producers = Producers::default();
    producers.note_marker((1, 0), Marker { committed: true, coordinator_epoch: 3 }, Offset(0), 0, 0);
    assert_eq!(producers.check_marker(1, 0, ABORT, false), Err(ProducerError::StaleCoordinator));
    assert_eq!(producers.note_marker((1, 0), ABORT, Offset(1), 0, 0), None);
}

/// One step of a log with three producers: data, or a marker that may begin the next epoch.
#[derive(Debug, Clone)]
enum Step {
    Data { id: i64, records: usize, transactional: bool },
    Marker { id: i64, committed: bool, bump: bool },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let data = (0..3i64, 1..4usize, any::<bool>()).prop_map(|(id, records, transactional)| Step::Data {
        id,
        records,
        transactional,
    });
    let marker = (0..3i64, any::<bool>(), any::<bool>()).prop_map(|(id, committed, bump)| Step::Marker {
        id,
        committed,
        bump,
    });
    prop::collection::vec(prop_oneof![2 => data, 1 => marker], 0..40)
}

proptest! {
    /// What is open is what a plain reading of the log says; a snapshot taken anywhere, with the rest replayed,
    /// says the same as the whole.
    #[test]
    fn snapshots_and_replay_agree_with_the_log(steps in steps(), cut in 0..40usize) {
        let mut log: Vec<Vec<u8>> = Vec::new();
        let mut epochs = [0i16; 3];
        let mut sequences = [0i32; 3];
        let mut offset = 0i64;
        let mut open: BTreeMap<i64, i64> = BTreeMap::new();
        for step in steps {
            let mut batch = match step {
                Step::Data { id, records, transactional } => {
                    let n = id as usize;
                    let transactional = transactional || open.contains_key(&id);
                    let batch = bytes(id, epochs[n], sequences[n], records, transactional).to_vec();
                    sequences[n] += records as i32;
                    if transactional {
                        open.entry(id).or_insert(offset);
                    }
                    batch
                }
                Step::Marker { id, committed, bump } => {
                    let n = id as usize;
                    if bump {
                        epochs[n] += 1;
                        sequences[n] = 0;
                    }
                    open.remove(&id);
                    let marker = Marker { committed, coordinator_epoch: 0 };
                    marker.batch(id, epochs[n], 1).to_vec()
                }
            };
            wire::batch::set_base_offset(&mut batch, Offset(offset));
            offset = BatchHeader::parse(&batch).expect("sound").next_offset().0;
            log.push(batch);
        }
        let replay = |producers: &mut Producers, log: &[Vec<u8>]| {
            for batch in log {
                let batch = Batch::parse(batch).expect("sound");
                producers.replay(&batch.header, Marker::read(&batch), 100);
            }
        };
        let mut whole = Producers::default();
        replay(&mut whole, &log);
        prop_assert_eq!(whole.first_open(), open.values().min().map(|&first| Offset(first)));

        let cut = cut.min(log.len());
        let mut half = Producers::default();
        replay(&mut half, &log[..cut]);
        let mut resumed = Producers::from_snapshot(&half.to_snapshot(), 100).expect("sound");
        replay(&mut resumed, &log[cut..]);
        prop_assert_eq!(resumed.first_open(), whole.first_open());
        for (id, producer) in whole.iter() {
            let other = &resumed.by_id[&id];
            prop_assert_eq!(
                (other.epoch, other.last_sequence(), other.transaction_from, other.batches.back()),
                (producer.epoch, producer.last_sequence(), producer.transaction_from, producer.batches.back())
            );
        }
    }

    #[test]
    fn damaged_snapshots_are_none(at in 0..56usize, bit in 0..8u32, cut in 0..56usize) {
        let mut producers = Producers::default();
        producers.note(&header(1, 0, 0, 3), Offset(4), 0);
        let sound = producers.to_snapshot();
        prop_assert!(Producers::from_snapshot(&sound, 0).is_some());
        let mut damaged = sound.clone();
        damaged[at] ^= 1 << bit;
        prop_assert_eq!(Producers::from_snapshot(&damaged, 0), None);
        prop_assert_eq!(Producers::from_snapshot(&sound[..cut], 0), None);
    }
}
