//! A member of a share group (KIP-932): what it accepted, and was told so, is never given to it again.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use parking_lot::Mutex;
use testkit::WireClient;
use wire::codec::{Wire, decode, encode};
use wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use wire::messages::share_acknowledge::{
    AcknowledgePartition, AcknowledgeTopic, AcknowledgementBatch, ShareAcknowledgeRequest,
    ShareAcknowledgeResponse,
};
use wire::messages::share_fetch::{FetchPartition, FetchTopic, ShareFetchRequest, ShareFetchResponse};
use wire::messages::share_group_heartbeat::{ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse};
use wire::{ApiKey, Uuid};

use crate::{LIMIT, PARTITIONS, TOPIC};

const GROUP: &str = "torture-share";
const MEMBER: &str = "rcT1rRMQQCyGVpqTqqZLQA";
const GROUP_RESOURCE: i8 = 32;
const ACCEPT: i8 = 1;
const WAIT_MS: i32 = 100;
const BEAT_EVERY: Duration = Duration::from_secs(2);

/// Offsets by partition: whether they were accepted, and the broker said that it knows.
#[derive(Default)]
struct Known {
    accepted: BTreeMap<i32, Vec<bool>>,
    count: usize,
    /// A promise that was broken.
    broken: Option<String>,
}

impl Known {
    /// What was acquired must not be what was accepted.
    fn acquired(&mut self, partition: i32, first: i64, last: i64) {
        let accepted = self.accepted.entry(partition).or_default();
        for offset in first..=last {
            if accepted.get(offset as usize).is_some_and(|accepted| *accepted) {
                self.broken = Some(format!("{partition}/{offset} was accepted and is delivered again"));
            }
        }
    }

    fn accept(&mut self, partition: i32, first: i64, last: i64) {
        let accepted = self.accepted.entry(partition).or_default();
        if accepted.len() <= last as usize {
            accepted.resize(last as usize + 1, false);
        }
        for offset in first..=last {
            self.count += usize::from(!accepted[offset as usize]);
            accepted[offset as usize] = true;
        }
    }
}

/// A member that goes on through kills.
pub(crate) struct Sharer {
    known: Arc<Mutex<Known>>,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<anyhow::Result<()>>,
}

