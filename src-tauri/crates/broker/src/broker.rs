//! The broker as one value: open it, serve it, use it from this process, close it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use commitlog::{LogDir, LogDirError, LogDirOptions, ReadChunk, Verified};
use parking_lot::{Mutex, MutexGuard, RwLock};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};
use wire::ErrorCode;
use wire::batch::Offset;

use crate::append::{AppendContext, AppendError};
use crate::clock::Clock;
use crate::config::{AccessError, BrokerConfig, OpenError};
use crate::configs::{Settings, TopicSettings};
use crate::coordinator::Coordinator;
use crate::group_store::limits;
use crate::listening::Listening;
use crate::loggers::Loggers;
use crate::partition::Partition;
use crate::schemas::SchemaCheck;
use crate::seats::Seats;
use crate::security::Security;
use crate::security::listener::Listener;
use crate::server::Door;
use crate::sessions::Sessions;
use crate::share::{self, Shares};
use crate::state::{Quorum, StateFile};
use crate::stats::{BrokerStats, Counter};
use crate::topic::{OFFSETS_TOPIC, SHARE_STATE_TOPIC, TRANSACTIONS_TOPIC, Topic};
use crate::topics::{self, TopicError, TopicPlan, Topics};
use crate::transactions::{self, PendingOffsets};

/// "Never" for timeouts.
const FOR_EVER: Duration = Duration::from_secs(u32::MAX as u64);

/// A Kafka broker. Clones are the same broker.
#[derive(Clone)]
pub struct Broker {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Box<dyn Clock>,
    dir: Arc<LogDir>,
    state: StateFile,
    settings: RwLock<Arc<Settings>>,
    settings_changing: Mutex<()>,
    listening: Listening,
    topics: Topics,
    coordinator: Coordinator,
    transactions: transactions::Coordinator,
    pending_offsets: PendingOffsets,
    shares: Shares,
    sessions: Mutex<Sessions>,
    security: Security,
    seats: Seats,
    totals: Totals,
    stopping: CancellationToken,
    tasks: TaskTracker,
    background: AtomicBool,
    schemas: RwLock<Option<Arc<dyn SchemaCheck>>>,
    loggers: RwLock<Option<Arc<Loggers>>>,
}

/// Counters of the whole broker.
#[derive(Default)]
pub(crate) struct Totals {
    bytes_in: Counter,
    bytes_out: Counter,
    messages_in: Counter,
    pub(crate) requests: Counter,
    connections: Counter,
    connections_total: Counter,
}

impl Totals {
    pub(crate) fn connected(&self) {
        self.connections.add(1);
        self.connections_total.add(1);
    }

    pub(crate) fn disconnected(&self) {
        self.connections.sub(1);
    }
}

impl Broker {
    /// Opens the data in `config.log_dir`, or begins there. Recovers what an unclean stop left.
    pub fn open(config: BrokerConfig, clock: impl Clock) -> Result<Self, OpenError> {
        let root = config.log_dir.clone();
        std::fs::create_dir_all(&root).map_err(|source| OpenError::Read { path: root.clone(), source })?;
        let mut fixed = config.properties;
        fixed.entry("process.roles".into()).or_insert_with(|| "broker,controller".into());
        fixed.insert("node.id".into(), config.node_id.to_string());
        fixed.insert("broker.id".into(), config.node_id.to_string());
        fixed.insert("log.dirs".into(), root.display().to_string());
        fixed.insert("log.dir".into(), root.display().to_string());
        let files = topics::read_topic_files(&root)
            .map_err(|source| OpenError::Read { path: root.clone(), source })?;
        let state = StateFile::open(&root)?;
        let settings = Arc::new(Settings::new(fixed, state.configs())?);
        let options = LogDirOptions { node_id: config.node_id, cluster_id: config.cluster_id, threads: 0 };
        let config_for = |partition: &_| topics::log_config(&settings, &files, partition);
        let (dir, report) = LogDir::open(&root, &options, &config_for, clock.now_ms())?;
        for damaged in &report.damaged {
            error!(partition = %damaged.partition, error = %damaged.error, "partition set aside");
        }
        info!(clean = report.clean, partitions = report.opened.len(), dir = %root.display(), "log directory open");

        let dir = Arc::new(dir);
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let topics_clock = Arc::clone(&clock);
        let topics =
            Topics::open(Arc::clone(&dir), Arc::clone(&settings), files, move || topics_clock.now_ms())?;
        let security = Security::open(&root, &settings, config.users)?;
        let inner = Inner {
            security,
            seats: Seats::default(),
            coordinator: Coordinator::new(limits(&settings)),
            transactions: transactions::Coordinator::default(),
            pending_offsets: PendingOffsets::default(),
            shares: Shares::default(),
            sessions: Mutex::new(Sessions::new(
                usize::try_from(settings.number("max.incremental.fetch.session.cache.slots")).unwrap_or(0),
            )),
            clock: Box::new(SharedClock(clock)),
            dir,
            state,
            settings: RwLock::new(settings),
            settings_changing: Mutex::default(),
            listening: Listening::default(),
            topics,
            totals: Totals::default(),
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            background: AtomicBool::new(false),
            schemas: RwLock::default(),
            loggers: RwLock::default(),
        };
        let broker = Self { inner: Arc::new(inner) };
        broker.load_groups();
        broker.load_transactions();
        broker.load_share_states();
        Ok(broker)
    }

