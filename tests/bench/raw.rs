//! Single requests, without what a client library does before and after.

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use testkit::WireClient;
use wire::ApiKey;
use wire::batch::BatchBuilder;
use wire::codec::{Span, Wire, decode, encode};
use wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest, CreateTopicsResponse,
};
use wire::messages::delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
use wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use wire::messages::produce::{PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData};

/// The first version that is flexible is later: requests are easy to put together.
const PRODUCE_VERSION: i16 = 8;
const GIVE_UP_AFTER: Duration = Duration::from_secs(120);
const RETRY_EVERY: Duration = Duration::from_micros(500);

pub(crate) fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Connects and produces to partition 0, again and again until that is acknowledged.
pub(crate) async fn first_ack(address: SocketAddr, topic: &str) -> anyhow::Result<Value> {
    let started = Instant::now();
    loop {
        match try_produce(address, topic).await {
            Ok(()) => break,
            Err(error) if started.elapsed() > GIVE_UP_AFTER => return Err(error),
            Err(_) => tokio::time::sleep(RETRY_EVERY).await,
        }
    }
    let at_us = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros();
    Ok(json!({ "at_us": u64::try_from(at_us)? }))
}

async fn try_produce(address: SocketAddr, topic: &str) -> anyhow::Result<()> {
    let mut client = WireClient::connect(address).await?;
    let topics = Some(vec![MetadataRequestTopic { name: Some(topic.into()), ..Default::default() }]);
    let wanted = MetadataRequest { topics, allow_auto_topic_creation: true, ..Default::default() };
    let known: MetadataResponse = call(&mut client, ApiKey::Metadata, 8, &wanted).await?;
    let found = known.topics.first().context("no topic in the answer")?;
    if found.error_code != 0 || found.partitions.is_empty() {
        bail!("the topic is not ready: error {}", found.error_code);
    }
    let batch = BatchBuilder::new().record(1_700_000_000_000, None, Some(b"first")).build();
    let request = ProduceRequest {
        acks: -1,
        timeout_ms: 10_000,
        topic_data: vec![TopicProduceData {
            name: topic.into(),
            partition_data: vec![PartitionProduceData {
                index: 0,
                records: Some(Span { start: 0, end: batch.len() }),
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    // The records are the last field of a version that is not flexible.
    let mut body = encode(&request, ApiKey::Produce.cx(PRODUCE_VERSION)).to_vec();
    body.extend_from_slice(&batch);
    let answer = client.request(ApiKey::Produce.number(), PRODUCE_VERSION, false, &body).await?;
    let answer: ProduceResponse = decode(&answer, ApiKey::Produce.cx(PRODUCE_VERSION))?;
    match answer.responses.first().and_then(|topic| topic.partition_responses.first()) {
        Some(partition) if partition.error_code == 0 => Ok(()),
        other => bail!("not acknowledged: {other:?}"),
    }
}

/// Makes a topic of one replica.
pub(crate) async fn create(
    address: SocketAddr,
    topic: &str,
    partitions: i32,
    configs: &[String],
) -> anyhow::Result<Value> {
    let mut client = WireClient::connect(address).await?;
    let mut topic_configs = Vec::new();
    for config in configs {
        let (name, value) = config.split_once('=').context("name=value")?;
        topic_configs.push(CreatableTopicConfig { name: name.into(), value: Some(value.into()) });
    }
    let request = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: topic.into(),
            num_partitions: partitions,
            replication_factor: 1,
            configs: topic_configs,
            ..Default::default()
        }],
        timeout_ms: 60_000,
        ..Default::default()
    };
    let started = Instant::now();
    let answer: CreateTopicsResponse = call(&mut client, ApiKey::CreateTopics, 4, &request).await?;
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    match answer.topics.first() {
        Some(made) if made.error_code == 0 => Ok(json!({ "ms": ms })),
        other => bail!("not made: {other:?}"),
    }
}

/// Deletes a topic.
pub(crate) async fn delete(address: SocketAddr, topic: &str) -> anyhow::Result<Value> {
    let mut client = WireClient::connect(address).await?;
    let request =
        DeleteTopicsRequest { topic_names: vec![topic.into()], timeout_ms: 60_000, ..Default::default() };
    let answer: DeleteTopicsResponse = call(&mut client, ApiKey::DeleteTopics, 3, &request).await?;
    match answer.responses.first() {
        Some(gone) if gone.error_code == 0 => Ok(json!({})),
        other => bail!("not deleted: {other:?}"),
    }
}

/// A request of a version that is not flexible.
async fn call<Q: Wire, A: Wire>(
    client: &mut WireClient,
    api: ApiKey,
    version: i16,
    request: &Q,
) -> anyhow::Result<A> {
    let body = encode(request, api.cx(version));
    let answer = client.request(api.number(), version, false, &body).await?;
    Ok(decode(&answer, api.cx(version))?)
}
