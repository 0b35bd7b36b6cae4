//! A directory of partitions: stops, crashes, damage, deletion.

use std::fs;

use commitlog::{LogConfig, LogDir, LogDirError, LogDirOptions, Offset, OpenReport, TopicPartition};
use testkit::TempDir;
use uuid::Uuid;

use crate::support::{NOW, append, filler, read_all, small_segments};

fn open(dir: &TempDir) -> (LogDir, OpenReport) {
    LogDir::open(dir.path(), &LogDirOptions::default(), &|_| small_segments(), NOW).expect("opens")
}

fn orders(partition: i32) -> TopicPartition {
    TopicPartition::new("orders", partition)
}

fn create(log_dir: &LogDir, partition: i32, batches: usize) {
    let log = log_dir
        .create_partition(&orders(partition), Uuid::from_u128(77), small_segments(), NOW)
        .expect("creates");
    for _ in 0..batches {
        append(&log, &filler(2, 100));
    }
}

#[test]
fn a_proper_stop_and_a_crash() {
    let dir = TempDir::new();
    let (log_dir, report) = open(&dir);
    assert!(report.clean && report.opened.is_empty());
    for partition in 0..5 {
        create(&log_dir, partition, 10 * partition as usize);
    }
    let (cluster_id, directory_id) = (log_dir.cluster_id().to_owned(), log_dir.directory_id());
    assert_eq!(cluster_id.len(), 22);
    log_dir.close().expect("closes");
    assert!(dir.join(".kafka_cleanshutdown").exists());
    let text = fs::read_to_string(dir.join("recovery-point-offset-checkpoint")).expect("written");
    assert_eq!(text, "0\n5\norders 0 0\norders 1 20\norders 2 40\norders 3 60\norders 4 80\n");
    drop(log_dir);

    let (log_dir, report) = open(&dir);
    assert!(report.clean && !dir.join(".kafka_cleanshutdown").exists());
    assert!(report.opened.iter().all(|(_, recovery)| recovery.segments_checked == 0));
    assert_eq!((log_dir.cluster_id(), log_dir.directory_id()), (cluster_id.as_str(), directory_id));
    assert_eq!(log_dir.topic_id(&orders(3)), Some(Uuid::from_u128(77)));
    let log = log_dir.get(&orders(4)).expect("there");
    assert_eq!(read_all(&log).len(), 40);
    append(&log, &filler(1, 10));
    drop((log, log_dir));

    let (log_dir, report) = open(&dir);
    assert!(!report.clean, "nobody said goodbye");
    let checked: Vec<_> = report.opened.iter().map(|(_, recovery)| recovery.segments_checked).collect();
    assert_eq!(checked, [1, 1, 1, 1, 1], "only what follows the recovery point");
    let log = log_dir.get(&orders(4)).expect("there");
    assert_eq!((read_all(&log).len(), log.end_offset()), (41, Offset(81)));
}

#[test]
fn one_process_at_a_time() {
    let dir = TempDir::new();
    let (log_dir, _) = open(&dir);
    let second = LogDir::open(dir.path(), &LogDirOptions::default(), &|_| LogConfig::default(), NOW);
    assert!(matches!(second, Err(LogDirError::Locked { .. })));
    drop(log_dir);
    let other = LogDirOptions { node_id: 9, ..LogDirOptions::default() };
    let other = LogDir::open(dir.path(), &other, &|_| LogConfig::default(), NOW);
    assert!(matches!(other, Err(LogDirError::OtherNode { found: 0, wanted: 9, .. })));
}

