use commitlog::{
    AbortedTransaction, Aborting, Cleanup, LogConfig, Offset, OpenMode, PartitionLog, Producers,
};
use std::path::Path;
use testkit::TempDir;
use wire::batch::{BatchBuilder, BatchHeader, Marker, Producer};

use crate::support::{NOW, batch, filler, open, recover, small_segments};

/// A log and its producers, kept together as a broker keeps them.
pub(crate) struct Written {
    pub(crate) log: PartitionLog,
    pub(crate) producers: Producers,
    sequences: [i32; 4],
}

impl Written {
    pub(crate) fn new(log: PartitionLog) -> Self {
        let producers = log.restore_producers(NOW).expect("restores");
        Self { log, producers, sequences: [0; 4] }
    }

    pub(crate) fn data(&mut self, id: usize, key: &str, value: &str) -> Offset {
        let producer = Producer { id: id as i64, epoch: 0, base_sequence: self.sequences[id] };
        self.sequences[id] += 1;
        let mut bytes = BatchBuilder::new()
            .producer(producer)
            .transactional()
            .record(NOW, Some(key.as_bytes()), Some(value.as_bytes()))
            .build()
            .to_vec();
        let header = BatchHeader::parse(&bytes).expect("sound");
        let info = self.log.append(&mut bytes, 0, NOW).expect("appends");
        self.roll(info.rolled_at);
        self.producers.note(&header, info.first_offset, NOW);
        info.first_offset
    }

    pub(crate) fn end(&mut self, id: usize, committed: bool) -> Offset {
        let producer_id = id as i64;
        let marker = Marker { committed, coordinator_epoch: 0 };
        let ended = self.producers.ending(producer_id).filter(|_| !committed);
        let aborting = ended.map(|ended| Aborting { producer_id, ended });
        let mut bytes = marker.batch(producer_id, 0, NOW).to_vec();
        let info = self.log.append_aborting(&mut bytes, 0, NOW, aborting).expect("appends");
        self.roll(info.rolled_at);
        self.producers.note_marker((producer_id, 0), marker, info.first_offset, NOW, NOW);
        info.first_offset
    }

    fn plain(&self, bytes: &[u8]) {
        let info = self.log.append(&mut bytes.to_vec(), 0, NOW).expect("appends");
        self.roll(info.rolled_at);
    }

    fn roll(&self, at: Option<Offset>) {
        if let Some(at) = at {
            self.log.write_snapshot(at, &self.producers).expect("writes");
        }
    }

    /// Transactions of three producers over several segments; the last stays open.
    pub(crate) fn fill(&mut self) {
        for round in 0..12 {
            for id in 0..3 {
                self.data(id, &format!("k{id}"), &"v".repeat(150 + round));
            }
            self.plain(&filler(1, 100));
            self.end(0, true);
            self.end(1, false);
            self.end(2, round % 3 == 0);
        }
        self.data(3, "open", "v");
        self.plain(&filler(2, 100));
    }
}

fn aborted(log: &PartitionLog) -> Vec<AbortedTransaction> {
    log.aborted(Offset(0), log.end_offset()).expect("reads")
}

fn files(dir: &Path, extension: &str) -> Vec<String> {
    let names = std::fs::read_dir(dir).expect("lists").map(|entry| entry.expect("entry").file_name());
    let mut names: Vec<String> = names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.ends_with(&format!(".{extension}")))
        .collect();
    names.sort();
    names
}

#[test]
fn what_was_aborted_is_told_by_ranges() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &small_segments(), OpenMode::Clean);
    let mut written = Written::new(log);
    let first = written.data(1, "k", "v");
    let other = written.data(2, "k", "v");
    let end = written.end(1, false);
    written.fill();
    assert!(written.log.segment_count() > 3);
    let all = aborted(&written.log);
    assert_eq!(all.len(), 1 + 12 + 8);
    assert_eq!(all[0], AbortedTransaction { producer_id: 1, first_offset: first });
    assert!(all.iter().all(|aborted| aborted.producer_id != 0 && aborted.producer_id != 3));
    // A reader of the first records needs what reaches into them, not what comes later.
    let within = |from: Offset, upto: Offset| written.log.aborted(from, upto).expect("reads");
    assert_eq!(within(first, other), all[..1]);
    assert!(within(end.next(), end.next().next()).iter().all(|aborted| aborted.first_offset >= other));
}

