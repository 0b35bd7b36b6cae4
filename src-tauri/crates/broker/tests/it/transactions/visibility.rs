//! Who sees which records, and when.

use super::*;

#[tokio::test]
async fn committed_records_are_seen_and_aborted_ones_are_not() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    for version in [1, 4] {
        let request =
            FindCoordinatorRequest { key: "a".into(), key_type: 1, coordinator_keys: vec!["a".into()] };
        let found: FindCoordinatorResponse = client.call(ApiKey::FindCoordinator, version, &request).await;
        assert_eq!(found.error_code, 0);
        assert!(found.coordinators.iter().all(|coordinator| coordinator.error_code == 0));
    }
    let mut producer = Transactional::new(&mut client, "a").await;
    assert_eq!(producer.epoch, 0);

    // Version 1 of the protocol: a partition must be added first, and the epoch stays.
    assert_eq!(producer.produce(&mut client, 9, "t", "early").await.0, ErrorCode::InvalidTxnState.number());
    assert_eq!(producer.add(&mut client, 0, "t").await, 0);
    assert_eq!(producer.produce(&mut client, 9, "t", "one").await, (0, 0));
    assert_eq!(producer.produce(&mut client, 9, "t", "two").await, (0, 1));
    assert_eq!(describe(&mut client, "a").await, ("Ongoing".into(), vec!["t".into()]));
    let data = fetch(&mut client, "t", 0, true).await;
    assert_eq!((data.last_stable_offset, data.high_watermark), (0, 2));
    assert_eq!(data.records.unwrap_or_default().0.len(), 0);
    assert_eq!(latest(&mut client, "t", 1).await, 0);
    assert_eq!(latest(&mut client, "t", 0).await, 2);
    assert_eq!(producer.end(&mut client, 3, true).await, 0);
    assert_eq!(producer.end(&mut client, 3, true).await, 0, "the same once more");
    assert_eq!(producer.end(&mut client, 3, false).await, ErrorCode::InvalidTxnState.number());
    assert_eq!(latest(&mut client, "t", 1).await, 3);
    assert_eq!(producer.epoch, 0);

    assert_eq!(producer.add(&mut client, 3, "t").await, 0);
    assert_eq!(producer.produce(&mut client, 9, "t", "aborted").await, (0, 3));
    client.produce("t", &batch(&["plain"])).await;
    assert_eq!(producer.end(&mut client, 1, false).await, 0);

    // Version 2: writing adds the partition, and every transaction has its own epoch.
    assert_eq!(producer.produce(&mut client, 12, "t", "three").await, (0, 6));
    assert_eq!(producer.end(&mut client, 5, true).await, 0);
    assert_eq!((producer.epoch, producer.sequence), (1, 0));
    assert_eq!(producer.produce(&mut client, 12, "t", "four").await, (0, 8));
    assert_eq!(producer.end(&mut client, 5, false).await, 0);
    assert_eq!(producer.epoch, 2);
    // Aborting nothing bumps it, too.
    assert_eq!(producer.end(&mut client, 5, false).await, 0);
    assert_eq!(producer.epoch, 3);
    assert_eq!(producer.end(&mut client, 5, true).await, ErrorCode::InvalidTxnState.number());

    assert_eq!(committed(&mut client, "t").await, ["one", "two", "plain", "three"]);
    let data = fetch(&mut client, "t", 0, false).await;
    assert!(data.aborted_transactions.is_none());
    assert_eq!(describe(&mut client, "a").await.0, "CompleteAbort");

    // The same after a stop and after a crash.
    let crashed = crate::server::crash_copy(dir.path());
    server.stop().await;
    for dir in [dir.path(), crashed.path()] {
        let server = Server::start(dir).await;
        let mut client = server.client().await;
        assert_eq!(committed(&mut client, "t").await, ["one", "two", "plain", "three"]);
        assert_eq!(describe(&mut client, "a").await.0, "CompleteAbort");
        let mut again = Transactional { epoch: 3, sequence: 0, ..producer };
        assert_eq!(again.produce(&mut client, 12, "t", "five").await, (0, 10));
        assert_eq!(again.end(&mut client, 5, true).await, 0);
        assert_eq!(committed(&mut client, "t").await.last().unwrap(), "five");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_waiting_reader_is_woken_by_the_commit() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let mut producer = Transactional::new(&mut client, "a").await;
    assert_eq!(producer.produce(&mut client, 12, "t", "v").await.0, 0);
    let mut reader = server.client().await;
    let mut request = fetch_request("t", Uuid::ZERO, 0, 60_000);
    request.isolation_level = 1;
    // More than the marker has.
    request.min_bytes = 100;
    let id = reader.send(ApiKey::Fetch, 12, &request).await;
    // Whether it waits by then or not, it sees no more and no less than what is committed.
    assert_eq!(producer.end(&mut client, 5, true).await, 0);
    let answer: FetchResponse = reader.answer(ApiKey::Fetch, 12, id).await;
    let data = &answer.responses[0].partitions[0];
    assert_eq!(data.last_stable_offset, 2);
    assert!(data.records.as_ref().unwrap().0.len() >= 100);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn producers_side_by_side_never_show_what_they_abort() {
    const TOPICS: [&str; 2] = ["x", "y"];
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    for topic in TOPICS {
        client.create(topic, 1, &[]).await;
    }
    let writers = ["a", "b", "c", "d"].map(|id| {
        let address = server.address;
        tokio::spawn(async move {
            let mut client = Client::connect(address).await;
            let mut producer = Transactional::new(&mut client, id).await;
            let mut kept = Vec::new();
            for round in 0..25 {
                let commit = round % 3 != 1;
                let value = format!("{id}{round} {commit}");
                for topic in &TOPICS[..1 + round % 2] {
                    producer.sequence = 0;
                    assert_eq!(producer.produce(&mut client, 12, topic, &value).await.0, 0);
                }
                client.produce("x", &batch(&["plain"])).await;
                assert_eq!(producer.end(&mut client, 5, commit).await, 0);
                if commit {
                    kept.push(value);
                }
            }
            kept
        })
    });
    // Reads while they write.
    let address = server.address;
    let reader = tokio::spawn(async move {
        let mut client = Client::connect(address).await;
        let mut before: Vec<String> = Vec::new();
        // What the odd rounds commit.
        while before.len() < 32 {
            let seen = committed(&mut client, "y").await;
            assert!(seen.starts_with(&before), "what was read once stays");
            assert!(seen.iter().all(|value| value.ends_with("true")), "{seen:?}");
            before = seen;
        }
    });
    let mut expected = Vec::new();
    for writer in writers {
        expected.extend(writer.await.unwrap());
    }
    reader.await.unwrap();
    let mut seen = committed(&mut client, "x").await;
    assert_eq!(seen.iter().filter(|value| *value == "plain").count(), 100);
    seen.retain(|value| value != "plain");
    seen.sort();
    expected.sort();
    assert_eq!(seen, expected);
    server.stop().await;
}

#[tokio::test]
async fn markers_are_stamped_as_the_topic_says() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("stamped", 1, &[("message.timestamp.type", "LogAppendTime")]).await;
    let mut producer = Transactional::new(&mut client, "t").await;
    assert_eq!(producer.produce(&mut client, 12, "stamped", "a").await, (0, 0));
    assert_eq!(producer.end(&mut client, 5, true).await, 0);
    let bytes = fetch(&mut client, "stamped", 0, true).await.records.unwrap_or_default().0;
    let stamped = batches(&bytes).map(|batch| {
        let header = batch.unwrap().header;
        (header.is_control(), header.timestamp_type())
    });
    let expected = [false, true].map(|control| (control, TimestampType::LogAppendTime));
    assert_eq!(stamped.collect::<Vec<_>>(), expected);
    server.stop().await;
}