    /// Ends the broker's use: connections end, everything is made durable and marked as properly closed.
    /// Repeating it is fine.
    pub async fn close(&self) -> Result<(), LogDirError> {
        self.inner.stopping.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        for topic in self.inner.topics.all() {
            for partition in topic.partitions().iter() {
                partition.keep_producers();
            }
        }
        // It may hold a clone of this broker, and that the directory.
        *self.inner.schemas.write() = None;
        self.inner.dir.close()?;
        info!(dir = %self.log_dir().display(), "log directory closed");
        Ok(())
    }

    /// Has records of topics that ask for it checked by `check`. Until then such topics take none: clients try
    /// again. It is let go when the broker closes: it may hold a clone of this broker.
    pub fn check_schemas_by(&self, check: impl SchemaCheck) {
        *self.inner.schemas.write() = Some(Arc::new(check));
    }

    /// Has administrators see and set the levels of the process's loggers.
    pub fn log_by(&self, loggers: Arc<Loggers>) {
        *self.inner.loggers.write() = Some(loggers);
    }

    pub(crate) fn loggers(&self) -> Option<Arc<Loggers>> {
        self.inner.loggers.read().clone()
    }

    /// None too where the topic asks for no check.
    pub(crate) fn schema_check(&self, settings: &TopicSettings) -> Option<Arc<dyn SchemaCheck>> {
        if settings.schemas.is_none() { None } else { self.inner.schemas.read().clone() }
    }

    /// Makes a topic. `partitions`: none for `num.partitions`. `configs` by Kafka's names.
    pub fn create_topic(
        &self,
        name: &str,
        partitions: Option<i32>,
        configs: &[(&str, &str)],
    ) -> Result<(), TopicError> {
        let configs = configs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let plan = self.plan_topic(name, partitions, configs.collect())?;
        self.inner.topics.create(plan).map(|_| ())
    }

    /// Sets some of a topic's `configs`, by Kafka's names; its others stay.
    pub fn configure_topic(&self, name: &str, configs: &[(&str, &str)]) -> Result<(), TopicError> {
        let topic = self.inner.topics.get(name).ok_or_else(|| TopicError::Unknown(name.to_owned()))?;
        let mut all = topic.configs();
        let new = configs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        all.extend(new);
        if all == topic.configs() { Ok(()) } else { self.inner.topics.set_configs(&topic, all) }
    }

    /// Deletes a topic, its records and what groups committed for it.
    pub fn delete_topic(&self, name: &str) -> Result<(), TopicError> {
        let id = self.inner.topics.get(name).map(|topic| topic.id);
        self.inner.topics.delete(name)?;
        self.inner.coordinator.forget_topic(self, name);
        self.inner.pending_offsets.forget_topic(name);
        if let Some(id) = id {
            self.forget_shared_topic(id);
        }
        Ok(())
    }

    /// Names and partition counts of all topics, the broker's own included.
    pub fn list_topics(&self) -> Vec<(String, usize)> {
        let all = self.inner.topics.all();
        all.iter().map(|topic| (topic.name.clone(), topic.partitions().len())).collect()
    }

    /// Appends one record batch (see [`wire::batch::BatchBuilder`]) and returns its first offset.
    pub fn append(&self, topic: &str, partition: i32, batch: &[u8]) -> Result<Offset, AccessError> {
        let (topic, partition) = self.partition(topic, partition)?;
        let settings = topic.settings();
        let check = self.schema_check(&settings);
        let context = AppendContext {
            settings: &settings,
            now_ms: self.now_ms(),
            verified: Verified::No,
            schemas: check.as_deref(),
        };
        let mut bytes = batch.to_vec();
        match partition.append_produced(&mut bytes, context) {
            Ok(appended) => {
                self.count_in(&topic, appended.records, bytes.len());
                if appended.durable_to.is_some()
                    && let Err(error) = partition.flush()
                {
                    partition.storage_error("flush", &error);
                    return Err(AccessError::Storage);
                }
                Ok(appended.base_offset)
            }
            Err(AppendError::Storage(_)) => Err(AccessError::Storage),
            Err(refused) => Err(AccessError::Batch(refused.to_string())),
        }
    }

