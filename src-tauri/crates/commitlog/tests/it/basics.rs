use commitlog::{LogError, Offset, OpenMode, ReadError};
use testkit::TempDir;
use wire::batch::BatchHeader;

use crate::support::{NOW, append, batch, filler, open, read_all, recover, small_segments};

#[test]
fn what_is_appended_is_read_and_survives_a_stop() {
    let dir = TempDir::new();
    let config = small_segments();
    let (log, _) = open(dir.path(), &config, OpenMode::Clean);
    for n in 0..50 {
        assert_eq!(append(&log, &filler(2, 100)), Offset(n * 2 + 1));
    }
    assert!(log.segment_count() > 3, "rolled by size");
    let before = read_all(&log);
    assert_eq!(before.len(), 50);
    log.close().expect("closes");
    drop(log);

    let (log, report) = open(dir.path(), &config, OpenMode::Clean);
    assert_eq!(report.segments_checked, 0, "indexes were trusted");
    assert_eq!((log.end_offset(), read_all(&log)), (Offset(100), before.clone()));
    drop(log);

    let (log, report) = recover(dir.path(), &config);
    assert_eq!(report.batches_checked, 50);
    assert_eq!(report.truncated, None);
    assert_eq!(read_all(&log), before);
}

#[test]
fn several_batches_in_one_append_get_consecutive_offsets_and_the_epoch() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &small_segments(), OpenMode::Clean);
    append(&log, &filler(3, 10));
    let mut two = filler(2, 10);
    two.extend(filler(1, 10));
    let info = log.append(&mut two, 7, NOW).expect("appends");
    assert_eq!((info.first_offset, info.last_offset), (Offset(3), Offset(5)));
    let chunk = log.read(Offset(3), 1 << 20, Offset::MAX, true).expect("reads");
    let first = BatchHeader::parse(&chunk.bytes).expect("sound");
    assert_eq!((first.base_offset, first.partition_leader_epoch), (Offset(3), 7));
    assert_eq!(chunk.bytes, two, "patched in place, written as they are");
    assert_eq!(log.epoch_end(0), Some((0, Offset(3))));
    assert_eq!(log.epoch_end(7), Some((7, Offset(6))));
    let text = std::fs::read_to_string(dir.path().join("leader-epoch-checkpoint")).expect("written");
    assert_eq!(text, "0\n2\n0 0\n7 3\n");
}

#[test]
fn reading_bounds() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &small_segments(), OpenMode::Clean);
    for _ in 0..4 {
        append(&log, &filler(2, 100));
    }
    let one = filler(2, 100).len();
    let read = |from, max_bytes, upto, min_one| {
        log.read(Offset(from), max_bytes, Offset(upto), min_one).map(|chunk| chunk.bytes.len() / one)
    };
    assert_eq!(read(0, one * 2, 8, true).ok(), Some(2));
    assert_eq!(read(3, one, 8, true).ok(), Some(1), "the batch that contains the offset");
    assert_eq!(read(0, 10, 8, true).ok(), Some(1), "at least one, whatever its size");
    assert_eq!(read(0, 10, 8, false).ok(), Some(0));
    assert_eq!(read(0, one * 9, 4, true).ok(), Some(2), "not past the last stable offset");
    assert_eq!(read(8, one, 8, true).ok(), Some(0), "the end is empty, not an error");
    assert!(matches!(
        read(9, one, 9, true),
        Err(ReadError::OffsetOutOfRange { wanted: Offset(9), start: Offset(0), end: Offset(8) })
    ));
}

#[test]
fn garbage_is_refused_and_nothing_is_written() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &small_segments(), OpenMode::Clean);
    append(&log, &filler(1, 10));
    let mut torn = filler(1, 10);
    torn.extend(filler(1, 10));
    torn.truncate(torn.len() - 3);
    for bad in [vec![], vec![1; 10], vec![0xff; 200], torn] {
        let before = bad.clone();
        let mut bad = bad;
        assert!(matches!(log.append(&mut bad, 0, NOW), Err(LogError::Batch(_))));
        assert_eq!(bad, before, "left alone");
    }
    assert_eq!((log.end_offset(), read_all(&log).len()), (Offset(1), 1));
}

#[test]
fn segments_roll_by_time() {
    let dir = TempDir::new();
    let config = commitlog::LogConfig { segment_ms: 1_000, ..Default::default() };
    let (log, _) = open(dir.path(), &config, OpenMode::Clean);
    for timestamp in [0, 1_000, 1_001, 1_500] {
        append(&log, &batch(&[(NOW + timestamp, None, Some("v"))]));
    }
    assert_eq!(log.segment_count(), 2);
    assert!(dir.path().join("00000000000000000002.log").exists());
}

#[test]
fn an_empty_log_takes_no_room() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &commitlog::LogConfig::default(), OpenMode::Clean);
    log.close().expect("closes");
    let bytes: u64 = std::fs::read_dir(dir.path())
        .expect("lists")
        .map(|entry| entry.expect("entry").metadata().expect("metadata").len())
        .sum();
    assert_eq!(bytes, 0);
}
