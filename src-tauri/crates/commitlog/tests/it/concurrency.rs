//! Readers, an appender and maintenance at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use commitlog::{Cleanup, LogConfig, Offset, OpenMode};
use testkit::TempDir;
use wire::batch::batches;

use crate::support::{NOW, append, batch, open};

#[test]
fn readers_see_whole_batches_in_order_while_the_log_changes_under_them() {
    let dir = TempDir::new();
    let cleanup = Cleanup { delete: false, compact: true };
    let config = LogConfig {
        segment_bytes: 20_000,
        index_interval_bytes: 500,
        cleanup,
        file_delete_delay_ms: 0,
        ..LogConfig::default()
    };
    let (log, _) = open(dir.path(), &config, OpenMode::Clean);
    let done = AtomicBool::new(false);
    let rounds = 3_000;
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..rounds {
                let key = format!("key-{}", n % 37);
                append(&log, &batch(&[(NOW, Some(key.as_str()), Some("some value of a length"))]));
            }
            done.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                log.compact(log.end_offset(), NOW).expect("compacts");
                log.flush().expect("flushes");
                log.apply_retention(NOW).expect("runs");
            }
        });
        for reader in 0..3 {
            let (log, done) = (&log, &done);
            scope.spawn(move || {
                loop {
                    let last_round = done.load(Ordering::Acquire);
                    let mut from = log.start_offset();
                    while from < log.end_offset() {
                        let chunk = log.read(from, 1_000 << reader, Offset::MAX, true).expect("reads");
                        let mut next = from;
                        for batch in batches(&chunk.bytes) {
                            let batch = batch.expect("whole");
                            batch.verify_crc().expect("sound");
                            assert!(batch.header.last_offset() >= next);
                            next = batch.header.next_offset();
                        }
                        assert!(chunk.next_offset > from, "a reader always advances");
                        from = chunk.next_offset;
                    }
                    if last_round {
                        return;
                    }
                }
            });
        }
    });
    assert_eq!(log.end_offset(), Offset(rounds));
}
