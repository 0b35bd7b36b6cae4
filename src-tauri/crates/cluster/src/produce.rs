//! Producing one message, or many, with exact errors.

use std::time::Duration;

use payload::SchemaId;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::FutureRecord;
use rdkafka::util::Timeout;

use crate::cluster::Cluster;
use crate::error::{ClusterError, Result};
use crate::ffi::Resource;

/// How long a full queue is waited for.
const QUEUE_LIMIT: Duration = Duration::from_secs(5);

/// A key or value as a person gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProducePayload {
    Null,
    Text(String),
    /// Checked to be JSON, sent as typed.
    Json(String),
    /// Digits, spaces and `0x` allowed.
    Hex(String),
    /// JSON, encoded by the subject's latest schema of any type and framed with its id.
    Schema {
        text: String,
        subject: String,
        /// Of a Protobuf schema, the message's full name; none: its first.
        message: Option<String>,
    },
    Bytes(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProduceRequest {
    pub topic: String,
    /// None: by the key's hash, as Kafka's own client does.
    pub partition: Option<i32>,
    pub key: ProducePayload,
    pub value: ProducePayload,
    pub headers: Vec<(String, String)>,
    pub timestamp_ms: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Produced {
    pub partition: i32,
    pub offset: i64,
}

/// A record ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedRecord {
    topic: String,
    partition: Option<i32>,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, String)>,
    timestamp_ms: Option<i64>,
}

impl Cluster {
    /// Returns when the broker has acknowledged it.
    pub async fn produce(&self, request: ProduceRequest) -> Result<Produced> {
        let metadata = self.metadata_with(&request.topic).await?;
        if let Some(partition) = request.partition {
            crate::groups::choose(metadata.topic(&request.topic)?, Some(&[partition]))?;
        }
        let record = self.encoded(request).await?;
        self.send(record).await
    }

    /// Payloads made into bytes, without sending anything.
    pub async fn encoded(&self, request: ProduceRequest) -> Result<EncodedRecord> {
        Ok(EncodedRecord {
            key: self.encode("key", request.key).await?,
            value: self.encode("value", request.value).await?,
            topic: request.topic,
            partition: request.partition,
            headers: request.headers,
            timestamp_ms: request.timestamp_ms,
        })
    }

    /// Returns when the broker has acknowledged it. Records sent without waiting keep their order.
    pub async fn send(&self, encoded: EncodedRecord) -> Result<Produced> {
        let client = self.inner.clients.shared()?;
        let what = format!("produce to topic '{}'", encoded.topic);
        let mut record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(&encoded.topic);
        record.key = encoded.key.as_deref();
        record.payload = encoded.value.as_deref();
        record.partition = encoded.partition;
        record.timestamp = encoded.timestamp_ms;
        if !encoded.headers.is_empty() {
            let headers = OwnedHeaders::new_with_capacity(encoded.headers.len());
            record.headers = Some(encoded.headers.iter().fold(headers, |headers, (name, value)| {
                headers.insert(Header { key: name, value: Some(value) })
            }));
        }
        match client.send(record, Timeout::After(QUEUE_LIMIT)).await {
            Ok(delivery) => Ok(Produced { partition: delivery.partition, offset: delivery.offset }),
            Err((error, _)) => Err(self.inner.clients.explain(ClusterError::from_kafka(what, &error))),
        }
    }

    /// A stock client's way with an unknown topic: created if the brokers do that by themselves.
    pub async fn ensure_topic(&self, topic: &str) -> Result<()> {
        let Err(missing) = self.metadata_with(topic).await else { return Ok(()) };
        if !matches!(missing, ClusterError::NotFound { .. }) {
            return Err(missing);
        }
        let brokers = self.metadata(Duration::from_secs(60)).await?.brokers.clone();
        let Some(broker) = brokers.first() else { return Err(missing) };
        let configs = self.configs(Resource::Broker(*broker)).await?;
        let auto_create = configs.iter().any(|config| {
            config.name == "auto.create.topics.enable" && config.value.as_deref() == Some("true")
        });
        if !auto_create {
            return Err(missing);
        }
        match self.create_topic(topic, -1, -1, &[]).await {
            Err(ClusterError::Exists { .. }) => Ok(()),
            outcome => outcome,
        }
    }

    async fn encode(&self, field: &str, payload: ProducePayload) -> Result<Option<Vec<u8>>> {
        let invalid = |reason: String| ClusterError::Invalid(format!("{field}: {reason}"));
        match payload {
            ProducePayload::Null => Ok(None),
            ProducePayload::Text(text) => Ok(Some(text.into_bytes())),
            ProducePayload::Bytes(bytes) => Ok(Some(bytes)),
            ProducePayload::Json(text) => {
                serde_json::from_str::<serde::de::IgnoredAny>(&text)
                    .map_err(|error| invalid(format!("this is not JSON: {error}")))?;
                Ok(Some(text.into_bytes()))
            }
            ProducePayload::Hex(text) => unhex(&text).map(Some).map_err(invalid),
            ProducePayload::Schema { text, subject, message } => {
                let (id, schema) = self.schemas()?.latest_parsed(&subject).await?;
                // Validation follows the schema, whatever that costs.
                let encoding = tokio::task::spawn_blocking(move || {
                    payload::encode_message(&text, &schema, SchemaId(id), message.as_deref())
                });
                match encoding.await {
                    Ok(encoded) => encoded
                        .map(Some)
                        .map_err(|error| invalid(format!("it does not fit subject '{subject}': {error}"))),
                    Err(error) => Err(ClusterError::Internal(format!("encoding: {error}"))),
                }
            }
        }
    }
}

/// Hex digits in pairs; whitespace and a leading `0x` are passed over.
fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim();
    let text = text.strip_prefix("0x").unwrap_or(text);
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c.to_digit(16) {
            // A digit is less than 16.
            Some(digit) => Ok(digit as u8),
            None => Err(format!("'{c}' is not a hex digit")),
        })
        .collect::<Result<_, _>>()?;
    if !digits.len().is_multiple_of(2) {
        return Err(format!("{} hex digits do not make whole bytes", digits.len()));
    }
    Ok(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[u8], &str>) {
        assert_eq!(unhex(text), expected.map(<[u8]>::to_vec).map_err(str::to_owned));
    }

    #[test]
    fn hex_becomes_bytes() {
        check("", Ok(&[]));
        check("0x00 ff\n1A", Ok(&[0, 0xff, 0x1a]));
        check("abc", Err("3 hex digits do not make whole bytes"));
        check("zz", Err("'z' is not a hex digit"));
    }
}
