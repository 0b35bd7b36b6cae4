//! Every topic of the broker: made, found, grown, configured, deleted.
//!
//! A topic's partitions are directories of the log directory; its id is in each `partition.metadata`. What
//! Kafka keeps in its controller's log (configuration, number of partitions) is in `topic.json` beside the log
//! of partition 0, so it comes and goes with the topic.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use commitlog::{LogConfig, LogDir, LogDirError, TopicPartition, random_uuid};
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};
use wire::Uuid;

use crate::configs::{ConfigError, Settings, check_topic};
use crate::groups::{Catalog, TopicInfo};
use crate::partition::Partition;
use crate::topic::Topic;
use crate::{files, topic};

/// Partitions of one topic.
const PARTITIONS_MAX: i32 = 10_000;

const TOPIC_FILE: &str = "topic.json";

/// Why a topic was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum TopicError {
    #[error("Topic name is invalid: {}", name_problem(name))]
    Name { name: String },
    #[error("Topic '{name}' collides with existing topic: {other}")]
    Collides { name: String, other: String },
    #[error("Topic '{0}' already exists.")]
    Exists(String),
    #[error("This server does not host topic '{0}'.")]
    Unknown(String),
    #[error("{0}")]
    Partitions(String),
    #[error("{0}")]
    Replication(String),
    #[error("{0}")]
    Assignment(String),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Request(String),
    #[error("'{0}' is the broker's own topic.")]
    Internal(String),
    #[error("The disk refused: {0}")]
    Storage(String),
}

/// What Kafka says of a name that no topic may have.
fn name_problem(name: &str) -> String {
    match name {
        "" => "the empty string is not allowed".to_owned(),
        "." | ".." => format!("'{name}' is not allowed"),
        _ if name.len() > commitlog::TOPIC_CHARS_MAX => format!(
            "the length of '{name}' is longer than the max allowed length {}",
            commitlog::TOPIC_CHARS_MAX
        ),
        _ => format!(
            "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        ),
    }
}

impl From<LogDirError> for TopicError {
    fn from(error: LogDirError) -> Self {
        match error {
            LogDirError::TopicName(name) => TopicError::Name { name },
            LogDirError::PartitionExists(partition) => TopicError::Exists(partition.topic),
            LogDirError::NoSuchPartition(partition) => TopicError::Unknown(partition.topic),
            LogDirError::Locked { .. } | LogDirError::OtherNode { .. } | LogDirError::Log(_) => {
                TopicError::Storage(error.to_string())
            }
        }
    }
}

/// A topic to be made, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicPlan {
    pub(crate) name: String,
    pub(crate) partitions: i32,
    pub(crate) configs: BTreeMap<String, String>,
}

/// What `topic.json` holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct TopicFile {
    partitions: i32,
    configs: BTreeMap<String, String>,
}

/// Every topic of the broker.
pub(crate) struct Topics {
    dir: Arc<LogDir>,
    settings: RwLock<Arc<Settings>>,
    /// `broker.rack`, which nobody changes while the broker runs.
    rack: Option<String>,
    known: RwLock<Known>,
    /// Held by whoever makes, grows or deletes.
    changing: Mutex<()>,
    /// Counts every topic made, grown or deleted.
    version: AtomicU64,
    /// Counts every configuration set.
    configured: AtomicU64,
    now_ms: Box<dyn Fn() -> i64 + Send + Sync>,
}

#[derive(Default)]
struct Known {
    by_name: BTreeMap<String, Arc<Topic>>,
    by_id: HashMap<Uuid, Arc<Topic>>,
    /// Names with '.' and '_' taken for one, as they are in metrics.
    blurred: HashMap<String, String>,
}

impl Known {
    fn insert(&mut self, topic: Arc<Topic>) {
        self.blurred.insert(blur(&topic.name), topic.name.clone());
        self.by_id.insert(topic.id, Arc::clone(&topic));
        self.by_name.insert(topic.name.clone(), topic);
    }

    fn remove(&mut self, topic: &Topic) {
        self.blurred.remove(&blur(&topic.name));
        self.by_id.remove(&topic.id);
        self.by_name.remove(&topic.name);
    }
}

fn blur(name: &str) -> String {
    name.replace('.', "_")
}

