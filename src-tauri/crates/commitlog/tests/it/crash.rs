//! After a crash the log holds a prefix of what was appended, and never a bad batch.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use commitlog::{LogConfig, LogError, Offset, OpenMode, PartitionLog};
use proptest::prelude::*;
use proptest::sample::Index;
use testkit::TempDir;

use crate::support::{NOW, append, filler, open, read_all, recover, small_segments};

/// What befalls the newest segment.
#[derive(Debug, Clone)]
enum Damage {
    None,
    Torn(Index),
    Flipped(Index, u8),
    Garbage(Vec<u8>),
    Zeros(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        Just(Damage::None),
        any::<Index>().prop_map(Damage::Torn),
        (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Damage::Flipped(at, bit)),
        prop::collection::vec(any::<u8>(), 1..300).prop_map(Damage::Garbage),
        (1..5_000usize).prop_map(Damage::Zeros),
    ]
}

fn newest_segment(dir: &Path) -> PathBuf {
    let logs = fs::read_dir(dir).expect("lists").map(|entry| entry.expect("entry").path());
    logs.filter(|path| path.extension().is_some_and(|extension| extension == "log")).max().expect("a segment")
}

/// Does it, and returns the first byte that is no longer what it was.
fn inflict(damage: &Damage, path: &Path) -> u64 {
    let mut bytes = fs::read(path).expect("reads");
    let length = bytes.len();
    let at = match damage {
        Damage::None => length,
        Damage::Torn(_) | Damage::Flipped(..) if length == 0 => 0,
        Damage::Torn(at) => {
            bytes.truncate(at.index(length));
            bytes.len()
        }
        Damage::Flipped(at, bit) => {
            let at = at.index(length);
            bytes[at] ^= 1 << bit;
            at
        }
        Damage::Garbage(garbage) => {
            bytes.extend(garbage);
            length
        }
        Damage::Zeros(count) => {
            bytes.resize(length + count, 0);
            length
        }
    };
    fs::write(path, bytes).expect("writes");
    at as u64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn recovery_keeps_the_whole_batches_before_the_damage(
        sizes in prop::collection::vec((1..5usize, 1..300usize), 1..30),
        segment_bytes in 500..3_000u64,
        damage in damage(),
    ) {
        let dir = TempDir::new();
        let config = LogConfig { segment_bytes, index_interval_bytes: 200, ..LogConfig::default() };
        let (log, _) = open(dir.path(), &config, OpenMode::Clean);
        for (count, bytes) in sizes {
            append(&log, &filler(count, bytes));
        }
        let before = read_all(&log);
        let newest = newest_segment(dir.path());
        let base: i64 = newest.file_stem().and_then(|stem| stem.to_str()).expect("name").parse().expect("offset");
        // Where each batch of the newest segment ends.
        let mut ends = Vec::new();
        let mut position = 0;
        for &(first, last) in before.iter().filter(|batch| batch.0 >= base) {
            position += batch_bytes(&log, first);
            ends.push((position, last));
        }
        drop(log);

        let damaged_at = inflict(&damage, &newest);
        // Neither base offset nor leader epoch is under the CRC: a flip there cannot be told.
        let start = ends.iter().map(|&(end, _)| end).take_while(|&end| end <= damaged_at).last().unwrap_or(0);
        if let Damage::Flipped(..) = damage {
            let within = damaged_at - start;
            prop_assume!(!(within < 8 || (12..16).contains(&within)));
        }
        let survivors = ends.iter().take_while(|&&(end, _)| end <= damaged_at).count();
        let lost = ends.len() - survivors;
        let expected = &before[..before.len() - lost];

        let mode = OpenMode::Recover { recovery_point: Offset(base) };
        let (log, report) = open(dir.path(), &config, mode);
        prop_assert_eq!(read_all(&log), expected);
        prop_assert_eq!(report.segments_checked, 1, "earlier segments are not touched");
        let end = expected.last().map_or(0, |&(_, last)| last + 1);
        prop_assert_eq!(log.end_offset(), Offset(end.max(base)));
        let tail_is_clean = matches!(damage, Damage::None) || damaged_at == 0 || ends.is_empty();
        prop_assert!(tail_is_clean || lost > 0 || report.truncated.is_some());

        // The log goes on from there, and a second recovery finds nothing more.
        append(&log, &filler(2, 10));
        let after = read_all(&log);
        prop_assert_eq!(&after[..expected.len()], expected);
        drop(log);
        let (log, report) = recover(dir.path(), &config);
        prop_assert_eq!(report.truncated, None);
        prop_assert_eq!(read_all(&log), after);
    }
}

