use std::sync::Arc;

use bytes::Bytes;
use wire::batch::{BatchError, BatchHeader, HEADER_BYTES, Offset};

use super::PartitionLog;
use crate::buffers;
use crate::segment::Segment;
use crate::{LogError, ReadError};

/// Whole batches as they lie on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadChunk {
    /// Empty when there was nothing to read.
    pub bytes: Bytes,
    /// The base offset of the first batch: not after the offset asked for, unless compaction left a gap there.
    pub first_batch_offset: Offset,
    /// Where the next read continues.
    pub next_offset: Offset,
}

impl PartitionLog {
    /// Reads whole batches, beginning with the one that contains `from` (or, after compaction, the next), up to
    /// `max_bytes` and below the offset `upto`. With `min_one` the first batch is returned whatever its size,
    /// so that a reader always advances. Does not reach across segments: the next read continues in the next.
    ///
    /// # Errors
    /// [`ReadError::OffsetOutOfRange`] when the log does not hold `from`.
    pub fn read(
        &self,
        from: Offset,
        max_bytes: usize,
        upto: Offset,
        min_one: bool,
    ) -> Result<ReadChunk, ReadError> {
        match self.read_once(from, max_bytes, upto, min_one) {
            // The log may have been cut or compacted under the read: what it is now is what counts.
            Err(ReadError::Log(LogError::Damaged { .. })) => self.read_once(from, max_bytes, upto, min_one),
            other => other,
        }
    }

    fn read_once(
        &self,
        from: Offset,
        max_bytes: usize,
        upto: Offset,
        min_one: bool,
    ) -> Result<ReadChunk, ReadError> {
        self.check_open()?;
        let nothing = ReadChunk { bytes: Bytes::new(), first_batch_offset: from, next_offset: from };
        let mut wanted = from;
        let (mut segment, generation, upto) = {
            let shared = self.shared.read();
            let (start, end) = (shared.start, shared.end);
            if from < start || from > end {
                return Err(ReadError::OffsetOutOfRange { wanted: from, start, end });
            }
            (Arc::clone(&shared.segments[shared.index_of(from)]), shared.generation, upto.min(end))
        };
        if from >= upto || (max_bytes == 0 && !min_one) {
            return Ok(nothing);
        }
        loop {
            let position = match self.hints.find(wanted, segment.base, generation) {
                Some(position) => (position < segment.bytes()).then_some(position),
                None => segment.batch_at_or_after(wanted)?.map(|found| found.position),
            };
            if let Some(position) = position {
                let Some((chunk, end)) = segment.read_batches(position, max_bytes, upto, min_one)? else {
                    return Ok(nothing);
                };
                self.hints.note(from, chunk.next_offset, segment.base, end, generation);
                return Ok(chunk);
            }
            let shared = self.shared.read();
            let after = shared.segments.partition_point(|other| other.base <= segment.base);
            match shared.segments.get(after) {
                Some(next) => {
                    wanted = wanted.max(next.base);
                    segment = Arc::clone(next);
                }
                None => return Ok(nothing),
            }
        }
    }
}

impl Segment {
    /// The batches from `position` on, and where they end; `None` when not even one may be returned.
    fn read_batches(
        &self,
        position: u64,
        max_bytes: usize,
        upto: Offset,
        min_one: bool,
    ) -> Result<Option<(ReadChunk, u64)>, LogError> {
        let left = self.bytes().saturating_sub(position);
        let bounded = |bytes: usize| left.min(bytes as u64) as usize;
        let read = |bytes: usize| {
            buffers::read_at(self.file(), position, bytes).map_err(LogError::io("read", self.path()))
        };

        let mut bytes = read(bounded(max_bytes.max(HEADER_BYTES)))?;
        let first = BatchHeader::parse(&bytes).map_err(|problem| self.damaged(position, problem))?;
        if first.base_offset >= upto || (first.total_bytes() > max_bytes && !min_one) {
            return Ok(None);
        }
        if first.total_bytes() > bytes.len() {
            bytes = read(bounded(first.total_bytes()))?;
            if first.total_bytes() > bytes.len() {
                let problem = BatchError::Truncated { needed: first.total_bytes(), have: bytes.len() };
                return Err(self.damaged(position, problem));
            }
        }

        let mut whole = first.total_bytes();
        let mut next_offset = first.next_offset();
        while let Some(rest) = bytes.get(whole..).filter(|rest| rest.len() >= HEADER_BYTES) {
            let at = position + whole as u64;
            let header = BatchHeader::parse(rest).map_err(|problem| self.damaged(at, problem))?;
            if header.total_bytes() > rest.len() || header.base_offset >= upto {
                break;
            }
            whole += header.total_bytes();
            next_offset = header.next_offset();
        }
        let chunk =
            ReadChunk { bytes: bytes.slice(..whole), first_batch_offset: first.base_offset, next_offset };
        Ok(Some((chunk, position + whole as u64)))
    }

    fn damaged(&self, position: u64, problem: BatchError) -> LogError {
        LogError::Damaged { path: self.path().to_path_buf(), position, problem }
    }
}
