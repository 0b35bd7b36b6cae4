//! Apache Kafka's own `kafka-dump-log` reads what this writes, and finds nothing to complain of.
//!
//! Runs where `PUMPHOUSE_PEER_KAFKA` names a folder with Kafka's jars, as `cargo xtask test` sets it; elsewhere it
//! says that it did not run.

use std::path::{Path, PathBuf};
use std::process::Command;

use commitlog::{Cleanup, LogConfig, Offset, OpenMode, PartitionLog};
use testkit::TempDir;
use wire::batch::{
    BatchBuilder, Compression, Header, NewRecord, Producer, set_max_timestamp_and_append_time,
};

use crate::producers::Written;
use crate::support::{NOW, append, batch, filler, open, recover};

/// What the tool prints about every segment file in `dir`, or `None` where it is not installed.
fn dump(dir: &Path) -> Option<String> {
    let Some(jars) = std::env::var_os("PUMPHOUSE_PEER_KAFKA").map(PathBuf::from) else {
        eprintln!("not run: PUMPHOUSE_PEER_KAFKA names no folder of Apache Kafka's jars");
        return None;
    };
    let with_extension = |wanted: &[&str]| {
        let files = std::fs::read_dir(dir).expect("lists").map(|entry| entry.expect("entry").path());
        let mut names: Vec<_> = files
            .filter(|path| path.extension().is_some_and(|extension| wanted.iter().any(|w| extension == *w)))
            .map(|path| path.display().to_string())
            .collect();
        names.sort();
        names
    };
    let run = |options: &[&str], files: &[String]| {
        let output = Command::new("java")
            .args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
            .arg(jars.join("*"))
            .arg("org.apache.kafka.tools.DumpLogSegments")
            .args(options)
            .args(["--files", &files.join(",")])
            .output()
            .expect("java runs");
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        text
    };
    let indexes = with_extension(&["index", "timeindex"]);
    let sane = run(&["--index-sanity-check"], &indexes);
    let passed =
        sane.lines().filter(|line| line.ends_with("passed sanity check.") || line.ends_with("is empty."));
    assert_eq!(passed.count(), indexes.len(), "{sane}");
    let all = with_extension(&["log", "index", "timeindex", "txnindex", "snapshot"]);
    Some(run(&["--deep-iteration", "--print-data-log"], &all))
}

/// The records the tool saw, and no complaint among its lines. Gaps between offsets are compaction's mark; that
/// −1 comes before a segment's first offset, the tool says of every segment but the first.
fn check(dir: &Path, records: usize, gaps: bool) -> Option<String> {
    let text = dump(dir)?;
    let complaints =
        ["Found", "ismatch", "Exception", "isvalid: false", "Error", "invalid bytes", "is followed by"];
    let is_complaint = |line: &&str| {
        let is_gap = line.contains("is followed by") && (gaps || line.trim().starts_with("-1 "));
        !is_gap && complaints.iter().any(|complaint| line.contains(complaint))
    };
    assert_eq!(text.lines().find(is_complaint), None, "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("| offset: ")).count(), records, "{text}");
    Some(text)
}

fn fill(log: &PartitionLog) -> usize {
    let codecs =
        [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];
    let mut records = 0;
    for n in 0..60usize {
        let mut builder = BatchBuilder::new().compression(codecs[n % codecs.len()]).leader_epoch(3);
        if n % 7 == 0 {
            builder = builder.producer(Producer { id: 5, epoch: 1, base_sequence: n as i32 });
        }
        for record in 0..=n % 4 {
            let key = format!("key-{}", (n * 3 + record) % 11);
            builder.add(NewRecord {
                timestamp_ms: NOW + (n as i64 * 37) % 400,
                key: Some(key.as_bytes()),
                value: (n % 9 != 8).then_some(b"a value of some length, not too short, to be packed well"),
                headers: &[Header { key: b"trace", value: Some(b"1") }, Header { key: b"none", value: None }],
            });
            records += 1;
        }
        let mut bytes = builder.build_compressed().expect("packs").to_vec();
        if n % 10 == 9 {
            set_max_timestamp_and_append_time(&mut bytes, NOW + n as i64).expect("one batch");
        }
        log.append(&mut bytes, (n / 20) as i32, NOW).expect("appends");
    }
    records
}

fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 3_000,
        index_interval_bytes: 300,
        delete_retention_ms: 1_000,
        cleanup: Cleanup::COMPACT,
        ..LogConfig::default()
    }
}

#[test]
fn written_recovered_and_compacted_logs_pass() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &config(), OpenMode::Clean);
    let records = fill(&log);
    log.close().expect("closes");
    let Some(text) = check(dir.path(), records, false) else { return };
    for seen in ["compresscodec: zstd", "compresscodec: lz4", "compresscodec: snappy", "compresscodec: gzip"]
    {
        assert!(text.contains(seen), "{seen}");
    }
    drop(log);

    let (log, _) = recover(dir.path(), &config());
    append(&log, &filler(2, 20));
    log.close().expect("closes");
    check(dir.path(), records + 2, false);
    drop(log);

    let (log, _) = open(dir.path(), &config(), OpenMode::Clean);
    let stats = log.compact(log.end_offset(), NOW).expect("compacts");
    assert!(stats.records_after < stats.records_before);
    log.close().expect("closes");
    drop(log);
    let removed = (stats.records_before - stats.records_after) as usize;
    let text = check(dir.path(), records + 2 - removed, true).expect("ran before");
    assert!(text.contains("deleteHorizonMs: OptionalLong["), "tombstones carry their horizon\n{text}");

    // Their horizon passed, the tombstones go; an emptied batch of a producer stays.
    let (log, _) = open(dir.path(), &config(), OpenMode::Clean);
    for n in 0..30 {
        let value = "v".repeat(200 + n);
        append(&log, &batch(&[(NOW + 10, Some("key-1"), Some(value.as_str()))]));
    }
    log.compact(log.end_offset(), NOW + 5_000).expect("compacts");
    log.close().expect("closes");
    let text = dump(dir.path()).expect("ran before");
    assert!(!text.contains("Exception") && !text.contains("isvalid: false"), "{text}");
    assert!(text.contains("count: 0"), "{text}");
}

#[test]
fn transactions_pass() {
    let dir = TempDir::new();
    let (log, _) = open(dir.path(), &config(), OpenMode::Clean);
    let mut written = Written::new(log);
    written.fill();
    let end = written.log.end_offset();
    written.log.write_snapshot(end, &written.producers).expect("writes");
    written.log.close().expect("closes");
    let Some(text) = check(dir.path(), 12 * 7 + 3, false) else { return };
    for seen in ["endTxnMarker: ABORT", "endTxnMarker: COMMIT", "currentTxnFirstOffset: OptionalLong[84]"] {
        assert!(text.contains(seen), "{seen}\n{text}");
    }
    assert!(
        text.contains("version: 0 producerId: 1 firstOffset: 1 lastOffset: 5 lastStableOffset: 2"),
        "{text}"
    );
    drop(written);

    let (log, _) = recover(dir.path(), &config());
    log.restore_producers(NOW).expect("restores");
    let stats = log.compact(Offset(84), NOW).expect("compacts");
    assert!(stats.records_after < stats.records_before);
    log.close().expect("closes");
    let removed = (stats.records_before - stats.records_after) as usize;
    check(dir.path(), 12 * 7 + 3 - removed, true);
}
