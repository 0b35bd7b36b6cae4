//! Stand-ins for what `platform` provides.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use orchestrator::ports::{ConsumeOutcome, ConsumeRequest, InRecord, OutRecord, Position, Stored};
use orchestrator::{Connection, Connections, KafkaPort, Ports};
use parking_lot::Mutex;

/// Connections and variables by name.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) connections: Vec<Connection>,
    pub(crate) variables: HashMap<String, String>,
}

impl Connections for Book {
    fn get(&self, conn_id: &str) -> Option<Connection> {
        self.connections.iter().find(|connection| connection.conn_id == conn_id).cloned()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

/// One topic with one partition, in memory.
#[derive(Default)]
pub(crate) struct Topic {
    pub(crate) records: Mutex<Vec<OutRecord>>,
    pub(crate) committed: Mutex<HashMap<String, i64>>,
}

#[async_trait]
impl KafkaPort for Topic {
    async fn produce(
        &self,
        _: Option<&str>,
        topic: &str,
        records: Vec<OutRecord>,
    ) -> Result<Vec<Stored>, String> {
        if topic == "forbidden" {
            return Err("topic forbidden: not authorised".into());
        }
        let mut log = self.records.lock();
        let stored = (log.len()..log.len() + records.len())
            .map(|offset| Stored { partition: 0, offset: offset as i64 });
        let stored = stored.collect();
        log.extend(records);
        Ok(stored)
    }

    async fn consume(&self, request: ConsumeRequest) -> Result<ConsumeOutcome, String> {
        let log = self.records.lock();
        let committed = self.committed.lock().get(&request.group_id).copied().unwrap_or(0);
        let start = request.from.first().map_or(committed, |position| position.next_offset) as usize;
        let topic = request.topics[0].clone();
        let records: Vec<InRecord> = log
            .iter()
            .enumerate()
            .skip(start)
            .take(request.max_messages)
            .map(|(offset, record)| InRecord {
                topic: topic.clone(),
                partition: 0,
                offset: offset as i64,
                timestamp_ms: Some(0),
                key: record.key.clone(),
                value: record.value.clone(),
                headers: record.headers.clone(),
            })
            .collect();
        let next = (start + records.len()) as i64;
        let positions = match records.is_empty() {
            true => Vec::new(),
            false => vec![Position { topic, partition: 0, next_offset: next }],
        };
        Ok(ConsumeOutcome { at_end: next as usize == log.len(), bytes: records.len(), positions, records })
    }

    async fn commit(&self, _: Option<&str>, group_id: &str, positions: Vec<Position>) -> Result<(), String> {
        let mut committed = self.committed.lock();
        for position in positions {
            committed.insert(group_id.to_owned(), position.next_offset);
        }
        Ok(())
    }
}

pub(crate) fn ports(topic: Arc<Topic>, book: Book) -> Ports {
    Ports { kafka: topic, connections: Arc::new(book) }
}

pub(crate) fn with_connections(connections: Vec<Connection>) -> Ports {
    ports(Arc::default(), Book { connections, ..Book::default() })
}
