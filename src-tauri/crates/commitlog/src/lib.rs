//! A partition's log on disk, in Kafka's layout: segments, indexes, recovery, retention, compaction.
//!
//! [`LogDir`] is the directory of all partitions and the checkpoints beside them; [`PartitionLog`] is one
//! partition. Batches are bytes here: offsets and the leader epoch are patched in, records are looked into only
//! to compact or to find a timestamp. Time arrives as an argument, nothing runs by itself: the owner calls
//! [`LogDir::maintain`] now and then. File names and formats are Apache Kafka's, so that its own
//! `kafka-dump-log.sh` reads what this writes.
//!
//! [`Producers`] is what a partition knows of its producers. The owner keeps it, for it says what may be appended;
//! the log keeps its snapshots, restores it ([`PartitionLog::restore_producers`]) and knows which transactions
//! were aborted ([`PartitionLog::aborted`]).

mod buffers;
mod config;
mod dir;
mod error;
mod files;
mod log;
mod partition;
mod producers;
mod segment;
mod text;

pub use config::{Cleanup, LogConfig};
pub use dir::{DamagedPartition, LogDir, LogDirOptions, OpenReport};
pub use error::{LogDirError, LogError, ReadError};
pub use log::{
    Aborting, AppendInfo, CompactionStats, DeletedSegment, OpenMode, PartitionLog, ReadChunk, RecoveryReport,
    Truncation,
};
pub use partition::{TOPIC_CHARS_MAX, TopicPartition, check_topic_name};
pub use producers::{AbortedTransaction, Ended, Producer, ProducerError, Producers, Verdict, Verified};
pub use text::{parse_uuid, random_uuid, uuid_text};
pub use wire::batch::Offset;
