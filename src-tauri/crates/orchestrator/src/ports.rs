//! What operators need from outside: a Kafka client, named connections, variables.
//!
//! `platform` implements these; the orchestrator knows neither rdkafka nor `config.toml`.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

/// The outside, as the operators see it.
#[derive(Clone)]
pub struct Ports {
    pub kafka: Arc<dyn KafkaPort>,
    pub connections: Arc<dyn Connections>,
}

impl Ports {
    /// Neither Kafka nor connections: each use says so.
    pub fn none() -> Self {
        Self { kafka: Arc::new(NoKafka), connections: Arc::new(NoConnections) }
    }
}

/// How a record's value becomes bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ValueFormat {
    #[default]
    Json,
    /// A string as its bytes; anything else as JSON.
    Text,
    /// By the latest schema of `subject`: Avro, JSON Schema or Protobuf.
    Schema,
}

/// One record to produce.
#[derive(Debug, Clone, PartialEq)]
pub struct OutRecord {
    /// A JSON string is sent as its text, anything else as JSON.
    pub key: Option<Value>,
    /// None: a tombstone.
    pub value: Option<Value>,
    pub headers: Vec<(String, String)>,
    pub value_format: ValueFormat,
    /// The subject whose schema encodes the value; none: `<topic>-value`.
    pub subject: Option<String>,
    /// Of a Protobuf schema, the message's full name; none: its first.
    pub message: Option<String>,
}

/// Where a record was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    pub partition: i32,
    pub offset: i64,
}

/// One batch to consume.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsumeRequest {
    /// None: the cluster Pumphouse itself runs or is attached to.
    pub conn_id: Option<String>,
    pub topics: Vec<String>,
    pub group_id: String,
    pub max_messages: usize,
    pub max_bytes: usize,
    /// How long to wait for more records than have arrived.
    pub poll_timeout: std::time::Duration,
    /// Where a group without committed offsets begins: `earliest` or `latest`.
    pub auto_offset_reset: String,
    /// Where to go on instead of the committed offsets: what an earlier call returned.
    pub from: Vec<Position>,
}

/// One record consumed, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct InRecord {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub timestamp_ms: Option<i64>,
    pub key: Option<Value>,
    /// Avro, Protobuf and JSON decoded, otherwise text; none for a tombstone.
    pub value: Option<Value>,
    pub headers: Vec<(String, String)>,
}

/// The offset the group goes on from, once committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub topic: String,
    pub partition: i32,
    pub next_offset: i64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConsumeOutcome {
    pub records: Vec<InRecord>,
    /// One past the last record of each partition that gave any.
    pub positions: Vec<Position>,
    /// Bytes of keys and values read, before decoding.
    pub bytes: usize,
    /// The end of every partition was reached: there is no more to read now.
    pub at_end: bool,
}

/// A Kafka client. Messages of errors are shown to the user as they are.
#[async_trait]
pub trait KafkaPort: Send + Sync + 'static {
    /// Returns once every record is acknowledged, in the order given.
    async fn produce(
        &self,
        conn_id: Option<&str>,
        topic: &str,
        records: Vec<OutRecord>,
    ) -> Result<Vec<Stored>, String>;

    /// Reads from the group's committed offsets, or from `request.from`, and commits nothing.
    ///
    /// Returns as soon as `max_messages` or `max_bytes` are reached, every partition is at its
    /// end, or nothing has arrived for `poll_timeout`.
    async fn consume(&self, request: ConsumeRequest) -> Result<ConsumeOutcome, String>;

    /// Commits what the operator has finished with.
    async fn commit(
        &self,
        conn_id: Option<&str>,
        group_id: &str,
        positions: Vec<Position>,
    ) -> Result<(), String>;
}

/// Airflow's connection.
#[derive(Clone, Default, PartialEq)]
pub struct Connection {
    pub conn_id: String,
    pub conn_type: String,
    pub host: Option<String>,
    pub port: Option<u16>,
    pub login: Option<String>,
    pub password: Option<String>,
    /// The database, mostly.
    pub schema: Option<String>,
    /// A JSON object.
    pub extra: Value,
    /// As given, when it was given as a URI.
    pub uri: Option<String>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URI and `extra` may hold secrets, so neither they nor the password are printed.
        f.debug_struct("Connection")
            .field("conn_id", &self.conn_id)
            .field("conn_type", &self.conn_type)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

/// Named connections and variables.
pub trait Connections: Send + Sync + 'static {
    fn get(&self, conn_id: &str) -> Option<Connection>;

    /// `var.value.<name>` in templates.
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }
}

struct NoKafka;

#[async_trait]
impl KafkaPort for NoKafka {
    async fn produce(&self, _: Option<&str>, _: &str, _: Vec<OutRecord>) -> Result<Vec<Stored>, String> {
        Err(NO_KAFKA.into())
    }

    async fn consume(&self, _: ConsumeRequest) -> Result<ConsumeOutcome, String> {
        Err(NO_KAFKA.into())
    }

    async fn commit(&self, _: Option<&str>, _: &str, _: Vec<Position>) -> Result<(), String> {
        Err(NO_KAFKA.into())
    }
}

const NO_KAFKA: &str = "no Kafka cluster is configured here";

struct NoConnections;

impl Connections for NoConnections {
    fn get(&self, _: &str) -> Option<Connection> {
        None
    }
}