#[test]
fn a_start_needs_no_more_than_the_newest_snapshot() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &small_segments(), OpenMode::Clean);
    let mut written = Written::new(log);
    written.fill();
    let (expected, open_from) = (aborted(&written.log), written.producers.first_open());
    assert!(open_from.is_some());
    let end = written.log.end_offset();
    written.log.write_snapshot(end, &written.producers).expect("writes");
    written.log.close().expect("closes");
    let bases = files(dir.path(), "log").len();
    assert_eq!(files(dir.path(), "snapshot").len(), bases, "one per segment but the first, and the newest");
    drop(written.log);

    // The batches themselves are not looked at: damaged beyond use, they would be noticed.
    let segment = files(dir.path(), "log").pop().expect("a segment");
    let path = dir.path().join(segment);
    let bytes = std::fs::read(&path).expect("reads");
    let (log, _) = open(dir.path(), &small_segments(), OpenMode::Clean);
    std::fs::write(&path, vec![0xff; bytes.len()]).expect("damages");
    let restored = log.restore_producers(NOW).expect("restores");
    assert_eq!(restored.first_open(), open_from);
    assert_eq!(aborted(&log), expected);
    drop(log);
    std::fs::write(&path, bytes).expect("mends");
}

#[test]
fn after_a_crash_indexes_and_producers_are_what_the_log_says() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &small_segments(), OpenMode::Clean);
    let mut written = Written::new(log);
    written.fill();
    let (expected, open_from) = (aborted(&written.log), written.producers.first_open());
    let end = written.log.end_offset();
    drop(written.log);
    let index = |name: &str| dir.path().join(name);
    let last = files(dir.path(), "txnindex").pop().expect("an index");
    let snapshots = files(dir.path(), "snapshot");
    let damages: [&dyn Fn(); 5] = [
        &|| {},
        // Entries that never reached the disk, or only in part.
        &|| std::fs::write(index(&last), [0; 40]).expect("damages"),
        &|| std::fs::remove_file(index(&last)).expect("removes"),
        // The newest snapshot is torn: the one before it is used.
        &|| std::fs::write(index(snapshots.last().expect("a snapshot")), [0, 1, 2]).expect("damages"),
        &|| {
            for name in files(dir.path(), "snapshot").into_iter().chain(files(dir.path(), "txnindex")) {
                std::fs::remove_file(index(&name)).expect("removes");
            }
        },
    ];
    for damage in damages {
        damage();
        let (log, _) = recover(dir.path(), &small_segments());
        assert_eq!(log.end_offset(), end);
        let restored = log.restore_producers(NOW).expect("restores");
        assert_eq!(restored.first_open(), open_from);
        assert_eq!(aborted(&log), expected);
    }
}

#[test]
fn snapshots_of_offsets_that_are_gone_go_too() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &small_segments(), OpenMode::Clean);
    let mut written = Written::new(log);
    written.fill();
    let end = written.log.end_offset();
    written.log.write_snapshot(end, &written.producers).expect("writes");
    drop(written.log);
    // The machine stopped before the last records were on the disk.
    let last = files(dir.path(), "log").pop().expect("a segment");
    let file = std::fs::OpenOptions::new().write(true).open(dir.path().join(last)).expect("opens");
    file.set_len(file.metadata().expect("is there").len() - 10).expect("cuts");
    let (log, report) = recover(dir.path(), &small_segments());
    assert!(report.truncated.is_some());
    let snapshot = format!("{:020}.snapshot", end.0);
    assert!(!files(dir.path(), "snapshot").contains(&snapshot));

    // Retention takes the snapshots of the segments it removes.
    let before = files(dir.path(), "snapshot").len();
    let start = Offset(log.end_offset().0 / 2);
    log.delete_records_before(start, NOW).expect("deletes");
    let after = files(dir.path(), "snapshot");
    assert!(after.len() < before && !after.is_empty());
    let producers = log.restore_producers(NOW).expect("restores");
    assert!(producers.first_open().is_some());
}

