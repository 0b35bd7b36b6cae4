//! What was acknowledged is there after a stop and after a kill.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};

use crate::support::Server;

fn producer(server: &Server) -> FutureProducer {
    ClientConfig::new()
        .set("bootstrap.servers", &server.kafka)
        .set("enable.idempotence", "true")
        .set("linger.ms", "1")
        .create()
        .expect("a producer")
}

fn reader(server: &Server) -> BaseConsumer {
    ClientConfig::new()
        .set("bootstrap.servers", &server.kafka)
        .set("group.id", "auditor")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .create()
        .expect("a consumer")
}

/// Every record of partition 0, by offset.
fn read_all(server: &Server, topic: &str) -> BTreeMap<i64, String> {
    let consumer = reader(server);
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(topic, 0, Offset::Beginning).expect("an offset");
    consumer.assign(&from).expect("assigned");
    let mut records = BTreeMap::new();
    loop {
        match consumer.poll(Duration::from_secs(30)).expect("an answer in time") {
            Ok(message) => {
                let text = String::from_utf8(message.payload().expect("a value").to_vec()).expect("text");
                assert!(
                    records.insert(message.offset(), text).is_none(),
                    "offset {} came twice",
                    message.offset()
                );
            }
            Err(rdkafka::error::KafkaError::PartitionEOF(_)) => return records,
            Err(error) => panic!("{error}"),
        }
    }
}

fn commit(server: &Server, topic: &str, offset: i64) {
    let mut offsets = TopicPartitionList::new();
    offsets.add_partition_offset(topic, 0, Offset::Offset(offset)).expect("an offset");
    reader(server).commit(&offsets, CommitMode::Sync).expect("committed");
}

fn committed(server: &Server, topic: &str) -> Offset {
    let mut wanted = TopicPartitionList::new();
    wanted.add_partition(topic, 0);
    let answer = reader(server).committed_offsets(wanted, Duration::from_secs(30)).expect("an answer");
    answer.find_partition(topic, 0).expect("the partition").offset()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_and_offsets_survive_a_stop() {
    let mut server = Server::start();
    let producer = producer(&server);
    for n in 0..50 {
        let value = format!("value {n}");
        let record = FutureRecord::<(), str>::to("kept").payload(&value);
        producer.send(record, Duration::from_secs(30)).await.expect("delivered");
    }
    commit(&server, "kept", 17);
    drop(producer);
    let before = read_all(&server, "kept");
    server.stop_and_restart();
    assert_eq!(read_all(&server, "kept"), before);
    assert_eq!(before.len(), 50);
    assert_eq!(committed(&server, "kept"), Offset::Offset(17));
}

/// Killed in the middle of a stream, three times over.
#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_records_survive_kill_9() {
    let mut server = Server::start();
    let mut acknowledged: BTreeMap<i64, String> = BTreeMap::new();
    for round in 0..3 {
        let producer = producer(&server);
        let killed = Arc::new(AtomicBool::new(false));
        let writing = tokio::spawn({
            let killed = Arc::clone(&killed);
            async move {
                let mut acknowledged = Vec::new();
                for n in 0.. {
                    if killed.load(Ordering::SeqCst) {
                        break;
                    }
                    let value = format!("round {round} value {n}");
                    let record = FutureRecord::<(), str>::to("killed").payload(&value);
                    let sending = producer.send(record, Duration::from_secs(30));
                    // After the kill nothing more is acknowledged: don't wait for it.
                    let Ok(Ok(delivery)) = tokio::time::timeout(Duration::from_secs(2), sending).await else {
                        break;
                    };
                    acknowledged.push((delivery.offset, value));
                }
                acknowledged
            }
        });
        wait_for_records(&server, "killed", acknowledged.len() as i64 + 200).await;
        commit(&server, "killed", acknowledged.len() as i64 + 100);
        let committed_before = committed(&server, "killed");
        server.kill_and_restart();
        killed.store(true, Ordering::SeqCst);
        acknowledged.extend(writing.await.expect("the writer ends"));
        let found = read_all(&server, "killed");
        for (offset, value) in &acknowledged {
            assert_eq!(found.get(offset), Some(value), "offset {offset} was acknowledged");
        }
        assert_eq!(committed(&server, "killed"), committed_before);
        acknowledged = found;
    }
}

async fn wait_for_records(server: &Server, topic: &str, count: i64) {
    let consumer = reader(server);
    let started = std::time::Instant::now();
    loop {
        let end = consumer.fetch_watermarks(topic, 0, Duration::from_secs(10)).map_or(0, |(_, end)| end);
        if end >= count {
            return;
        }
        assert!(started.elapsed() < crate::support::LIMIT, "only {end} of {count} records came");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
