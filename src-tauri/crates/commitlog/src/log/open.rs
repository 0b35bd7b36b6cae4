use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use parking_lot::{Mutex, RwLock};
use wire::batch::{BatchHeader, Offset};

use super::{Maintenance, PartitionLog, Shared, append::Appender, hints::Hints, swap};
use crate::files::{self, DELETED, INDEX, LOG, SNAPSHOT, TIME_INDEX, TXN_INDEX};
use crate::segment::{Rebuilt, Segment};
use crate::text::EpochCache;
use crate::{LogConfig, LogError};

pub(super) const EPOCHS_FILE: &str = "leader-epoch-checkpoint";

/// How the log was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Closed properly: indexes are trusted where they look sound.
    Clean,
    /// Killed, or the machine stopped: from the segment holding the recovery point on, every batch is checked
    /// and the log ends before the first bad one.
    Recover { recovery_point: Offset },
}

/// What opening a log found and did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoveryReport {
    /// Segments read from first byte to last, because of an unclean stop or an unsound index.
    pub segments_checked: usize,
    pub batches_checked: u64,
    /// Set when the end of the log had to go.
    pub truncated: Option<Truncation>,
}

/// What a recovery cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truncation {
    /// The log now ends here.
    pub offset: Offset,
    pub bytes_lost: u64,
    /// What was wrong with the first batch cut off.
    pub reason: String,
}

/// What the directory's segments turned out to hold.
struct Loaded {
    segments: Vec<Arc<Segment>>,
    end: Offset,
    epochs: EpochCache,
    report: RecoveryReport,
    /// Files of segments after the first bad batch, renamed.
    doomed: Vec<PathBuf>,
}

impl PartitionLog {
    /// Opens the log in `dir`, or begins one there. `log_start` is what `log-start-offset-checkpoint` says, 0
    /// when it says nothing.
    ///
    /// # Errors
    /// When the directory cannot be read or a segment that should be sound is not.
    pub fn open(
        dir: &Path,
        config: LogConfig,
        mode: OpenMode,
        log_start: Offset,
        now_ms: i64,
    ) -> Result<(PartitionLog, RecoveryReport), LogError> {
        fs::create_dir_all(dir).map_err(LogError::io("create", dir))?;
        swap::finish_interrupted(dir)?;
        let (bases, mut snapshots) = segment_bases(dir)?;
        let mut loaded = load(dir, &bases, &config, mode, now_ms)?;

        let log_start = log_start.max(Offset::ZERO);
        if loaded.segments.is_empty() || log_start > loaded.end {
            // Nothing is left of what the log start promises: go on where the offsets would have.
            for segment in std::mem::take(&mut loaded.segments) {
                loaded.doom(dir, segment.base)?;
            }
            loaded.segments.push(Arc::new(Segment::create(dir, log_start, &config, now_ms)?));
            loaded.end = log_start;
        }
        let (segments, end) = (loaded.segments, loaded.end);
        let start = log_start.max(segments[0].base);
        if loaded.epochs.truncate_end(end) | loaded.epochs.truncate_start(start) {
            files::write_atomically(&dir.join(EPOCHS_FILE), &loaded.epochs.format())?;
        }

        // What they say of offsets that are gone would be wrong once those are given anew.
        for beyond in snapshots.split_off(&end.next()) {
            files::remove(&files::segment_file(dir, beyond, SNAPSHOT))?;
        }
        let recovery_point = match mode {
            OpenMode::Clean => end,
            OpenMode::Recover { recovery_point } => recovery_point.min(end),
        };
        let active = Arc::clone(&segments[segments.len() - 1]);
        let doomed = loaded.doomed.into_iter().map(|path| (now_ms, path)).collect();
        let log = PartitionLog {
            dir: dir.to_path_buf(),
            config: RwLock::new(Arc::new(config)),
            rewriting: Mutex::new(()),
            maintenance: Mutex::new(Maintenance { compacted_to: Offset::ZERO, doomed }),
            appender: Mutex::new(Appender::new(active, end)),
            shared: RwLock::new(Shared { segments, start, end, generation: 0 }),
            epochs: Mutex::new(loaded.epochs),
            flushing: Mutex::new(()),
            written: AtomicI64::new(end.0),
            recovery_point: AtomicI64::new(recovery_point.0),
            last_flush_ms: AtomicI64::new(now_ms),
            sync_failed: AtomicBool::new(false),
            hints: Hints::default(),
            snapshots: Mutex::new(snapshots),
            closed: AtomicBool::new(false),
        };
        if let Some(cut) = &loaded.report.truncated {
            tracing::warn!(
                dir = %dir.display(), offset = cut.offset.0, bytes_lost = cut.bytes_lost, reason = cut.reason,
                "log truncated at its first bad batch"
            );
        }
        Ok((log, loaded.report))
    }

    /// Tells the log how far it was compacted before; from `cleaner-offset-checkpoint`.
    pub(crate) fn set_compacted_to(&self, offset: Offset) {
        self.maintenance.lock().compacted_to = offset.min(self.end_offset());
    }
}

