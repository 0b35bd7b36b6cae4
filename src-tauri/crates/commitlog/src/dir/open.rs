use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use parking_lot::{Mutex, RwLock};
use wire::batch::Offset;

use super::checkpoints::{self, Written};
use super::{
    CLEAN_SHUTDOWN_FILE, ConfigFor, DamagedPartition, LOCK_FILE, LogDir, LogDirOptions, META_FILE,
    OpenReport, PARTITION_METADATA_FILE, Partition, limits,
};
use crate::text::{MetaProperties, parse_partition_metadata, random_uuid, uuid_text};
use crate::{
    LogConfig, LogDirError, LogError, OpenMode, PartitionLog, RecoveryReport, TopicPartition, files,
};

/// What a partition is opened with.
struct Job {
    name: TopicPartition,
    dir: PathBuf,
    mode: OpenMode,
    log_start: Offset,
    compacted_to: Offset,
}

type Outcome = (TopicPartition, Result<(Partition, RecoveryReport), LogError>);

impl LogDir {
    /// Opens the directory, or makes one, and every partition in it. After an unclean stop each partition is
    /// recovered from its recovery point. A partition that cannot be opened is reported and left alone.
    ///
    /// # Errors
    /// When another process holds the directory, it belongs to another node, or it cannot be read or written.
    pub fn open(
        root: &Path,
        options: &LogDirOptions,
        config_for: &(dyn Fn(&TopicPartition) -> LogConfig + Sync),
        now_ms: i64,
    ) -> Result<(LogDir, OpenReport), LogDirError> {
        fs::create_dir_all(root).map_err(LogError::io("create", root))?;
        let lock = lock(root)?;
        limits::raise_open_files();
        let (meta, is_new) = meta(root, options)?;
        let marker = root.join(CLEAN_SHUTDOWN_FILE);
        let (found, doomed) = partition_dirs(root)?;
        let clean = marker.exists() || (is_new && found.is_empty());
        // From here on a stop is unclean until `close` says otherwise.
        files::remove(&marker)?;

        let jobs = jobs(root, found, clean);
        let mut report = OpenReport { clean, ..OpenReport::default() };
        let mut partitions = BTreeMap::new();
        for (name, outcome) in open_all(jobs, options.threads, config_for, now_ms) {
            match outcome {
                Ok((partition, recovery)) => {
                    partitions.insert(name.clone(), partition);
                    report.opened.push((name, recovery));
                }
                Err(error) => {
                    tracing::error!(partition = %name, %error, "partition set aside");
                    report.damaged.push(DamagedPartition { partition: name, error: Arc::new(error) });
                }
            }
        }
        report.opened.sort_by(|a, b| a.0.cmp(&b.0));
        let log_dir = LogDir {
            root: root.to_path_buf(),
            meta,
            partitions: RwLock::new(partitions),
            damaged: RwLock::new(report.damaged.clone()),
            checkpoints: Mutex::new(Written::default()),
            created: AtomicBool::new(false),
            doomed: Mutex::new(doomed.into_iter().map(|path| (now_ms, path)).collect()),
            _lock: lock,
        };
        Ok((log_dir, report))
    }
}

fn lock(root: &Path) -> Result<File, LogDirError> {
    let path = root.join(LOCK_FILE);
    let file = files::open_rw(&path).map_err(LogError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LogDirError::Locked { path: root.to_path_buf() }),
        Err(TryLockError::Error(error)) => Err(LogError::io("lock", &path)(error).into()),
    }
}

/// Reads `meta.properties`, or writes one; true when it is new. A directory without an id gets one, as in Kafka.
fn meta(root: &Path, options: &LogDirOptions) -> Result<(MetaProperties, bool), LogDirError> {
    let path = root.join(META_FILE);
    if let Some(text) = files::read_text(&path)? {
        let mut meta = MetaProperties::parse(&text).map_err(|problem| problem.at(&path))?;
        if meta.node_id != options.node_id {
            return Err(LogDirError::OtherNode { path, found: meta.node_id, wanted: options.node_id });
        }
        if meta.directory_id.is_none() {
            meta.directory_id = Some(random_uuid());
            files::write_atomically(&path, &meta.format())?;
        }
        return Ok((meta, false));
    }
    let meta = MetaProperties {
        node_id: options.node_id,
        cluster_id: options.cluster_id.clone().unwrap_or_else(|| uuid_text(random_uuid())),
        directory_id: Some(random_uuid()),
    };
    files::write_atomically(&path, &meta.format())?;
    Ok((meta, true))
}

/// A partition and its directory.
type Found = (TopicPartition, PathBuf);

/// The directories of partitions, and those an earlier run meant to delete.
fn partition_dirs(root: &Path) -> Result<(Vec<Found>, Vec<PathBuf>), LogError> {
    let (mut found, mut doomed) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(root).map_err(LogError::io("list", root))? {
        let entry = entry.map_err(LogError::io("list", root))?;
        let dir = entry.path();
        let file_name = entry.file_name();
        let Some(dir_name) = file_name.to_str().filter(|_| dir.is_dir()) else { continue };
        if dir_name.ends_with("-delete") && dir_name.contains('.') {
            doomed.push(dir);
        } else if let Some(name) = TopicPartition::parse_dir_name(dir_name) {
            found.push((name, dir));
        }
    }
    Ok((found, doomed))
}

/// What the checkpoints say about each partition.
fn jobs(root: &Path, found: Vec<Found>, clean: bool) -> Vec<Job> {
    let recovery_points = checkpoints::read(root, checkpoints::RECOVERY_POINT);
    let log_starts = checkpoints::read(root, checkpoints::LOG_START);
    let compacted = checkpoints::read(root, checkpoints::CLEANER);
    let job = |(name, dir): Found| {
        let mode = if clean {
            OpenMode::Clean
        } else {
            OpenMode::Recover { recovery_point: offset_in(&recovery_points, &name) }
        };
        let (log_start, compacted_to) = (offset_in(&log_starts, &name), offset_in(&compacted, &name));
        Job { name, dir, mode, log_start, compacted_to }
    };
    found.into_iter().map(job).collect()
}

fn offset_in(offsets: &BTreeMap<TopicPartition, Offset>, name: &TopicPartition) -> Offset {
    offsets.get(name).copied().unwrap_or_default()
}

/// Opens partitions on several threads, each taking the next when it is done with one.
fn open_all(jobs: Vec<Job>, threads: usize, config_for: ConfigFor<'_>, now_ms: i64) -> Vec<Outcome> {
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    let threads = if threads == 0 { cores() } else { threads };
    let threads = threads.min(jobs.len());
    let queue = Mutex::new(jobs);
    let outcomes = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(job) = queue.lock().pop() else { return };
            let outcome = open_one(&job, config_for(&job.name), now_ms);
            outcomes.lock().push((job.name, outcome));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    outcomes.into_inner()
}

fn open_one(job: &Job, config: LogConfig, now_ms: i64) -> Result<(Partition, RecoveryReport), LogError> {
    let path = job.dir.join(PARTITION_METADATA_FILE);
    let topic_id = match files::read_text(&path)? {
        // Empty: made just before the power went, and never synced.
        Some(text) if text.is_empty() => None,
        Some(text) => Some(parse_partition_metadata(&text).map_err(|problem| problem.at(&path))?),
        None => None,
    };
    let (log, report) = PartitionLog::open(&job.dir, config, job.mode, job.log_start, now_ms)?;
    log.set_compacted_to(job.compacted_to);
    Ok((Partition { log: Arc::new(log), topic_id }, report))
}
