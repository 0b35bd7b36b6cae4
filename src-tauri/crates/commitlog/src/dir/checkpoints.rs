use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;

use wire::batch::Offset;

use super::LogDir;
use crate::text::{format_offsets, parse_offsets};
use crate::{LogError, TopicPartition, files};

pub(super) const RECOVERY_POINT: &str = "recovery-point-offset-checkpoint";
pub(super) const LOG_START: &str = "log-start-offset-checkpoint";
pub(super) const REPLICATION: &str = "replication-offset-checkpoint";
pub(super) const CLEANER: &str = "cleaner-offset-checkpoint";

/// The checkpoints' text as last written, so that an idle directory is not written to.
#[derive(Debug, Default)]
pub(super) struct Written(BTreeMap<&'static str, String>);

impl LogDir {
    /// Writes the checkpoint files that changed: how far each partition is durable, where it starts, where it
    /// ends and how far it is compacted.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn checkpoint(&self) -> Result<(), LogError> {
        let mut written = self.checkpoints.lock();
        if self.created.swap(false, Ordering::AcqRel) {
            files::sync_dir(&self.root).map_err(LogError::io("flush", &self.root))?;
        }
        let mut checkpoints: BTreeMap<&'static str, BTreeMap<TopicPartition, Offset>> =
            [RECOVERY_POINT, LOG_START, REPLICATION, CLEANER].map(|name| (name, BTreeMap::new())).into();
        for (name, log) in self.partitions() {
            let (start, end) = log.offsets();
            let mut put = |file, offset| checkpoints.entry(file).or_default().insert(name.clone(), offset);
            put(RECOVERY_POINT, log.recovery_point());
            put(REPLICATION, end);
            if start > Offset::ZERO {
                put(LOG_START, start);
            }
            let compacted_to = log.compacted_to();
            if compacted_to > Offset::ZERO {
                put(CLEANER, compacted_to);
            }
        }
        for (file, offsets) in checkpoints {
            let text = format_offsets(&offsets);
            if written.0.get(file) != Some(&text) {
                files::write_atomically(&self.root.join(file), &text)?;
                written.0.insert(file, text);
            }
        }
        Ok(())
    }
}

/// Reads a checkpoint. One that is missing or damaged is as good as empty: it only spares work.
pub(super) fn read(root: &Path, file: &str) -> BTreeMap<TopicPartition, Offset> {
    let path = root.join(file);
    let parsed = files::read_text(&path).and_then(|text| match text {
        Some(text) => parse_offsets(&text).map_err(|problem| problem.at(&path)),
        None => Ok(BTreeMap::new()),
    });
    parsed.unwrap_or_else(|error| {
        tracing::warn!(%error, "checkpoint ignored");
        BTreeMap::new()
    })
}