    /// Reads whole batches from the one that holds `from` on: at least one if there is any, otherwise up to
    /// `bytes_max`. Nothing at the end.
    pub fn read(
        &self,
        topic: &str,
        partition: i32,
        from: Offset,
        bytes_max: usize,
    ) -> Result<ReadChunk, AccessError> {
        let (topic, partition) = self.partition(topic, partition)?;
        let (start, end) = partition.log.offsets();
        if from < start || from > end {
            return Err(AccessError::OffsetOutOfRange {
                topic: topic.name.clone(),
                partition: partition.index,
                wanted: from.0,
                start: start.0,
                end: end.0,
            });
        }
        let chunk = partition.read(from, bytes_max, true).map_err(|_| AccessError::Storage)?;
        self.count_out(&topic, chunk.bytes.len());
        Ok(chunk)
    }

    /// The first offset that can be read.
    pub fn start_offset(&self, topic: &str, partition: i32) -> Result<Offset, AccessError> {
        Ok(self.partition(topic, partition)?.1.log.start_offset())
    }

    /// The offset the next record gets.
    pub fn end_offset(&self, topic: &str, partition: i32) -> Result<Offset, AccessError> {
        Ok(self.partition(topic, partition)?.1.log.end_offset())
    }

    /// What was counted since the broker was opened.
    pub fn stats(&self) -> BrokerStats {
        let totals = &self.inner.totals;
        let topics = self.inner.topics.all();
        BrokerStats {
            bytes_in: totals.bytes_in.get(),
            bytes_out: totals.bytes_out.get(),
            messages_in: totals.messages_in.get(),
            requests: totals.requests.get(),
            connections: totals.connections.get(),
            connections_total: totals.connections_total.get(),
            topics: topics.iter().map(|topic| (topic.name.clone(), topic.traffic.stats())).collect(),
        }
    }

    /// The cluster's id, from `meta.properties`.
    pub fn cluster_id(&self) -> &str {
        self.inner.dir.cluster_id()
    }

    pub fn node_id(&self) -> i32 {
        self.inner.dir.node_id()
    }

    /// Where the data is.
    pub fn log_dir(&self) -> &Path {
        self.inner.dir.root()
    }

    fn partition(&self, topic: &str, partition: i32) -> Result<(Arc<Topic>, Arc<Partition>), AccessError> {
        let found = self.inner.topics.get(topic);
        let found = found.and_then(|topic| topic.partition(partition).map(|found| (topic, found)));
        found.ok_or_else(|| AccessError::NoPartition { topic: topic.to_owned(), partition })
    }

    pub(crate) fn topics(&self) -> &Topics {
        &self.inner.topics
    }

    pub(crate) fn coordinator(&self) -> &Coordinator {
        &self.inner.coordinator
    }

    pub(crate) fn transactions(&self) -> &transactions::Coordinator {
        &self.inner.transactions
    }

    pub(crate) fn pending_offsets(&self) -> &PendingOffsets {
        &self.inner.pending_offsets
    }

    pub(crate) fn shares(&self) -> &Shares {
        &self.inner.shares
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.inner.sessions.lock()
    }

    pub(crate) fn security(&self) -> &Security {
        &self.inner.security
    }

    pub(crate) fn totals(&self) -> &Totals {
        &self.inner.totals
    }

