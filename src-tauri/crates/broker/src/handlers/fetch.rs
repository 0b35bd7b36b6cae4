//! Fetch: record batches go from the log into the answer's own bytes. A fetch that finds too little waits until
//! something is appended to one of its partitions; no timer looks again and again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use wire::batch::Offset;
use wire::codec::{Records, Writer};
use wire::frame::FrameError;
use wire::messages::fetch::{
    AbortedTransaction, FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData,
};
use wire::{ErrorCode, RequestHeader};

use super::Reply;
use super::access::Access;
use crate::Broker;
use crate::partition::{Partition, check_leader_epoch};
use crate::security::acl::Operation;
use crate::server::Peer;
use crate::sessions::{Key, Plan, Wanted};
use crate::topic::Topic;

/// Read up to the last stable offset, and name the aborted transactions.
pub(super) const READ_COMMITTED: i8 = 1;

pub(super) fn fetch(
    broker: &Broker,
    peer: &Peer,
    header: RequestHeader,
    frame: &[u8],
) -> Result<Reply, FrameError> {
    let request: FetchRequest = header.read_body(frame)?;
    let wait_ms = u64::try_from(request.max_wait_ms).unwrap_or(0);
    let deadline = Instant::now() + Duration::from_millis(wait_ms);
    let client = (peer.principal.name(), header.client_id.as_deref().unwrap_or_default());
    let affordable = broker.security().quotas().fetch_bytes_max(client);
    let fetch = match Fetch::new(broker, peer, header.version, request) {
        Ok(fetch) => fetch.limited(affordable.filter(|_| !peer.principal.is_internal())),
        Err(error) => {
            let response = FetchResponse { error_code: error.into(), ..Default::default() };
            return Ok(Reply::Now(header.response(&response)));
        }
    };
    let waits = wait_ms > 0 && !fetch.sources.is_empty();
    if waits {
        fetch.wake_on_append(&peer.arrivals);
    }
    // Counted before reading: what is appended meanwhile counts as new.
    let seen = fetch.bytes_appended();
    let found = fetch.read(broker);
    if !waits || found.suffices(fetch.bytes_min) {
        return Ok(Reply::Now(fetch.answer(broker, &header, found)));
    }
    let (broker, arrivals) = (broker.clone(), Arc::clone(&peer.arrivals));
    Ok(Reply::Later(Box::pin(wait(broker, header, fetch, (found, seen), arrivals, deadline))))
}

async fn wait(
    broker: Broker,
    header: RequestHeader,
    fetch: Fetch,
    (mut found, mut seen): (Found, u64),
    arrivals: Arc<Notify>,
    deadline: Instant,
) -> Writer {
    loop {
        let late = timeout_at(deadline, arrivals.notified()).await.is_err();
        fetch.wake_on_append(&arrivals);
        // Read again only if that can change the answer.
        let appended = fetch.bytes_appended();
        let grown = usize::try_from(appended.saturating_sub(seen)).unwrap_or(usize::MAX);
        // What was there before may have become stable.
        if late || fetch.read_committed || found.bytes.saturating_add(grown) >= fetch.bytes_min {
            seen = appended;
            found = fetch.read(&broker);
        }
        if late || found.suffices(fetch.bytes_min) {
            return fetch.answer(&broker, &header, found);
        }
    }
}

/// Where to read, or why not.
type Source = Result<(Arc<Topic>, Arc<Partition>), ErrorCode>;

/// A request understood: what to read from where.
struct Fetch {
    plan: Plan,
    sources: Vec<Source>,
    bytes_min: usize,
    bytes_max: usize,
    read_committed: bool,
}

/// What a look at the partitions found, in the plan's order.
struct Found {
    partitions: Vec<PartitionData>,
    bytes: usize,
    failed: bool,
}

impl Found {
    fn suffices(&self, bytes_min: usize) -> bool {
        self.failed || self.bytes >= bytes_min
    }
}

