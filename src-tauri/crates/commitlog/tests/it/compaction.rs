//! Compaction agrees with a model: the last value of every key, at its own offset.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use commitlog::{Cleanup, LogConfig, LogError, Offset, OpenMode, PartitionLog};
use proptest::prelude::*;
use testkit::TempDir;
use wire::batch::{BatchBuilder, Compression, NewRecord, Producer, batches};

use crate::support::{NOW, append, batch, headers, open, recover};

const HORIZON_MS: i64 = 1_000;

fn compacted() -> LogConfig {
    LogConfig {
        segment_bytes: 1_000,
        index_interval_bytes: 100,
        cleanup: Cleanup::COMPACT,
        delete_retention_ms: HORIZON_MS,
        ..LogConfig::default()
    }
}

/// Offset, key and value.
type Seen = (i64, Vec<u8>, Option<Vec<u8>>);

/// Every record but the control records.
fn records(log: &PartitionLog) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut from = log.start_offset();
    while from < log.end_offset() {
        let chunk = log.read(from, 10_000, Offset::MAX, true).expect("reads");
        for batch in batches(&chunk.bytes) {
            let batch = batch.expect("whole");
            batch.verify_crc().expect("sound");
            if batch.header.is_control() {
                continue;
            }
            let records = batch.records(1 << 20).expect("unpacks");
            for record in &records {
                let record = record.expect("sound");
                let key = record.key.unwrap_or_default().to_vec();
                seen.push((records.offset_of(&record).0, key, record.value.map(<[u8]>::to_vec)));
            }
        }
        if chunk.next_offset == from {
            break;
        }
        from = chunk.next_offset;
    }
    seen
}

/// What a reader of a compacted topic ends up with.
fn table(records: &[Seen]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut table = BTreeMap::new();
    for (_, key, value) in records {
        match value {
            Some(value) => table.insert(key.clone(), value.clone()),
            None => table.remove(key),
        };
    }
    table
}

#[derive(Debug, Clone)]
enum Step {
    Append(Vec<(u8, Option<u8>)>, Compression),
    Compact { after_ms: i64 },
    Reopen { clean: bool },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let record = (0..8u8, prop::option::weighted(0.7, any::<u8>()));
    let codec = prop::sample::select(vec![Compression::None, Compression::Lz4, Compression::Zstd]);
    let step = prop_oneof![
        12 => (prop::collection::vec(record, 1..6), codec).prop_map(|(records, codec)| Step::Append(records, codec)),
        2 => (0..1_500i64).prop_map(|after_ms| Step::Compact { after_ms }),
        1 => any::<bool>().prop_map(|clean| Step::Reopen { clean }),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn agrees_with_a_table(steps in steps(), segment_bytes in 200..1_500u64) {
        let dir = TempDir::new();
        let config = LogConfig { segment_bytes, ..compacted() };
        let (mut log, _) = open(dir.path(), &config, OpenMode::Clean);
        let mut model: Vec<Seen> = Vec::new();
        let mut now = NOW;
        // Tombstones kept by a compaction, and when that was.
        let mut kept_since: BTreeMap<i64, i64> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Append(records, codec) => {
                    let mut builder = BatchBuilder::new().compression(codec);
                    for (key, value) in &records {
                        let value = value.map(|value| vec![value; 30]);
                        let key = vec![*key];
                        let record = NewRecord {
                            timestamp_ms: now,
                            key: Some(&key),
                            value: value.as_deref(),
                            headers: &[],
                        };
                        builder.add(record);
                        model.push((model.len() as i64, key, value));
                    }
                    append(&log, &builder.build_compressed().expect("packs"));
                }
                Step::Compact { after_ms } => {
                    now += after_ms;
                    let stats = log.compact(log.end_offset(), now).expect("compacts");
                    let seen = records(&log);
                    let compacted_to = stats.compacted_to.0;
                    // One record per key below, and it is the last one there.
                    let mut last_below: BTreeMap<&[u8], i64> = BTreeMap::new();
                    for (offset, key, _) in model.iter().filter(|(offset, ..)| *offset < compacted_to) {
                        last_below.insert(key, *offset);
                    }
                    for (offset, key, _) in seen.iter().filter(|(offset, ..)| *offset < compacted_to) {
                        prop_assert_eq!(last_below[key.as_slice()], *offset);
                    }
                    for (key, offset) in last_below {
                        let is_there = seen.iter().any(|(seen, ..)| *seen == offset);
                        let is_value = model[offset as usize].2.is_some();
                        prop_assert!(is_there || !is_value, "key {:?} lost its value", key);
                        if !is_value {
                            let since = *kept_since.entry(offset).or_insert(now);
                            prop_assert!(is_there || now >= since + HORIZON_MS, "a tombstone went too early");
                        }
                    }
                }
                Step::Reopen { clean } => {
                    let compacted_to = log.compacted_to();
                    if clean {
                        log.close().expect("closes");
                        drop(log);
                        log = open(dir.path(), &config, OpenMode::Clean).0;
                    } else {
                        drop(log);
                        let (reopened, report) = recover(dir.path(), &config);
                        prop_assert_eq!(report.truncated, None);
                        log = reopened;
                    }
                    // What the cleaner checkpoint would say is forgotten: everything counts as dirty again.
                    prop_assert!(log.compacted_to() <= compacted_to);
                }
            }
            let seen = records(&log);
            prop_assert!(seen.windows(2).all(|pair| pair[0].0 < pair[1].0));
            for record in &seen {
                prop_assert_eq!(record, &model[record.0 as usize], "records keep offset and content");
            }
            prop_assert_eq!(table(&seen), table(&model));
            prop_assert_eq!(log.end_offset().0, model.len() as i64);
        }
    }
}

