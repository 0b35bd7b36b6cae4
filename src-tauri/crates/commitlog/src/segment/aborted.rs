//! `.txnindex`: the aborted transactions whose markers lie in a segment. The file is made with the first one;
//! most segments have none.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use wire::batch::Offset;

use crate::files;

const VERSION: i16 = 0;
const ENTRY_BYTES: usize = 34;
/// Read at once.
const BLOCK_ENTRIES: u64 = 1024;

/// One aborted transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AbortedEntry {
    pub(crate) producer_id: i64,
    pub(crate) first_offset: Offset,
    /// The marker's.
    pub(crate) last_offset: Offset,
    /// Up to here nothing was open once the marker was written: who reads no further needs no later entry.
    pub(crate) stable_offset: Offset,
}

impl AbortedEntry {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(VERSION.to_be_bytes());
        out.extend(self.producer_id.to_be_bytes());
        out.extend(self.first_offset.0.to_be_bytes());
        out.extend(self.last_offset.0.to_be_bytes());
        out.extend(self.stable_offset.0.to_be_bytes());
    }

    fn decode(bytes: &[u8; ENTRY_BYTES]) -> AbortedEntry {
        let field = |at: usize| {
            let mut field = [0; 8];
            field.copy_from_slice(&bytes[at..at + 8]);
            i64::from_be_bytes(field)
        };
        AbortedEntry {
            producer_id: field(2),
            first_offset: Offset(field(10)),
            last_offset: Offset(field(18)),
            stable_offset: Offset(field(26)),
        }
    }
}

/// The file. Entries are in the order of their markers.
#[derive(Debug)]
pub(crate) struct AbortedIndex {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// Not looked at yet.
    Unknown,
    Absent,
    Open {
        file: File,
        entries: u64,
    },
}

impl AbortedIndex {
    pub(crate) fn new(path: PathBuf) -> AbortedIndex {
        AbortedIndex { path, state: Mutex::new(State::Unknown) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn append(&self, entry: AbortedEntry) -> io::Result<()> {
        let mut state = self.state.lock();
        self.look(&mut state)?;
        if matches!(*state, State::Absent) {
            *state = State::Open { file: files::open_rw(&self.path)?, entries: 0 };
        }
        if let State::Open { file, entries } = &mut *state {
            let mut bytes = Vec::with_capacity(ENTRY_BYTES);
            entry.encode(&mut bytes);
            files::write_at(file, *entries * ENTRY_BYTES as u64, &bytes)?;
            *entries += 1;
        }
        Ok(())
    }

    /// Tells `visit` of every entry whose marker is at `from` or later, in order, until it says that is enough.
    pub(crate) fn visit(&self, from: Offset, mut visit: impl FnMut(AbortedEntry) -> bool) -> io::Result<()> {
        let mut state = self.state.lock();
        self.look(&mut state)?;
        let State::Open { file, entries } = &*state else { return Ok(()) };
        let mut low = first_from(file, *entries, from)?;
        while low < *entries {
            let block = (*entries - low).min(BLOCK_ENTRIES);
            let bytes = files::read_at(file, low * ENTRY_BYTES as u64, block as usize * ENTRY_BYTES)?;
            let (found, _) = bytes.as_chunks::<ENTRY_BYTES>();
            for entry in found {
                if !visit(AbortedEntry::decode(entry)) {
                    return Ok(());
                }
            }
            if (found.len() as u64) < block {
                return Ok(());
            }
            low += block;
        }
        Ok(())
    }

    /// Makes `entries` all there is.
    pub(crate) fn replace(&self, entries: &[AbortedEntry]) -> io::Result<()> {
        let mut state = self.state.lock();
        self.look(&mut state)?;
        if entries.is_empty() {
            if matches!(*state, State::Open { .. }) {
                std::fs::remove_file(&self.path)?;
            }
            *state = State::Absent;
            return Ok(());
        }
        let file = files::open_rw(&self.path)?;
        write_all(&file, entries)?;
        *state = State::Open { file, entries: entries.len() as u64 };
        Ok(())
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        match &*self.state.lock() {
            State::Open { file, .. } => file.sync_all(),
            State::Unknown | State::Absent => Ok(()),
        }
    }

    fn look(&self, state: &mut State) -> io::Result<()> {
        if !matches!(state, State::Unknown) {
            return Ok(());
        }
        *state = match File::options().read(true).write(true).open(&self.path) {
            Ok(file) => {
                let entries = file.metadata()?.len() / ENTRY_BYTES as u64;
                State::Open { file, entries }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::Absent,
            Err(error) => return Err(error),
        };
        Ok(())
    }
}

/// The first of so many entries whose marker is at `from` or later: they are in that order.
fn first_from(file: &File, entries: u64, from: Offset) -> io::Result<u64> {
    let (mut low, mut high) = (0, entries);
    while low < high {
        let middle = low + (high - low) / 2;
        let bytes = files::read_at(file, middle * ENTRY_BYTES as u64, ENTRY_BYTES)?;
        match bytes.first_chunk() {
            Some(entry) if AbortedEntry::decode(entry).last_offset < from => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// Writes a file of these entries and nothing else.
pub(crate) fn write_all(file: &File, entries: &[AbortedEntry]) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(entries.len() * ENTRY_BYTES);
    for entry in entries {
        entry.encode(&mut bytes);
    }
    files::write_at(file, 0, &bytes)?;
    file.set_len(bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(producer_id: i64, first: i64, last: i64) -> AbortedEntry {
        let (first_offset, last_offset) = (Offset(first), Offset(last));
        AbortedEntry { producer_id, first_offset, last_offset, stable_offset: Offset(last + 1) }
    }

    fn from(index: &AbortedIndex, from: i64) -> Vec<i64> {
        let mut found = Vec::new();
        let visit = |entry: AbortedEntry| {
            found.push(entry.last_offset.0);
            true
        };
        index.visit(Offset(from), visit).expect("reads");
        found
    }

    #[test]
    fn entries_are_found_by_their_markers_and_outlive_the_process() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("00000000000000000000.txnindex");
        let index = AbortedIndex::new(path.clone());
        assert_eq!(from(&index, 0), [] as [i64; 0]);
        assert!(!path.exists(), "there is nothing to keep");
        for n in 0..3000 {
            index.append(entry(n, n * 10, n * 10 + 5)).expect("appends");
        }
        assert_eq!(from(&index, 29_985), [29_985, 29_995]);
        assert_eq!(from(&index, 0).len(), 3000);
        drop(index);
        let index = AbortedIndex::new(path.clone());
        assert_eq!(from(&index, 29_986), [29_995]);
        index.replace(&[entry(1, 2, 3)]).expect("replaces");
        index.append(entry(1, 4, 5)).expect("appends");
        assert_eq!(from(&index, 0), [3, 5]);
        assert_eq!(std::fs::metadata(&path).expect("is there").len(), 68);
        index.replace(&[]).expect("replaces");
        assert!(!path.exists());
    }
}