/// The files of every topic under `root`, by topic: read before the logs are opened, which need them.
pub(crate) fn read_topic_files(root: &Path) -> std::io::Result<HashMap<String, TopicFile>> {
    let mut found = HashMap::new();
    let entries = match std::fs::read_dir(root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let partition = name.to_str().and_then(TopicPartition::parse_dir_name);
        let Some(TopicPartition { topic, partition: 0 }) = partition else { continue };
        let path = entry.path().join(TOPIC_FILE);
        match std::fs::read(&path) {
            Ok(bytes) => match serde_json::from_slice::<TopicFile>(&bytes) {
                Ok(file) => {
                    found.insert(topic, file);
                }
                Err(error) => {
                    warn!(path = %path.display(), %error, "topic configuration unreadable, defaults used");
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// A partition's log configuration.
pub(crate) fn log_config(
    settings: &Settings,
    files: &HashMap<String, TopicFile>,
    partition: &TopicPartition,
) -> LogConfig {
    let none = BTreeMap::new();
    let configs = files.get(&partition.topic).map_or(&none, |file| &file.configs);
    settings.for_topic(configs).log
}

impl Topics {
    /// Every topic found in an open log directory.
    pub(crate) fn open(
        dir: Arc<LogDir>,
        settings: Arc<Settings>,
        mut files: HashMap<String, TopicFile>,
        now_ms: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Result<Self, TopicError> {
        let mut partitions: BTreeMap<String, Vec<Arc<Partition>>> = BTreeMap::new();
        let mut ids: HashMap<String, Uuid> = HashMap::new();
        for (name, log) in dir.partitions() {
            if let Some(id) = dir.topic_id(&name) {
                ids.entry(name.topic.clone()).or_insert(Uuid(id.into_bytes()));
            }
            let partition = Arc::new(Partition::new(&name.topic, name.partition, log));
            partitions.entry(name.topic).or_default().push(partition);
        }
        let topics = Self {
            dir,
            rack: Some(settings.text("broker.rack").to_owned()).filter(|rack| !rack.is_empty()),
            settings: RwLock::new(Arc::clone(&settings)),
            known: RwLock::default(),
            changing: Mutex::default(),
            version: AtomicU64::new(0),
            configured: AtomicU64::new(0),
            now_ms: Box::new(now_ms),
        };
        for (name, partitions) in partitions {
            let file = files.remove(&name).unwrap_or_default();
            // Directories of older tools may lack an id; one for this run does.
            let id = ids.get(&name).copied().unwrap_or_else(|| Uuid(random_uuid().into_bytes()));
            let has = partitions.last().map_or(0, |last| last.index + 1);
            let in_force = settings.for_topic(&file.configs);
            let topic = Topic::new(name, id, partitions, file.configs, in_force);
            if has < file.partitions {
                // A stop in the middle of making it.
                let more =
                    topics.make_partitions(&topic.name, id, has..file.partitions, &topic.settings().log)?;
                topic.extend(more);
            }
            topics.known.write().insert(Arc::new(topic));
        }
        Ok(topics)
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<Topic>> {
        self.known.read().by_name.get(name).cloned()
    }

    pub(crate) fn by_id(&self, id: Uuid) -> Option<Arc<Topic>> {
        self.known.read().by_id.get(&id).cloned()
    }

    /// Every topic, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Topic>> {
        self.known.read().by_name.values().cloned().collect()
    }

    /// Checks a topic to be made.
    pub(crate) fn check(&self, plan: &TopicPlan) -> Result<(), TopicError> {
        self.check_new_name(&plan.name)?;
        check_topic(&plan.configs)?;
        if plan.partitions < 1 || plan.partitions > PARTITIONS_MAX {
            return Err(TopicError::Partitions(format!(
                "Number of partitions must be from 1 to {PARTITIONS_MAX}, not {}.",
                plan.partitions
            )));
        }
        Ok(())
    }

    /// Whether a topic of this name may be made.
    pub(crate) fn check_new_name(&self, name: &str) -> Result<(), TopicError> {
        commitlog::check_topic_name(name)?;
        let known = self.known.read();
        if known.by_name.contains_key(name) {
            return Err(TopicError::Exists(name.to_owned()));
        }
        if let Some(other) = known.blurred.get(&blur(name)) {
            return Err(TopicError::Collides { name: name.to_owned(), other: other.clone() });
        }
        Ok(())
    }

    /// Makes a topic.
    pub(crate) fn create(&self, plan: TopicPlan) -> Result<Arc<Topic>, TopicError> {
        let _one_at_a_time = self.changing.lock();
        self.check(&plan)?;
        let id = Uuid(random_uuid().into_bytes());
        let settings = self.settings.read().for_topic(&plan.configs);
        let mut partitions = self.make_partitions(&plan.name, id, 0..1, &settings.log)?;
        let file = TopicFile { partitions: plan.partitions, configs: plan.configs.clone() };
        if plan.partitions > 1 || !plan.configs.is_empty() {
            self.write_file(&plan.name, &file)?;
        }
        partitions.extend(self.make_partitions(&plan.name, id, 1..plan.partitions, &settings.log)?);
        info!(topic = %plan.name, partitions = plan.partitions, "topic created");
        let topic = Arc::new(Topic::new(plan.name, id, partitions, plan.configs, settings));
        self.known.write().insert(Arc::clone(&topic));
        self.version.fetch_add(1, Ordering::SeqCst);
        Ok(topic)
    }

    /// Adds partitions until there are `count`.
    pub(crate) fn grow(&self, topic: &Topic, count: i32) -> Result<(), TopicError> {
        let _one_at_a_time = self.changing.lock();
        if count > PARTITIONS_MAX {
            return Err(TopicError::Partitions(format!(
                "A topic has {PARTITIONS_MAX} partitions at most, not {count}."
            )));
        }
        let has = topic.partitions().last().map_or(0, |last| last.index + 1);
        self.write_file(&topic.name, &TopicFile { partitions: count, configs: topic.configs() })?;
        let more = self.make_partitions(&topic.name, topic.id, has..count, &topic.settings().log)?;
        topic.extend(more);
        self.version.fetch_add(1, Ordering::SeqCst);
        info!(topic = %topic.name, partitions = count, "partitions added");
        Ok(())
    }

    /// Deletes a topic and all its records.
    pub(crate) fn delete(&self, name: &str) -> Result<(), TopicError> {
        let _one_at_a_time = self.changing.lock();
        let topic = self.get(name).ok_or_else(|| TopicError::Unknown(name.to_owned()))?;
        self.known.write().remove(&topic);
        self.version.fetch_add(1, Ordering::SeqCst);
        let mut failed = None;
        // The last first: after a stop in the middle what is left is a smaller topic, not a torn one.
        for partition in topic.partitions().iter().rev() {
            let at = TopicPartition::new(&topic.name, partition.index);
            if let Err(error) = self.dir.delete_partition(&at, (self.now_ms)()) {
                warn!(partition = %at, %error, "partition not deleted");
                failed = Some(error);
            }
            partition.wake(0);
        }
        info!(topic = %topic.name, "topic deleted");
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    /// How often a topic was made, grown, configured or deleted since the start.
    pub(crate) fn changes(&self) -> u64 {
        self.version.load(Ordering::SeqCst) + self.configured.load(Ordering::SeqCst)
    }

    /// Sets a topic's configuration.
    pub(crate) fn set_configs(
        &self,
        topic: &Topic,
        configs: BTreeMap<String, String>,
    ) -> Result<(), TopicError> {
        let _one_at_a_time = self.changing.lock();
        check_topic(&configs)?;
        let partitions = topic.partitions().last().map_or(0, |last| last.index + 1);
        self.write_file(&topic.name, &TopicFile { partitions, configs: configs.clone() })?;
        let settings = self.settings.read().for_topic(&configs);
        topic.configure(configs, settings);
        self.configured.fetch_add(1, Ordering::SeqCst);
        info!(topic = %topic.name, "topic configuration changed");
        Ok(())
    }

    /// Takes over changed defaults.
    pub(crate) fn set_defaults(&self, settings: Arc<Settings>) {
        let _one_at_a_time = self.changing.lock();
        *self.settings.write() = Arc::clone(&settings);
        for topic in self.all() {
            let configs = topic.configs();
            let in_force = settings.for_topic(&configs);
            topic.configure(configs, in_force);
        }
    }

    fn make_partitions(
        &self,
        name: &str,
        id: Uuid,
        indexes: std::ops::Range<i32>,
        config: &LogConfig,
    ) -> Result<Vec<Arc<Partition>>, TopicError> {
        let id = uuid::Uuid::from_bytes(id.0);
        let mut made = Vec::new();
        for index in indexes {
            let at = TopicPartition::new(name, index);
            let log = self.dir.create_partition(&at, id, config.clone(), (self.now_ms)())?;
            made.push(Arc::new(Partition::new(name, index, log)));
        }
        Ok(made)
    }

    fn write_file(&self, topic: &str, file: &TopicFile) -> Result<(), TopicError> {
        let dir: PathBuf = self.dir.root().join(TopicPartition::new(topic, 0).dir_name());
        files::write_json(&dir.join(TOPIC_FILE), file).map_err(|error| TopicError::Storage(error.to_string()))
    }
}

impl Catalog for Topics {
    fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }

    fn topic(&self, name: &str) -> Option<TopicInfo> {
        let topic = self.get(name)?;
        let partitions = topic.partitions().last().map_or(0, |last| last.index + 1);
        Some(TopicInfo { id: topic.id, partitions })
    }

    fn name(&self, id: Uuid) -> Option<String> {
        self.by_id(id).map(|topic| topic.name.clone())
    }

    fn names(&self) -> Vec<String> {
        self.known.read().by_name.keys().cloned().collect()
    }

    fn rack(&self) -> Option<&str> {
        self.rack.as_deref()
    }
}

/// What `__transaction_state` is made with.
pub(crate) fn transactions_topic(settings: &Settings) -> TopicPlan {
    let configs = [
        ("cleanup.policy", "compact"),
        ("compression.type", "uncompressed"),
        ("segment.bytes", settings.text("transaction.state.log.segment.bytes")),
    ];
    TopicPlan {
        name: topic::TRANSACTIONS_TOPIC.to_owned(),
        partitions: i32::try_from(settings.number("transaction.state.log.num.partitions")).unwrap_or(1),
        configs: configs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}

/// What `__consumer_offsets` is made with.
pub(crate) fn offsets_topic(settings: &Settings) -> TopicPlan {
    let configs = [
        ("cleanup.policy", "compact"),
        ("compression.type", "producer"),
        ("segment.bytes", settings.text("offsets.topic.segment.bytes")),
    ];
    TopicPlan {
        name: topic::OFFSETS_TOPIC.to_owned(),
        partitions: i32::try_from(settings.number("offsets.topic.num.partitions")).unwrap_or(1),
        configs: configs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}
