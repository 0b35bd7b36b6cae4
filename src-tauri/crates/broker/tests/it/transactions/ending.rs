//! How transactions end: by fencing, after a crash, when their time is over, by an administrator.

use super::*;

#[tokio::test]
async fn a_newer_producer_fences_and_the_old_transaction_is_aborted() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let mut old = Transactional::new(&mut client, "a").await;
    assert_eq!(old.produce(&mut client, 12, "t", "never").await, (0, 0));
    let busy = init(&mut client, "a", (-1, -1)).await;
    assert_eq!(busy.error_code, ErrorCode::ConcurrentTransactions.number());
    let mut new = Transactional::new(&mut client, "a").await;
    assert_eq!((new.producer_id, new.epoch), (old.producer_id, 2));
    assert_eq!(old.produce(&mut client, 12, "t", "late").await.0, ErrorCode::InvalidProducerEpoch.number());
    assert_eq!(old.end(&mut client, 5, true).await, ErrorCode::ProducerFenced.number());
    assert_eq!(old.end(&mut client, 1, true).await, ErrorCode::InvalidProducerEpoch.number());
    assert_eq!(old.add(&mut client, 3, "t").await, ErrorCode::ProducerFenced.number());
    let fenced = init(&mut client, "a", (old.producer_id, old.epoch)).await;
    assert_eq!(fenced.error_code, ErrorCode::ProducerFenced.number());
    assert_eq!(new.produce(&mut client, 12, "t", "mine").await.0, 0);
    assert_eq!(new.end(&mut client, 5, true).await, 0);
    assert_eq!(committed(&mut client, "t").await, ["mine"]);

    // KIP-360: whoever has the newest epoch may go on with the next, and may ask twice.
    let next = init(&mut client, "a", (new.producer_id, new.epoch)).await;
    assert_eq!((next.error_code, next.producer_epoch), (0, new.epoch + 1));
    let again = init(&mut client, "a", (new.producer_id, new.epoch)).await;
    assert_eq!((again.error_code, again.producer_epoch), (0, new.epoch + 1));
    let other = Transactional { producer_id: new.producer_id + 1000, ..new };
    assert_eq!(other.add(&mut client, 3, "t").await, ErrorCode::InvalidProducerIdMapping.number());
    server.stop().await;
}

/// A commit that was decided, with the process killed before any marker: the record alone says so.
fn decided(producer: &Transactional, partitions: &[&str]) -> Bytes {
    let key = TransactionLogKey { transactional_id: producer.id.into() };
    let value = TransactionLogValue {
        producer_id: producer.producer_id,
        producer_epoch: producer.epoch + 1,
        transaction_timeout_ms: 60_000,
        transaction_status: 2,
        transaction_partitions: Some(
            partitions
                .iter()
                .map(|topic| PartitionsSchema { topic: (*topic).into(), partition_ids: vec![0] })
                .collect(),
        ),
        transaction_last_update_timestamp_ms: EPOCH_MS,
        transaction_start_timestamp_ms: EPOCH_MS,
        client_transaction_version: 2,
        ..Default::default()
    };
    let key = encode(&key, Cx { version: 0, flexible: false });
    let value = encode(&value, Cx { version: 1, flexible: true });
    let (key, value) = ([&[0, 0][..], &key].concat(), [&[0, 1][..], &value].concat());
    BatchBuilder::new().record(EPOCH_MS, Some(&key), Some(&value)).build()
}

#[tokio::test]
async fn what_was_decided_before_a_crash_is_done_after_it() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("in", 1, &[]).await;
    client.create("out", 1, &[]).await;
    client.create("gone", 1, &[]).await;
    let mut producer = Transactional::new(&mut client, "a").await;
    assert_eq!(producer.produce(&mut client, 12, "out", "decided").await.0, 0);
    assert_eq!(producer.commit_offset(&mut client, 5, "g", 7).await, 0);
    let partitions = ["out", "gone", "never", "__consumer_offsets"];
    server.broker.append("__transaction_state", 0, &decided(&producer, &partitions)).unwrap();
    server.broker.delete_topic("gone").unwrap();
    let crashed = crate::server::crash_copy(dir.path());
    assert_eq!(committed(&mut client, "out").await, [] as [&str; 0]);
    server.stop().await;

    let server = Server::start(crashed.path()).await;
    let mut client = server.client().await;
    assert_eq!(describe(&mut client, "a").await, ("CompleteCommit".into(), Vec::new()));
    assert_eq!(committed(&mut client, "out").await, ["decided"]);
    assert_eq!(group_offset(&mut client, "g", true).await, (0, 7));
    // The answer never came: the client asks again, and goes on.
    assert_eq!(producer.end(&mut client, 5, true).await, 0);
    assert_eq!(producer.epoch, 1);
    assert_eq!(producer.produce(&mut client, 12, "out", "next").await.0, 0);
    assert_eq!(producer.end(&mut client, 5, true).await, 0);
    assert_eq!(committed(&mut client, "out").await, ["decided", "next"]);
    server.stop().await;
}

