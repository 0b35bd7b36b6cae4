//! rdkafka: groups that rebalance, and offsets that are committed once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::support::{LIMIT, Server};

fn config(server: &Server) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &server.kafka);
    config
}

fn reader(server: &Server, group: &str) -> BaseConsumer {
    config(server)
        .set("group.id", group)
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("session.timeout.ms", "6000")
        .create()
        .expect("a consumer")
}

async fn create(server: &Server, topic: &str, partitions: i32) -> AdminClient<DefaultClientContext> {
    let admin: AdminClient<DefaultClientContext> = config(server).create().expect("an admin client");
    let topic = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
    let outcome = admin.create_topics([&topic], &AdminOptions::new()).await.expect("an answer");
    assert!(outcome[0].is_ok(), "{outcome:?}");
    admin
}

async fn fill(server: &Server, topic: &str, count: usize) {
    let producer: FutureProducer =
        config(server).set("enable.idempotence", "true").set("linger.ms", "5").create().expect("a producer");
    let sends = (0..count).map(|n| {
        let (producer, key, value) = (producer.clone(), n.to_string(), format!("value {n}"));
        async move {
            let record = FutureRecord::to(topic).key(&key).payload(&value);
            producer.send(record, Duration::from_secs(30)).await.expect("delivered");
        }
    });
    futures::future::join_all(sends).await;
}

/// A member of the protocol in which the broker assigns (KIP-848).
fn assigned_reader(server: &Server, group: &str) -> BaseConsumer {
    config(server)
        .set("group.id", group)
        .set("group.protocol", "consumer")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()
        .expect("a consumer")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_share_and_then_one_takes_over() {
    let server = Server::start();
    share_and_take_over(&server, || reader(&server, "pair")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_shares_among_two_members_and_then_one_takes_over() {
    let server = Server::start();
    share_and_take_over(&server, || assigned_reader(&server, "pair")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_finds_topics_made_later() {
    let server = Server::start();
    create(&server, "events-a", 1).await;
    let consumer = assigned_reader(&server, "watchers");
    consumer.subscribe(&["^events-.*"]).expect("subscribed");
    let started = Instant::now();
    for (topic, known) in [("events-a", 1), ("events-b", 2)] {
        if known > 1 {
            create(&server, topic, 1).await;
        }
        while consumer.assignment().expect("an assignment").count() < known {
            assert!(started.elapsed() < LIMIT, "{topic} was never assigned");
            consumer.poll(Duration::from_millis(50));
        }
    }
}

async fn share_and_take_over(server: &Server, member: impl Fn() -> BaseConsumer) {
    create(server, "shared", 4).await;
    fill(server, "shared", 1_000).await;
    let (first, second) = (member(), member());
    first.subscribe(&["shared"]).expect("subscribed");
    second.subscribe(&["shared"]).expect("subscribed");
    let mut seen = BTreeSet::new();
    let started = Instant::now();
    let share = |consumer: &BaseConsumer| consumer.assignment().expect("an assignment").count();
    // Both must own partitions at the same time, and together read everything.
    let mut both_owned = false;
    while !both_owned || seen.len() < 1_000 {
        assert!(started.elapsed() < LIMIT, "read {} of 1000, both owned: {both_owned}", seen.len());
        for consumer in [&first, &second] {
            if let Some(message) = consumer.poll(Duration::from_millis(20)) {
                let message = message.expect("a message");
                seen.insert((message.partition(), message.offset()));
            }
        }
        both_owned |= share(&first) == 2 && share(&second) == 2;
    }
    first.commit_consumer_state(CommitMode::Sync).expect("committed");
    drop(first);
    while share(&second) < 4 {
        assert!(started.elapsed() < LIMIT, "the second member never took over");
        second.poll(Duration::from_millis(50));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_are_administered() {
    let server = Server::start();
    let admin = create(&server, "managed", 1).await;
    let again = NewTopic::new("managed", 1, TopicReplication::Fixed(1));
    let outcome = admin.create_topics([&again], &AdminOptions::new()).await.expect("an answer");
    assert!(format!("{:?}", outcome[0]).contains("TopicAlreadyExists"), "{outcome:?}");
    let bad = NewTopic::new("no/slash", 1, TopicReplication::Fixed(1));
    let outcome = admin.create_topics([&bad], &AdminOptions::new()).await.expect("an answer");
    assert!(format!("{:?}", outcome[0]).contains("InvalidTopic"), "{outcome:?}");
    let more = [NewPartitions::new("managed", 5)];
    let outcome = admin.create_partitions(&more, &AdminOptions::new()).await.expect("an answer");
    assert!(outcome[0].is_ok(), "{outcome:?}");
    let metadata =
        reader(&server, "x").fetch_metadata(Some("managed"), Duration::from_secs(10)).expect("metadata");
    assert_eq!(metadata.topics()[0].partitions().len(), 5);
    let outcome = admin.delete_topics(&["managed"], &AdminOptions::new()).await.expect("an answer");
    assert!(outcome[0].is_ok(), "{outcome:?}");
}
