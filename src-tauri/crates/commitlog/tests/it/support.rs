use commitlog::{LogConfig, Offset, OpenMode, PartitionLog, RecoveryReport};
use std::path::Path;
use wire::batch::{Batch, BatchBuilder, BatchHeader, batches};

pub(crate) const NOW: i64 = 1_700_000_000_000;

/// A batch of records `(timestamp, key, value)`, as a producer would send it.
pub(crate) fn batch(records: &[(i64, Option<&str>, Option<&str>)]) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    for &(timestamp, key, value) in records {
        builder = builder.record(timestamp, key.map(str::as_bytes), value.map(str::as_bytes));
    }
    builder.build().to_vec()
}

/// A batch of `count` records, of about `bytes` bytes each.
pub(crate) fn filler(count: usize, bytes: usize) -> Vec<u8> {
    let value = "v".repeat(bytes);
    batch(&vec![(NOW, None, Some(value.as_str())); count])
}

pub(crate) fn open(dir: &Path, config: &LogConfig, mode: OpenMode) -> (PartitionLog, RecoveryReport) {
    PartitionLog::open(dir, config.clone(), mode, Offset::ZERO, NOW).expect("opens")
}

pub(crate) fn recover(dir: &Path, config: &LogConfig) -> (PartitionLog, RecoveryReport) {
    open(dir, config, OpenMode::Recover { recovery_point: Offset::ZERO })
}

pub(crate) fn append(log: &PartitionLog, batch: &[u8]) -> Offset {
    log.append(&mut batch.to_vec(), 0, NOW).expect("appends").last_offset
}

/// Base offset and last offset of every batch.
pub(crate) fn read_all(log: &PartitionLog) -> Vec<(i64, i64)> {
    let span = |header: BatchHeader| (header.base_offset.0, header.last_offset().0);
    headers(log).into_iter().map(span).collect()
}

/// The header of every batch, read one chunk after the other; each CRC is checked.
pub(crate) fn headers(log: &PartitionLog) -> Vec<BatchHeader> {
    let mut seen = Vec::new();
    let mut from = log.start_offset();
    while from < log.end_offset() {
        let chunk = log.read(from, 64 * 1024, Offset::MAX, true).expect("reads");
        for batch in batches(&chunk.bytes) {
            let batch: Batch<'_> = batch.expect("whole");
            batch.verify_crc().expect("sound");
            seen.push(batch.header);
        }
        if chunk.next_offset == from {
            break;
        }
        from = chunk.next_offset;
    }
    seen
}

/// Small segments, so that a test has several.
pub(crate) fn small_segments() -> LogConfig {
    LogConfig { segment_bytes: 2_000, index_interval_bytes: 200, ..LogConfig::default() }
}
