use std::fs;

use commitlog::{Cleanup, LogConfig, Offset, OpenMode, PartitionLog};
use testkit::TempDir;

use crate::support::{NOW, append, batch, filler, open, read_all, small_segments};

fn filled(dir: &TempDir, config: &LogConfig) -> PartitionLog {
    let (log, _) = open(dir.path(), config, OpenMode::Clean);
    for n in 0..10 {
        let value = "v".repeat(900);
        append(&log, &batch(&[(NOW + n * 1_000, None, Some(value.as_str()))]));
    }
    assert_eq!(log.segment_count(), 5);
    log
}

#[test]
fn by_time_down_to_an_empty_log() {
    let dir = TempDir::new();
    let config = LogConfig { retention_ms: 10_000, ..small_segments() };
    let log = filled(&dir, &config);
    assert!(log.apply_retention(NOW + 11_000).expect("runs").is_empty());
    assert_eq!(log.apply_retention(NOW + 13_500).expect("runs").len(), 2);
    assert_eq!(log.offsets(), (Offset(4), Offset(10)));
    // The active segment goes too once all of it is too old, and offsets go on.
    assert_eq!(log.apply_retention(NOW + 100_000).expect("runs").len(), 3);
    assert_eq!((log.offsets(), log.size_bytes()), ((Offset(10), Offset(10)), 0));
    assert_eq!(append(&log, &filler(1, 10)), Offset(10));
    drop(log);
    let (log, _) = open(dir.path(), &config, OpenMode::Clean);
    assert_eq!(log.offsets(), (Offset(10), Offset(11)));
}

#[test]
fn by_size() {
    let dir = TempDir::new();
    let log = filled(&dir, &LogConfig { retention_bytes: 4_000, retention_ms: -1, ..small_segments() });
    let before = log.size_bytes();
    let deleted = log.apply_retention(NOW).expect("runs");
    assert!(!deleted.is_empty());
    assert_eq!(before - deleted.iter().map(|segment| segment.bytes).sum::<u64>(), log.size_bytes());
    assert!(log.size_bytes() >= 4_000, "never below what was asked for");
    assert!(log.size_bytes() < 4_000 + 2_000);
    assert!(log.apply_retention(NOW).expect("runs").is_empty());
}

#[test]
fn not_for_a_compacted_topic_nor_without_limits() {
    for config in [
        LogConfig { cleanup: Cleanup::COMPACT, retention_ms: 1, ..small_segments() },
        LogConfig { retention_ms: -1, retention_bytes: -1, ..small_segments() },
    ] {
        let dir = TempDir::new();
        let log = filled(&dir, &config);
        assert!(log.apply_retention(i64::MAX).expect("runs").is_empty());
    }
}

#[test]
fn deleted_records_are_out_of_range_and_their_segments_go() {
    let dir = TempDir::new();
    let config = LogConfig { file_delete_delay_ms: 60_000, ..small_segments() };
    let log = filled(&dir, &config);
    assert_eq!(log.delete_records_before(Offset(5), NOW).expect("in range"), Offset(5));
    assert_eq!((log.start_offset(), log.segment_count()), (Offset(5), 3));
    assert!(log.read(Offset(4), 1, Offset::MAX, true).is_err());
    assert_eq!(read_all(&log).len(), 5);
    assert_eq!(log.delete_records_before(Offset(2), NOW).expect("no step back"), Offset(5));
    assert!(log.delete_records_before(Offset(11), NOW).is_err());
    let epochs = fs::read_to_string(dir.join("leader-epoch-checkpoint")).expect("reads");
    assert_eq!(epochs, "0\n1\n0 5\n");
    assert_eq!(log.delete_records_before(Offset(10), NOW).expect("the end"), Offset(10));
    assert_eq!(log.segment_count(), 1, "the active segment stays");
}

#[test]
fn truncation_cuts_at_a_batch_and_the_log_goes_on() {
    let dir = TempDir::new();
    let config = small_segments();
    let (log, _) = open(dir.path(), &config, OpenMode::Clean);
    for _ in 0..30 {
        append(&log, &filler(2, 100));
    }
    let before = read_all(&log);
    assert_eq!(log.truncate_to(Offset(60), NOW).expect("nothing to do"), Offset(60));
    assert_eq!(log.truncate_to(Offset(21), NOW).expect("cuts"), Offset(20), "the whole batch goes");
    assert_eq!(read_all(&log), &before[..10]);
    assert!(log.read(Offset(21), 1, Offset::MAX, true).is_err());
    assert_eq!(append(&log, &filler(1, 10)), Offset(20));
    drop(log);
    let (log, report) = crate::support::recover(dir.path(), &config);
    assert_eq!((report.truncated, log.end_offset()), (None, Offset(21)));
    assert_eq!(log.truncate_to(Offset(0), NOW).expect("cuts"), Offset(0));
    assert_eq!(log.size_bytes(), 0);
}
