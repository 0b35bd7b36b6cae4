//! `ConsumeFromTopicOperator`: what is new for a group, its offsets committed at the end.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::kafka_produce::connection_id;
use super::{Operator, TaskContext, TaskError, TaskResult};
use crate::ports::{ConsumeRequest, InRecord, Position};

pub(super) struct Consume;

/// More than this goes to a file, and XCom holds its path.
const XCOM_RECORDS_MAX: usize = 10_000;
const XCOM_BYTES_MAX: usize = crate::executor::XCOM_BYTES_MAX / 2;
/// One fetch never holds more than this in memory.
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

#[async_trait]
impl Operator for Consume {
    fn name(&self) -> &'static str {
        "ConsumeFromTopicOperator"
    }

    async fn execute(&self, context: TaskContext) -> TaskResult {
        let consume = run(&context);
        tokio::select! {
            result = consume => result,
            () = context.stop.cancelled() => Err(TaskError::fail("stopped")),
        }
    }
}

async fn run(context: &TaskContext) -> TaskResult {
    let topics = context.texts("topics")?;
    if topics.is_empty() {
        return Err(TaskError::argument("topics", "names no topic"));
    }
    let group_id = match context.text("group_id")?.filter(|group| !group.is_empty()) {
        Some(group_id) => group_id,
        None => format!("{}.{}", context.key.dag_id, context.key.task_id),
    };
    let conn_id = connection_id(context)?;
    let cadence = context.required_text("commit_cadence")?;
    let limit = context.opt::<usize>("max_messages")?.unwrap_or(usize::MAX);
    let batch = context.opt::<usize>("max_batch_size")?.unwrap_or(1_000).clamp(1, 100_000);
    let poll_timeout = context.duration("poll_timeout")?.unwrap_or(Duration::from_secs(60));
    let kafka = context.services.ports.kafka.clone();
    context.log.info(format!("consuming {} as group {group_id}", topics.join(", ")));

    let mut sink = Sink::new(context);
    let mut positions: BTreeMap<(String, i32), i64> = BTreeMap::new();
    let mut bytes = 0;
    while sink.count < limit {
        let outcome = kafka
            .consume(ConsumeRequest {
                conn_id: conn_id.clone(),
                topics: topics.clone(),
                group_id: group_id.clone(),
                max_messages: batch.min(limit - sink.count),
                max_bytes: BATCH_BYTES_MAX,
                poll_timeout,
                auto_offset_reset: "earliest".into(),
                from: as_positions(&positions),
            })
            .await
            .map_err(TaskError::Fail)?;
        bytes += outcome.bytes;
        let empty = outcome.records.is_empty();
        for position in &outcome.positions {
            positions.insert((position.topic.clone(), position.partition), position.next_offset);
        }
        for record in outcome.records {
            sink.take(record)?;
        }
        if cadence == "end_of_batch" && !outcome.positions.is_empty() {
            kafka.commit(conn_id.as_deref(), &group_id, outcome.positions).await.map_err(TaskError::Fail)?;
        }
        if outcome.at_end || empty {
            break;
        }
    }
    let count = sink.count;
    let value = sink.finish()?;
    if cadence == "end_of_operator" && !positions.is_empty() {
        kafka
            .commit(conn_id.as_deref(), &group_id, as_positions(&positions))
            .await
            .map_err(TaskError::Fail)?;
    }
    context.log.info(format!("consumed {count} records, {bytes} bytes"));
    for ((topic, partition), next) in positions.iter().take(20) {
        let verb = if cadence == "never" { "read" } else { "committed" };
        context.log.info(format!("{verb} {topic}[{partition}] up to offset {next}"));
    }
    Ok(Some(value))
}

fn as_positions(positions: &BTreeMap<(String, i32), i64>) -> Vec<Position> {
    let position = |((topic, partition), next): (&(String, i32), &i64)| Position {
        topic: topic.clone(),
        partition: *partition,
        next_offset: *next,
    };
    positions.iter().map(position).collect()
}

/// Collects records, first in memory, then in a file of one JSON object per line.
struct Sink {
    dir: PathBuf,
    try_number: u32,
    kept: Vec<Value>,
    kept_bytes: usize,
    file: Option<(PathBuf, BufWriter<File>)>,
    count: usize,
}

impl Sink {
    fn new(context: &TaskContext) -> Self {
        Self {
            dir: context.results_dir(),
            try_number: context.try_number,
            kept: Vec::new(),
            kept_bytes: 0,
            file: None,
            count: 0,
        }
    }

    fn take(&mut self, record: InRecord) -> Result<(), TaskError> {
        self.count += 1;
        let value = as_json(record);
        if let Some((_, file)) = &mut self.file {
            return writeln!(file, "{value}").map_err(TaskError::fail);
        }
        self.kept_bytes += value.to_string().len();
        self.kept.push(value);
        if self.kept.len() > XCOM_RECORDS_MAX || self.kept_bytes > XCOM_BYTES_MAX {
            self.spill().map_err(|error| TaskError::Fail(format!("{}: {error}", self.dir.display())))?;
        }
        Ok(())
    }

    fn spill(&mut self) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.dir)?;
        let path = self.dir.join(format!("records-{}.ndjson", self.try_number));
        let mut file = BufWriter::new(File::create(&path)?);
        for value in self.kept.drain(..) {
            writeln!(file, "{value}")?;
        }
        self.file = Some((path, file));
        Ok(())
    }

    /// The records, or where they are.
    fn finish(self) -> Result<Value, TaskError> {
        match self.file {
            None => Ok(Value::Array(self.kept)),
            Some((path, mut file)) => {
                file.flush().map_err(TaskError::fail)?;
                Ok(json!({ "path": path.display().to_string(), "format": "ndjson", "records": self.count }))
            }
        }
    }
}

fn as_json(record: InRecord) -> Value {
    json!({
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp_ms,
        "key": record.key,
        "value": record.value,
        "headers": record.headers.into_iter().map(|(name, value)| (name, Value::from(value)))
            .collect::<serde_json::Map<_, _>>(),
    })
}
