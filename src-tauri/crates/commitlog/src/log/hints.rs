use parking_lot::Mutex;
use wire::batch::Offset;

/// Consumers that follow one partition at the same time, and are found again without the index.
const READERS: usize = 8;

/// Where recent reads ended: a consumer continues there, so its next read needs no search.
#[derive(Debug, Default)]
pub(super) struct Hints {
    recent: Mutex<Recent>,
}

#[derive(Debug, Default)]
struct Recent {
    hints: [Option<Hint>; READERS],
    oldest: usize,
}

/// A batch boundary: the batch at `position`, once written, begins at `offset` or after.
#[derive(Debug, Clone, Copy)]
struct Hint {
    offset: Offset,
    segment: Offset,
    position: u64,
    generation: u64,
}

impl Hints {
    /// The position of `offset` in the segment with base `segment`, if a read ended exactly there.
    pub(super) fn find(&self, offset: Offset, segment: Offset, generation: u64) -> Option<u64> {
        let recent = self.recent.lock();
        let matches =
            |hint: &&Hint| hint.offset == offset && hint.segment == segment && hint.generation == generation;
        recent.hints.iter().flatten().find(matches).map(|hint| hint.position)
    }

    /// Notes that a read of `from` ended before `offset`, at `position`.
    pub(super) fn note(&self, from: Offset, offset: Offset, segment: Offset, position: u64, generation: u64) {
        let mut recent = self.recent.lock();
        let hint = Some(Hint { offset, segment, position, generation });
        // The same reader one step on takes its own place.
        let own = recent.hints.iter().position(|slot| slot.is_some_and(|hint| hint.offset == from));
        match own {
            Some(slot) => recent.hints[slot] = hint,
            None => {
                let slot = recent.oldest;
                recent.hints[slot] = hint;
                recent.oldest = (slot + 1) % READERS;
            }
        }
    }
}
