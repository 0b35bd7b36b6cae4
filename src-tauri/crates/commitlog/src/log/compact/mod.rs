//! Log compaction (`cleanup.policy=compact`): the last value of each key stays, at its own offset.
//!
//! Two passes, as in Kafka. The first reads the part not yet compacted and notes each key's last offset, and
//! learns from the transaction markers which transactions were aborted. The second rewrites all segments up to
//! there, a group of them into one, leaving out what a later record replaces. Source: KIP-58, KIP-98, KIP-534.

mod filter;
mod keys;
mod pace;
mod transactions;

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use wire::batch::{Batch, Offset};

use super::{PartitionLog, swap};
use crate::files;
use crate::segment::{AbortedEntry, Segment, WalkError};
use crate::{LogConfig, LogError};
use filter::{Filter, Kept};
use keys::KeyOffsets;
use pace::Pace;
use transactions::Transactions;

/// The most a batch may unpack to; one that is larger is kept as it is.
const UNPACKED_BYTES_MAX: usize = 256 << 20;
/// Output is written in blocks of this size.
const WRITE_BLOCK_BYTES: usize = 1 << 20;

/// What a compaction did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompactionStats {
    pub segments_before: usize,
    pub segments_after: usize,
    pub bytes_before: u64,
    pub bytes_after: u64,
    pub records_before: u64,
    pub records_after: u64,
    /// Everything before is compacted now.
    pub compacted_to: Offset,
}

/// The segments a compaction works on.
struct Plan {
    /// From the log's first segment on; none of them is written to.
    segments: Vec<Arc<Segment>>,
    /// The segments after those.
    later: Vec<Arc<Segment>>,
    dirty_from: Offset,
    end: Offset,
    clean_bytes: u64,
    dirty_bytes: u64,
}

impl PartitionLog {
    /// Whether enough of the log is not yet compacted (`min.cleanable.dirty.ratio`), or it has waited long
    /// enough (`max.compaction.lag.ms`). `last_stable` bounds it: what belongs to open transactions stays out.
    #[must_use]
    pub fn compaction_due(&self, last_stable: Offset, now_ms: i64) -> bool {
        let config = self.config();
        if !config.cleanup.compact {
            return false;
        }
        let compacted_to = self.maintenance.lock().compacted_to;
        let plan = self.plan(compacted_to, last_stable, &config, now_ms);
        if plan.dirty_bytes == 0 {
            return false;
        }
        let ratio = plan.dirty_bytes as f64 / (plan.clean_bytes + plan.dirty_bytes) as f64;
        let first_dirty = plan.segments.iter().find(|segment| segment.base >= plan.dirty_from);
        let waited = first_dirty.map_or(0, |segment| now_ms.saturating_sub(segment.first_timestamp()));
        ratio > config.min_cleanable_dirty_ratio || waited > config.max_compaction_lag_ms
    }

    /// Compacts everything that may be compacted, up to `last_stable` (the log's end without transactions) and
    /// never the active segment. Reads and appends go on meanwhile. Does nothing unless `cleanup.policy` says
    /// `compact`.
    ///
    /// # Errors
    /// When a segment cannot be read or written. The log stays as it was, or partly compacted.
    pub fn compact(&self, last_stable: Offset, now_ms: i64) -> Result<CompactionStats, LogError> {
        self.compact_paced(last_stable, now_ms, &mut |_| ControlFlow::Continue(()))
    }