#[tokio::test]
async fn a_transaction_that_takes_too_long_is_aborted() {
    let dir = TempDir::new();
    let config = BrokerConfig::new(dir.path())
        .with("transaction.abort.timed.out.transaction.cleanup.interval.ms", "10")
        .with("transaction.remove.expired.transaction.cleanup.interval.ms", "10")
        .with("transactional.id.expiration.ms", "1000000");
    let server = Server::with(config).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let asked = InitProducerIdRequest {
        transactional_id: Some("a".into()),
        transaction_timeout_ms: 900_001,
        ..Default::default()
    };
    let given: InitProducerIdResponse = client.call(ApiKey::InitProducerId, 4, &asked).await;
    assert_eq!(given.error_code, ErrorCode::InvalidTransactionTimeout.number());
    let mut producer = Transactional::new(&mut client, "a").await;
    assert_eq!(producer.produce(&mut client, 12, "t", "slow").await.0, 0);

    // The marker wakes the reader.
    let mut reader = server.client().await;
    let mut request = fetch_request("t", Uuid::ZERO, 0, 60_000);
    request.isolation_level = 1;
    let id = reader.send(ApiKey::Fetch, 12, &request).await;
    server.clock.advance(60_001);
    let answer: FetchResponse = reader.answer(ApiKey::Fetch, 12, id).await;
    let data = &answer.responses[0].partitions[0];
    assert_eq!(data.last_stable_offset, 2);
    assert_eq!(data.aborted_transactions.as_ref().unwrap()[0].first_offset, 0);
    assert_eq!(producer.end(&mut client, 5, true).await, ErrorCode::InvalidTxnState.number());
    assert_eq!(producer.end(&mut client, 3, true).await, ErrorCode::ProducerFenced.number());
    let next = init(&mut client, "a", (producer.producer_id, producer.epoch)).await;
    assert_eq!((next.error_code, next.producer_epoch), (0, 1));

    server.clock.advance(1_000_000);
    within("the id to be forgotten", async {
        while describe(&mut client, "a").await.0 == "Empty" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    server.stop().await;
}

#[tokio::test]
async fn hanging_transactions_are_found_and_ended() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let mut producer = Transactional::new(&mut client, "a").await;
    let other = Transactional::new(&mut client, "b").await;
    assert_eq!(producer.produce(&mut client, 12, "t", "v").await.0, 0);
    let asked = DescribeProducersRequest {
        topics: vec![TopicRequest { name: "t".into(), partition_indexes: vec![0, 9] }],
    };
    let described: DescribeProducersResponse = client.call(ApiKey::DescribeProducers, 0, &asked).await;
    let partitions = &described.topics[0].partitions;
    assert_eq!(partitions[1].error_code, ErrorCode::UnknownTopicOrPartition.number());
    let active = &partitions[0].active_producers[0];
    assert_eq!((active.producer_id, active.current_txn_start_offset), (producer.producer_id, 0));
    assert_eq!((active.producer_epoch, active.last_sequence, active.coordinator_epoch), (0, 0, -1));

    let mut asked = ListTransactionsRequest {
        state_filters: vec!["Ongoing".into(), "Nonsense".into()],
        duration_filter: -1,
        ..Default::default()
    };
    let listed: ListTransactionsResponse = client.call(ApiKey::ListTransactions, 1, &asked).await;
    assert_eq!(listed.unknown_state_filters, ["Nonsense"]);
    assert_eq!(listed.transaction_states.len(), 1);
    assert_eq!(listed.transaction_states[0].transactional_id, "a");
    asked.state_filters.clear();
    asked.producer_id_filters = vec![other.producer_id];
    let listed: ListTransactionsResponse = client.call(ApiKey::ListTransactions, 0, &asked).await;
    assert_eq!(listed.transaction_states[0].transaction_state, "Empty");
    asked.producer_id_filters.clear();
    for (pattern, error, expected) in [("[ac]|.b", 0, &["a"][..]), ("", 0, &["a", "b"]), ("(", 128, &[])] {
        asked.transactional_id_pattern = Some(pattern.into());
        let listed: ListTransactionsResponse = client.call(ApiKey::ListTransactions, 2, &asked).await;
        let ids: Vec<&str> = listed.transaction_states.iter().map(|t| t.transactional_id.as_str()).collect();
        assert_eq!((listed.error_code, &ids[..]), (error, expected), "{pattern}");
    }

    let marker = WritableTxnMarker {
        producer_id: producer.producer_id,
        producer_epoch: 0,
        transaction_result: false,
        topics: vec![WritableTxnMarkerTopic { name: "t".into(), partition_indexes: vec![0] }],
        ..Default::default()
    };
    let request = WriteTxnMarkersRequest { markers: vec![marker] };
    let done: WriteTxnMarkersResponse = client.call(ApiKey::WriteTxnMarkers, 1, &request).await;
    assert_eq!(done.markers[0].topics[0].partitions[0].error_code, 0);
    assert_eq!(latest(&mut client, "t", 1).await, 2);
    assert_eq!(committed(&mut client, "t").await, [] as [&str; 0]);
    let missing: DescribeTransactionsResponse = client
        .call(
            ApiKey::DescribeTransactions,
            0,
            &DescribeTransactionsRequest { transactional_ids: vec!["none".into()] },
        )
        .await;
    assert_eq!(missing.transaction_states[0].error_code, ErrorCode::TransactionalIdNotFound.number());
    server.stop().await;
}
