use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;

use wire::batch::{BatchError, BatchHeader, HEADER_BYTES, NO_TIMESTAMP, Offset};

use super::index::IndexFile;
use super::{Segment, Span, Tracked, Walk, WalkError};
use crate::files::{self, INDEX, LOG, TIME_INDEX};
use crate::{LogConfig, LogError};

/// A segment read from its first byte, with new indexes.
pub(crate) struct Rebuilt {
    pub(crate) segment: Segment,
    pub(crate) next_offset: Offset,
    /// The first bad batch: where, and what is wrong. The segment ends before it.
    pub(crate) problem: Option<(u64, BatchError)>,
    pub(crate) batches: u64,
    /// Bytes in the file beyond the last sound batch.
    pub(crate) bytes_beyond: u64,
}

impl Segment {
    /// Opens a segment by its indexes; `None` when they cannot be trusted and must be rebuilt.
    pub(crate) fn open(dir: &Path, base: Offset, now_ms: i64) -> Result<Option<Segment>, LogError> {
        let path = files::segment_file(dir, base, LOG);
        let open = || -> io::Result<Option<Segment>> {
            let log = files::open_rw(&path)?;
            let bytes = log.metadata()?.len();
            let Some(offsets) = IndexFile::open(files::segment_file(dir, base, INDEX))? else {
                return Ok(None);
            };
            let Some(times) = IndexFile::open(files::segment_file(dir, base, TIME_INDEX))? else {
                return Ok(None);
            };
            let mut tracked = Tracked::new(offsets, times, now_ms);
            if let Some(last) = tracked.offsets.last()
                && (last.relative < 0 || last.position < 0 || last.position as u64 >= bytes)
            {
                return Ok(None);
            }
            if let Some(last) = tracked.times.last() {
                if last.relative < 0 || last.timestamp_ms < 0 || bytes == 0 {
                    return Ok(None);
                }
                tracked.max = Some((last.timestamp_ms, Offset(base.0 + i64::from(last.relative))));
            }
            if let Ok(Some(first)) = Walk::short(&log, 0, bytes).next()
                && first.header.max_timestamp != NO_TIMESTAMP
            {
                tracked.first_timestamp = Some(first.header.max_timestamp);
            }
            Ok(Some(Segment::new(base, path.clone(), log, bytes, tracked)))
        };
        open().map_err(LogError::io("open", &path))
    }

    /// The offset after the last batch, found by the batches after the last index entry. `None` when they are
    /// not sound or contradict the index.
    pub(crate) fn next_offset(&self) -> Result<Option<Offset>, LogError> {
        let last = self.tracked.read().offsets.last();
        let from = last.map_or(0, |entry| entry.position as u64);
        let mut walk = Walk::new(&self.log, from, self.bytes());
        let mut next_offset = self.base;
        loop {
            match walk.next() {
                Ok(Some(found)) if found.header.base_offset >= next_offset => {
                    next_offset = found.header.next_offset();
                }
                Ok(None) => {
                    let indexed = last.map(|entry| Offset(self.base.0 + i64::from(entry.relative)));
                    return Ok(Some(next_offset).filter(|&next| indexed.is_none_or(|last| last < next)));
                }
                Ok(Some(_)) | Err(WalkError::Bad { .. }) => return Ok(None),
                Err(WalkError::Io(error)) => return Err(LogError::io("read", &self.path)(error)),
            }
        }
    }

    /// Reads every batch and writes the indexes anew. CRCs are checked from the batch that holds `durable_to` on:
    /// what lies before was on the disk, whole, before the crash. The log file itself is not changed, but for what was preallocated: the
    /// caller decides what a bad batch means. `seen` is told of every sound one.
    pub(crate) fn rebuild(
        dir: &Path,
        base: Offset,
        durable_to: Offset,
        config: &LogConfig,
        now_ms: i64,
        seen: &mut dyn FnMut(&BatchHeader),
    ) -> Result<Rebuilt, LogError> {
        let path = files::segment_file(dir, base, LOG);
        let open = || {
            let log = files::open_rw(&path)?;
            let bytes = log.metadata()?.len();
            let offsets = IndexFile::create(files::segment_file(dir, base, INDEX))?;
            let times = IndexFile::create(files::segment_file(dir, base, TIME_INDEX))?;
            Ok((log, bytes, Tracked::new(offsets, times, now_ms)))
        };
        let (log, file_bytes, mut tracked) = open().map_err(LogError::io("open", &path))?;

        let mut walk = Walk::new(&log, 0, file_bytes);
        let (mut next_offset, mut bytes, mut batches) = (base, 0, 0);
        let mut problem = loop {
            let step = walk.next().and_then(|found| match found {
                Some(found) if found.header.last_offset() < durable_to => Ok(Some(found)),
                Some(found) => walk.verify_crc(&found).map(|()| Some(found)),
                None => Ok(None),
            });
            let found = match step {
                Ok(Some(found)) => found,
                Ok(None) => break None,
                Err(WalkError::Bad { position, problem }) => break Some((position, problem)),
                Err(WalkError::Io(error)) => return Err(LogError::io("read", &path)(error)),
            };
            let header = &found.header;
            if header.base_offset < next_offset {
                break Some((
                    found.position,
                    BatchError::Header("its offsets come before its predecessor's"),
                ));
            }
            if header.last_offset().0 - base.0 > i64::from(i32::MAX) {
                break Some((
                    found.position,
                    BatchError::Header("its offsets lie too far from the segment's base"),
                ));
            }
            let span = Span {
                bytes: header.total_bytes() as u64,
                last_offset: header.last_offset(),
                max_timestamp: header.max_timestamp,
            };
            tracked.add(base, found.position, &[span], config.index_interval_bytes);
            seen(header);
            next_offset = header.next_offset();
            bytes = found.end();
            batches += 1;
        };
        let segment = Segment::new(base, path, log, bytes, tracked);
        if config.preallocate
            && problem.is_some()
            && segment.ends_in_zeros().map_err(LogError::io("read", segment.path()))?
        {
            segment.trim()?;
            problem = None;
        }
        segment.set_unsynced();
        segment.synced_bytes.store(0, Ordering::Release);
        segment.finish_indexes()?;
        Ok(Rebuilt { segment, next_offset, problem, batches, bytes_beyond: file_bytes - bytes })
    }

    /// Whether what follows the sound bytes was preallocated and never written: no batch begins so.
    fn ends_in_zeros(&self) -> io::Result<bool> {
        let beyond = files::read_at(&self.log, self.bytes(), HEADER_BYTES)?;
        Ok(beyond.iter().all(|byte| *byte == 0))
    }

    /// Cuts the file to its sound bytes, after [`Segment::rebuild`] found a bad batch.
    pub(crate) fn cut_to_published(&self) -> Result<(), LogError> {
        let cut = || {
            self.log.set_len(self.bytes())?;
            self.log.sync_all()
        };
        cut().map_err(LogError::io("truncate", &self.path))
    }
}