fn load(
    dir: &Path,
    bases: &BTreeSet<Offset>,
    config: &LogConfig,
    mode: OpenMode,
    now_ms: i64,
) -> Result<Loaded, LogError> {
    let mut loaded = Loaded {
        segments: Vec::new(),
        end: Offset::ZERO,
        epochs: read_epochs(dir)?,
        report: RecoveryReport::default(),
        doomed: Vec::new(),
    };
    let bases: Vec<Offset> = bases.iter().copied().collect();
    for (index, &base) in bases.iter().enumerate() {
        let next_base = bases.get(index + 1).copied();
        let unflushed = match mode {
            OpenMode::Clean => false,
            OpenMode::Recover { recovery_point } => next_base.is_none_or(|next| next > recovery_point),
        };
        let durable_to = match mode {
            OpenMode::Recover { recovery_point } if unflushed => recovery_point,
            _ => Offset::ZERO,
        };
        let trusted = if unflushed { None } else { Segment::open(dir, base, now_ms)? };
        if let Some(segment) = trusted {
            // Only the newest segment's end is unknown; the others end where the next begins.
            let end = match next_base {
                Some(next) => Some(next),
                None => segment.next_offset()?,
            };
            if let Some(end) = end {
                loaded.segments.push(Arc::new(segment));
                loaded.end = end;
                continue;
            }
        }

        let mut newer_epochs = Vec::new();
        let rebuilt =
            Segment::rebuild(dir, base, durable_to, config, now_ms, &mut |header: &BatchHeader| {
                let epoch = header.partition_leader_epoch;
                if newer_epochs.last().is_none_or(|&(known, _)| epoch > known) {
                    newer_epochs.push((epoch, header.base_offset));
                }
            })?;
        for (epoch, start) in newer_epochs {
            loaded.epochs.assign(epoch, start);
        }
        loaded.report.segments_checked += 1;
        loaded.report.batches_checked += rebuilt.batches;
        let may_cut = unflushed || next_base.is_none();
        let whole = loaded.keep(rebuilt, may_cut)?;
        if !whole {
            for &later in &bases[index + 1..] {
                loaded.doom(dir, later)?;
            }
            break;
        }
    }
    Ok(loaded)
}

impl Loaded {
    /// Takes a segment that was read in full; false when it had to be cut, so that the log ends with it.
    fn keep(&mut self, rebuilt: Rebuilt, may_cut: bool) -> Result<bool, LogError> {
        let Rebuilt { segment, next_offset, problem, bytes_beyond, .. } = rebuilt;
        self.end = next_offset;
        let Some((position, problem)) = problem else {
            self.segments.push(Arc::new(segment));
            return Ok(true);
        };
        if !may_cut {
            return Err(LogError::Damaged { path: segment.path().to_path_buf(), position, problem });
        }
        segment.cut_to_published()?;
        self.report.truncated =
            Some(Truncation { offset: next_offset, bytes_lost: bytes_beyond, reason: problem.to_string() });
        self.segments.push(Arc::new(segment));
        Ok(false)
    }

    /// Takes a segment's files out of the log; they go with the first maintenance.
    fn doom(&mut self, dir: &Path, base: Offset) -> Result<(), LogError> {
        for extension in [LOG, INDEX, TIME_INDEX, TXN_INDEX] {
            let path = files::segment_file(dir, base, extension);
            let doomed = path.with_added_extension(DELETED);
            files::rename(&path, &doomed)?;
            self.doomed.push(doomed);
        }
        Ok(())
    }
}

/// The base offsets of the `.log` files, and the offsets of the `.snapshot` files. Removes what an earlier run left behind: deleted segments' files and
/// indexes without a log.
fn segment_bases(dir: &Path) -> Result<(BTreeSet<Offset>, BTreeSet<Offset>), LogError> {
    let (mut bases, mut snapshots) = (BTreeSet::new(), BTreeSet::new());
    let mut indexes = Vec::new();
    let entries = fs::read_dir(dir).map_err(LogError::io("list", dir))?;
    for entry in entries {
        let entry = entry.map_err(LogError::io("list", dir))?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        match files::parse_segment_file(name) {
            Some((base, LOG)) => {
                bases.insert(base);
            }
            Some((offset, SNAPSHOT)) => {
                snapshots.insert(offset);
            }
            Some((base, INDEX | TIME_INDEX | TXN_INDEX)) => indexes.push((base, entry.path())),
            Some((_, extension)) if extension.ends_with(DELETED) => files::remove(&entry.path())?,
            _ => {}
        }
    }
    for (_, path) in indexes.iter().filter(|(base, _)| !bases.contains(base)) {
        files::remove(path)?;
    }
    Ok((bases, snapshots))
}

fn read_epochs(dir: &Path) -> Result<EpochCache, LogError> {
    let path = dir.join(EPOCHS_FILE);
    match files::read_text(&path)? {
        Some(text) => EpochCache::parse(&text).map_err(|problem| problem.at(&path)),
        None => Ok(EpochCache::default()),
    }
}