#[test]
fn a_damaged_partition_is_named_and_the_others_run() {
    let dir = TempDir::new();
    let (log_dir, _) = open(&dir);
    create(&log_dir, 0, 40);
    create(&log_dir, 1, 40);
    log_dir.close().expect("closes");
    drop(log_dir);
    let first = dir.join("orders-0/00000000000000000000.log");
    fs::write(&first, b"not a batch at all, but long enough to look at as one").expect("writes");
    fs::remove_file(first.with_extension("index")).expect("removes");
    fs::create_dir(dir.join("no partition")).expect("creates");
    fs::write(dir.join("a-file-0"), b"no directory").expect("writes");

    let (log_dir, report) = open(&dir);
    assert_eq!(report.damaged.len(), 1);
    assert_eq!(report.damaged[0].partition, orders(0));
    assert!(report.damaged[0].error.to_string().contains("00000000000000000000.log"));
    assert!(log_dir.get(&orders(0)).is_none());
    assert_eq!(read_all(&log_dir.get(&orders(1)).expect("there")).len(), 40);
    let again = log_dir.create_partition(&orders(0), Uuid::nil(), small_segments(), NOW);
    assert!(matches!(again, Err(LogDirError::PartitionExists(_))));
    log_dir.delete_partition(&orders(0), NOW).expect("may be removed");
    assert!(log_dir.damaged().is_empty());
    create(&log_dir, 0, 1);
}

#[test]
fn removed_partitions_free_their_name_at_once_and_their_files_later() {
    let dir = TempDir::new();
    let (log_dir, _) = open(&dir);
    create(&log_dir, 0, 3);
    let log = log_dir.get(&orders(0)).expect("there");
    log_dir.delete_partition(&orders(0), NOW).expect("removes");
    assert!(
        log.append(&mut filler(1, 1), 0, NOW).is_err() && log.read(Offset(0), 1, Offset::MAX, true).is_err()
    );
    assert!(matches!(log_dir.delete_partition(&orders(0), NOW), Err(LogDirError::NoSuchPartition(_))));
    create(&log_dir, 0, 1);
    let doomed = || {
        let names = fs::read_dir(dir.path()).expect("lists").map(|entry| entry.expect("entry").file_name());
        names.filter(|name| name.to_str().is_some_and(|name| name.ends_with("-delete"))).count()
    };
    assert_eq!(doomed(), 1);
    log_dir.maintain(NOW + 59_000);
    assert_eq!(doomed(), 1);
    log_dir.maintain(NOW + 60_000);
    assert_eq!(doomed(), 0);

    log_dir.delete_partition(&orders(0), NOW).expect("removes");
    log_dir.close().expect("closes");
    drop(log_dir);
    let (log_dir, report) = open(&dir);
    assert!(report.opened.is_empty());
    log_dir.maintain(NOW);
    assert_eq!(doomed(), 0, "what an earlier run meant to remove");
}

#[test]
fn log_start_and_expired_segments_survive_a_crash() {
    let dir = TempDir::new();
    let (log_dir, _) = open(&dir);
    create(&log_dir, 0, 40);
    let log = log_dir.get(&orders(0)).expect("there");
    log.delete_records_before(Offset(33), NOW).expect("in range");
    log_dir.maintain(NOW);
    assert!(log.recovery_point() > Offset(0), "rolled segments are durable");
    let deleted = || {
        let names = fs::read_dir(dir.join("orders-0")).expect("lists").map(|e| e.expect("entry").file_name());
        names.filter(|name| name.to_str().is_some_and(|name| name.ends_with(".deleted"))).count()
    };
    assert!(deleted() > 0);
    drop((log, log_dir));
    let (log_dir, _) = open(&dir);
    let log = log_dir.get(&orders(0)).expect("there");
    assert_eq!(log.offsets(), (Offset(33), Offset(80)));
    assert_eq!(deleted(), 0);
}

#[test]
fn names_cannot_leave_the_directory() {
    let dir = TempDir::new();
    let (log_dir, _) = open(&dir);
    for topic in ["..", "../up", "a/b", ""] {
        let name = TopicPartition::new(topic, 0);
        let made = log_dir.create_partition(&name, Uuid::nil(), LogConfig::default(), NOW);
        assert!(matches!(made, Err(LogDirError::TopicName(_))), "{topic:?}");
    }
}
