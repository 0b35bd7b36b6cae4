use std::fs::File;

use wire::batch::{Batch, Marker, Offset};

use super::{Aborting, PartitionLog};
use crate::files::{self, SNAPSHOT};
use crate::segment::{AbortedEntry, Segment, Walk};
use crate::{AbortedTransaction, LogError, Producers};

impl PartitionLog {
    /// What the log says of its producers: the newest snapshot, and what was appended since, but for those silent
    /// for too long. The index of
    /// aborted transactions is made anew as far as that reaches, for after an unclean stop it may lack some.
    /// No batch of a producer may be appended meanwhile.
    ///
    /// # Errors
    /// When a segment cannot be read or an index not written.
    pub fn restore_producers(&self, now_ms: i64) -> Result<Producers, LogError> {
        let _nothing_is_replaced = self.maintenance.lock();
        let (start, end) = self.offsets();
        let (from, mut producers) = match self.newest_snapshot(now_ms)? {
            Some((at, producers)) => (at, producers),
            None => (start, Producers::default()),
        };
        if from < end {
            for segment in self.segments_from(from) {
                segment.replay_producers(from, &mut producers, now_ms)?;
            }
        }
        producers.expire(now_ms, self.config().producer_expiration_ms);
        Ok(producers)
    }

    /// Keeps what was known of the producers when the log ended `at` that offset.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write_snapshot(&self, at: Offset, producers: &Producers) -> Result<(), LogError> {
        if self.snapshots.lock().contains(&at) {
            return Ok(());
        }
        files::write_lazily(&files::segment_file(&self.dir, at, SNAPSHOT), &producers.to_snapshot())?;
        self.snapshots.lock().insert(at);
        self.prune_snapshots()
    }

    /// The aborted transactions that reach into `from..upto`, in the order of their markers.
    ///
    /// # Errors
    /// When an index cannot be read.
    pub fn aborted(&self, from: Offset, upto: Offset) -> Result<Vec<AbortedTransaction>, LogError> {
        let mut found = Vec::new();
        for segment in self.segments_from(from) {
            let mut more = true;
            let visit = |entry: AbortedEntry| {
                if entry.first_offset < upto {
                    let AbortedEntry { producer_id, first_offset, .. } = entry;
                    found.push(AbortedTransaction { producer_id, first_offset });
                }
                more = entry.stable_offset < upto;
                more
            };
            match segment.aborted.visit(from, visit) {
                // Removed while it was looked at: so are its records.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                result => result.map_err(LogError::io("read", segment.aborted.path()))?,
            }
            if !more {
                break;
            }
        }
        Ok(found)
    }

    /// Removes the snapshots that belong to no segment, but for the newest.
    pub(super) fn prune_snapshots(&self) -> Result<(), LogError> {
        let bases: Vec<Offset> = self.shared.read().segments.iter().map(|segment| segment.base).collect();
        let mut snapshots = self.snapshots.lock();
        let newest = snapshots.last().copied();
        let stray = |at: &Offset| Some(*at) != newest && bases.binary_search(at).is_err();
        let removed: Vec<Offset> = snapshots.iter().copied().filter(stray).collect();
        for at in removed {
            files::remove(&files::segment_file(&self.dir, at, SNAPSHOT))?;
            snapshots.remove(&at);
        }
        Ok(())
    }

    /// The newest sound snapshot; unsound ones are removed.
    fn newest_snapshot(&self, now_ms: i64) -> Result<Option<(Offset, Producers)>, LogError> {
        let mut snapshots = self.snapshots.lock();
        while let Some(&at) = snapshots.last() {
            let path = files::segment_file(&self.dir, at, SNAPSHOT);
            let bytes = std::fs::read(&path).map_err(LogError::io("read", &path));
            if let Some(producers) = bytes.ok().and_then(|bytes| Producers::from_snapshot(&bytes, now_ms)) {
                return Ok(Some((at, producers)));
            }
            tracing::warn!(path = %path.display(), "unsound producer snapshot removed");
            files::remove(&path)?;
            snapshots.remove(&at);
        }
        Ok(None)
    }
}

impl Segment {
    /// Takes in the batches from `from` on, and indexes the transactions they abort.
    fn replay_producers(&self, from: Offset, producers: &mut Producers, now_ms: i64) -> Result<(), LogError> {
        let mut aborted: Vec<AbortedEntry> = Vec::new();
        let keep = |entry: AbortedEntry| {
            // What the machine's stop left may be no entry at all.
            let after = aborted.last().map_or(self.base, |last| last.last_offset.next());
            let sound = entry.last_offset >= after && entry.first_offset < entry.last_offset;
            if sound && entry.last_offset < from {
                aborted.push(entry);
            }
            sound && entry.last_offset < from
        };
        self.aborted.visit(Offset::ZERO, keep).map_err(LogError::io("read", self.aborted.path()))?;
        let mut walk = match self.batch_at_or_after(from)? {
            Some(first) => Walk::new(self.file(), first.position, self.bytes()),
            None => return Ok(()),
        };
        while let Some(found) = walk.next().map_err(|error| self.walk_error(error))? {
            let header = &found.header;
            let marker = if header.is_control() {
                let bytes = walk.read(&found).map_err(|error| self.walk_error(error))?;
                Batch::parse(&bytes).ok().and_then(|batch| Marker::read(&batch))
            } else {
                None
            };
            let ended = producers.replay(header, marker, now_ms);
            if let (Some(ended), Some(Marker { committed: false, .. })) = (ended, marker) {
                let aborting = Aborting { producer_id: header.producer_id, ended };
                aborted.push(aborting.entry(header.last_offset()));
            }
        }
        self.aborted.replace(&aborted).map_err(LogError::io("write", self.aborted.path()))
    }
}

/// Writes the aborted transactions of a compacted segment where the swap finds them; none make no file.
pub(super) fn write_swap_aborted(path: &std::path::Path, entries: &[AbortedEntry]) -> Result<(), LogError> {
    if entries.is_empty() {
        return files::remove(path);
    }
    let write = || {
        let file = File::create(path)?;
        crate::segment::write_aborted(&file, entries)?;
        file.sync_all()
    };
    write().map_err(LogError::io("write", path))
}
