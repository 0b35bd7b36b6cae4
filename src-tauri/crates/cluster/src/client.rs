//! The native clients: one shared for administration, metadata and producing,
//! and consumers made on demand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, Producer};
use tracing::{debug, trace};

use crate::config::ClusterConfig;
use crate::error::{ClusterError, Result};

/// The client everything but consuming goes through.
pub(crate) type Shared = FutureProducer<Context>;
/// A consumer that is assigned and sought by hand.
pub(crate) type Consumer = BaseConsumer<Context>;

/// A connection attempt that fails is retried after at most this long.
const RECONNECT_BACKOFF_MS_MAX: &str = "2000";

/// Keeps librdkafka's last complaint, which says why a request timed out.
#[derive(Clone, Default)]
pub(crate) struct Context {
    last_error: Arc<Mutex<Option<String>>>,
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Debug | RDKafkaLogLevel::Info => trace!(facility, message, "kafka client"),
            _ => debug!(facility, message, "kafka client"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        debug!(%error, reason, "kafka client error");
        // "1/1 brokers are down" says less than the connection's own error before it.
        let mut last = self.last_error.lock();
        if last.is_none() || error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            *last = Some(reason.to_owned());
        }
    }
}

impl ConsumerContext for Context {}

/// Makes clients for one cluster.
pub(crate) struct Clients {
    config: ClusterConfig,
    context: Context,
    shared: Mutex<Option<Shared>>,
    closed: AtomicBool,
}

impl Clients {
    pub(crate) fn new(config: ClusterConfig) -> Self {
        Self { config, context: Context::default(), shared: Mutex::new(None), closed: AtomicBool::new(false) }
    }

    /// Made at the first call, so that a cluster nobody looks at costs nothing.
    pub(crate) fn shared(&self) -> Result<Shared> {
        let mut shared = self.shared.lock();
        if self.closed.load(Ordering::Relaxed) {
            return Err(ClusterError::Unavailable {
                what: self.config.bootstrap_servers.clone(),
                reason: "its client is closed".to_owned(),
            });
        }
        if let Some(client) = &*shared {
            return Ok(client.clone());
        }
        let mut config = self.base();
        config
            // A deleted topic must not come back because this client remembers it.
            .set("allow.auto.create.topics", "false")
            .set("linger.ms", "5")
            // The Java client's way, so that keys land where other producers put them.
            .set("partitioner", "murmur2_random")
            .set("message.timeout.ms", "10000")
            .set("message.max.bytes", "10485760")
            .set("queue.buffering.max.messages", "20000")
            .set("queue.buffering.max.kbytes", "16384");
        self.overlay(&mut config);
        let client: Shared = config
            .create_with_context(self.context.clone())
            .map_err(|error| ClusterError::from_kafka("connect", &error))?;
        *shared = Some(client.clone());
        Ok(client)
    }

    /// A consumer without automatic commits, to be assigned by hand.
    pub(crate) fn browser(&self) -> Result<Consumer> {
        let mut config = self.base();
        config
            // Needed to assign at all; the group is never joined and nothing is committed.
            .set("group.id", "pumphouse-browse")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "earliest")
            .set("isolation.level", "read_uncommitted")
            .set("fetch.wait.max.ms", "50")
            .set("fetch.error.backoff.ms", "50")
            .set("fetch.message.max.bytes", "1048576")
            .set("fetch.max.bytes", "8388608")
            .set("message.max.bytes", "8388608")
            .set("queued.min.messages", "5000")
            .set("queued.max.messages.kbytes", "16384");
        self.overlay(&mut config);
        config
            .create_with_context(self.context.clone())
            .map_err(|error| ClusterError::from_kafka("connect", &error))
    }

    /// Properties for a client of one's own, e.g. a DAG's consumer.
    pub(crate) fn properties(&self) -> Vec<(String, String)> {
        let mut all = vec![("bootstrap.servers".to_owned(), self.config.bootstrap_servers.clone())];
        all.extend(self.config.properties.iter().map(|(name, value)| (name.clone(), value.clone())));
        all
    }

    /// Why the cluster can't be reached, when librdkafka said so.
    pub(crate) fn last_error(&self) -> Option<String> {
        self.context.last_error.lock().clone()
    }

    /// Adds librdkafka's last complaint to an unexplained silence.
    pub(crate) fn explain(&self, error: ClusterError) -> ClusterError {
        match (error, self.last_error()) {
            (ClusterError::Unavailable { reason, .. }, last) => ClusterError::Unavailable {
                what: self.config.bootstrap_servers.clone(),
                reason: last.unwrap_or(reason),
            },
            (other, _) => other,
        }
    }

    /// Sends what is queued, then lets go of the shared client.
    pub(crate) fn close(&self, limit: Duration) {
        let client = {
            let mut shared = self.shared.lock();
            self.closed.store(true, Ordering::Relaxed);
            shared.take()
        };
        if let Some(client) = client
            && let Err(error) = client.flush(limit)
        {
            debug!(%error, "unsent messages at close");
        }
    }

    fn base(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.config.bootstrap_servers)
            .set("client.id", "pumphouse")
            .set("socket.nagle.disable", "true")
            .set("socket.connection.setup.timeout.ms", "5000")
            .set("reconnect.backoff.ms", "50")
            .set("reconnect.backoff.max.ms", RECONNECT_BACKOFF_MS_MAX)
            .set("log.connection.close", "false")
            .set("enable.metrics.push", "false")
            .set_log_level(RDKafkaLogLevel::Warning);
        config
    }

    /// The user's properties win.
    fn overlay(&self, config: &mut ClientConfig) {
        for (name, value) in &self.config.properties {
            config.set(name, value);
        }
    }
}