impl Fetch {
    fn new(broker: &Broker, peer: &Peer, version: i16, request: FetchRequest) -> Result<Self, ErrorCode> {
        let by_id = version >= 13;
        let mut asked = Vec::new();
        for topic in request.topics {
            let named =
                broker.topics().by_id(topic.topic_id).filter(|_| by_id).map(|topic| topic.name.clone());
            for partition in topic.partitions {
                let key = Key {
                    topic: topic.topic.clone(),
                    topic_id: topic.topic_id,
                    partition: partition.partition,
                };
                let wanted = Wanted {
                    fetch_offset: partition.fetch_offset,
                    bytes_max: partition.partition_max_bytes,
                    leader_epoch: partition.current_leader_epoch,
                    told: (-1, -1),
                    name: named.clone(),
                };
                asked.push((key, wanted));
            }
        }
        let mut forgotten = Vec::new();
        for topic in request.forgotten_topics_data {
            forgotten.extend(topic.partitions.iter().map(|&partition| Key {
                topic: topic.topic.clone(),
                topic_id: topic.topic_id,
                partition,
            }));
        }
        let session = (request.session_id, request.session_epoch);
        let plan = broker.sessions().plan(broker.now_ms(), session, by_id, asked, &forgotten)?;
        // Each time: a session outlives the permission.
        let ruled = broker.security().may_refuse(&peer.principal).then(|| Access::new(broker, peer));
        let source = |(key, wanted): &(Key, Wanted)| -> Source {
            let known =
                if by_id { broker.topics().by_id(key.topic_id) } else { broker.topics().get(&key.topic) };
            let name = known.as_ref().map_or(&key.topic, |topic| &topic.name);
            if ruled.as_ref().is_some_and(|access| !access.topic(Operation::Read, name)) {
                return Err(ErrorCode::TopicAuthorizationFailed);
            }
            let topic = match known {
                Some(topic) => topic,
                // A session still means the topic of that name.
                None if by_id => match wanted.name.as_ref().map(|name| broker.topics().get(name)) {
                    None => return Err(ErrorCode::UnknownTopicId),
                    Some(None) => return Err(ErrorCode::UnknownTopicOrPartition),
                    Some(Some(_)) => return Err(ErrorCode::InconsistentTopicId),
                },
                None => broker.topic(&key.topic)?,
            };
            let partition = topic.partition(key.partition).ok_or(ErrorCode::UnknownTopicOrPartition)?;
            // Here every negative epoch is none.
            check_leader_epoch(wanted.leader_epoch.max(-1))?;
            Ok((topic, partition))
        };
        let sources = plan.partitions.iter().map(source).collect();
        Ok(Self {
            plan,
            sources,
            bytes_min: usize::try_from(request.min_bytes).unwrap_or(0),
            bytes_max: usize::try_from(request.max_bytes).unwrap_or(0).min(broker.fetch_bytes_max()),
            read_committed: request.isolation_level == READ_COMMITTED,
        })
    }

    /// No more than a quota allows at a time.
    fn limited(mut self, bytes_max: Option<usize>) -> Self {
        let bytes_max = bytes_max.unwrap_or(usize::MAX);
        self.bytes_max = self.bytes_max.min(bytes_max);
        self.bytes_min = self.bytes_min.min(bytes_max);
        self
    }

    fn wake_on_append(&self, waiter: &Arc<Notify>) {
        for (_, partition) in self.sources.iter().flatten() {
            partition.wake_on_append(waiter);
        }
    }

    fn bytes_appended(&self) -> u64 {
        self.sources.iter().flatten().map(|(_, partition)| partition.bytes_appended()).sum()
    }

