//! One segment: a `.log` file, its two indexes, and what is known of its timestamps.

mod aborted;
mod index;
mod open;
mod search;
mod walk;

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::RwLock;
use wire::batch::{NO_TIMESTAMP, Offset};

use crate::files::{self, INDEX, LOG, TIME_INDEX, TXN_INDEX};
use crate::{LogConfig, LogError};
pub(crate) use aborted::{AbortedEntry, AbortedIndex, write_all as write_aborted};
use index::{Entry, IndexFile};
pub(crate) use index::{OffsetEntry, TimeEntry};
pub(crate) use open::Rebuilt;
pub(crate) use walk::{Found, Walk, WalkError};

/// A segment. Its bytes are only ever added at the end, by the one appender; readers go by the published length.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) base: Offset,
    path: PathBuf,
    log: File,
    bytes: AtomicU64,
    /// So many of them are known to be on the disk.
    synced_bytes: AtomicU64,
    /// Decides on its share of `segment.jitter.ms`: another for every segment of every partition.
    chance: u64,
    /// Its index files were removed or belong to a successor by now: search without them.
    retired: AtomicBool,
    /// Bytes were written since the log, or the indexes, were last synced.
    log_unsynced: AtomicBool,
    indexes_unsynced: AtomicBool,
    tracked: RwLock<Tracked>,
    pub(crate) aborted: AbortedIndex,
}

/// What changes with an append, beside the bytes.
#[derive(Debug)]
struct Tracked {
    offsets: IndexFile<OffsetEntry>,
    times: IndexFile<TimeEntry>,
    /// The largest timestamp and the last offset of the first batch that has it.
    max: Option<(i64, Offset)>,
    /// The first batch's timestamp: from here `segment.ms` counts.
    first_timestamp: Option<i64>,
    bytes_since_entry: u64,
    created_ms: i64,
}

/// What an index must know of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) bytes: u64,
    pub(crate) last_offset: Offset,
    pub(crate) max_timestamp: i64,
}

impl Segment {
    /// A new, empty segment; leftovers of the same name are replaced.
    pub(crate) fn create(
        dir: &Path,
        base: Offset,
        config: &LogConfig,
        now_ms: i64,
    ) -> Result<Segment, LogError> {
        let path = files::segment_file(dir, base, LOG);
        let create = || {
            let log = files::open_rw(&path)?;
            log.set_len(0)?;
            if config.preallocate {
                log.set_len(config.segment_bytes_max())?;
            }
            let offsets = IndexFile::create(files::segment_file(dir, base, INDEX))?;
            let times = IndexFile::create(files::segment_file(dir, base, TIME_INDEX))?;
            Ok((log, offsets, times))
        };
        let (log, offsets, times) = create().map_err(LogError::io("create", &path))?;
        Ok(Segment::new(base, path, log, 0, Tracked::new(offsets, times, now_ms)))
    }

    fn new(base: Offset, path: PathBuf, log: File, bytes: u64, tracked: Tracked) -> Segment {
        let mut chance = DefaultHasher::new();
        path.hash(&mut chance);
        Segment {
            chance: chance.finish(),
            aborted: AbortedIndex::new(path.with_extension(TXN_INDEX)),
            base,
            path,
            log,
            bytes: AtomicU64::new(bytes),
            synced_bytes: AtomicU64::new(bytes),
            retired: AtomicBool::new(false),
            log_unsynced: AtomicBool::new(false),
            indexes_unsynced: AtomicBool::new(false),
            tracked: RwLock::new(tracked),
        }
    }

    fn set_unsynced(&self) {
        self.log_unsynced.store(true, Ordering::Release);
        self.indexes_unsynced.store(true, Ordering::Release);
    }