    /// [`Self::compact`], with `moved` told of all bytes read and written. It may wait before it returns, for as
    /// long as it likes: only what else would change segments waits, too. With `Break` it ends the compaction.
    ///
    /// # Errors
    /// As there; and when the compaction was ended, or the log was closed meanwhile.
    pub fn compact_paced(
        &self,
        last_stable: Offset,
        now_ms: i64,
        moved: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<CompactionStats, LogError> {
        let mut moved_while_open =
            |bytes| if self.check_open().is_ok() { moved(bytes) } else { ControlFlow::Break(()) };
        let compacted =
            self.try_compact(last_stable, now_ms, &mut Pace::new(&self.dir, &mut moved_while_open));
        // Of a partition deleted meanwhile nothing is found any more.
        compacted.map_err(|error| self.check_open().err().unwrap_or(error))
    }

    fn try_compact(
        &self,
        last_stable: Offset,
        now_ms: i64,
        pace: &mut Pace<'_>,
    ) -> Result<CompactionStats, LogError> {
        let config = self.config();
        let _nothing_else_rewrites = self.rewriting.lock();
        self.check_open()?;
        let compacted_to = self.compacted_to();
        let mut stats = CompactionStats { compacted_to, ..CompactionStats::default() };
        if !config.cleanup.compact {
            return Ok(stats);
        }
        let plan = self.plan(compacted_to, last_stable, &config, now_ms);
        if plan.dirty_bytes == 0 {
            return Ok(stats);
        }

        let transactions = Transactions::read(&plan.segments, &plan.later, pace)?;
        let keys = KeyOffsets::read(&plan.segments, plan.dirty_from, plan.end, &transactions, pace)?;
        let touched: Vec<_> =
            plan.segments.into_iter().filter(|segment| segment.base < keys.covers_to()).collect();
        let mut filter = Filter::new(&keys, &transactions, now_ms, config.delete_retention_ms);
        for group in groups(&touched, &config) {
            stats.segments_before += group.len();
            stats.segments_after += 1;
            stats.bytes_before += group.iter().map(|segment| segment.bytes()).sum::<u64>();
            let written = self.write_cleaned(group, &mut filter, &mut stats, pace);
            let new = if group.len() > 1 && written.is_ok() || matches!(written, Ok(true)) {
                self.swap_in(&mut self.maintenance.lock(), group, &config, now_ms)?
            } else {
                files::remove(&swap::cleaned_path(&self.dir, group[0].base))?;
                files::remove(&swap::swap_aborted_path(&self.dir, group[0].base))?;
                written?;
                Arc::clone(&group[0])
            };
            stats.bytes_after += new.bytes();
        }
        self.prune_snapshots()?;
        stats.compacted_to = keys.covers_to();
        self.maintenance.lock().compacted_to = stats.compacted_to;
        tracing::debug!(
            dir = %self.dir.display(), bytes_before = stats.bytes_before, bytes_after = stats.bytes_after,
            compacted_to = stats.compacted_to.0, "log compacted"
        );
        Ok(stats)
    }

    fn plan(&self, compacted_to: Offset, last_stable: Offset, config: &LogConfig, now_ms: i64) -> Plan {
        let (mut segments, start) = {
            let shared = self.shared.read();
            (shared.segments.clone(), shared.start)
        };
        let dirty_from = compacted_to.max(start);
        let young = now_ms.saturating_sub(config.min_compaction_lag_ms.max(0));
        let mut end = dirty_from;
        let mut count = 0;
        for pair in segments.windows(2) {
            let dirty = pair[1].base > dirty_from;
            let too_young = config.min_compaction_lag_ms > 0 && pair[0].newest_ms() > young;
            if pair[1].base > last_stable || (dirty && too_young) {
                break;
            }
            end = pair[1].base;
            count += 1;
        }
        let later = segments.split_off(count);
        let bytes = |dirty: bool| {
            let counted = segments.iter().filter(|segment| (segment.base >= dirty_from) == dirty);
            counted.map(|segment| segment.bytes()).sum()
        };
        let (clean_bytes, mut dirty_bytes) = (bytes(false), bytes(true));
        if end <= dirty_from {
            dirty_bytes = 0;
        } else if dirty_bytes == 0 {
            // The dirty part is the end of one segment, where the last compaction ran out of memory for keys.
            dirty_bytes = 1;
        }
        Plan { segments, later, dirty_from, end, clean_bytes, dirty_bytes }
    }

    /// Writes what remains of `group` to a `.cleaned` file. False when that is all of it.
    fn write_cleaned(
        &self,
        group: &[Arc<Segment>],
        filter: &mut Filter<'_>,
        stats: &mut CompactionStats,
        pace: &mut Pace<'_>,
    ) -> Result<bool, LogError> {
        let path = swap::cleaned_path(&self.dir, group[0].base);
        let failed = |error| LogError::io("write", &path)(error);
        let mut out = BufWriter::with_capacity(WRITE_BLOCK_BYTES, File::create(&path).map_err(failed)?);
        let mut changed = false;
        let (mut aborted, mut gone) = (Vec::new(), HashSet::new());
        for segment in group {
            let all = |entry: AbortedEntry| {
                aborted.push(entry);
                true
            };
            let index = &segment.aborted;
            index.visit(Offset::ZERO, all).map_err(LogError::io("read", index.path()))?;
            let mut walk = segment.walk();
            while let Some(found) = walk.next().map_err(|error| segment.walk_error(error))? {
                let bytes = walk.read(&found).map_err(|error| segment.walk_error(error))?;
                let batch = Batch::parse(&bytes).map_err(|problem| {
                    segment.walk_error(WalkError::Bad { position: found.position, problem })
                })?;
                stats.records_before += batch.header.record_count as u64;
                let kept = filter.apply(&batch)?;
                let remaining = match &kept {
                    Kept::All => batch.bytes(),
                    Kept::Some { batch, .. } => batch,
                    Kept::None => &[],
                };
                changed |= !matches!(kept, Kept::All);
                if batch.header.is_control() && matches!(kept, Kept::None | Kept::Some { records: 0, .. }) {
                    gone.insert(batch.header.last_offset());
                }
                stats.records_after += match kept {
                    Kept::All => batch.header.record_count as u64,
                    Kept::Some { records, .. } => records,
                    Kept::None => 0,
                };
                out.write_all(remaining).map_err(failed)?;
                pace.moved(bytes.len() + remaining.len())?;
            }
        }
        // Without its marker a transaction would be taken to go on.
        aborted.retain(|entry| !gone.contains(&entry.last_offset));
        super::producers::write_swap_aborted(&swap::swap_aborted_path(&self.dir, group[0].base), &aborted)?;
        let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        // Without timestamps in the records, retention goes by when the file was last written.
        let modified = group.last().and_then(|segment| segment.file().metadata().ok()?.modified().ok());
        if let Some(modified) = modified {
            file.set_modified(modified).map_err(failed)?;
        }
        Ok(changed)
    }
}

/// Neighbours that fit into one segment together.
fn groups<'s>(segments: &'s [Arc<Segment>], config: &LogConfig) -> Vec<&'s [Arc<Segment>]> {
    let mut groups = Vec::new();
    let mut rest = segments;
    while let [first, others @ ..] = rest {
        let mut bytes = first.bytes();
        let joins = |next: &&Arc<Segment>| {
            bytes += next.bytes();
            // The last offset of a segment is below the next one's base, so the base is a safe measure.
            bytes <= config.segment_bytes.min(i32::MAX as u64)
                && next.base.0 - first.base.0 < i64::from(i32::MAX) / 2
        };
        let count = 1 + others.iter().take_while(joins).count();
        let (group, after) = rest.split_at(count);
        groups.push(group);
        rest = after;
    }
    groups
}
