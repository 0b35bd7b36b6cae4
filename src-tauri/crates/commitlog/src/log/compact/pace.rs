use std::ops::ControlFlow;
use std::path::Path;

use crate::LogError;

/// Tells the bytes a compaction reads and writes to whoever sets its pace, and learns when it is to end.
pub(super) struct Pace<'a> {
    dir: &'a Path,
    told: &'a mut dyn FnMut(u64) -> ControlFlow<()>,
}

impl<'a> Pace<'a> {
    pub(super) fn new(dir: &'a Path, told: &'a mut dyn FnMut(u64) -> ControlFlow<()>) -> Pace<'a> {
        Pace { dir, told }
    }

    pub(super) fn moved(&mut self, bytes: usize) -> Result<(), LogError> {
        match (self.told)(bytes as u64) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(LogError::CompactionStopped { dir: self.dir.to_path_buf() }),
        }
    }
}
