use broker::BrokerConfig;
use bytes::Bytes;
use testkit::{TempDir, within};
use wire::batch::{BatchBuilder, Marker, Producer, batches};
use wire::codec::{Cx, Span, encode};
use wire::messages::add_offsets_to_txn::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse};
use wire::messages::add_partitions_to_txn::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
};
use wire::messages::describe_producers::{DescribeProducersRequest, DescribeProducersResponse, TopicRequest};
use wire::messages::describe_transactions::{DescribeTransactionsRequest, DescribeTransactionsResponse};
use wire::messages::end_txn::{EndTxnRequest, EndTxnResponse};
use wire::messages::fetch::{FetchResponse, PartitionData};
use wire::messages::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopic,
};
use wire::messages::list_transactions::{ListTransactionsRequest, ListTransactionsResponse};
use wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse,
};
use wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponse,
};
use wire::messages::produce::{PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData};
use wire::messages::transaction_records::{PartitionsSchema, TransactionLogKey, TransactionLogValue};
use wire::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
};
use wire::messages::write_txn_markers::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest, WriteTxnMarkersResponse,
};
use wire::{ApiKey, ErrorCode, Uuid};

use crate::client::{Client, batch, fetch_request, values};
use crate::server::{EPOCH_MS, Server};

/// A transactional producer that says exactly what it is told to.
pub(crate) struct Transactional {
    id: &'static str,
    producer_id: i64,
    epoch: i16,
    sequence: i32,
}

async fn init(client: &mut Client, id: &str, expected: (i64, i16)) -> InitProducerIdResponse {
    let asked = InitProducerIdRequest {
        transactional_id: Some(id.into()),
        transaction_timeout_ms: 60_000,
        producer_id: expected.0,
        producer_epoch: expected.1,
    };
    client.call(ApiKey::InitProducerId, 5, &asked).await
}

impl Transactional {
    pub(crate) async fn new(client: &mut Client, id: &'static str) -> Self {
        let given = init(client, id, (-1, -1)).await;
        assert_eq!(given.error_code, 0);
        Self { id, producer_id: given.producer_id, epoch: given.producer_epoch, sequence: 0 }
    }

    fn batch(&self, value: &str) -> Bytes {
        let producer = Producer { id: self.producer_id, epoch: self.epoch, base_sequence: self.sequence };
        BatchBuilder::new()
            .producer(producer)
            .transactional()
            .record(EPOCH_MS, Some(b"k"), Some(value.as_bytes()))
            .build()
    }

    /// Produce at a version; counts the sequence on if it was taken.
    pub(crate) async fn produce(
        &mut self,
        client: &mut Client,
        version: i16,
        topic: &str,
        value: &str,
    ) -> (i16, i64) {
        let batch = self.batch(value);
        let request = ProduceRequest {
            transactional_id: Some(self.id.into()),
            acks: -1,
            timeout_ms: 1000,
            topic_data: vec![TopicProduceData {
                name: topic.into(),
                topic_id: Uuid::ZERO,
                partition_data: vec![PartitionProduceData {
                    index: 0,
                    records: Some(Span { start: 0, end: batch.len() }),
                }],
            }],
        };
        let api = ApiKey::Produce;
        let mut body = encode(&request, api.cx(version)).to_vec();
        let at = body.len() - if api.is_flexible(version) { 3 } else { 0 };
        body.splice(at..at, batch.iter().copied());
        let sent = client.wire.send_request(api.number(), version, api.is_flexible(version), &body).await;
        let answer: ProduceResponse = client.answer(api, version, sent.unwrap()).await;
        let partition = &answer.responses[0].partition_responses[0];
        if partition.error_code == 0 {
            self.sequence += 1;
        }
        (partition.error_code, partition.base_offset)
    }

