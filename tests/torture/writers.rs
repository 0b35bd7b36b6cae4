//! Idempotent producers: what they were told is there, is there once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use parking_lot::Mutex;
use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};

use crate::{LIMIT, PARTITIONS, TOPIC, reader};

const WRITERS: usize = 2;
/// So many more than are waited for may be written: a slow machine would drown in them otherwise.
const RECORDS_AHEAD: usize = 2000;
/// Between two records of a writer.
const PAUSE: Duration = Duration::from_micros(300);

/// An acknowledged record.
#[derive(Debug, Clone)]
pub(crate) struct Acked {
    partition: i32,
    offset: i64,
    value: String,
}

#[derive(Default)]
struct Told {
    acked: Vec<Acked>,
    /// The end that was acknowledged, by partition.
    ends: BTreeMap<i32, i64>,
    failed: Option<String>,
}

#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Told>>);

impl ClientContext for Listener {}

impl ProducerContext for Listener {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let mut told = self.0.lock();
        match result {
            Ok(message) => {
                let value = String::from_utf8_lossy(message.payload().unwrap_or_default()).into_owned();
                let (partition, offset) = (message.partition(), message.offset());
                let end = told.ends.entry(partition).or_insert(0);
                *end = (*end).max(offset + 1);
                told.acked.push(Acked { partition, offset, value });
            }
            Err((error, _)) => told.failed = Some(error.to_string()),
        }
    }
}

/// Producers that go on through kills.
pub(crate) struct Writers {
    told: Listener,
    allowed: Arc<AtomicUsize>,
    /// Where reading went on when it was last checked, by partition: what is before was found sound.
    checked: BTreeMap<i32, i64>,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<anyhow::Result<()>>>,
}

impl Writers {
    pub(crate) fn start(address: &str) -> anyhow::Result<Self> {
        let (told, stopping) = (Listener::default(), Arc::new(AtomicBool::new(false)));
        let allowed = Arc::new(AtomicUsize::new(RECORDS_AHEAD));
        let mut threads = Vec::new();
        for writer in 0..WRITERS {
            let producer: ThreadedProducer<Listener> = ClientConfig::new()
                .set("bootstrap.servers", address)
                .set("enable.idempotence", "true")
                .set("linger.ms", "1")
                .set("message.timeout.ms", "0")
                .set("reconnect.backoff.max.ms", "100")
                .create_with_context(told.clone())?;
            let (stopping, allowed) = (Arc::clone(&stopping), Arc::clone(&allowed));
            threads.push(std::thread::spawn(move || write(&producer, writer, &allowed, &stopping)));
        }
        Ok(Self { told, allowed, checked: BTreeMap::new(), stopping, threads })
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.told.0.lock().acked.len()
    }

    /// Where each partition ended when the last acknowledgement came.
    pub(crate) fn ends(&self) -> BTreeMap<i32, i64> {
        self.told.0.lock().ends.clone()
    }

    pub(crate) fn wait_for(&self, records: usize) -> anyhow::Result<()> {
        let started = Instant::now();
        self.allowed.store(records + RECORDS_AHEAD, Ordering::SeqCst);
        loop {
            let told = self.told.0.lock();
            if let Some(failed) = &told.failed {
                bail!("a record was refused: {failed}");
            }
            if told.acked.len() >= records {
                return Ok(());
            }
            ensure!(started.elapsed() < LIMIT, "{} of {records} records acknowledged", told.acked.len());
            drop(told);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Holds what was acknowledged since the last time against what is there; [`check_all`] looks at everything.
    pub(crate) fn check(&mut self, address: &str) -> anyhow::Result<()> {
        let acked: Vec<Acked> = {
            let told = self.told.0.lock();
            let new = |record: &&Acked| {
                record.offset < 0
                    || record.offset >= self.checked.get(&record.partition).copied().unwrap_or(0)
            };
            told.acked.iter().filter(new).cloned().collect()
        };
        let ends = ends(&acked);
        check_from(address, &self.checked, &acked)?;
        self.checked.extend(ends);
        Ok(())
    }

    /// Ends the producers; everything that was acknowledged.
    pub(crate) fn stop(self) -> anyhow::Result<Vec<Acked>> {
        self.stopping.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread.join().map_err(|_| anyhow::anyhow!("a writer ended"))??;
        }
        let mut told = self.told.0.lock();
        if let Some(failed) = &told.failed {
            bail!("a record was refused: {failed}");
        }
        Ok(std::mem::take(&mut told.acked))
    }
}

fn write(
    producer: &ThreadedProducer<Listener>,
    writer: usize,
    allowed: &AtomicUsize,
    stopping: &AtomicBool,
) -> anyhow::Result<()> {
    for n in 0.. {
        if stopping.load(Ordering::SeqCst) {
            break;
        }
        while producer.client().context().0.lock().acked.len() >= allowed.load(Ordering::SeqCst)
            && !stopping.load(Ordering::SeqCst)
        {
            std::thread::sleep(PAUSE);
        }
        let value = format!("writer {writer} record {n}");
        let partition = n % PARTITIONS;
        let mut record = BaseRecord::<(), str>::to(TOPIC).partition(partition).payload(&value);
        while let Err((error, unsent)) = producer.send(record) {
            match error {
                KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) => {
                    std::thread::sleep(PAUSE);
                    record = unsent;
                }
                other => return Err(other.into()),
            }
        }
        std::thread::sleep(PAUSE);
    }
    Ok(producer.flush(LIMIT)?)
}

/// Where each partition ends at least.
pub(crate) fn ends(acked: &[Acked]) -> BTreeMap<i32, i64> {
    let mut ends = BTreeMap::new();
    for record in acked {
        let end = ends.entry(record.partition).or_insert(0);
        *end = (*end).max(record.offset + 1);
    }
    ends
}

/// Every acknowledged record is there once, at the offset that was told, and each writer's are in order.
pub(crate) fn check_all(address: &str, acked: &[Acked]) -> anyhow::Result<()> {
    check_from(address, &BTreeMap::new(), acked)
}

fn check_from(address: &str, from: &BTreeMap<i32, i64>, acked: &[Acked]) -> anyhow::Result<()> {
    let mut found: HashMap<String, (i32, i64)> = HashMap::new();
    for partition in 0..PARTITIONS {
        let mut last: HashMap<String, i64> = HashMap::new();
        for (offset, value) in
            reader::read_from(address, TOPIC, partition, from.get(&partition).copied().unwrap_or(0))?
        {
            let (writer, n) = value.rsplit_once(' ').context("a number")?;
            let n: i64 = n.parse()?;
            if let Some(before) = last.insert(writer.to_owned(), n) {
                ensure!(before < n, "{value:?} at {partition}/{offset} comes after number {before}");
            }
            if let Some(first) = found.insert(value.clone(), (partition, offset)) {
                bail!("{value:?} is there twice: at {first:?} and {partition}/{offset}");
            }
        }
    }
    for record in acked {
        let at = found.get(&record.value);
        // Acknowledged without its offset, it may have been looked at before.
        if at.is_none() && record.offset < 0 && !from.is_empty() {
            continue;
        }
        ensure!(at.is_some(), "{record:?} was acknowledged and is lost");
        // A duplicate the broker dropped may be acknowledged without its offset.
        ensure!(
            record.offset < 0 || at == Some(&(record.partition, record.offset)),
            "{record:?} was acknowledged and is at {at:?}"
        );
    }
    Ok(())
}