impl Sharer {
    pub(crate) fn start(address: &str) -> anyhow::Result<Self> {
        let address: SocketAddr = address.parse()?;
        let (known, stopping) = (Arc::<Mutex<Known>>::default(), Arc::new(AtomicBool::new(false)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::spawn({
            let (known, stopping) = (Arc::clone(&known), Arc::clone(&stopping));
            move || {
                while !stopping.load(Ordering::SeqCst) {
                    // It ends with an error whenever the broker is killed.
                    let _ = runtime.block_on(share(address, &known, &stopping));
                    std::thread::sleep(Duration::from_millis(20));
                }
                Ok(())
            }
        });
        Ok(Self { known, stopping, thread })
    }

    pub(crate) fn accepted(&self) -> usize {
        self.known.lock().count
    }

    pub(crate) fn check(&self) -> anyhow::Result<()> {
        ensure!(!self.thread.is_finished(), "the share group's member ended");
        match &self.known.lock().broken {
            Some(broken) => bail!("{broken}"),
            None => Ok(()),
        }
    }

    /// Ends when all before these offsets is accepted; how many were.
    pub(crate) fn stop(self, ends: &BTreeMap<i32, i64>) -> anyhow::Result<usize> {
        let mut heard = (self.accepted(), Instant::now());
        loop {
            self.check()?;
            let missing = |known: &Known| {
                let end = |partition| known.accepted.get(partition).map_or(0, Vec::len) as i64;
                ends.iter().find(|(partition, wanted)| end(*partition) < **wanted).map(|(at, _)| *at)
            };
            let Some(partition) = missing(&self.known.lock()) else { break };
            let accepted = self.accepted();
            if accepted != heard.0 {
                heard = (accepted, Instant::now());
            }
            ensure!(heard.1.elapsed() < LIMIT, "partition {partition} is not shared to its end");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.stopping.store(true, Ordering::SeqCst);
        self.thread.join().map_err(|_| anyhow::anyhow!("the share group's member ended"))??;
        Ok(self.known.lock().count)
    }
}

async fn call<Q: Wire, A: Wire>(
    client: &mut WireClient,
    api: ApiKey,
    v: i16,
    request: &Q,
) -> anyhow::Result<A> {
    let body = client.request(api.number(), v, api.is_flexible(v), &encode(request, api.cx(v))).await?;
    let body = body.get(usize::from(api.response_has_tags(v))..).context("an answer")?;
    Ok(decode(body, api.cx(v))?)
}

/// Joins, takes and accepts, until an error.
async fn share(address: SocketAddr, known: &Mutex<Known>, stopping: &AtomicBool) -> anyhow::Result<()> {
    let mut client = WireClient::connect(address).await?;
    configure(&mut client).await?;
    let topic_id = topic_id(&mut client).await?;
    let mut member_epoch = beat(&mut client, 0).await?;
    let mut beaten = Instant::now();
    let mut session_epoch = 0;
    while !stopping.load(Ordering::SeqCst) {
        if beaten.elapsed() > BEAT_EVERY {
            member_epoch = beat(&mut client, member_epoch).await?;
            beaten = Instant::now();
        }
        let partition = |partition_index| FetchPartition { partition_index, ..Default::default() };
        let request = ShareFetchRequest {
            group_id: Some(GROUP.into()),
            member_id: Some(MEMBER.into()),
            share_session_epoch: session_epoch,
            max_wait_ms: WAIT_MS,
            min_bytes: 1,
            max_bytes: 1 << 20,
            max_records: 500,
            batch_size: 500,
            topics: vec![FetchTopic { topic_id, partitions: (0..PARTITIONS).map(partition).collect() }],
            ..Default::default()
        };
        let answer: ShareFetchResponse = call(&mut client, ApiKey::ShareFetch, 1, &request).await?;
        ensure!(answer.error_code == 0, "ShareFetch: {}", answer.error_code);
        session_epoch += 1;
        let mut acquired = Vec::new();
        for partition in answer.responses.iter().flat_map(|topic| &topic.partitions) {
            for records in &partition.acquired_records {
                acquired.push((partition.partition_index, records.first_offset, records.last_offset));
            }
        }
        for (partition, first, last) in &acquired {
            known.lock().acquired(*partition, *first, *last);
        }
        if !acquired.is_empty() {
            accept(&mut client, topic_id, session_epoch, &acquired, known).await?;
            session_epoch += 1;
        }
    }
    Ok(())
}

async fn accept(
    client: &mut WireClient,
    topic_id: Uuid,
    share_session_epoch: i32,
    acquired: &[(i32, i64, i64)],
    known: &Mutex<Known>,
) -> anyhow::Result<()> {
    let mut partitions: Vec<AcknowledgePartition> = Vec::new();
    for &(partition_index, first_offset, last_offset) in acquired {
        let batch = AcknowledgementBatch { first_offset, last_offset, acknowledge_types: vec![ACCEPT] };
        match partitions.iter_mut().find(|partition| partition.partition_index == partition_index) {
            Some(partition) => partition.acknowledgement_batches.push(batch),
            None => partitions
                .push(AcknowledgePartition { partition_index, acknowledgement_batches: vec![batch] }),
        }
    }
    let request = ShareAcknowledgeRequest {
        group_id: Some(GROUP.into()),
        member_id: Some(MEMBER.into()),
        share_session_epoch,
        topics: vec![AcknowledgeTopic { topic_id, partitions }],
        ..Default::default()
    };
    let answer: ShareAcknowledgeResponse = call(client, ApiKey::ShareAcknowledge, 1, &request).await?;
    ensure!(answer.error_code == 0, "ShareAcknowledge: {}", answer.error_code);
    for partition in answer.responses.iter().flat_map(|topic| &topic.partitions) {
        for &(index, first, last) in acquired.iter().filter(|(index, ..)| *index == partition.partition_index)
        {
            if partition.error_code == 0 {
                known.lock().accept(index, first, last);
            }
        }
    }
    Ok(())
}

/// From the earliest record on, or what was written before it joined would not be its own.
async fn configure(client: &mut WireClient) -> anyhow::Result<()> {
    let config = AlterableConfig {
        name: "share.auto.offset.reset".into(),
        config_operation: 0,
        value: Some("earliest".into()),
    };
    let resource = AlterConfigsResource {
        resource_type: GROUP_RESOURCE,
        resource_name: GROUP.into(),
        configs: vec![config],
    };
    let request = IncrementalAlterConfigsRequest { resources: vec![resource], ..Default::default() };
    let api = ApiKey::IncrementalAlterConfigs;
    let answer: IncrementalAlterConfigsResponse = call(client, api, 1, &request).await?;
    ensure!(answer.responses.iter().all(|response| response.error_code == 0), "{answer:?}");
    Ok(())
}

async fn topic_id(client: &mut WireClient) -> anyhow::Result<Uuid> {
    let request = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic { name: Some(TOPIC.into()), ..Default::default() }]),
        ..Default::default()
    };
    let answer: MetadataResponse = call(client, ApiKey::Metadata, 12, &request).await?;
    Ok(answer.topics.first().context("the topic")?.topic_id)
}

async fn beat(client: &mut WireClient, member_epoch: i32) -> anyhow::Result<i32> {
    let request = ShareGroupHeartbeatRequest {
        group_id: GROUP.into(),
        member_id: MEMBER.into(),
        member_epoch,
        rack_id: None,
        subscribed_topic_names: (member_epoch == 0).then(|| vec![TOPIC.into()]),
    };
    let answer: ShareGroupHeartbeatResponse = call(client, ApiKey::ShareGroupHeartbeat, 1, &request).await?;
    ensure!(answer.error_code == 0, "ShareGroupHeartbeat: {:?}", answer.error_message);
    Ok(answer.member_epoch)
}
