use std::time::{Duration, Instant};

use testkit::TempDir;
use wire::messages::fetch::{FetchRequest, FetchResponse};
use wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopic,
};
use wire::{ApiKey, ErrorCode, Uuid};

use crate::client::{batch, fetch_request, values};
use crate::server::{EPOCH_MS, Server};

#[tokio::test]
async fn every_version_reads() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let id = client.metadata("t").await.topics[0].topic_id;
    client.produce("t", &batch(&["a", "b", "c"])).await;
    for version in 4..=18 {
        let request = fetch_request("t", if version >= 13 { id } else { Uuid::ZERO }, 1, 0);
        let answer: FetchResponse = client.call(ApiKey::Fetch, version, &request).await;
        let partition = &answer.responses[0].partitions[0];
        assert_eq!((partition.error_code, partition.high_watermark), (0, 3), "version {version}");
        // From the middle of a batch the whole batch is returned.
        assert_eq!(values(&partition.records.clone().unwrap().0), ["a", "b", "c"]);
    }
    let answer: FetchResponse = client.call(ApiKey::Fetch, 17, &fetch_request("", Uuid([1; 16]), 0, 0)).await;
    assert_eq!(answer.responses[0].partitions[0].error_code, ErrorCode::UnknownTopicId.number());
    assert_eq!(client.fetch("t", 3).await, (0, vec![]));
    assert_eq!(client.fetch("t", 4).await.0, ErrorCode::OffsetOutOfRange.number());
    assert_eq!(client.fetch("t", -1).await.0, ErrorCode::OffsetOutOfRange.number());
    assert_eq!(client.fetch("none", 0).await.0, ErrorCode::UnknownTopicOrPartition.number());
    server.stop().await;
}

#[tokio::test]
async fn a_waiting_fetch_is_woken_by_the_append() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut producer = server.client().await;
    let mut consumer = server.client().await;
    producer.create("t", 1, &[]).await;
    for round in 0..20 {
        let request = fetch_request("t", Uuid::ZERO, round, 15_000);
        let id = consumer.send(ApiKey::Fetch, 12, &request).await;
        let started = Instant::now();
        producer.produce("t", &batch(&["wake"])).await;
        let answer: FetchResponse = consumer.answer(ApiKey::Fetch, 12, id).await;
        assert_eq!(values(&answer.responses[0].partitions[0].records.clone().unwrap().0), ["wake"]);
        assert!(started.elapsed() < Duration::from_secs(10));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_fetch_waits_for_min_bytes_or_its_time() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut producer = server.client().await;
    let mut consumer = server.client().await;
    producer.create("t", 1, &[]).await;
    let one = batch(&["x"]);
    let patient =
        |wait| FetchRequest { min_bytes: 2 * one.len() as i32, ..fetch_request("t", Uuid::ZERO, 0, wait) };
    // Nothing comes: the time ends it.
    let answer: FetchResponse = consumer.call(ApiKey::Fetch, 12, &patient(50)).await;
    assert!(answer.responses[0].partitions[0].records.clone().unwrap().0.is_empty());
    let id = consumer.send(ApiKey::Fetch, 12, &patient(15_000)).await;
    producer.produce("t", &one).await;
    producer.produce("t", &one).await;
    let answer: FetchResponse = consumer.answer(ApiKey::Fetch, 12, id).await;
    assert_eq!(values(&answer.responses[0].partitions[0].records.clone().unwrap().0), ["x", "x"]);
    server.stop().await;
}

#[tokio::test]
async fn limits_bound_a_fetch_but_one_batch_always_comes() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    for value in ["a", "b", "c"] {
        client.produce("t", &batch(&[value])).await;
    }
    let one = batch(&["a"]).len() as i32;
    for (bytes, expected) in [(1, 1), (2 * one, 2), (2 * one + 5, 2), (9 * one, 3)] {
        let request = FetchRequest { max_bytes: bytes, ..fetch_request("t", Uuid::ZERO, 0, 0) };
        let answer: FetchResponse = client.call(ApiKey::Fetch, 12, &request).await;
        let found = values(&answer.responses[0].partitions[0].records.clone().unwrap().0);
        assert_eq!(found.len(), expected, "max_bytes {bytes}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_session_is_told_only_what_is_new() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let first = FetchRequest { session_epoch: 0, ..fetch_request("t", Uuid::ZERO, 0, 0) };
    let answer: FetchResponse = client.call(ApiKey::Fetch, 12, &first).await;
    let session_id = answer.session_id;
    assert!(session_id > 0 && answer.responses.len() == 1);

    let next = |session_epoch| FetchRequest { session_id, session_epoch, ..Default::default() };
    let answer: FetchResponse = client.call(ApiKey::Fetch, 12, &next(1)).await;
    assert!(answer.responses.is_empty() && answer.session_id == session_id);
    client.produce("t", &batch(&["new"])).await;
    let answer: FetchResponse = client.call(ApiKey::Fetch, 12, &next(2)).await;
    assert_eq!(values(&answer.responses[0].partitions[0].records.clone().unwrap().0), ["new"]);
    let moved = FetchRequest { session_id, session_epoch: 3, ..fetch_request("t", Uuid::ZERO, 1, 0) };
    let answer: FetchResponse = client.call(ApiKey::Fetch, 12, &moved).await;
    assert!(answer.responses.is_empty());
    let answer: FetchResponse = client.call(ApiKey::Fetch, 12, &next(3)).await;
    assert_eq!(answer.error_code, ErrorCode::InvalidFetchSessionEpoch.number());
    let gone = FetchRequest { session_id: 999, session_epoch: 1, ..Default::default() };
    let answer: FetchResponse = client.call(ApiKey::Fetch, 12, &gone).await;
    assert_eq!(answer.error_code, ErrorCode::FetchSessionIdNotFound.number());
    server.stop().await;
}

#[tokio::test]
async fn offsets_by_time_and_by_name() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    for (at, value) in [(10, "a"), (30, "b"), (20, "c")] {
        let record = wire::batch::BatchBuilder::new().record(EPOCH_MS + at, None, Some(value.as_bytes()));
        client.produce("t", &record.build()).await;
    }
    // With the version that brought each.
    let cases = [
        (-1, (-1, 3), 1),
        (-2, (-1, 0), 1),
        (-3, (EPOCH_MS + 30, 1), 7),
        (-4, (-1, 0), 8),
        (-5, (-1, -1), 9),
        (EPOCH_MS, (EPOCH_MS + 10, 0), 1),
        (EPOCH_MS + 15, (EPOCH_MS + 30, 1), 1),
        (EPOCH_MS + 31, (-1, -1), 1),
    ];
    for version in 1..=11 {
        for (timestamp, expected, since) in cases {
            let request = ListOffsetsRequest {
                replica_id: -1,
                topics: vec![ListOffsetsTopic {
                    name: "t".into(),
                    partitions: vec![ListOffsetsPartition { timestamp, ..Default::default() }],
                }],
                ..Default::default()
            };
            let answer: ListOffsetsResponse = client.call(ApiKey::ListOffsets, version, &request).await;
            let found = &answer.topics[0].partitions[0];
            let (code, expected) = match version >= since {
                true => (ErrorCode::None, expected),
                false => (ErrorCode::UnsupportedVersion, (-1, -1)),
            };
            assert_eq!(found.error_code, code.number(), "version {version}, {timestamp}");
            assert_eq!((found.timestamp, found.offset), expected, "version {version}, {timestamp}");
        }
    }
    server.stop().await;
}