#[test]
fn tombstones_wait_for_their_horizon() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &compacted(), OpenMode::Clean);
    append(&log, &batch(&[(NOW, Some("a"), Some("1")), (NOW, Some("b"), Some("2"))]));
    append(&log, &batch(&[(NOW, Some("a"), None)]));
    let fill = |log: &PartitionLog| {
        for n in 0..12 {
            let value = "v".repeat(200 + n);
            append(log, &batch(&[(NOW, Some("filler"), Some(value.as_str()))]));
        }
    };
    let offsets = |log: &PartitionLog| {
        let kept = records(log).into_iter().filter(|record| record.1 != b"filler");
        kept.map(|record| record.0).collect::<Vec<_>>()
    };
    fill(&log);
    log.compact(log.end_offset(), NOW).expect("compacts");
    assert_eq!(offsets(&log), [1, 2], "a's value goes, its tombstone stays");
    fill(&log);
    log.compact(log.end_offset(), NOW + HORIZON_MS - 1).expect("compacts");
    assert_eq!(offsets(&log), [1, 2]);
    fill(&log);
    log.compact(log.end_offset(), NOW + HORIZON_MS).expect("compacts");
    assert_eq!(offsets(&log), [1]);
}

/// One transaction's data, or its marker.
fn transactional(producer: i64, sequence: i32, key: &str, value: &str) -> Vec<u8> {
    BatchBuilder::new()
        .producer(Producer { id: producer, epoch: 0, base_sequence: sequence })
        .transactional()
        .record(NOW, Some(key.as_bytes()), Some(value.as_bytes()))
        .build()
        .to_vec()
}

fn marker(producer: i64, commit: bool) -> Vec<u8> {
    BatchBuilder::new()
        .producer(Producer { id: producer, epoch: 0, base_sequence: -1 })
        .transactional()
        .control()
        .record(NOW, Some(&[0, 0, 0, u8::from(commit)]), Some(&[0, 0, 0, 0, 0, 0]))
        .build()
        .to_vec()
}

#[test]
fn aborted_records_go_and_do_not_hide_committed_ones() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &compacted(), OpenMode::Clean);
    append(&log, &transactional(1, 0, "a", "committed"));
    append(&log, &marker(1, true));
    append(&log, &transactional(1, 1, "a", "aborted"));
    append(&log, &transactional(2, 0, "b", "committed"));
    for n in 0..12 {
        let value = "v".repeat(200 + n);
        append(&log, &batch(&[(NOW, Some("filler"), Some(value.as_str()))]));
    }
    assert!(log.segment_count() > 2);
    // The markers arrive in a later segment than the data.
    append(&log, &marker(1, false));
    append(&log, &marker(2, true));
    log.compact(log.end_offset(), NOW).expect("compacts");
    let table = table(&records(&log));
    assert_eq!(table[&b"a"[..]], b"committed");
    assert_eq!(table[&b"b"[..]], b"committed");
    let headers = headers(&log);
    let of_one: Vec<_> = headers.iter().filter(|header| header.producer_id == 1).collect();
    assert_eq!(of_one.iter().filter(|header| header.is_control()).count(), 2, "markers stay with their data");
    assert!(of_one.iter().all(|header| header.base_offset != Offset(2) || header.record_count == 0));
}

