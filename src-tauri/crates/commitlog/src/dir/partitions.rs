use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use uuid::Uuid;
use wire::batch::Offset;

use super::{LogDir, PARTITION_METADATA_FILE, Partition};
use crate::text::format_partition_metadata;
use crate::{
    LogConfig, LogDirError, LogError, OpenMode, PartitionLog, TopicPartition, check_topic_name, files,
};

/// Longer names are cut before the suffixes that mark a directory for deletion: 255 bytes are the usual limit.
const DOOMED_NAME_CHARS_MAX: usize = 200;

impl LogDir {
    /// Makes an empty partition. A topic of many is made without waiting for the disk: the next
    /// [`LogDir::checkpoint`], or the first flush of its records, makes it durable.
    ///
    /// # Errors
    /// When it exists, its name is not allowed, or the disk refuses.
    pub fn create_partition(
        &self,
        name: &TopicPartition,
        topic_id: Uuid,
        config: LogConfig,
        now_ms: i64,
    ) -> Result<Arc<PartitionLog>, LogDirError> {
        check_topic_name(&name.topic)?;
        let mut partitions = self.partitions.write();
        let dir = self.root.join(name.dir_name());
        if partitions.contains_key(name) || dir.exists() {
            return Err(LogDirError::PartitionExists(name.clone()));
        }
        fs::create_dir(&dir).map_err(LogError::io("create", &dir))?;
        let metadata = dir.join(PARTITION_METADATA_FILE);
        fs::write(&metadata, format_partition_metadata(topic_id))
            .map_err(LogError::io("write", &metadata))?;
        let (log, _) = PartitionLog::open(&dir, config, OpenMode::Clean, Offset::ZERO, now_ms)?;
        self.created.store(true, Ordering::Release);
        let log = Arc::new(log);
        let partition = Partition { log: Arc::clone(&log), topic_id: Some(topic_id) };
        partitions.insert(name.clone(), partition);
        Ok(log)
    }

    /// Removes a partition, usable or damaged: renames its directory at once, so that the name is free again;
    /// the files go with a later [`LogDir::maintain`], after `file.delete.delay.ms`.
    ///
    /// # Errors
    /// When there is no such partition or it cannot be renamed.
    pub fn delete_partition(&self, name: &TopicPartition, now_ms: i64) -> Result<(), LogDirError> {
        let mut partitions = self.partitions.write();
        let delay_ms = match partitions.get(name) {
            Some(partition) => {
                partition.log.abandon();
                partition.log.config().file_delete_delay_ms
            }
            None if self.damaged.read().iter().any(|damaged| damaged.partition == *name) => {
                LogConfig::default().file_delete_delay_ms
            }
            None => return Err(LogDirError::NoSuchPartition(name.clone())),
        };
        let dir = self.root.join(name.dir_name());
        let mut stem = name.dir_name();
        stem.truncate(DOOMED_NAME_CHARS_MAX);
        let doomed = self.root.join(format!("{stem}.{}-delete", Uuid::new_v4().simple()));
        fs::rename(&dir, &doomed).map_err(LogError::io("rename", &dir))?;
        partitions.remove(name);
        drop(partitions);
        self.damaged.write().retain(|damaged| damaged.partition != *name);
        self.doomed.lock().push((now_ms.saturating_add(delay_ms.max(0)), doomed));
        files::sync_dir_of(&dir).map_err(LogError::io("flush", &self.root))?;
        Ok(())
    }

    /// Deletes the directories of removed partitions whose time has come.
    pub(super) fn remove_doomed(&self, now_ms: i64) {
        let due: Vec<_> = {
            let mut doomed = self.doomed.lock();
            let (due, later) = doomed.drain(..).partition(|&(due, _)| due <= now_ms);
            *doomed = later;
            due
        };
        for (due, dir) in due {
            match fs::remove_dir_all(&dir) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::warn!(dir = %dir.display(), %error, "removed partition not deleted yet");
                    self.doomed.lock().push((due, dir));
                }
                _ => {}
            }
        }
    }
}
