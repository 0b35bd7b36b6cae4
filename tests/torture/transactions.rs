//! A transactional producer: what it committed is there whole, what it aborted is never seen.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use parking_lot::Mutex;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use testkit::{Random, Seed};

use crate::{LIMIT, PARTITIONS, TRANSACTIONS_TOPIC, reader};

const RECORDS_MAX: usize = 20;
/// A call that takes longer is made again: the broker is away for less.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// How a transaction ended, as far as the producer was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Committed,
    Aborted,
    /// An error came instead: all of it is there, or nothing.
    Unknown,
}

/// A transaction: its number is in its records' values.
#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    records: u64,
    end: End,
}

type Ended = Arc<Mutex<Vec<Transaction>>>;

/// The producer, which goes on through kills.
pub(crate) struct Transactor {
    ended: Ended,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<anyhow::Result<()>>,
}

impl Transactor {
    pub(crate) fn start(address: &str, seed: u64) -> anyhow::Result<Self> {
        let (ended, stopping) = (Ended::default(), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::spawn({
            let (address, ended, stopping) = (address.to_owned(), Arc::clone(&ended), Arc::clone(&stopping));
            move || run(&address, &mut Seed::of(seed).random(), &ended, &stopping)
        });
        Ok(Self { ended, stopping, thread })
    }

    pub(crate) fn ended(&self) -> usize {
        self.ended.lock().len()
    }

    pub(crate) fn wait_for_another(&self) -> anyhow::Result<()> {
        let (started, before) = (Instant::now(), self.ended());
        while self.ended() == before {
            ensure!(!self.thread.is_finished(), "the transactional producer ended");
            ensure!(started.elapsed() < LIMIT, "no transaction ended");
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    pub(crate) fn check(&self, address: &str) -> anyhow::Result<()> {
        let ended = self.ended.lock().clone();
        check_all(address, &ended)
    }

    pub(crate) fn stop(self) -> anyhow::Result<Vec<Transaction>> {
        self.stopping.store(true, Ordering::SeqCst);
        self.thread.join().map_err(|_| anyhow::anyhow!("the transactional producer ended"))??;
        let ended = self.ended.lock().clone();
        Ok(ended)
    }
}

type Client = ThreadedProducer<DefaultProducerContext>;

/// A producer that is ready; one before it with the same id is fenced, its transaction aborted.
fn client(address: &str) -> anyhow::Result<Client> {
    let producer: Client = ClientConfig::new()
        .set("bootstrap.servers", address)
        .set("transactional.id", "torture")
        .set("reconnect.backoff.max.ms", "100")
        .create()?;
    let started = Instant::now();
    while let Err(error) = producer.init_transactions(CALL_LIMIT) {
        ensure!(started.elapsed() < LIMIT && is_retriable(&error), "init_transactions: {error}");
    }
    Ok(producer)
}

fn run(address: &str, random: &mut Random, ended: &Ended, stopping: &AtomicBool) -> anyhow::Result<()> {
    let mut producer = client(address)?;
    while !stopping.load(Ordering::SeqCst) {
        let number = ended.lock().len();
        let records = 1 + random.below(RECORDS_MAX) as u64;
        let commit = random.below(2) == 0;
        let outcome = one(&producer, number, records, commit);
        if outcome == End::Unknown {
            drop(producer);
            producer = client(address)?;
        }
        ended.lock().push(Transaction { records, end: outcome });
    }
    Ok(())
}

fn one(producer: &Client, number: usize, records: u64, commit: bool) -> End {
    let sent = producer.begin_transaction().is_ok()
        && (0..records).all(|n| {
            let value = format!("transaction {number} record {n}");
            let partition = (n % PARTITIONS as u64) as i32;
            let record = BaseRecord::<(), str>::to(TRANSACTIONS_TOPIC).partition(partition).payload(&value);
            producer.send(record).is_ok()
        });
    if !sent {
        return End::Unknown;
    }
    let started = Instant::now();
    loop {
        let outcome = if commit {
            producer.commit_transaction(CALL_LIMIT).map(|()| End::Committed)
        } else {
            producer.abort_transaction(CALL_LIMIT).map(|()| End::Aborted)
        };
        match outcome {
            Ok(end) => return end,
            Err(error) if is_retriable(&error) && started.elapsed() < LIMIT => {}
            Err(_) => return End::Unknown,
        }
    }
}

fn is_retriable(error: &KafkaError) -> bool {
    matches!(error, KafkaError::Transaction(error) if error.is_retriable())
}

/// Every committed transaction is there, once and whole; of aborted ones nothing is.
pub(crate) fn check_all(address: &str, ended: &[Transaction]) -> anyhow::Result<()> {
    let mut found: HashMap<usize, Vec<u64>> = HashMap::new();
    for partition in 0..PARTITIONS {
        for (_, value) in reader::read_all(address, TRANSACTIONS_TOPIC, partition)? {
            let numbers: Vec<u64> = value.split(' ').filter_map(|word| word.parse().ok()).collect();
            let &[number, record] = numbers.as_slice() else { bail!("{value:?} is no record of ours") };
            found.entry(usize::try_from(number)?).or_default().push(record);
        }
    }
    for (number, transaction) in ended.iter().enumerate() {
        let mut records = found.remove(&number).unwrap_or_default();
        records.sort_unstable();
        let whole = records.iter().copied().eq(0..transaction.records);
        let sound = match transaction.end {
            End::Committed => whole,
            End::Aborted => records.is_empty(),
            End::Unknown => whole || records.is_empty(),
        };
        ensure!(sound, "transaction {number}, {transaction:?}: records {records:?} are there");
    }
    // At most the one that was under way while this was read.
    let later: Vec<_> = found.keys().filter(|&&number| number > ended.len() + 1000).collect();
    later.is_empty().then_some(()).context("records of transactions that never were")
}