    pub(crate) fn dir(&self) -> &LogDir {
        &self.inner.dir
    }

    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.inner.stopping
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.inner.settings.read())
    }

    /// Held by who changes settings, from looking at them until they are in force.
    pub(crate) fn changing_settings(&self) -> MutexGuard<'_, ()> {
        self.inner.settings_changing.lock()
    }

    /// Refuses settings that cannot be put in force.
    pub(crate) fn check_settings(&self, after: Settings) -> Result<Arc<Settings>, String> {
        let after = Arc::new(after);
        self.inner.listening.check(&self.settings(), &after).map(|()| after)
    }

    pub(crate) fn listening(&self) -> &Listening {
        &self.inner.listening
    }

    /// Changes dynamic values, on disk and in force.
    pub(crate) fn set_settings(&self, settings: Arc<Settings>) -> std::io::Result<()> {
        self.inner.state.set_configs(settings.dynamic().clone())?;
        *self.inner.settings.write() = Arc::clone(&settings);
        self.inner.topics.set_defaults(settings);
        self.inner.seats.look_again();
        Ok(())
    }

    pub(crate) fn quorum(&self) -> std::io::Result<Quorum> {
        self.inner.state.quorum(self.inner.topics.changes() + self.inner.security.changes())
    }

    /// What groups have set.
    pub(crate) fn state(&self) -> &StateFile {
        &self.inner.state
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.inner.clock.now_ms()
    }

    pub(crate) fn topic(&self, name: &str) -> Result<Arc<Topic>, ErrorCode> {
        self.inner.topics.get(name).ok_or_else(|| match commitlog::check_topic_name(name) {
            Ok(()) => ErrorCode::UnknownTopicOrPartition,
            Err(_) => ErrorCode::InvalidTopicException,
        })
    }

    /// The topic, made if it is missing and `auto.create.topics.enable` says so.
    pub(crate) fn topic_or_create(&self, name: &str) -> Result<Arc<Topic>, ErrorCode> {
        let missing = match self.topic(name) {
            Err(ErrorCode::UnknownTopicOrPartition) => ErrorCode::UnknownTopicOrPartition,
            known => return known,
        };
        let settings = self.settings();
        let plan = if name == OFFSETS_TOPIC {
            Ok(topics::offsets_topic(&settings))
        } else if name == TRANSACTIONS_TOPIC {
            Ok(topics::transactions_topic(&settings))
        } else if name == SHARE_STATE_TOPIC {
            Ok(share::state_topic(&settings))
        } else if settings.flag("auto.create.topics.enable") {
            self.plan_topic(name, None, BTreeMap::new())
        } else {
            return Err(missing);
        };
        match plan.and_then(|plan| self.inner.topics.create(plan)) {
            Ok(topic) => Ok(topic),
            // Another connection was quicker.
            Err(TopicError::Exists(_)) => self.topic(name),
            Err(error) => {
                warn!(topic = %name, %error, "topic not created");
                Err(error.code())
            }
        }
    }

    /// A topic to be made, with defaults filled in and everything checked.
    pub(crate) fn plan_topic(
        &self,
        name: &str,
        partitions: Option<i32>,
        configs: BTreeMap<String, String>,
    ) -> Result<TopicPlan, TopicError> {
        let default = || i32::try_from(self.settings().number("num.partitions")).unwrap_or(1);
        let plan =
            TopicPlan { name: name.to_owned(), partitions: partitions.unwrap_or_else(default), configs };
        self.inner.topics.check(&plan)?;
        Ok(plan)
    }

    pub(crate) fn next_producer_id(&self) -> std::io::Result<i64> {
        self.inner.state.next_producer_id()
    }

    pub(crate) fn count_in(&self, topic: &Topic, records: u64, bytes: usize) {
        let (totals, bytes) = (&self.inner.totals, bytes as u64);
        totals.messages_in.add(records);
        totals.bytes_in.add(bytes);
        topic.traffic.messages_in.add(records);
        topic.traffic.bytes_in.add(bytes);
    }

    pub(crate) fn count_out(&self, topic: &Topic, bytes: usize) {
        self.inner.totals.bytes_out.add(bytes as u64);
        topic.traffic.bytes_out.add(bytes as u64);
    }

    /// Whether a listener could be served: its name, its certificates.
    pub fn check_listener(&self, listener: &Listener) -> Result<(), OpenError> {
        Door::open(listener, self).map(|_| ())
    }

    pub(crate) fn seats(&self) -> &Seats {
        &self.inner.seats
    }

    /// The largest request taken from a client that has not yet shown who it is.
    pub(crate) fn unauthenticated_bytes_max(&self) -> u32 {
        u32::try_from(self.settings().number("sasl.server.max.receive.size")).unwrap_or(0)
    }

    /// How long a failed authentication waits for its answer, so that guessing takes time.
    pub(crate) fn authentication_delay(&self) -> Duration {
        let ms = self.settings().number("connection.failed.authentication.delay.ms");
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }

    pub(crate) fn idle_timeout(&self) -> Duration {
        u64::try_from(self.settings().number("connections.max.idle.ms"))
            .map_or(FOR_EVER, Duration::from_millis)
    }

    pub(crate) fn frame_bytes_max(&self) -> u32 {
        u32::try_from(self.settings().number("socket.request.max.bytes")).unwrap_or(0)
    }

    pub(crate) fn fetch_bytes_max(&self) -> usize {
        usize::try_from(self.settings().number("fetch.max.bytes")).unwrap_or(0)
    }

    pub(crate) fn producer_expiration_ms(&self) -> i64 {
        self.settings().number("producer.id.expiration.ms")
    }

    /// Starts what runs beside the connections, once.
    pub(crate) fn start_background(&self) {
        if !self.inner.background.swap(true, Ordering::SeqCst) {
            self.inner.tasks.spawn(crate::background::groups(self.clone()));
            self.inner.tasks.spawn(crate::background::shares(self.clone()));
            self.inner.tasks.spawn(crate::background::logs(self.clone()));
            self.inner.tasks.spawn(crate::cleaner::run(self.clone()));
            self.inner.tasks.spawn(crate::background::transactions(self.clone()));
        }
    }
}

struct SharedClock(Arc<dyn Clock>);

impl Clock for SharedClock {
    fn now_ms(&self) -> i64 {
        self.0.now_ms()
    }
}