    fn read(&self, broker: &Broker) -> Found {
        let mut found = Found { partitions: Vec::with_capacity(self.sources.len()), bytes: 0, failed: false };
        for ((key, wanted), source) in self.plan.partitions.iter().zip(&self.sources) {
            let mut data = PartitionData {
                partition_index: key.partition,
                high_watermark: -1,
                records: Some(Records::default()),
                ..Default::default()
            };
            let outcome = source.as_ref().map_err(|error| *error).and_then(|(topic, partition)| {
                // A topic deleted while the fetch waited is unknown now, not unreadable.
                if broker.topics().by_id(topic.id).is_none() {
                    return Err(ErrorCode::UnknownTopicOrPartition);
                }
                self.read_one(broker, partition, wanted, &mut data, found.bytes)
            });
            if let Err(error) = outcome {
                data.error_code = error.into();
                // As Kafka: what is unknown has an empty list, what cannot be read has none.
                data.aborted_transactions = match error {
                    ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId => Some(Vec::new()),
                    _ => None,
                };
                found.failed = true;
            }
            found.bytes += data.records.as_ref().map_or(0, |records| records.0.len());
            found.partitions.push(data);
        }
        found
    }

    fn read_one(
        &self,
        broker: &Broker,
        partition: &Partition,
        wanted: &Wanted,
        data: &mut PartitionData,
        bytes_so_far: usize,
    ) -> Result<(), ErrorCode> {
        if self.read_committed {
            partition.know_open(broker.now_ms())?;
        }
        let (start, end) = partition.log.offsets();
        let stable = partition.stable_within(start, end);
        data.high_watermark = end.0;
        data.last_stable_offset = stable.0;
        data.log_start_offset = start.0;
        data.aborted_transactions = self.read_committed.then(Vec::new);
        let upto = if self.read_committed { stable } else { end };
        let nothing_there = Offset(wanted.fetch_offset) >= upto && Offset(wanted.fetch_offset) <= end;
        if nothing_there {
            return Ok(());
        }
        let left = self.bytes_max.saturating_sub(bytes_so_far);
        let bytes_max = usize::try_from(wanted.bytes_max).unwrap_or(0).min(left);
        // One batch at least is always returned, or a consumer would never get past a large one.
        let from = Offset(wanted.fetch_offset);
        let chunk = partition.read_below(upto, from, bytes_max, bytes_so_far == 0);
        match chunk {
            Ok(chunk) => {
                if self.read_committed && !chunk.bytes.is_empty() {
                    let aborted = partition.aborted(from, chunk.next_offset)?;
                    let aborted = aborted.into_iter().map(|aborted| AbortedTransaction {
                        producer_id: aborted.producer_id,
                        first_offset: aborted.first_offset.0,
                    });
                    data.aborted_transactions = Some(aborted.collect());
                }
                data.records = Some(Records(chunk.bytes));
                Ok(())
            }
            Err(error) => {
                data.high_watermark = -1;
                data.last_stable_offset = -1;
                data.log_start_offset = -1;
                Err(error)
            }
        }
    }

    fn answer(&self, broker: &Broker, header: &RequestHeader, found: Found) -> Writer {
        let mut responses: Vec<FetchableTopicResponse> = Vec::new();
        let mut sessions = (self.plan.session_id != 0).then(|| broker.sessions());
        for (((key, wanted), source), data) in
            self.plan.partitions.iter().zip(&self.sources).zip(found.partitions)
        {
            let bytes = data.records.as_ref().map_or(0, |records| records.0.len());
            let tells = (data.high_watermark, data.log_start_offset);
            if let Some(sessions) = &mut sessions {
                let news = bytes > 0 || data.error_code != 0 || tells != wanted.told;
                if self.plan.incremental && !news {
                    continue;
                }
                // After an error everything is news.
                let told = if data.error_code == 0 { tells } else { (-1, -1) };
                sessions.told(self.plan.session_id, key, told);
            }
            if let Ok((topic, _)) = source
                && bytes > 0
            {
                broker.count_out(topic, bytes);
            }
            match responses.last_mut() {
                Some(last) if last.topic == key.topic && last.topic_id == key.topic_id => {
                    last.partitions.push(data);
                }
                _ => responses.push(FetchableTopicResponse {
                    topic: key.topic.clone(),
                    topic_id: key.topic_id,
                    partitions: vec![data],
                }),
            }
        }
        let session_id = self.plan.session_id;
        header.response(&FetchResponse { session_id, responses, ..Default::default() })
    }
}
