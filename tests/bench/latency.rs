//! From `send` to `poll`: a producer that sends at a steady rate, and a consumer that waits for each record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use serde_json::{Value, json};

#[derive(clap::Args)]
pub(crate) struct Args {
    address: String,
    /// Must exist; its partition 0 is used, from its end on.
    topic: String,
    /// Records a second.
    #[arg(long, default_value_t = 10_000)]
    rate: u64,
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Seconds before that which do not count.
    #[arg(long, default_value_t = 2)]
    warm_up: u64,
    /// Bytes of each record's value.
    #[arg(long, default_value_t = 100)]
    size: usize,
    #[arg(long, default_value = "all")]
    acks: String,
}

/// Records are sent in steps: a thread cannot sleep for the tenth of a millisecond between two of them.
const STEP: Duration = Duration::from_millis(1);
const GIVE_UP_AFTER: Duration = Duration::from_secs(30);

pub(crate) fn run(args: &Args) -> anyhow::Result<Value> {
    let consumer = consumer(args)?;
    let epoch = Instant::now();
    let total = args.rate * (args.warm_up + args.seconds);
    let failed = Arc::new(AtomicBool::new(false));
    let mut latencies_us: Vec<u64> = Vec::new();
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| send(args, epoch, total, &failed));
        let received = receive(&consumer, args, epoch, total, &failed, &mut latencies_us);
        if received.is_err() {
            failed.store(true, Ordering::SeqCst);
        }
        let sent = sending.join().map_err(|_| anyhow::anyhow!("the producer's thread ended"))?;
        sent.and(received)
    })?;
    latencies_us.sort_unstable();
    let at = |share: f64| latencies_us[((latencies_us.len() - 1) as f64 * share) as usize] as f64 / 1000.0;
    Ok(json!({
        "records": latencies_us.len(),
        "p50_ms": at(0.5),
        "p99_ms": at(0.99),
        "p999_ms": at(0.999),
        "max_ms": at(1.0),
    }))
}

/// A consumer of partition 0 that is known to read from its end on.
fn consumer(args: &Args) -> anyhow::Result<BaseConsumer> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &args.address)
        .set("group.id", "latency")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .create()?;
    let (_, end) = consumer.fetch_watermarks(&args.topic, 0, GIVE_UP_AFTER)?;
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(&args.topic, 0, Offset::Offset(end))?;
    consumer.assign(&from)?;
    let started = Instant::now();
    while started.elapsed() < GIVE_UP_AFTER {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Err(KafkaError::PartitionEOF(_))) => return Ok(consumer),
            Some(Err(error)) => return Err(error.into()),
            Some(Ok(_)) | None => {}
        }
    }
    bail!("the consumer did not reach the end of {}", args.topic)
}

fn send(args: &Args, epoch: Instant, total: u64, failed: &AtomicBool) -> anyhow::Result<()> {
    let producer: ThreadedProducer<rdkafka::producer::DefaultProducerContext> = ClientConfig::new()
        .set("bootstrap.servers", &args.address)
        .set("acks", &args.acks)
        .set("linger.ms", "0")
        .create()?;
    let mut value = vec![0; args.size.max(8)];
    let started = Instant::now();
    for n in 0..total {
        let due = Duration::from_secs_f64(n as f64 / args.rate as f64);
        while let Some(early) = due.checked_sub(started.elapsed()).filter(|early| !early.is_zero()) {
            std::thread::sleep(early.max(STEP));
        }
        if failed.load(Ordering::SeqCst) {
            return Ok(());
        }
        let now_us = u64::try_from(epoch.elapsed().as_micros()).context("a long run")?;
        value[..8].copy_from_slice(&now_us.to_be_bytes());
        let mut record = BaseRecord::<(), [u8]>::to(&args.topic).partition(0).payload(&value);
        while let Err((error, unsent)) = producer.send(record) {
            match error {
                KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) => {
                    std::thread::sleep(STEP);
                    record = unsent;
                }
                other => return Err(other.into()),
            }
        }
    }
    Ok(producer.flush(GIVE_UP_AFTER)?)
}

fn receive(
    consumer: &BaseConsumer,
    args: &Args,
    epoch: Instant,
    total: u64,
    failed: &AtomicBool,
    latencies_us: &mut Vec<u64>,
) -> anyhow::Result<()> {
    let (mut seen, skipped) = (0, args.rate * args.warm_up);
    let mut heard = Instant::now();
    while seen < total && !failed.load(Ordering::SeqCst) {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                let now_us = u64::try_from(epoch.elapsed().as_micros()).context("a long run")?;
                let sent = message.payload().and_then(|value| value.first_chunk::<8>()).context("a time")?;
                seen += 1;
                heard = Instant::now();
                if seen > skipped {
                    latencies_us.push(now_us.saturating_sub(u64::from_be_bytes(*sent)));
                }
            }
            Some(Err(KafkaError::PartitionEOF(_))) | None => {
                if heard.elapsed() > GIVE_UP_AFTER {
                    bail!("{seen} of {total} records arrived");
                }
            }
            Some(Err(error)) => return Err(error.into()),
        }
    }
    Ok(())
}
