//! Transactions with librdkafka: what is committed is seen once, whatever is killed meanwhile.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};
use rdkafka::{Offset, TopicPartitionList};

use crate::support::{LIMIT, Server, run};

const RECORDS: usize = 2_000;
/// Records per transaction.
const BATCH: usize = 20;
/// How long a client asks a server that may be gone.
const STEP: Duration = Duration::from_secs(10);

fn producer(server: &Server, id: &str) -> BaseProducer<DefaultProducerContext> {
    ClientConfig::new()
        .set("bootstrap.servers", &server.kafka)
        .set("transactional.id", id)
        .set("transaction.timeout.ms", "20000")
        .set("linger.ms", "0")
        .create()
        .expect("a producer")
}

fn reader(server: &Server, isolation: &str) -> BaseConsumer {
    ClientConfig::new()
        .set("bootstrap.servers", &server.kafka)
        .set("group.id", "copier")
        .set("isolation.level", isolation)
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .create()
        .expect("a consumer")
}

fn assign(consumer: &BaseConsumer, topic: &str, from: Offset) {
    let mut partitions = TopicPartitionList::new();
    partitions.add_partition_offset(topic, 0, from).expect("an offset");
    consumer.assign(&partitions).expect("assigned");
}

/// Every value of a topic up to its end.
fn read_all(server: &Server, topic: &str, isolation: &str) -> Vec<String> {
    let consumer = reader(server, isolation);
    assign(&consumer, topic, Offset::Beginning);
    let mut values = Vec::new();
    loop {
        match consumer.poll(STEP).expect("an answer in time") {
            Ok(message) => {
                values.push(String::from_utf8(message.payload().expect("a value").to_vec()).expect("text"));
            }
            Err(KafkaError::PartitionEOF(_)) => return values,
            Err(error) => panic!("{error}"),
        }
    }
}

fn fill(server: &Server) -> Vec<String> {
    let producer = producer(server, "filler");
    producer.init_transactions(STEP).expect("initialized");
    let mut expected = Vec::new();
    for batch in 0..RECORDS / 100 {
        producer.begin_transaction().expect("begun");
        let values: Vec<String> = (0..100).map(|n| format!("{}", batch * 100 + n)).collect();
        for value in &values {
            producer.send(BaseRecord::<(), str>::to("in").payload(value)).expect("queued");
        }
        if batch % 4 == 3 {
            producer.flush(STEP).expect("sent");
            producer.abort_transaction(STEP).expect("aborted");
        } else {
            producer.commit_transaction(STEP).expect("committed");
            expected.extend(values);
        }
    }
    expected
}

/// Reads on from the group's own position, writes what it read and its new position in one transaction, until
/// there is nothing more to read or the server is gone. Every fifth transaction is given up and done again.
fn copy(server_address: &Server, done: &AtomicUsize) -> Result<(), KafkaError> {
    let (consumer, producer) = (reader(server_address, "read_committed"), producer(server_address, "copier"));
    producer.init_transactions(STEP)?;
    let mut wanted = TopicPartitionList::new();
    wanted.add_partition("in", 0);
    let committed = consumer.committed_offsets(wanted, STEP)?;
    let mut position = match committed.find_partition("in", 0).map(|at| at.offset()) {
        Some(Offset::Offset(offset)) => Offset::Offset(offset),
        _ => Offset::Beginning,
    };
    let mut round = 0;
    loop {
        assign(&consumer, "in", position);
        let mut batch = Vec::new();
        let (mut next, mut ended) = (position, false);
        while batch.len() < BATCH && !ended {
            match consumer.poll(STEP) {
                Some(Ok(message)) => {
                    next = Offset::Offset(message.offset() + 1);
                    batch.push(message.payload().expect("a value").to_vec());
                }
                Some(Err(KafkaError::PartitionEOF(_))) => ended = true,
                Some(Err(error)) => return Err(error),
                None => return Err(KafkaError::Canceled),
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        producer.begin_transaction()?;
        for value in &batch {
            producer.send(BaseRecord::<(), [u8]>::to("out").payload(value)).map_err(|(error, _)| error)?;
        }
        let mut offsets = TopicPartitionList::new();
        offsets.add_partition_offset("in", 0, next)?;
        let group = consumer.group_metadata().expect("a group");
        producer.send_offsets_to_transaction(&offsets, &group, STEP)?;
        round += 1;
        if round % 5 == 0 {
            producer.flush(STEP)?;
            producer.abort_transaction(STEP)?;
        } else {
            producer.commit_transaction(STEP)?;
            position = next;
            done.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[test]
fn a_copy_is_exact_though_the_broker_is_killed() {
    let mut server = Server::start();
    let expected = fill(&server);
    assert_eq!(read_all(&server, "in", "read_committed"), expected);
    assert_eq!(read_all(&server, "in", "read_uncommitted").len(), RECORDS);

    let done = AtomicUsize::new(0);
    for kills in 1..=3 {
        std::thread::scope(|scope| {
            let copying = scope.spawn(|| copy(&server, &done));
            let started = Instant::now();
            // In the middle of some transaction, wherever that is.
            while done.load(Ordering::SeqCst) < kills * 15 && !copying.is_finished() {
                assert!(started.elapsed() < LIMIT, "no transaction was committed");
                std::thread::yield_now();
            }
            assert!(!copying.is_finished(), "{:?}", copying.join());
            let kill = ["-KILL", &server.pid().to_string()];
            run("kill", Command::new("kill").args(kill));
            // Whatever it was told, it ends: the server is gone.
            assert!(copying.join().expect("no panic").is_err());
        });
        server.kill_and_restart();
    }
    copy(&server, &done).expect("the rest");
    assert_eq!(read_all(&server, "out", "read_committed"), expected);
    assert!(read_all(&server, "out", "read_uncommitted").len() > expected.len());

    // The same after a proper stop, which reads the producers' snapshots.
    server.stop_and_restart();
    assert_eq!(read_all(&server, "out", "read_committed"), expected);
}
