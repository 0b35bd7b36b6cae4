//! Kafka for the orchestrator's operators, through the same client as everything else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cluster::{
    Cluster, ClusterConfig, Consumed, OffsetReset, ProducePayload, ProduceRequest, RegistryConfig,
    TopicPartition,
};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use orchestrator::ports::{
    ConsumeOutcome, ConsumeRequest, InRecord, OutRecord, Position, Stored, ValueFormat,
};
use orchestrator::{Connection, Connections, KafkaPort};
use payload::Encoding;
use serde_json::Value;

use crate::clusters::Clusters;
use crate::connections::KAFKA_DEFAULT;

/// Records under way at once; the client batches them.
const IN_FLIGHT_MAX: usize = 500;

pub(crate) struct Port {
    clusters: Arc<Clusters>,
    connections: Arc<dyn Connections>,
}

impl Port {
    pub(crate) fn new(clusters: Arc<Clusters>, connections: Arc<dyn Connections>) -> Self {
        Self { clusters, connections }
    }

    /// A connection by its id, an attached cluster by its, or the embedded one.
    fn cluster(&self, conn_id: Option<&str>) -> Result<Cluster, String> {
        let conn_id = conn_id.unwrap_or(KAFKA_DEFAULT);
        match self.connections.get(conn_id) {
            // The built-in connection is the embedded cluster itself, unless somebody pointed it elsewhere.
            Some(connection) => {
                let config = cluster_config(&connection)?;
                if config.bootstrap_servers == self.clusters.local().config().bootstrap_servers {
                    return Ok(self.clusters.local().clone());
                }
                Ok(self.clusters.of_connection(conn_id, config))
            }
            None => self.clusters.get(conn_id).map_err(|_| {
                format!(
                    "there is no connection '{conn_id}': add it to config.toml under [connections.{conn_id}], \
                     or set AIRFLOW_CONN_{}",
                    conn_id.to_uppercase()
                )
            }),
        }
    }
}