#[test]
fn what_belongs_to_open_transactions_stays_out() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &compacted(), OpenMode::Clean);
    for n in 0..20 {
        let value = "v".repeat(200 + n);
        append(&log, &batch(&[(NOW, Some("key"), Some(value.as_str()))]));
    }
    let stats = log.compact(Offset(0), NOW).expect("nothing to do");
    assert_eq!(stats.segments_before, 0);
    assert!(!log.compaction_due(Offset(0), NOW));
    assert!(log.compaction_due(log.end_offset(), NOW));
    let stats = log.compact(Offset(9), NOW).expect("compacts");
    assert!(stats.compacted_to <= Offset(9) && stats.compacted_to > Offset(0));
    assert!(stats.bytes_after < stats.bytes_before);
}

/// Keys over several segments, half of which are replaced later.
fn fill_with_replaced(log: &PartitionLog) {
    for n in 0..40 {
        let (key, value) = (format!("key-{}", n % 20), "v".repeat(150));
        append(log, &batch(&[(NOW, Some(key.as_str()), Some(value.as_str()))]));
    }
}

#[test]
fn whoever_sets_the_pace_is_told_of_all_that_is_read_and_written() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &compacted(), OpenMode::Clean);
    fill_with_replaced(&log);
    let mut told = 0;
    let mut moved = |bytes| {
        told += bytes;
        ControlFlow::Continue(())
    };
    let stats = log.compact_paced(log.end_offset(), NOW, &mut moved).expect("compacts");
    assert!(stats.bytes_after < stats.bytes_before && stats.bytes_after > 0);
    // Once for whose transactions there are, once for the keys, once to copy what stays.
    assert_eq!(told, 3 * stats.bytes_before + stats.bytes_after);
}

#[test]
fn a_compaction_may_wait_while_the_log_is_used_and_ends_when_told_to() {
    let dir = TempDir::new();
    let config = LogConfig { file_delete_delay_ms: 0, ..compacted() };
    let (log, _) = open(dir.path(), &config, OpenMode::Clean);
    fill_with_replaced(&log);
    let before = records(&log);
    let mut cut = false;
    let stopped = log.compact_paced(log.end_offset(), NOW, &mut |_| {
        // In the middle of the last pass: everything else goes on.
        if dir
            .path()
            .read_dir()
            .expect("lists")
            .flatten()
            .any(|file| file.path().extension().is_some_and(|extension| extension == "cleaned"))
        {
            append(&log, &batch(&[(NOW, Some("more"), Some("x"))]));
            log.flush().expect("flushes");
            assert_eq!(log.compacted_to(), Offset(0));
            assert!(log.apply_retention(i64::MAX).expect("has its turn later").is_empty());
            cut = log.delete_records_before(Offset(12), NOW).expect("in range") == Offset(12);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    assert!(matches!(stopped, Err(LogError::CompactionStopped { .. })), "{stopped:?}");
    assert!(cut);
    assert_eq!(log.compacted_to(), Offset(0));
    assert!(records(&log).starts_with(&before[12..]), "nothing is lost");
    let cleaned = |name: &std::ffi::OsStr| name.to_string_lossy().contains(".cleaned");
    assert!(!dir.path().read_dir().expect("lists").flatten().any(|file| cleaned(&file.file_name())));

    let segments = log.segment_count();
    log.apply_retention(NOW).expect("runs");
    assert!(log.segment_count() < segments, "what DeleteRecords left is removed");
    log.compact(log.end_offset(), NOW).expect("compacts");
    assert!(log.compacted_to() > Offset(12));
    assert_eq!(table(&records(&log)).len(), 21);
}