    async fn add(&self, client: &mut Client, version: i16, topic: &str) -> i16 {
        let topics = vec![AddPartitionsToTxnTopic { name: topic.into(), partitions: vec![0] }];
        let request = if version < 4 {
            AddPartitionsToTxnRequest {
                v3_and_below_transactional_id: self.id.into(),
                v3_and_below_producer_id: self.producer_id,
                v3_and_below_producer_epoch: self.epoch,
                v3_and_below_topics: topics,
                ..Default::default()
            }
        } else {
            let transaction = AddPartitionsToTxnTransaction {
                transactional_id: self.id.into(),
                producer_id: self.producer_id,
                producer_epoch: self.epoch,
                verify_only: true,
                topics,
            };
            AddPartitionsToTxnRequest { transactions: vec![transaction], ..Default::default() }
        };
        let answer: AddPartitionsToTxnResponse =
            client.call(ApiKey::AddPartitionsToTxn, version, &request).await;
        let results = if version < 4 {
            &answer.results_by_topic_v3_and_below
        } else {
            &answer.results_by_transaction[0].topic_results
        };
        results[0].results_by_partition[0].partition_error_code
    }

    /// EndTxn; takes over the epoch it is given.
    pub(crate) async fn end(&mut self, client: &mut Client, version: i16, committed: bool) -> i16 {
        let request = EndTxnRequest {
            transactional_id: self.id.into(),
            producer_id: self.producer_id,
            producer_epoch: self.epoch,
            committed,
        };
        let answer: EndTxnResponse = client.call(ApiKey::EndTxn, version, &request).await;
        if version >= 5 && answer.error_code == 0 {
            (self.producer_id, self.epoch) = (answer.producer_id, answer.producer_epoch);
            self.sequence = 0;
        }
        answer.error_code
    }

    async fn commit_offset(&self, client: &mut Client, version: i16, group: &str, offset: i64) -> i16 {
        let request = TxnOffsetCommitRequest {
            transactional_id: self.id.into(),
            group_id: group.into(),
            producer_id: self.producer_id,
            producer_epoch: self.epoch,
            topics: vec![TxnOffsetCommitRequestTopic {
                name: "in".into(),
                partitions: vec![TxnOffsetCommitRequestPartition {
                    partition_index: 0,
                    committed_offset: offset,
                    ..Default::default()
                }],
            }],
            ..Default::default()
        };
        let answer: TxnOffsetCommitResponse = client.call(ApiKey::TxnOffsetCommit, version, &request).await;
        answer.topics[0].partitions[0].error_code
    }
}

async fn fetch(client: &mut Client, topic: &str, offset: i64, committed: bool) -> PartitionData {
    let mut request = fetch_request(topic, Uuid::ZERO, offset, 0);
    request.isolation_level = i8::from(committed);
    let answer: FetchResponse = client.call(ApiKey::Fetch, 12, &request).await;
    let partition = answer.responses[0].partitions[0].clone();
    assert_eq!(partition.error_code, 0);
    partition
}

/// What a reader of committed records sees from the start.
async fn committed(client: &mut Client, topic: &str) -> Vec<String> {
    let (mut seen, mut at) = (Vec::new(), 0);
    loop {
        let data = fetch(client, topic, at, true).await;
        let bytes = data.records.unwrap_or_default().0;
        let mut aborted = data.aborted_transactions.unwrap();
        aborted.sort_by_key(|aborted| aborted.first_offset);
        let mut skipping: Vec<i64> = Vec::new();
        let before = at;
        for found in batches(&bytes) {
            let found = found.unwrap();
            let header = found.header;
            at = header.next_offset().0;
            while aborted.first().is_some_and(|aborted| aborted.first_offset <= header.last_offset().0) {
                skipping.push(aborted.remove(0).producer_id);
            }
            if let Some(marker) = Marker::read(&found) {
                if !marker.committed {
                    skipping.retain(|id| *id != header.producer_id);
                }
            } else if !(header.is_transactional() && skipping.contains(&header.producer_id)) {
                seen.extend(values(found.bytes()));
            }
        }
        if at == before {
            return seen;
        }
    }
}

async fn latest(client: &mut Client, topic: &str, isolation_level: i8) -> i64 {
    let request = ListOffsetsRequest {
        isolation_level,
        topics: vec![ListOffsetsTopic {
            name: topic.into(),
            partitions: vec![ListOffsetsPartition { timestamp: -1, ..Default::default() }],
        }],
        ..Default::default()
    };
    let answer: ListOffsetsResponse = client.call(ApiKey::ListOffsets, 7, &request).await;
    answer.topics[0].partitions[0].offset
}