    /// To be called before its files are renamed or replaced. Whoever still reads it keeps its bytes.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::SeqCst);
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Published bytes: all of them whole batches.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Acquire)
    }

    pub(crate) fn file(&self) -> &File {
        &self.log
    }

    pub(crate) fn walk(&self) -> Walk<'_> {
        Walk::new(&self.log, 0, self.bytes())
    }

    /// Turns a walk's end into the caller's error, naming this segment.
    pub(crate) fn walk_error(&self, error: WalkError) -> LogError {
        match error {
            WalkError::Io(source) => LogError::io("read", &self.path)(source),
            WalkError::Bad { position, problem } => {
                LogError::Damaged { path: self.path.clone(), position, problem }
            }
        }
    }

    /// Writes whole batches at the end, then indexes and publishes them. On an error nothing is published.
    pub(crate) fn append(&self, bytes: &[u8], spans: &[Span], config: &LogConfig) -> Result<(), LogError> {
        let start = self.bytes();
        if let Err(error) = files::write_at(&self.log, start, bytes) {
            // A full disk may have taken a part: cut it off, so that the file ends with a whole batch.
            let cut = self.log.set_len(start);
            if let Err(error) = cut {
                tracing::warn!(path = %self.path.display(), %error, "a failed write could not be undone");
            }
            return Err(LogError::io("write", &self.path)(error));
        }
        self.tracked.write().add(self.base, start, spans, config.index_interval_bytes);
        // Before the bytes are published: whoever sees them and syncs must not take the segment for synced.
        self.set_unsynced();
        self.bytes.store(start + bytes.len() as u64, Ordering::Release);
        Ok(())
    }

    /// Whether an append of `bytes` bytes up to `last_offset` belongs into a new segment.
    pub(crate) fn is_full_for(
        &self,
        bytes: u64,
        last_offset: Offset,
        max_timestamp: i64,
        now_ms: i64,
        config: &LogConfig,
    ) -> bool {
        let held = self.bytes();
        if held == 0 {
            return last_offset.0 - self.base.0 > i64::from(i32::MAX);
        }
        let tracked = self.tracked.read();
        let since = match tracked.first_timestamp {
            Some(first) if max_timestamp != NO_TIMESTAMP => max_timestamp.saturating_sub(first),
            _ => now_ms.saturating_sub(tracked.created_ms),
        };
        let index_bytes_max = u64::from(config.segment_index_bytes);
        let room = |entries: u64, entry_bytes: usize| (entries + 1) * entry_bytes as u64 <= index_bytes_max;
        bytes > config.segment_bytes_max().saturating_sub(held)
            || since > config.segment_ms_with(self.chance)
            || !room(tracked.offsets.len(), OffsetEntry::BYTES)
            || !room(tracked.times.len() + 1, TimeEntry::BYTES)
            || last_offset.0 - self.base.0 > i64::from(i32::MAX)
    }

    /// The largest timestamp and the last offset of the batch that brought it; `None` without timestamps.
    pub(crate) fn max_timestamp(&self) -> Option<(i64, Offset)> {
        self.tracked.read().max
    }

    /// The time retention goes by: the largest timestamp, or else when the file was last written.
    pub(crate) fn newest_ms(&self) -> i64 {
        if let Some((timestamp, _)) = self.max_timestamp().filter(|&(timestamp, _)| timestamp >= 0) {
            return timestamp;
        }
        let modified = self.log.metadata().and_then(|metadata| metadata.modified());
        let since_epoch = modified.ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        since_epoch.map_or(0, |time| time.as_millis() as i64)
    }

    /// When its first batch is said to be from, or it was created.
    pub(crate) fn first_timestamp(&self) -> i64 {
        let tracked = self.tracked.read();
        tracked.first_timestamp.unwrap_or(tracked.created_ms)
    }

    /// Brings the index files up to date, with the largest timestamp as the last time entry.
    pub(crate) fn finish_indexes(&self) -> Result<(), LogError> {
        let finish = || {
            let mut tracked = self.tracked.write();
            tracked.add_time_entry(self.base);
            tracked.offsets.write_tail()?;
            tracked.times.write_tail()
        };
        finish().map_err(LogError::io("index", &self.path))
    }

    /// Gives back what was preallocated and not used.
    pub(crate) fn trim(&self) -> Result<(), LogError> {
        let trim = || {
            let bytes = self.bytes();
            if self.log.metadata()?.len() > bytes {
                self.log.set_len(bytes)?;
                // A sync of what was written before does not cover the new length.
                self.set_unsynced();
            }
            Ok(())
        };
        trim().map_err(LogError::io("trim", &self.path))
    }

    /// Makes everything published so far durable. The indexes of a segment still written to can wait: a crash
    /// has them rebuilt anyway.
    pub(crate) fn flush_log(&self) -> Result<(), LogError> {
        if !self.log_unsynced.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let bytes = self.bytes();
        self.log.sync_data().map_err(|error| {
            self.log_unsynced.store(true, Ordering::Release);
            LogError::io("flush", &self.path)(error)
        })?;
        self.synced_bytes.fetch_max(bytes, Ordering::AcqRel);
        Ok(())
    }

    /// Bytes a recovery would have to check.
    pub(crate) fn unsynced_bytes(&self) -> u64 {
        self.bytes().saturating_sub(self.synced_bytes.load(Ordering::Acquire))
    }

    /// Makes the log and its indexes durable.
    pub(crate) fn flush(&self) -> Result<(), LogError> {
        self.flush_log()?;
        if !self.indexes_unsynced.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let flush = || {
            let mut tracked = self.tracked.write();
            tracked.offsets.sync()?;
            tracked.times.sync()?;
            self.aborted.sync()
        };
        flush().map_err(|error| {
            self.indexes_unsynced.store(true, Ordering::Release);
            LogError::io("flush indexes of", &self.path)(error)
        })
    }

    /// The segment's files, with their extensions.
    pub(crate) fn files(&self) -> [PathBuf; 4] {
        let tracked = self.tracked.read();
        [
            self.path.clone(),
            tracked.offsets.path().to_path_buf(),
            tracked.times.path().to_path_buf(),
            self.aborted.path().to_path_buf(),
        ]
    }
}

impl Tracked {
    fn new(offsets: IndexFile<OffsetEntry>, times: IndexFile<TimeEntry>, created_ms: i64) -> Tracked {
        Tracked { offsets, times, max: None, first_timestamp: None, bytes_since_entry: 0, created_ms }
    }

    /// Notes batches written from byte `position` on: exactly Kafka's rule for when an entry is due.
    fn add(&mut self, base: Offset, position: u64, spans: &[Span], interval: u32) {
        let mut position = position;
        for span in spans {
            if position == 0 && span.max_timestamp != NO_TIMESTAMP {
                self.first_timestamp = Some(span.max_timestamp);
            }
            if span.max_timestamp > self.max.map_or(NO_TIMESTAMP, |(timestamp, _)| timestamp) {
                self.max = Some((span.max_timestamp, span.last_offset));
            }
            if self.bytes_since_entry > u64::from(interval) {
                let relative = (span.last_offset.0 - base.0) as i32;
                self.offsets.push(OffsetEntry { relative, position: position as i32 });
                self.add_time_entry(base);
                self.bytes_since_entry = 0;
            }
            position += span.bytes;
            self.bytes_since_entry += span.bytes;
        }
    }

    fn add_time_entry(&mut self, base: Offset) {
        let Some((timestamp_ms, offset)) = self.max else {
            return;
        };
        let newest = self.times.last().map_or(NO_TIMESTAMP, |entry| entry.timestamp_ms);
        if timestamp_ms > newest {
            self.times.push(TimeEntry { timestamp_ms, relative: (offset.0 - base.0) as i32 });
        }
    }
}
