//! Transactions over the wire.

mod ending;
mod offsets;
mod visibility;

use broker::BrokerConfig;
use bytes::Bytes;
use testkit::{TempDir, within};
use wire::batch::{BatchBuilder, Marker, Producer, TimestampType, batches};
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