async fn group_offset(client: &mut Client, group: &str, require_stable: bool) -> (i16, i64) {
    let request = OffsetFetchRequest {
        require_stable,
        groups: vec![OffsetFetchRequestGroup {
            group_id: group.into(),
            topics: Some(vec![OffsetFetchRequestTopics {
                name: "in".into(),
                partition_indexes: vec![0],
                ..Default::default()
            }]),
            ..Default::default()
        }],
        ..Default::default()
    };
    let answer: OffsetFetchResponse = client.call(ApiKey::OffsetFetch, 8, &request).await;
    let partition = &answer.groups[0].topics[0].partitions[0];
    (partition.error_code, partition.committed_offset)
}

async fn describe(client: &mut Client, id: &str) -> (String, Vec<String>) {
    let request = DescribeTransactionsRequest { transactional_ids: vec![id.into()] };
    let answer: DescribeTransactionsResponse = client.call(ApiKey::DescribeTransactions, 0, &request).await;
    let state = answer.transaction_states.into_iter().next().unwrap();
    (state.transaction_state, state.topics.into_iter().map(|topic| topic.topic).collect())
}

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

#[tokio::test]
async fn offsets_count_once_their_transaction_is_committed() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("in", 1, &[]).await;
    let mut producer = Transactional::new(&mut client, "a").await;

    let asked = AddOffsetsToTxnRequest {
        transactional_id: "a".into(),
        producer_id: producer.producer_id,
        producer_epoch: producer.epoch,
        group_id: "g".into(),
    };
    assert_eq!(
        producer.commit_offset(&mut client, 3, "g", 1).await,
        ErrorCode::InvalidTxnState.number(),
        "the group is not added"
    );
    assert_eq!(
        producer.commit_offset(&mut client, 4, "g", 1).await,
        ErrorCode::TransactionAbortable.number()
    );
    let added: AddOffsetsToTxnResponse = client.call(ApiKey::AddOffsetsToTxn, 0, &asked).await;
    assert_eq!(added.error_code, 0);
    assert_eq!(producer.commit_offset(&mut client, 3, "g", 1).await, 0);
    let unstable = ErrorCode::UnstableOffsetCommit.number();
    assert_eq!(group_offset(&mut client, "g", true).await, (unstable, -1));
    assert_eq!(group_offset(&mut client, "g", false).await, (0, -1));
    assert_eq!(producer.end(&mut client, 3, true).await, 0);
    assert_eq!(group_offset(&mut client, "g", true).await, (0, 1));

    // A commit without a transaction that came later stays, whatever becomes of the transaction.
    assert_eq!(producer.commit_offset(&mut client, 5, "g", 50).await, 0);
    let plain = OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: "in".into(),
            partitions: vec![OffsetCommitRequestPartition {
                partition_index: 0,
                committed_offset: 1,
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let answer: OffsetCommitResponse = client.call(ApiKey::OffsetCommit, 8, &plain).await;
    assert_eq!(answer.topics[0].partitions[0].error_code, 0);
    assert_eq!(group_offset(&mut client, "g", true).await, (unstable, -1));
    assert_eq!(producer.end(&mut client, 5, true).await, 0);
    assert_eq!(group_offset(&mut client, "g", true).await, (0, 1));
    let epoch = producer.epoch;

    // Version 5 adds the group itself.
    assert_eq!(producer.commit_offset(&mut client, 5, "g", 2).await, 0);
    assert_eq!(describe(&mut client, "a").await, ("Ongoing".into(), vec!["__consumer_offsets".into()]));
    let crashed = crate::server::crash_copy(dir.path());
    assert_eq!(producer.end(&mut client, 5, false).await, 0);
    assert_eq!(group_offset(&mut client, "g", true).await, (0, 1));
    server.stop().await;

    // After a crash the transaction is still open.
    let server = Server::start(crashed.path()).await;
    let mut client = server.client().await;
    assert_eq!(group_offset(&mut client, "g", true).await, (unstable, -1));
    assert_eq!(group_offset(&mut client, "g", false).await, (0, 1));
    let mut again = Transactional { epoch, ..producer };
    assert_eq!(again.end(&mut client, 5, true).await, 0);
    assert_eq!(group_offset(&mut client, "g", true).await, (0, 2));
    server.stop().await;

    let server = Server::start(crashed.path()).await;
    let mut client = server.client().await;
    assert_eq!(group_offset(&mut client, "g", true).await, (0, 2));
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
