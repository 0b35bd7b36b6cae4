use testkit::{TempDir, expect_closed};
use wire::batch::{BatchBuilder, Producer};
use wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use wire::{ApiKey, ErrorCode, Uuid};

use crate::client::{Client, batch};
use crate::server::{EPOCH_MS, Server};

#[tokio::test]
async fn every_version_appends() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let id = client.metadata("t").await.topics[0].topic_id;
    let mut expected = Vec::new();
    for version in 3..=13 {
        let (name, id) = if version >= 13 { ("", id) } else { ("t", Uuid::ZERO) };
        let value = format!("version {version}");
        let answer = client.produce_at(version, name, id, &batch(&[&value])).await;
        assert_eq!((answer.error_code, answer.base_offset), (0, i64::from(version) - 3));
        expected.push(value);
    }
    assert_eq!(client.fetch("t", 0).await, (0, expected));
    let answer = client.produce_at(13, "", Uuid([9; 16]), &batch(&["x"])).await;
    assert_eq!(answer.error_code, ErrorCode::UnknownTopicId.number());

    // Versions 0 to 2 are advertised, never served.
    let body = [&[0, 1, 0, 0, 0, 1][..], &[0; 4]].concat();
    client.wire.send_request(0, 2, false, &body).await.unwrap();
    expect_closed(client.wire.stream()).await;
    server.stop().await;
}

#[tokio::test]
async fn unsound_batches_are_refused_by_kafkas_codes() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[("max.message.bytes", "200")]).await;
    client.create("compacted", 1, &[("cleanup.policy", "compact")]).await;
    let good = batch(&["v"]);
    let mut damaged = good.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let mut old = good.to_vec();
    old[16] = 1;
    let control = BatchBuilder::new()
        .producer(Producer { id: 1, epoch: 0, base_sequence: 0 })
        .control()
        .record(EPOCH_MS, Some(b"k"), None)
        .build();
    let early = BatchBuilder::new().record(EPOCH_MS + 3_700_000, None, Some(b"v")).build();
    let cases: [(&str, &[u8], ErrorCode); 9] = [
        ("t", &good, ErrorCode::None),
        ("t", &damaged, ErrorCode::CorruptMessage),
        ("t", &old, ErrorCode::InvalidRecord),
        ("t", &good[..40], ErrorCode::InvalidRecord),
        ("t", &[&good[..], &good[..]].concat(), ErrorCode::InvalidRecord),
        ("t", &control, ErrorCode::InvalidRecord),
        ("t", &batch(&["x".repeat(200).as_str()]), ErrorCode::MessageTooLarge),
        ("t", &early, ErrorCode::InvalidTimestamp),
        ("compacted", &good, ErrorCode::InvalidRecord),
    ];
    for (topic, bytes, expected) in cases {
        let answer = client.produce(topic, bytes).await;
        assert_eq!(answer.error_code, expected.number(), "{expected:?}: {:?}", answer.error_message);
    }
    let answer = client.produce("missing", &good).await;
    assert_eq!(answer.error_code, ErrorCode::UnknownTopicOrPartition.number());
    assert_eq!(client.fetch("t", 0).await, (0, vec!["v".into()]));
    server.stop().await;
}

#[tokio::test]
async fn log_append_time_is_the_brokers() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    server.clock.advance(5000);
    let mut client = server.client().await;
    client.create("t", 1, &[("message.timestamp.type", "LogAppendTime")]).await;
    let answer = client.produce("t", &batch(&["v"])).await;
    assert_eq!((answer.error_code, answer.log_append_time_ms), (0, EPOCH_MS + 5000));
    assert_eq!(client.fetch("t", 0).await, (0, vec!["v".into()]));
    server.stop().await;
}

#[tokio::test]
async fn without_acks_there_is_no_answer() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let body = Client::produce_body(9, "t", Uuid::ZERO, 0, &batch(&["quiet"]));
    client.wire.send_request(0, 9, true, &body).await.unwrap();
    // The next answer is the next request's.
    let answer = client.produce("t", &batch(&["loud"])).await;
    assert_eq!(answer.base_offset, 1);
    let stats = server.broker.stats();
    assert_eq!((stats.messages_in, stats.topics["t"].messages_in), (2, 2));
    server.stop().await;
}

#[tokio::test]
async fn an_idempotent_batch_is_appended_once() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let asked = InitProducerIdRequest { transaction_timeout_ms: 1000, ..Default::default() };
    let given: InitProducerIdResponse = client.call(ApiKey::InitProducerId, 5, &asked).await;
    let id = given.producer_id;
    let other: InitProducerIdResponse = client.call(ApiKey::InitProducerId, 1, &asked).await;
    assert_ne!(other.producer_id, id);

    let build = |base_sequence: i32| {
        let producer = Producer { id, epoch: 0, base_sequence };
        BatchBuilder::new().producer(producer).record(EPOCH_MS, None, Some(b"v")).build()
    };
    for (sequence, offset) in [(0, 0), (1, 1), (0, 0), (1, 1), (2, 2)] {
        let answer = client.produce("t", &build(sequence)).await;
        assert_eq!((answer.error_code, answer.base_offset), (0, offset));
    }
    let answer = client.produce("t", &build(7)).await;
    assert_eq!(answer.error_code, ErrorCode::OutOfOrderSequenceNumber.number());

    // What is known of the producer is rebuilt from the log.
    server.stop().await;
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let answer = client.produce("t", &build(2)).await;
    assert_eq!((answer.error_code, answer.base_offset), (0, 2));
    assert_eq!(client.produce("t", &build(9)).await.error_code, 45);
    assert_eq!(client.produce("t", &build(3)).await.base_offset, 3);
    let later: InitProducerIdResponse = client.call(ApiKey::InitProducerId, 1, &asked).await;
    assert!(later.producer_id > other.producer_id);
    server.stop().await;
}
