//! `preallocate` and `segment.jitter.ms`: what a new segment is given, and when it is rolled.

use std::fs;
use std::path::{Path, PathBuf};

use commitlog::{LogConfig, Offset, OpenMode};
use testkit::TempDir;

use crate::support::{NOW, append, batch, filler, open, read_all, recover};

const SEGMENT_BYTES: u64 = 4096;

fn preallocated() -> LogConfig {
    LogConfig { segment_bytes: SEGMENT_BYTES, preallocate: true, ..LogConfig::default() }
}

/// The `.log` files in order, with their lengths.
fn logs(dir: &Path) -> Vec<(PathBuf, u64)> {
    let files = fs::read_dir(dir).expect("lists").map(|entry| entry.expect("entry").path());
    let mut logs: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .map(|path| (path.clone(), fs::metadata(&path).expect("there").len()))
        .collect();
    logs.sort();
    logs
}

fn lengths(dir: &Path) -> Vec<u64> {
    logs(dir).into_iter().map(|(_, bytes)| bytes).collect()
}

#[test]
fn only_the_newest_segment_is_longer_than_what_it_holds() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &preallocated(), OpenMode::Clean);
    assert_eq!(lengths(dir.path()), [SEGMENT_BYTES]);
    let bytes = filler(1, 1500);
    for _ in 0..5 {
        append(&log, &bytes);
    }
    let two = bytes.len() as u64 * 2;
    assert_eq!(lengths(dir.path()), [two, two, SEGMENT_BYTES]);
    assert_eq!(log.size_bytes(), bytes.len() as u64 * 5);
    let all = read_all(&log);
    assert_eq!(all.len(), 5);

    // It need not fit: a segment holds at least one batch.
    append(&log, &filler(1, 5000));
    append(&log, &bytes);
    log.close().expect("closes");
    assert_eq!(lengths(dir.path()).last(), Some(&(bytes.len() as u64)));
    let (log, report) = open(dir.path(), &preallocated(), OpenMode::Clean);
    assert_eq!((read_all(&log).len(), report.segments_checked), (7, 0));
    // As in Kafka one that is there keeps its length.
    assert_eq!(lengths(dir.path()).last(), Some(&(bytes.len() as u64)));
}

#[test]
fn a_crash_leaves_zeros_that_are_no_loss() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &preallocated(), OpenMode::Clean);
    let bytes = filler(1, 1500);
    for _ in 0..3 {
        append(&log, &bytes);
    }
    let expected = read_all(&log);
    drop(log);
    // A lost trim, too: the machine may forget it where nothing was synced after.
    let (first, first_bytes) = logs(dir.path()).remove(0);
    let file = fs::File::options().write(true).open(&first).expect("opens");
    file.set_len(SEGMENT_BYTES).expect("grows");
    let (log, report) = recover(dir.path(), &preallocated());
    assert_eq!(report.truncated, None);
    assert_eq!(read_all(&log), expected);
    assert_eq!(lengths(dir.path()), [first_bytes, bytes.len() as u64]);
    assert_eq!(append(&log, &bytes), Offset(3));
    drop(log);

    // What follows a sound batch and is no zeros is cut and told.
    let (newest, _) = logs(dir.path()).pop().expect("there");
    let mut content = fs::read(&newest).expect("reads");
    content.extend([7; 100]);
    fs::write(&newest, content).expect("writes");
    let (log, report) = recover(dir.path(), &preallocated());
    assert_eq!(report.truncated.map(|cut| (cut.offset, cut.bytes_lost)), Some((Offset(4), 100)));
    assert_eq!(read_all(&log).len(), 4);
}

#[test]
fn segments_begun_together_roll_apart_and_never_late() {
    let config = LogConfig { segment_ms: 1000, segment_jitter_ms: 900, ..LogConfig::default() };
    let rolls_after = |dir: &Path| {
        let (log, _) = open(dir, &config, OpenMode::Clean);
        let rolled_after = (0..=1001).find(|after| {
            append(&log, &batch(&[(NOW + after, None, Some("v"))]));
            log.segment_count() > 1
        });
        rolled_after.expect("rolls")
    };
    let root = TempDir::new();
    let times: Vec<i64> = (0..8).map(|n| rolls_after(&root.path().join(format!("t-{n}")))).collect();
    assert!(times.iter().all(|after| (101..=1001).contains(after)), "{times:?}");
    assert!(times.iter().any(|after| *after != times[0]), "{times:?}");
}
