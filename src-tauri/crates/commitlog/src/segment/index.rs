//! The two sparse indexes of a segment. Entries are appended in memory and reach the file in blocks: after an
//! unclean stop an index is rebuilt, so nothing is lost, and an append costs no second system call.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::files;

/// Entries kept in memory before they are written out: with one per 4 KiB of log, every 2 MiB.
const TAIL_ENTRIES_MAX: usize = 512;
/// A search narrows the file down to this many bytes, then reads them at once.
const SEARCH_BLOCK_BYTES: u64 = 4096;

/// A fixed-size entry of an index file, big-endian.
pub(crate) trait Entry: Copy {
    const BYTES: usize;
    fn encode(self, out: &mut Vec<u8>);
    /// From exactly [`Entry::BYTES`] bytes.
    fn decode(bytes: &[u8]) -> Self;
}

/// `.index`: the last offset of a batch, relative to the segment's base, and where the batch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OffsetEntry {
    pub(crate) relative: i32,
    pub(crate) position: i32,
}

/// `.timeindex`: the largest timestamp so far, and the last offset of the batch that brought it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeEntry {
    pub(crate) timestamp_ms: i64,
    pub(crate) relative: i32,
}

impl Entry for OffsetEntry {
    const BYTES: usize = 8;

    fn encode(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.relative.to_be_bytes());
        out.extend_from_slice(&self.position.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> OffsetEntry {
        OffsetEntry {
            relative: i32::from_be_bytes(field(bytes, 0)),
            position: i32::from_be_bytes(field(bytes, 4)),
        }
    }
}

impl Entry for TimeEntry {
    const BYTES: usize = 12;

    fn encode(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.timestamp_ms.to_be_bytes());
        out.extend_from_slice(&self.relative.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> TimeEntry {
        TimeEntry {
            timestamp_ms: i64::from_be_bytes(field(bytes, 0)),
            relative: i32::from_be_bytes(field(bytes, 8)),
        }
    }
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&bytes[at..at + N]);
    field
}

/// An index file and the entries not yet written to it.
#[derive(Debug)]
pub(crate) struct IndexFile<E> {
    path: PathBuf,
    entries_on_disk: u64,
    tail: Vec<E>,
    last: Option<E>,
}

impl<E: Entry> IndexFile<E> {
    /// An empty index, replacing what may be there.
    pub(crate) fn create(path: PathBuf) -> io::Result<IndexFile<E>> {
        File::create(&path)?;
        Ok(IndexFile { path, entries_on_disk: 0, tail: Vec::new(), last: None })
    }

    /// An index written before; `None` when the file is missing or ends within an entry.
    pub(crate) fn open(path: PathBuf) -> io::Result<Option<IndexFile<E>>> {
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let bytes = file.metadata()?.len();
        let entry_bytes = E::BYTES as u64;
        if bytes % entry_bytes != 0 {
            return Ok(None);
        }
        let last = match bytes.checked_sub(entry_bytes) {
            Some(at) => files::read_at(&file, at, E::BYTES)?,
            None => Vec::new(),
        };
        let last = (last.len() == E::BYTES).then(|| E::decode(&last));
        Ok(Some(IndexFile { path, entries_on_disk: bytes / entry_bytes, tail: Vec::new(), last }))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn len(&self) -> u64 {
        self.entries_on_disk + self.tail.len() as u64
    }

    pub(crate) fn last(&self) -> Option<E> {
        self.last
    }

    /// Adds an entry; now and then this writes a block. Should that fail, the entries wait in memory: an index
    /// is a convenience, and must not fail the append it describes.
    pub(crate) fn push(&mut self, entry: E) {
        self.tail.push(entry);
        self.last = Some(entry);
        if self.tail.len() >= TAIL_ENTRIES_MAX
            && let Err(error) = self.write_tail()
        {
            tracing::warn!(path = %self.path.display(), %error, "index block not written, kept in memory");
        }
    }

    /// Brings the file up to date; durable only after [`IndexFile::sync`].
    pub(crate) fn write_tail(&mut self) -> io::Result<()> {
        if self.tail.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(self.tail.len() * E::BYTES);
        for entry in &self.tail {
            entry.encode(&mut bytes);
        }
        let file = files::open_rw(&self.path)?;
        files::write_at(&file, self.entries_on_disk * E::BYTES as u64, &bytes)?;
        self.entries_on_disk += self.tail.len() as u64;
        self.tail.clear();
        Ok(())
    }

    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.write_tail()?;
        File::open(&self.path)?.sync_data()
    }

    /// The last entry for which `is_below` holds; entries are ordered so that it holds for a first part of them.
    pub(crate) fn floor(&self, is_below: impl Fn(&E) -> bool) -> io::Result<Option<E>> {
        let in_tail = self.tail.partition_point(&is_below);
        if let Some(index) = in_tail.checked_sub(1) {
            return Ok(Some(self.tail[index]));
        }
        if self.entries_on_disk == 0 {
            return Ok(None);
        }
        let file = File::open(&self.path)?;
        let entry_bytes = E::BYTES as u64;
        let (mut low, mut high) = (0, self.entries_on_disk);
        while (high - low) * entry_bytes > SEARCH_BLOCK_BYTES {
            let middle = low + (high - low) / 2;
            let bytes = files::read_at(&file, middle * entry_bytes, E::BYTES)?;
            if bytes.len() == E::BYTES && is_below(&E::decode(&bytes)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        let block = files::read_at(&file, low * entry_bytes, ((high - low) * entry_bytes) as usize)?;
        Ok(block.chunks_exact(E::BYTES).map(E::decode).take_while(is_below).last())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floor_agrees_with_a_scan_across_file_and_tail() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("00000000000000000000.index");
        let mut index = IndexFile::create(path.clone()).expect("creates");
        let entries: Vec<_> =
            (1..2_000).map(|n| OffsetEntry { relative: n * 3, position: n * 100 }).collect();
        for &entry in &entries {
            index.push(entry);
        }
        assert!(index.entries_on_disk > 1_000, "blocks were written");
        let check = |index: &IndexFile<OffsetEntry>| {
            for target in 0..6_010 {
                let expected = entries.iter().take_while(|e| e.relative <= target).last();
                let found = index.floor(|e| e.relative <= target).expect("reads");
                assert_eq!(found.as_ref(), expected, "{target}");
            }
        };
        check(&index);
        index.sync().expect("syncs");
        let reopened = IndexFile::open(path).expect("reads").expect("is there");
        assert_eq!((reopened.len(), reopened.last()), (1_999, entries.last().copied()));
        check(&reopened);
    }

    #[test]
    fn a_torn_or_missing_index_is_told() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("00000000000000000000.timeindex");
        assert!(IndexFile::<TimeEntry>::open(path.clone()).expect("no error").is_none());
        std::fs::write(&path, [0; 13]).expect("writes");
        assert!(IndexFile::<TimeEntry>::open(path).expect("no error").is_none());
    }
}
