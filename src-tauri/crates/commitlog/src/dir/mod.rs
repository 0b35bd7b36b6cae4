//! The directory of all partitions, and the checkpoints and metadata beside them.

mod checkpoints;
mod limits;
mod open;
mod partitions;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parking_lot::{Mutex, RwLock};
use uuid::Uuid;

use crate::text::MetaProperties;
use crate::{LogConfig, LogDirError, LogError, PartitionLog, RecoveryReport, TopicPartition};
use crate::{buffers, files};

const LOCK_FILE: &str = ".lock";
const META_FILE: &str = "meta.properties";
const CLEAN_SHUTDOWN_FILE: &str = ".kafka_cleanshutdown";
const PARTITION_METADATA_FILE: &str = "partition.metadata";

/// The directory of all partitions, held by one process at a time.
#[derive(Debug)]
pub struct LogDir {
    root: PathBuf,
    meta: MetaProperties,
    partitions: RwLock<BTreeMap<TopicPartition, Partition>>,
    damaged: RwLock<Vec<DamagedPartition>>,
    checkpoints: Mutex<checkpoints::Written>,
    /// Partitions were made whose directories are not yet synced.
    created: AtomicBool,
    /// Directories renamed to `…-delete`, and when they may go.
    doomed: Mutex<Vec<(i64, PathBuf)>>,
    /// Locked as long as this lives.
    _lock: File,
}

#[derive(Debug, Clone)]
struct Partition {
    log: Arc<PartitionLog>,
    topic_id: Option<Uuid>,
}

/// How to open a log directory.
#[derive(Debug, Clone, Default)]
pub struct LogDirOptions {
    /// For a new directory; an existing one must be of the same node.
    pub node_id: i32,
    /// For a new directory; an existing one keeps its own. `None` makes one up.
    pub cluster_id: Option<String>,
    /// Threads that open partitions side by side; 0: one per core.
    pub threads: usize,
}

/// What opening a log directory found.
#[derive(Debug, Default)]
pub struct OpenReport {
    /// The last stop was a proper one (or the directory is new).
    pub clean: bool,
    /// Every partition that is ready, and what it took.
    pub opened: Vec<(TopicPartition, RecoveryReport)>,
    pub damaged: Vec<DamagedPartition>,
}

/// A partition that cannot be used. Its files are left as they are.
#[derive(Debug, Clone)]
pub struct DamagedPartition {
    pub partition: TopicPartition,
    pub error: Arc<LogError>,
}

impl LogDir {
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    #[must_use]
    pub fn cluster_id(&self) -> &str {
        &self.meta.cluster_id
    }

    #[must_use]
    pub fn node_id(&self) -> i32 {
        self.meta.node_id
    }

    /// The directory's own id (KIP-858).
    #[must_use]
    pub fn directory_id(&self) -> Uuid {
        self.meta.directory_id.unwrap_or_default()
    }

    #[must_use]
    pub fn get(&self, partition: &TopicPartition) -> Option<Arc<PartitionLog>> {
        self.partitions.read().get(partition).map(|found| Arc::clone(&found.log))
    }

    /// The id in the partition's `partition.metadata`, if it has one.
    #[must_use]
    pub fn topic_id(&self, partition: &TopicPartition) -> Option<Uuid> {
        self.partitions.read().get(partition).and_then(|found| found.topic_id)
    }

    /// All usable partitions, ordered by topic and number.
    #[must_use]
    pub fn partitions(&self) -> Vec<(TopicPartition, Arc<PartitionLog>)> {
        let partitions = self.partitions.read();
        partitions.iter().map(|(name, found)| (name.clone(), Arc::clone(&found.log))).collect()
    }

    /// The partitions that could not be opened.
    #[must_use]
    pub fn damaged(&self) -> Vec<DamagedPartition> {
        self.damaged.read().clone()
    }

    /// What a partition's owner calls every few seconds, from a thread that may block: `flush.ms`, the
    /// durability of rolled segments, deletion of what was removed, and the checkpoints. A partition that fails
    /// is logged and does not keep the others. Compaction is [`PartitionLog::compact`].
    pub fn maintain(&self, now_ms: i64) {
        for (name, log) in self.partitions() {
            let steps = log
                .flush_if_waiting(now_ms)
                .and_then(|()| log.flush_for_recovery())
                .and_then(|()| log.remove_doomed(now_ms));
            if let Err(error) = steps {
                tracing::warn!(partition = %name, %error, "log maintenance failed");
            }
        }
        if let Err(error) = self.checkpoint() {
            tracing::warn!(%error, "checkpoints not written");
        }
        self.remove_doomed(now_ms);
        buffers::release();
    }

    /// Retention of every partition, as seldom as Kafka looks for it (`log.retention.check.interval.ms`):
    /// records older than `retention.ms` can be read until then.
    pub fn apply_retention(&self, now_ms: i64) {
        for (name, log) in self.partitions() {
            match log.apply_retention(now_ms) {
                Ok(deleted) if deleted.is_empty() => {}
                Ok(deleted) => {
                    let bytes: u64 = deleted.iter().map(|segment| segment.bytes).sum();
                    tracing::info!(partition = %name, segments = deleted.len(), bytes, "segments expired");
                }
                Err(error) => tracing::warn!(partition = %name, %error, "retention failed"),
            }
        }
    }

    /// Makes everything durable, writes the checkpoints and notes that the stop was a proper one. The logs
    /// refuse appends from now on.
    ///
    /// # Errors
    /// When the disk refuses; then the next start recovers as after a crash.
    pub fn close(&self) -> Result<(), LogDirError> {
        for (_, log) in self.partitions() {
            log.close()?;
        }
        self.checkpoint()?;
        let marker = self.root.join(CLEAN_SHUTDOWN_FILE);
        files::write_atomically(&marker, "{\"version\":0,\"brokerEpoch\":-1}")?;
        Ok(())
    }
}

/// What a partition's configuration is, asked while it is opened.
pub(crate) type ConfigFor<'a> = &'a (dyn Fn(&TopicPartition) -> LogConfig + Sync);
