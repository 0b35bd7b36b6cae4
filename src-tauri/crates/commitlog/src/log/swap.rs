//! Replacing compacted segments so that a crash leaves the old ones or the new one, as Kafka does: the new log
//! is written as `.log.cleaned`, renamed to `.log.swap` when complete, and takes its place once the old files
//! are renamed to `.deleted`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wire::batch::Offset;

use super::{Maintenance, PartitionLog};
use crate::files::{self, CLEANED, DELETED, INDEX, LOG, SWAP, TIME_INDEX, TXN_INDEX};
use crate::segment::{Segment, Walk, WalkError};
use crate::{LogConfig, LogError};

/// The name a compacted segment is written under.
pub(super) fn cleaned_path(dir: &Path, base: Offset) -> PathBuf {
    files::segment_file(dir, base, LOG).with_added_extension(CLEANED)
}

/// Where its aborted transactions wait meanwhile: complete before the log is renamed, so that whoever finds the
/// complete log finds them, too.
pub(super) fn swap_aborted_path(dir: &Path, base: Offset) -> PathBuf {
    files::segment_file(dir, base, TXN_INDEX).with_added_extension(SWAP)
}

/// Ends a replacement a crash interrupted: incomplete output goes, complete output takes its place.
pub(super) fn finish_interrupted(dir: &Path) -> Result<(), LogError> {
    let mut logs = Vec::new();
    let mut swaps = Vec::new();
    let mut aborted = Vec::new();
    for entry in fs::read_dir(dir).map_err(LogError::io("list", dir))? {
        let entry = entry.map_err(LogError::io("list", dir))?;
        let name = entry.file_name();
        let Some((base, extension)) = name.to_str().and_then(files::parse_segment_file) else { continue };
        match extension.split_once('.') {
            None if extension == LOG => logs.push(base),
            Some((LOG, SWAP)) => swaps.push((base, entry.path())),
            Some((TXN_INDEX, SWAP)) => aborted.push((base, entry.path())),
            // The other indexes are rebuilt for a swapped segment.
            Some((_, CLEANED | SWAP)) => files::remove(&entry.path())?,
            _ => {}
        }
    }
    for (_, path) in aborted.iter().filter(|(base, _)| swaps.iter().all(|(swap, _)| swap != base)) {
        files::remove(path)?;
    }
    for (base, path) in swaps {
        let end = end_of_swap(&path, base)?;
        for &old in logs.iter().filter(|&&old| old == base || (old > base && old < end)) {
            for extension in [LOG, INDEX, TIME_INDEX, TXN_INDEX] {
                let file = files::segment_file(dir, old, extension);
                files::rename(&file, &file.with_added_extension(DELETED))?;
            }
        }
        tracing::info!(dir = %dir.display(), base = base.0, "interrupted compaction completed");
        files::rename(&swap_aborted_path(dir, base), &files::segment_file(dir, base, TXN_INDEX))?;
        files::rename(&path, &files::segment_file(dir, base, LOG))?;
    }
    Ok(())
}

/// The offset after the last batch of a complete, compacted segment.
fn end_of_swap(path: &Path, base: Offset) -> Result<Offset, LogError> {
    let open = || {
        let file = fs::File::open(path)?;
        let bytes = file.metadata()?.len();
        Ok((file, bytes))
    };
    let (file, bytes) = open().map_err(LogError::io("open", path))?;
    let mut walk = Walk::new(&file, 0, bytes);
    let mut end = base;
    loop {
        match walk.next() {
            Ok(Some(found)) => end = found.header.next_offset(),
            Ok(None) => return Ok(end),
            Err(WalkError::Io(error)) => return Err(LogError::io("read", path)(error)),
            Err(WalkError::Bad { position, problem }) => {
                return Err(LogError::Damaged { path: path.to_path_buf(), position, problem });
            }
        }
    }
}

impl PartitionLog {
    /// Puts the finished `.log.cleaned` file of the first of `old` in the place of all of them.
    pub(super) fn swap_in(
        &self,
        maintenance: &mut Maintenance,
        old: &[Arc<Segment>],
        config: &LogConfig,
        now_ms: i64,
    ) -> Result<Arc<Segment>, LogError> {
        let _no_flush_runs = self.flushing.lock();
        let base = old[0].base;
        let log = files::segment_file(&self.dir, base, LOG);
        let swap = log.with_added_extension(SWAP);
        files::rename(&cleaned_path(&self.dir, base), &swap)?;
        files::sync_dir_of(&swap).map_err(LogError::io("flush", &self.dir))?;

        for segment in old {
            self.doom(maintenance, segment, config, now_ms)?;
        }
        let aborted = files::segment_file(&self.dir, base, TXN_INDEX);
        files::rename(&swap_aborted_path(&self.dir, base), &aborted)?;
        files::rename(&swap, &log)?;
        let rebuilt = Segment::rebuild(&self.dir, base, Offset::ZERO, config, now_ms, &mut |_| {})?;
        if let Some((position, problem)) = rebuilt.problem {
            return Err(LogError::Damaged { path: log, position, problem });
        }
        rebuilt.segment.flush()?;
        let new = Arc::new(rebuilt.segment);

        let mut shared = self.shared.write();
        let first = shared.segments.partition_point(|segment| segment.base < base);
        shared.segments.splice(first..first + old.len(), [Arc::clone(&new)]);
        shared.generation += 1;
        Ok(new)
    }

    /// Takes a segment's files out of the log by renaming them; `remove_doomed` deletes them later.
    pub(super) fn doom(
        &self,
        maintenance: &mut Maintenance,
        segment: &Segment,
        config: &LogConfig,
        now_ms: i64,
    ) -> Result<(), LogError> {
        segment.retire();
        let due = now_ms.saturating_add(config.file_delete_delay_ms.max(0));
        for path in segment.files() {
            let doomed = path.with_added_extension(DELETED);
            files::rename(&path, &doomed)?;
            maintenance.doomed.push((due, doomed));
        }
        Ok(())
    }

    /// Deletes `.deleted` files whose time has come.
    pub(crate) fn remove_doomed(&self, now_ms: i64) -> Result<(), LogError> {
        let mut maintenance = self.maintenance.lock();
        let mut result = Ok(());
        maintenance.doomed.retain(|(due, path)| {
            if *due > now_ms {
                return true;
            }
            match files::remove(path) {
                Ok(()) => false,
                Err(error) => {
                    result = Err(error);
                    true
                }
            }
        });
        result
    }
}