/// Airflow keeps a Kafka connection's properties in `extra`.
fn cluster_config(connection: &Connection) -> Result<ClusterConfig, String> {
    let mut properties: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in connection.extra.as_object().into_iter().flatten() {
        properties.insert(name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    let address = connection.host.as_ref().map(|host| format!("{host}:{}", connection.port.unwrap_or(9092)));
    let bootstrap_servers = properties.remove("bootstrap.servers").or(address).ok_or_else(|| {
        format!("connection '{}' names no broker: give bootstrap.servers in its extra", connection.conn_id)
    })?;
    // These belong to the consumer of each call.
    for name in ["group.id", "auto.offset.reset", "enable.auto.commit"] {
        properties.remove(name);
    }
    let registry = properties.remove("schema.registry.url").map(|url| RegistryConfig {
        url,
        username: properties.remove("schema.registry.username"),
        password: properties.remove("schema.registry.password"),
        token: properties.remove("schema.registry.token"),
        ca_file: properties.remove("schema.registry.ca.location").map(Into::into),
    });
    Ok(ClusterConfig { bootstrap_servers, registry, properties })
}

#[async_trait]
impl KafkaPort for Port {
    async fn produce(
        &self,
        conn_id: Option<&str>,
        topic: &str,
        records: Vec<OutRecord>,
    ) -> Result<Vec<Stored>, String> {
        let cluster = self.cluster(conn_id)?;
        cluster.ensure_topic(topic).await.map_err(|error| error.to_string())?;
        let cluster = &cluster;
        let mut encoded = Vec::with_capacity(records.len());
        for (index, record) in records.into_iter().enumerate() {
            let request = request(topic, record);
            encoded.push(cluster.encoded(request).await.map_err(|error| format!("record {index}: {error}"))?);
        }
        stream::iter(encoded.into_iter().map(|record| async move { cluster.send(record).await }))
            .buffered(IN_FLIGHT_MAX)
            .map_ok(|stored| Stored { partition: stored.partition, offset: stored.offset })
            .map_err(|error| error.to_string())
            .try_collect()
            .await
    }

    async fn consume(&self, request: ConsumeRequest) -> Result<ConsumeOutcome, String> {
        let reset = match request.auto_offset_reset.as_str() {
            "earliest" => OffsetReset::Earliest,
            "latest" => OffsetReset::Latest,
            other => return Err(format!("auto.offset.reset is earliest or latest, not '{other}'")),
        };
        let cluster = self.cluster(request.conn_id.as_deref())?;
        let consumed = cluster
            .consume(cluster::ConsumeRequest {
                topics: request.topics,
                group: request.group_id,
                messages_max: request.max_messages,
                bytes_max: request.max_bytes,
                wait: request.poll_timeout,
                reset,
                from: request.from.into_iter().map(offset).collect(),
            })
            .await
            .map_err(|error| error.to_string())?;
        Ok(outcome(consumed))
    }

    async fn commit(
        &self,
        conn_id: Option<&str>,
        group_id: &str,
        positions: Vec<Position>,
    ) -> Result<(), String> {
        let offsets = positions.into_iter().map(offset).collect();
        // A coordinator that just started answers within moments.
        let cluster = self.cluster(conn_id)?;
        match tokio::time::timeout(Duration::from_secs(30), cluster.commit(group_id, offsets)).await {
            Ok(outcome) => outcome.map_err(|error| error.to_string()),
            Err(_) => Err(format!("group '{group_id}': the commit took longer than 30 s")),
        }
    }
}

fn offset(position: Position) -> (TopicPartition, i64) {
    (TopicPartition::new(position.topic, position.partition), position.next_offset)
}

fn request(topic: &str, record: OutRecord) -> ProduceRequest {
    let key = match record.key {
        None | Some(Value::Null) => ProducePayload::Null,
        Some(Value::String(text)) => ProducePayload::Text(text),
        Some(other) => ProducePayload::Text(other.to_string()),
    };
    let value = match (record.value, record.value_format) {
        (None, _) => ProducePayload::Null,
        (Some(Value::String(text)), ValueFormat::Text) => ProducePayload::Text(text),
        (Some(value), ValueFormat::Schema) => ProducePayload::Schema {
            text: value.to_string(),
            subject: record.subject.unwrap_or_else(|| format!("{topic}-value")),
            message: record.message,
        },
        (Some(value), ValueFormat::Json | ValueFormat::Text) => ProducePayload::Text(value.to_string()),
    };
    ProduceRequest {
        topic: topic.to_owned(),
        partition: None,
        key,
        value,
        headers: record.headers,
        timestamp_ms: None,
    }
}

fn outcome(consumed: Consumed) -> ConsumeOutcome {
    let records = consumed.records.into_iter().map(|record| InRecord {
        topic: record.topic.to_string(),
        partition: record.message.partition,
        offset: record.message.offset,
        timestamp_ms: record.message.timestamp_ms,
        key: value(&record.message.key),
        value: value(&record.message.value),
        headers: record
            .message
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.text.clone()))
            .collect(),
    });
    ConsumeOutcome {
        records: records.collect(),
        positions: consumed
            .positions
            .into_iter()
            .map(|(at, next_offset)| Position {
                topic: at.topic.to_string(),
                partition: at.partition,
                next_offset,
            })
            .collect(),
        bytes: consumed.bytes,
        at_end: consumed.at_end,
    }
}

/// JSON where the payload is JSON, else its text.
fn value(payload: &cluster::Payload) -> Option<Value> {
    match payload.encoding {
        Encoding::Null => None,
        Encoding::Json | Encoding::Avro | Encoding::JsonSchema | Encoding::Protobuf => {
            Some(serde_json::from_str(&payload.text).unwrap_or_else(|_| Value::String(payload.text.clone())))
        }
        Encoding::Empty | Encoding::Text | Encoding::Hex => Some(Value::String(payload.text.clone())),
    }
}
