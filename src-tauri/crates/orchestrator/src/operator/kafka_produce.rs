//! `ProduceToTopicOperator`: records to a topic, each acknowledged.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::{Operator, TaskContext, TaskError, TaskResult};
use crate::ports::{OutRecord, ValueFormat};

pub(super) struct Produce;

/// The connection a DAG means when it names none: the cluster Pumphouse runs.
const DEFAULT_CONNECTION: &str = "kafka_default";

/// The connection to use; none for our own cluster.
pub(super) fn connection_id(context: &TaskContext) -> Result<Option<String>, TaskError> {
    let conn_id = context.text("kafka_config_id")?.filter(|conn_id| !conn_id.is_empty());
    Ok(conn_id.filter(|conn_id| {
        conn_id != DEFAULT_CONNECTION || context.services.ports.connections.get(conn_id).is_some()
    }))
}

#[async_trait]
impl Operator for Produce {
    fn name(&self) -> &'static str {
        "ProduceToTopicOperator"
    }

    async fn execute(&self, context: TaskContext) -> TaskResult {
        let topic = context.required_text("topic")?;
        let records = records(&context)?;
        let conn_id = connection_id(&context)?;
        let timeout = context.duration("poll_timeout")?.unwrap_or(Duration::from_secs(30));
        let total = records.len();
        context.log.info(format!("producing {total} records to topic {topic}"));
        if total == 0 {
            return Ok(Some(summary(&topic, &[])));
        }
        let kafka = context.services.ports.kafka.clone();
        let produce = kafka.produce(conn_id.as_deref(), &topic, records);
        let stored = tokio::select! {
            result = tokio::time::timeout(timeout, produce) => result
                .map_err(|_| TaskError::Fail(format!("topic {topic} did not take all records within {timeout:?}")))?
                .map_err(TaskError::Fail)?,
            () = context.stop.cancelled() => return Err(TaskError::fail("stopped")),
        };
        for stored in stored.iter().take(5) {
            context.log.info(format!("stored in partition {} at offset {}", stored.partition, stored.offset));
        }
        context.log.info(format!("{} records are acknowledged", stored.len()));
        Ok(Some(summary(&topic, &stored)))
    }
}

fn summary(topic: &str, stored: &[crate::ports::Stored]) -> Value {
    let last = stored.last();
    serde_json::json!({
        "topic": topic,
        "records": stored.len(),
        "partition": last.map(|last| last.partition),
        "offset": last.map(|last| last.offset),
    })
}

fn records(context: &TaskContext) -> Result<Vec<OutRecord>, TaskError> {
    let format = match context.required_text("value_format")?.as_str() {
        "json" => ValueFormat::Json,
        "text" => ValueFormat::Text,
        "avro" | "json_schema" | "protobuf" => ValueFormat::Schema,
        other => {
            return Err(TaskError::argument(
                "value_format",
                format!("\"{other}\" is none of json, text, avro, json_schema, protobuf"),
            ));
        }
    };
    let subject = context.text("value_schema_subject")?;
    let message = context.text("value_schema_message")?.filter(|message| !message.is_empty());
    let key = context.arg("key");
    let record = |value: Option<Value>, key: Option<Value>, headers: Vec<(String, String)>| OutRecord {
        key,
        value,
        headers,
        value_format: format,
        subject: subject.clone(),
        message: message.clone(),
    };
    let Some(list) = context.arg("records") else {
        let value = context.arg("value").map(|value| structured(value, format));
        return Ok(vec![record(value, key, Vec::new())]);
    };
    let Value::Array(items) = structured(list, ValueFormat::Json) else {
        return Err(TaskError::argument("records", "is not a list"));
    };
    items
        .into_iter()
        .enumerate()
        .map(|(at, item)| match item {
            Value::Object(mut map) if is_record(&map) => {
                let value = map.remove("value").filter(|value| !value.is_null());
                let own = map.remove("key").filter(|key| !key.is_null());
                Ok(record(value, own.or_else(|| key.clone()), headers(at, map.remove("headers"))?))
            }
            Value::Null => Ok(record(None, key.clone(), Vec::new())),
            value => Ok(record(Some(value), key.clone(), Vec::new())),
        })
        .collect()
}

/// A template that renders to text may hold JSON; for text that is what was meant.
fn structured(value: Value, format: ValueFormat) -> Value {
    match (&value, format) {
        (Value::String(text), ValueFormat::Json | ValueFormat::Schema) => match serde_json::from_str(text) {
            Ok(parsed @ (Value::Object(_) | Value::Array(_))) => parsed,
            _ => value,
        },
        _ => value,
    }
}

/// `{key, value, headers}` with nothing else, or a value alone?
fn is_record(map: &Map<String, Value>) -> bool {
    map.contains_key("value") && map.keys().all(|key| matches!(key.as_str(), "key" | "value" | "headers"))
}

fn headers(at: usize, headers: Option<Value>) -> Result<Vec<(String, String)>, TaskError> {
    match headers {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(map)) => Ok(map
            .into_iter()
            .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect()),
        Some(other) => {
            Err(TaskError::argument("records", format!("headers of record {at}: {other} is not a map")))
        }
    }
}