#[test]
fn compaction_keeps_the_aborted_as_long_as_their_markers() {
    let dir = TempDir::new();
    let config = LogConfig {
        cleanup: Cleanup::COMPACT,
        delete_retention_ms: 1_000,
        min_cleanable_dirty_ratio: 0.01,
        ..small_segments()
    };
    let (log, _) = open(dir.path(), &config, OpenMode::Clean);
    let mut written = Written::new(log);
    written.fill();
    let before = aborted(&written.log);
    let stable = written.producers.first_open().expect("one is open");
    let stats = written.log.compact(stable, NOW).expect("compacts");
    assert!(stats.records_after < stats.records_before, "{stats:?}");
    assert_eq!(aborted(&written.log), before, "markers wait until their data is gone");

    written.end(3, true);
    // The next round gives markers a delete horizon, the one after it takes them.
    for round_ms in [5_000, 10_000] {
        assert_eq!(aborted(&written.log), before, "markers wait for the delete horizon");
        for n in 0..30 {
            written.plain(&batch(&[(NOW + 10, Some("k"), Some(&"v".repeat(100 + n)))]));
        }
        written.log.compact(written.log.end_offset(), NOW + round_ms).expect("compacts");
    }
    let after = aborted(&written.log);
    assert!(after.len() < before.len());
    let end = written.log.end_offset();
    drop(written.log);
    let (log, _) = recover(dir.path(), &config);
    assert_eq!((log.end_offset(), aborted(&log)), (end, after));
}

#[test]
fn a_start_knows_no_producer_that_was_silent_for_too_long() {
    const EXPIRATION_MS: i64 = 10_000;
    let config = LogConfig { producer_expiration_ms: EXPIRATION_MS, ..LogConfig::default() };
    let append = |log: &PartitionLog, id: i64, timestamp: i64, transactional: bool| {
        let mut builder = BatchBuilder::new().producer(Producer { id, epoch: 0, base_sequence: 0 });
        if transactional {
            builder = builder.transactional();
        }
        let mut bytes = builder.record(timestamp, None, Some(b"v")).build().to_vec();
        let header = BatchHeader::parse(&bytes).expect("sound");
        let info = log.append(&mut bytes, 0, NOW).expect("appends");
        (header, info.first_offset)
    };
    for with_snapshot in [false, true] {
        let dir = TempDir::new();
        let (log, _) = open(dir.path(), &config, OpenMode::Clean);
        let mut producers = Producers::default();
        // Silent, heard of, in a transaction, and one that says nothing of when it wrote.
        for (id, timestamp, transactional) in
            [(1, NOW, false), (2, NOW + 1, false), (3, NOW, true), (4, -1, false)]
        {
            let (header, offset) = append(&log, id, timestamp, transactional);
            producers.note(&header, offset, NOW);
        }
        if with_snapshot {
            log.write_snapshot(log.end_offset(), &producers).expect("writes");
        }
        log.close().expect("closes");
        let known = |now_ms: i64| {
            let (log, _) = open(dir.path(), &config, OpenMode::Clean);
            let restored = log.restore_producers(now_ms).expect("restores");
            let mut ids: Vec<i64> = restored.iter().map(|(id, _)| id).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(known(NOW + EXPIRATION_MS - 1), [1, 2, 3, 4]);
        assert_eq!(known(NOW + EXPIRATION_MS), [2, 3, 4]);
        assert_eq!(known(NOW + 2 * EXPIRATION_MS), [3, 4]);
    }
}
