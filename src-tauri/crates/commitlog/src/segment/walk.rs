//! Going through a segment's batches in order, reading ahead in blocks.

use std::fs::File;
use std::io;

use wire::batch::{Batch, BatchError, BatchHeader, HEADER_BYTES};

use crate::files;

/// Enough to make a scan of small batches one read per block.
const BLOCK_BYTES: usize = 256 * 1024;
/// For the few headers between an index entry and the batch looked for.
const SHORT_BLOCK_BYTES: usize = 8 * 1024;

/// A batch's header and where the batch begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) position: u64,
    pub(crate) header: BatchHeader,
}

impl Found {
    pub(crate) fn end(&self) -> u64 {
        self.position + self.header.total_bytes() as u64
    }
}

/// Why a walk stopped before the end.
#[derive(Debug)]
pub(crate) enum WalkError {
    Io(io::Error),
    /// The bytes at `position` are no sound batch.
    Bad {
        position: u64,
        problem: BatchError,
    },
}

impl From<io::Error> for WalkError {
    fn from(error: io::Error) -> WalkError {
        WalkError::Io(error)
    }
}

/// Reads the batches of `file` up to byte `end`. Memory: one block, whatever lengths the file claims.
pub(crate) struct Walk<'f> {
    file: &'f File,
    next: u64,
    end: u64,
    block: Vec<u8>,
    block_at: u64,
    block_bytes: usize,
}

impl<'f> Walk<'f> {
    pub(crate) fn new(file: &'f File, from: u64, end: u64) -> Walk<'f> {
        Walk { file, next: from, end, block: Vec::new(), block_at: from, block_bytes: BLOCK_BYTES }
    }

    /// For a walk expected to be short.
    pub(crate) fn short(file: &'f File, from: u64, end: u64) -> Walk<'f> {
        Walk { block_bytes: SHORT_BLOCK_BYTES, ..Walk::new(file, from, end) }
    }

    /// The next batch's header; the batch is known to lie before the end.
    pub(crate) fn next(&mut self) -> Result<Option<Found>, WalkError> {
        let position = self.next;
        let Some(left) = self.end.checked_sub(position).filter(|&left| left > 0) else {
            return Ok(None);
        };
        let wanted = left.min(HEADER_BYTES as u64) as usize;
        let head = self.bytes_at(position, wanted)?;
        let header = BatchHeader::parse(&head[..wanted.min(head.len())])
            .map_err(|problem| WalkError::Bad { position, problem })?;
        let needed = header.total_bytes();
        if needed as u64 > left {
            let problem = BatchError::Truncated { needed, have: left as usize };
            return Err(WalkError::Bad { position, problem });
        }
        self.next = position + needed as u64;
        Ok(Some(Found { position, header }))
    }

    /// Compares a found batch's CRC with its bytes, block by block.
    pub(crate) fn verify_crc(&mut self, found: &Found) -> Result<(), WalkError> {
        let mut computed = 0;
        let mut at = found.position + CRC_COVERS_FROM;
        while at < found.end() {
            let bytes = self.bytes_at(at, 1)?;
            let here = bytes.len().min((found.end() - at) as usize);
            if here == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            computed = crc32c::crc32c_append(computed, &bytes[..here]);
            at += here as u64;
        }
        if computed == found.header.crc {
            return Ok(());
        }
        let problem =
            BatchError::Crc { base_offset: found.header.base_offset, stored: found.header.crc, computed };
        Err(WalkError::Bad { position: found.position, problem })
    }

    /// All bytes of a found batch.
    pub(crate) fn read(&self, found: &Found) -> Result<Vec<u8>, WalkError> {
        let bytes = files::read_at(self.file, found.position, found.header.total_bytes())?;
        match Batch::parse(&bytes) {
            Ok(_) => Ok(bytes),
            Err(problem) => Err(WalkError::Bad { position: found.position, problem }),
        }
    }

    /// What the block holds from `at` on: at least `wanted` bytes, except at the end of the file.
    fn bytes_at(&mut self, at: u64, wanted: usize) -> io::Result<&[u8]> {
        let held = self.block_at..self.block_at + self.block.len() as u64;
        if !(held.contains(&at) && at + wanted as u64 <= held.end) {
            let bytes = (self.end.saturating_sub(at)).min(self.block_bytes as u64) as usize;
            self.block_at = at;
            self.block.resize(bytes, 0);
            let filled = files::read_into(self.file, at, &mut self.block);
            self.block.truncate(*filled.as_ref().unwrap_or(&0));
            filled?;
        }
        Ok(&self.block[(at - self.block_at) as usize..])
    }
}

/// Where a batch's CRC begins to count: at the attributes.
const CRC_COVERS_FROM: u64 = 21;
