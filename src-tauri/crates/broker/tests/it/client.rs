use std::net::SocketAddr;

use bytes::Bytes;
use testkit::WireClient;
use wire::batch::{BatchBuilder, batches};
use wire::codec::{Span, Wire, decode, encode};
use wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest, CreateTopicsResponse,
};
use wire::messages::fetch::{FetchPartition, FetchRequest, FetchResponse, FetchTopic};
use wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use wire::messages::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceData,
};
use wire::{ApiKey, Uuid};

/// A client that says exactly what it is told to.
pub(crate) struct Client {
    pub(crate) wire: WireClient,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self { wire: WireClient::connect(address).await.expect("connects") }
    }

    /// One request and its answer.
    pub(crate) async fn call<Q: Wire, A: Wire>(&mut self, api: ApiKey, version: i16, request: &Q) -> A {
        let id = self.send(api, version, request).await;
        self.answer(api, version, id).await
    }

    pub(crate) async fn send<Q: Wire>(&mut self, api: ApiKey, version: i16, request: &Q) -> i32 {
        let body = encode(request, api.cx(version));
        let sent = self.wire.send_request(api.number(), version, api.is_flexible(version), &body).await;
        sent.expect("sent")
    }

    pub(crate) async fn answer<A: Wire>(&mut self, api: ApiKey, version: i16, id: i32) -> A {
        let body = self.wire.read_answer(id).await.expect("answered");
        let body = if api.response_has_tags(version) { &body[1..] } else { &body[..] };
        decode(body, api.cx(version)).expect("the answer reads")
    }

    pub(crate) async fn create(&mut self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let request = CreateTopicsRequest {
            topics: vec![CreatableTopic {
                name: name.into(),
                num_partitions: partitions,
                replication_factor: 1,
                configs: configs
                    .iter()
                    .map(|(name, value)| CreatableTopicConfig {
                        name: (*name).into(),
                        value: Some((*value).into()),
                    })
                    .collect(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let answer: CreateTopicsResponse = self.call(ApiKey::CreateTopics, 7, &request).await;
        assert_eq!(answer.topics[0].error_code, 0, "{:?}", answer.topics[0].error_message);
    }

    pub(crate) async fn configure_group(&mut self, group: &str, name: &str, value: &str) {
        const GROUP: i8 = 32;
        self.configure(GROUP, group, name, value).await;
    }

    pub(crate) async fn configure_broker(&mut self, name: &str, value: &str) {
        const BROKER: i8 = 4;
        self.configure(BROKER, "1", name, value).await;
    }

    async fn configure(&mut self, resource_type: i8, resource: &str, name: &str, value: &str) {
        let request = IncrementalAlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type,
                resource_name: resource.into(),
                configs: vec![AlterableConfig {
                    name: name.into(),
                    config_operation: 0,
                    value: Some(value.into()),
                }],
            }],
            ..Default::default()
        };
        let answer: IncrementalAlterConfigsResponse =
            self.call(ApiKey::IncrementalAlterConfigs, 1, &request).await;
        assert_eq!(answer.responses[0].error_code, 0, "{:?}", answer.responses[0].error_message);
    }

    pub(crate) async fn metadata(&mut self, name: &str) -> MetadataResponse {
        let request = MetadataRequest {
            topics: Some(vec![MetadataRequestTopic { name: Some(name.into()), ..Default::default() }]),
            allow_auto_topic_creation: false,
            ..Default::default()
        };
        self.call(ApiKey::Metadata, 12, &request).await
    }

    /// The body of a Produce of one batch to partition 0.
    pub(crate) fn produce_body(version: i16, topic: &str, id: Uuid, acks: i16, batch: &[u8]) -> Vec<u8> {
        Self::produce_body_to(version, (topic, id, 0), acks, None, batch)
    }

    /// The body of a Produce to a partition: the topic's name, its id, the partition's number.
    pub(crate) fn produce_body_to(
        version: i16,
        (topic, topic_id, index): (&str, Uuid, i32),
        acks: i16,
        transactional_id: Option<String>,
        batch: &[u8],
    ) -> Vec<u8> {
        let request = ProduceRequest {
            transactional_id,
            acks,
            timeout_ms: 1000,
            topic_data: vec![TopicProduceData {
                name: topic.into(),
                topic_id,
                partition_data: vec![PartitionProduceData {
                    index,
                    records: Some(Span { start: 0, end: batch.len() }),
                }],
            }],
        };
        let api = ApiKey::Produce;
        let mut body = encode(&request, api.cx(version)).to_vec();
        // The batch belongs before the three empty tag sections that end a flexible request.
        let tags = if api.is_flexible(version) { 3 } else { 0 };
        let at = body.len() - tags;
        body.splice(at..at, batch.iter().copied());
        body
    }

    pub(crate) async fn produce_at(
        &mut self,
        version: i16,
        topic: &str,
        id: Uuid,
        batch: &[u8],
    ) -> PartitionProduceResponse {
        let api = ApiKey::Produce;
        let body = Self::produce_body(version, topic, id, -1, batch);
        let sent = self.wire.send_request(api.number(), version, api.is_flexible(version), &body).await;
        let answer: ProduceResponse = self.answer(api, version, sent.expect("sent")).await;
        answer.responses.into_iter().next().unwrap().partition_responses.into_iter().next().unwrap()
    }

    pub(crate) async fn produce(&mut self, topic: &str, batch: &[u8]) -> PartitionProduceResponse {
        self.produce_at(12, topic, Uuid::ZERO, batch).await
    }

    /// The values of one fetch of partition 0 and its error code.
    pub(crate) async fn fetch(&mut self, topic: &str, offset: i64) -> (i16, Vec<String>) {
        let answer: FetchResponse =
            self.call(ApiKey::Fetch, 12, &fetch_request(topic, Uuid::ZERO, offset, 0)).await;
        let partition = &answer.responses[0].partitions[0];
        (partition.error_code, values(&partition.records.clone().unwrap_or_default().0))
    }
}

pub(crate) fn fetch_request(topic: &str, id: Uuid, fetch_offset: i64, max_wait_ms: i32) -> FetchRequest {
    FetchRequest {
        max_wait_ms,
        min_bytes: 1,
        topics: vec![FetchTopic {
            topic: topic.into(),
            topic_id: id,
            partitions: vec![FetchPartition {
                fetch_offset,
                partition_max_bytes: 1 << 20,
                ..Default::default()
            }],
        }],
        ..Default::default()
    }
}

/// A batch of values without keys.
pub(crate) fn batch(values: &[&str]) -> Bytes {
    let mut batch = BatchBuilder::new();
    for value in values {
        batch = batch.record(crate::server::EPOCH_MS, None, Some(value.as_bytes()));
    }
    batch.build()
}

/// The values in record batches.
pub(crate) fn values(bytes: &[u8]) -> Vec<String> {
    let mut values = Vec::new();
    for batch in batches(bytes) {
        let batch = batch.expect("a sound batch");
        batch.verify_crc().expect("a sound CRC");
        for record in batch.records(1 << 20).unwrap().iter() {
            let value = record.unwrap().value.unwrap_or_default();
            values.push(String::from_utf8_lossy(value).into_owned());
        }
    }
    values
}
