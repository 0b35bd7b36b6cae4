//! A consumer group that commits what it read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, ensure};
use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::{LIMIT, TOPIC};

/// How a group is put together: by its members, or by the broker (KIP-848).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Protocol {
    Classic,
    Consumer,
}

impl Protocol {
    fn name(self) -> &'static str {
        match self {
            Protocol::Classic => "classic",
            Protocol::Consumer => "consumer",
        }
    }

    fn group(self) -> String {
        format!("torture-{}", self.name())
    }
}

const RECORDS_PER_COMMIT: usize = 50;

/// Offsets whose commit was acknowledged, by partition.
type Committed = Arc<Mutex<BTreeMap<i32, i64>>>;

/// A member of the group that goes on through kills.
pub(crate) struct Group {
    protocol: Protocol,
    committed: Committed,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<anyhow::Result<()>>,
}

impl Group {
    pub(crate) fn start(address: &str, protocol: Protocol) -> anyhow::Result<Self> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", address)
            .set("group.id", protocol.group())
            .set("group.protocol", protocol.name())
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest")
            .set("reconnect.backoff.max.ms", "100")
            .create()?;
        consumer.subscribe(&[TOPIC])?;
        let (committed, stopping) = (Committed::default(), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::spawn({
            let (committed, stopping) = (Arc::clone(&committed), Arc::clone(&stopping));
            move || consume(&consumer, &committed, &stopping)
        });
        Ok(Self { protocol, committed, stopping, thread })
    }

    pub(crate) fn committed(&self) -> BTreeMap<i32, i64> {
        self.committed.lock().clone()
    }

    /// Whether the broker still knows what it acknowledged.
    pub(crate) fn check(&self, address: &str, acknowledged: &BTreeMap<i32, i64>) -> anyhow::Result<()> {
        let group = self.protocol.group();
        for (&partition, &offset) in acknowledged {
            let found = committed_offset(address, &group, partition)?.context("no offset is left")?;
            ensure!(
                found >= offset,
                "{group} is at {found} in partition {partition}, {offset} was acknowledged"
            );
        }
        Ok(())
    }

    pub(crate) fn stop(self) -> anyhow::Result<()> {
        self.stopping.store(true, Ordering::SeqCst);
        self.thread.join().map_err(|_| anyhow::anyhow!("the group's member ended"))?
    }
}

fn consume(consumer: &BaseConsumer, committed: &Committed, stopping: &AtomicBool) -> anyhow::Result<()> {
    let mut read: BTreeMap<i32, i64> = BTreeMap::new();
    let mut since = 0;
    while !stopping.load(Ordering::SeqCst) {
        // An error says that the broker is away, or that the group is being put together again.
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) {
            read.insert(message.partition(), message.offset() + 1);
            since += 1;
        }
        if since >= RECORDS_PER_COMMIT {
            let mut offsets = TopicPartitionList::new();
            for (&partition, &offset) in &read {
                offsets.add_partition_offset(TOPIC, partition, Offset::Offset(offset))?;
            }
            if consumer.commit(&offsets, CommitMode::Sync).is_ok() {
                committed.lock().extend(read.iter().map(|(&partition, &offset)| (partition, offset)));
            }
            since = 0;
        }
    }
    Ok(())
}

/// What the broker says the group has committed.
fn committed_offset(address: &str, group: &str, partition: i32) -> anyhow::Result<Option<i64>> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", address).set("group.id", group).create()?;
    let mut wanted = TopicPartitionList::new();
    wanted.add_partition(TOPIC, partition);
    let answer = consumer.committed_offsets(wanted, LIMIT)?;
    Ok(answer.find_partition(TOPIC, partition).and_then(|found| match found.offset() {
        Offset::Offset(offset) => Some(offset),
        _ => None,
    }))
}