fn batch_bytes(log: &PartitionLog, first: i64) -> u64 {
    log.read(Offset(first), 1, Offset::MAX, true).expect("reads").bytes.len() as u64
}

#[test]
fn indexes_are_not_trusted_after_a_crash_nor_when_they_are_torn() {
    let dir = TempDir::new();
    let config = small_segments();
    let (log, _) = open(dir.path(), &config, OpenMode::Clean);
    for _ in 0..40 {
        append(&log, &filler(1, 100));
    }
    let before = read_all(&log);
    log.close().expect("closes");
    drop(log);

    let index = dir.join("00000000000000000000.index");
    let sound = fs::read(&index).expect("reads");
    assert!(!sound.is_empty());
    fs::write(&index, &sound[..sound.len() - 3]).expect("writes");
    fs::remove_file(newest_segment(dir.path()).with_extension("timeindex")).expect("removes");
    let (log, report) = open(dir.path(), &config, OpenMode::Clean);
    assert_eq!(report.segments_checked, 2, "the torn one and the missing one");
    assert_eq!(read_all(&log), before);
    assert_eq!(fs::read(&index).expect("reads"), sound, "rebuilt to the same");
    drop(log);

    fs::write(&index, vec![0x7f; sound.len()]).expect("writes");
    let (log, _) = recover(dir.path(), &config);
    assert_eq!(read_all(&log), before);
    assert_eq!(fs::read(&index).expect("reads"), sound);
}

#[test]
fn damage_below_the_recovery_point_is_named_and_left_alone() {
    let dir = TempDir::new();
    let config = small_segments();
    let (log, _) = open(dir.path(), &config, OpenMode::Clean);
    for _ in 0..40 {
        append(&log, &filler(1, 100));
    }
    let end = log.end_offset();
    log.close().expect("closes");
    drop(log);
    let first = dir.join("00000000000000000000.log");
    let mut bytes = fs::read(&first).expect("reads");
    bytes[100] ^= 1;
    fs::write(&first, &bytes).expect("writes");
    fs::remove_file(first.with_extension("index")).expect("removes");

    let mode = OpenMode::Recover { recovery_point: end };
    let error = PartitionLog::open(dir.path(), config, mode, Offset::ZERO, NOW).expect_err("damaged");
    assert!(matches!(&error, LogError::Damaged { position: 0, .. }), "{error}");
    assert_eq!(fs::read(&first).expect("reads"), bytes);
}

#[test]
fn leftovers_of_an_interrupted_compaction_are_sorted_out() {
    let dir = TempDir::new();
    let config = small_segments();
    let (log, _) = open(dir.path(), &config, OpenMode::Clean);
    for _ in 0..40 {
        append(&log, &filler(1, 100));
    }
    let before = read_all(&log);
    let count = log.segment_count();
    log.close().expect("closes");
    drop(log);

    // Half written: goes. Complete, before and after the old file was renamed: takes its place.
    let first = dir.join("00000000000000000000.log");
    let mut half = OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join("00000000000000000000.log.cleaned"))
        .expect("creates");
    half.write_all(b"half").expect("writes");
    fs::copy(&first, dir.join("00000000000000000000.log.swap")).expect("copies");
    fs::write(dir.join("00000000000000000000.timeindex.swap"), b"x").expect("writes");
    fs::write(dir.join("00000000000000009999.index"), b"orphan").expect("writes");
    for stage in 0..2 {
        if stage == 1 {
            fs::rename(&first, dir.join("00000000000000000000.log.swap")).expect("renames");
        }
        let (log, _) = open(dir.path(), &config, OpenMode::Clean);
        assert_eq!(read_all(&log), before);
        assert_eq!(log.segment_count(), count);
        log.close().expect("closes");
        let names: Vec<_> = fs::read_dir(dir.path())
            .expect("lists")
            .map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8"))
            .filter(|name| !name.ends_with("log") && !name.ends_with("index"))
            .collect();
        assert_eq!(names, ["leader-epoch-checkpoint"]);
        assert!(!dir.join("00000000000000009999.index").exists());
    }
}
