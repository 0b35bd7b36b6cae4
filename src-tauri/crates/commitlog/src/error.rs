use std::io;
use std::path::{Path, PathBuf};

use wire::batch::{BatchError, Offset};

/// Why the log could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    /// The bytes given to append are not whole batches. Nothing was written.
    #[error("the batch cannot be appended: {0}")]
    Batch(#[from] BatchError),
    #[error("the offsets of {} are used up", dir.display())]
    OffsetsExhausted { dir: PathBuf },
    /// An earlier flush failed for another reason than a full disk. The system may have dropped what it could not
    /// write, and would not say so again: nothing more is appended until a restart has read what is there.
    #[error("the disk failed to make {} durable; replace it or restart to use what it kept", dir.display())]
    SyncFailed { dir: PathBuf },
    /// A segment that should be sound is not. The partition is set aside; its files are not touched.
    #[error(
        "{} is damaged at byte {position}: {problem}; restore the file, or move the partition's directory away",
        path.display()
    )]
    Damaged { path: PathBuf, position: u64, problem: BatchError },
    /// A checkpoint or metadata file does not read as one.
    #[error("{} line {line}: {problem}", path.display())]
    Text { path: PathBuf, line: usize, problem: String },
    /// Closed, or its topic was deleted.
    #[error("the log in {} is closed", dir.display())]
    Closed { dir: PathBuf },
    /// By whoever sets its pace. What is compacted so far stays so, and the rest has its turn the next time.
    #[error("the compaction in {} was stopped", dir.display())]
    CompactionStopped { dir: PathBuf },
}

impl LogError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LogError {
        move |source| LogError::Io { action, path: path.to_path_buf(), source }
    }
}

/// Why a read failed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The log holds `start..end`; `end` itself may be asked for and reads as nothing.
    #[error("offset {wanted} is outside {start}..{end}")]
    OffsetOutOfRange { wanted: Offset, start: Offset, end: Offset },
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Why a log directory could not be opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum LogDirError {
    #[error("{} is in use by another process; stop it, or choose another data directory", path.display())]
    Locked { path: PathBuf },
    #[error(
        "{} belongs to node {found}, not {wanted}; choose another data directory or keep the node id",
        path.display()
    )]
    OtherNode { path: PathBuf, found: i32, wanted: i32 },
    #[error("partition {0} exists already")]
    PartitionExists(crate::TopicPartition),
    #[error("partition {0} is not here")]
    NoSuchPartition(crate::TopicPartition),
    #[error("{0:?} is no topic name: 1 to 249 letters, digits, dots, underscores and hyphens")]
    TopicName(String),
    #[error(transparent)]
    Log(#[from] LogError),
}
