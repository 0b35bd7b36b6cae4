//! What `cargo xtask fuzz recovery` feeds with anything at all; `fuzz/regressions` holds what it once failed on.

use std::fs;
use std::path::Path;

use commitlog::{LogConfig, Offset, OpenMode, PartitionLog, Producers};
use testkit::TempDir;
use wire::batch::BatchBuilder;

const NOW: i64 = 1_700_000_000_000;

/// Several segments with several index entries each.
fn config() -> LogConfig {
    LogConfig { segment_bytes: 600, index_interval_bytes: 100, ..LogConfig::default() }
}

/// Overwrites a file of a log with what is given and opens it as after a crash and as after a proper stop: it opens
/// or is refused, what it holds can be read, and it goes on.
pub(crate) fn recovery(data: &[u8]) {
    let Some((&[how, at], garbage)) = data.split_first_chunk::<2>() else { return };
    for mode in [OpenMode::Recover { recovery_point: Offset::ZERO }, OpenMode::Clean] {
        let dir = TempDir::new();
        write_some(dir.path());
        overwrite(dir.path(), how, usize::from(at), garbage);
        let Ok((log, _)) = PartitionLog::open(dir.path(), config(), mode, Offset::ZERO, NOW) else {
            continue;
        };
        read(&log);
        let mut batch = BatchBuilder::new().record(NOW, None, Some(b"more")).build().to_vec();
        if log.append(&mut batch, 0, NOW).is_ok() {
            read(&log);
        }
        let _ = log.close();
    }
}

fn write_some(dir: &Path) {
    let (log, _) =
        PartitionLog::open(dir, config(), OpenMode::Clean, Offset::ZERO, NOW).expect("an empty log opens");
    for n in 0..12 {
        let mut batch = BatchBuilder::new().record(NOW + n, Some(b"key"), Some(&[b'v'; 60])).build().to_vec();
        log.append(&mut batch, 0, NOW).expect("appends");
    }
    log.write_snapshot(log.end_offset(), &Producers::default()).expect("writes");
    log.close().expect("closes");
}

/// The file is chosen by `how`, and whether the bytes replace, overwrite or follow what is there.
fn overwrite(dir: &Path, how: u8, at: usize, garbage: &[u8]) {
    let mut files: Vec<_> =
        fs::read_dir(dir).expect("lists").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let file = &files[usize::from(how / 4) % files.len()];
    let mut bytes = fs::read(file).expect("reads");
    match how % 4 {
        0 => bytes = garbage.to_vec(),
        1 => bytes.extend_from_slice(garbage),
        2 => {
            bytes.truncate(at);
            bytes.extend_from_slice(garbage);
        }
        _ => bytes.iter_mut().skip(at).zip(garbage).for_each(|(byte, new)| *byte = *new),
    }
    fs::write(file, bytes).expect("writes");
}

fn read(log: &PartitionLog) {
    let mut from = log.start_offset();
    while from < log.end_offset() {
        let Ok(chunk) = log.read(from, 1 << 16, Offset::MAX, true) else { return };
        if chunk.next_offset <= from {
            return;
        }
        from = chunk.next_offset;
    }
    let _ = log.offset_for_timestamp(NOW + 5);
    let _ = log.max_timestamp_offset();
    let _ = log.aborted(log.start_offset(), log.end_offset());
    let _ = log.restore_producers(NOW);
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_once_failed() {
        let folder = format!("{}/../../../fuzz/regressions/recovery", env!("CARGO_MANIFEST_DIR"));
        // There is no folder as long as nothing failed.
        for file in std::fs::read_dir(folder).into_iter().flatten() {
            super::recovery(&std::fs::read(file.expect("a file").path()).expect("reads"));
        }
    }
}
