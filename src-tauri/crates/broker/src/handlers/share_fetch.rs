//! ShareFetch (KIP-932): records are acquired for a member from where its group stands. A fetch that finds none
//! waits until something is appended, released, or times out.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use wire::codec::{Records, Writer};
use wire::frame::FrameError;
use wire::messages::share_fetch::{
    AcquiredRecords, PartitionData, ShareFetchRequest, ShareFetchResponse, ShareFetchableTopicResponse,
};
use wire::{ErrorCode, RequestHeader, Uuid};

use super::Reply;
use super::share_acknowledge::{Outcomes, Released, Said, acknowledge};
use crate::Broker;
use crate::partition::Partition;
use crate::server::Peer;
use crate::share::{
    Acquire, Delivered, FINAL_EPOCH, GroupSettings, INITIAL_EPOCH, Mode, PartitionId, Plan, SessionKey,
    ShareKey, SharedPartition, Wanted,
};
use crate::topic::Topic;

/// The acquire mode that never takes more records than were asked for.
const RECORD_LIMIT: i8 = 1;

/// The text of a UUID.
const MEMBER_ID_CHARS_MAX: usize = 36;

/// Who speaks.
pub(super) struct Words {
    pub(super) group: String,
    pub(super) member: String,
}

impl Words {
    /// Sessions are anybody's, of groups nobody made too: their number is bounded.
    pub(super) fn new(group: Option<String>, member: Option<String>) -> Result<Self, ErrorCode> {
        let sound = |member: &String| (1..=MEMBER_ID_CHARS_MAX).contains(&member.encode_utf16().count());
        match (group, member.filter(sound)) {
            (Some(group), Some(member)) => Ok(Self { group, member }),
            _ => Err(ErrorCode::InvalidRequest),
        }
    }

    pub(super) fn session(&self) -> SessionKey {
        (self.group.clone(), self.member.clone())
    }
}

pub(super) fn share_fetch(
    broker: &Broker,
    peer: &Peer,
    header: RequestHeader,
    frame: &[u8],
) -> Result<Reply, FrameError> {
    let request: ShareFetchRequest = header.read_body(frame)?;
    let wait_ms = u64::try_from(request.max_wait_ms).unwrap_or(0);
    // Nothing asked for is there at once.
    let waits = wait_ms > 0 && request.min_bytes > 0;
    let deadline = Instant::now() + Duration::from_millis(wait_ms);
    let mut fetch = match Fetch::new(broker, peer, header.version, request) {
        Ok(fetch) => fetch,
        Err(error) => {
            let response = ShareFetchResponse { error_code: error.into(), ..Default::default() };
            return Ok(Reply::Now(header.response(&response)));
        }
    };
    let waits = waits && fetch.fetches;
    if waits {
        fetch.wake_on_news(&peer.arrivals);
    }
    let mut found = fetch.acquire(broker);
    if !found.is_news() && fetch.min_bytes > 0 && !fetch.released.is_empty() {
        fetch.released.clear();
        found = fetch.acquire(broker);
    }
    if !waits || found.is_news() || fetch.outcomes.values().any(|(code, _)| *code != ErrorCode::None) {
        return Ok(Reply::Now(fetch.answer(broker, &header, found)));
    }
    let (broker, arrivals) = (broker.clone(), Arc::clone(&peer.arrivals));
    Ok(Reply::Later(Box::pin(async move {
        loop {
            let late = timeout_at(deadline, arrivals.notified()).await.is_err();
            fetch.wake_on_news(&arrivals);
            let found = fetch.acquire(&broker);
            if late || found.is_news() {
                return fetch.answer(&broker, &header, found);
            }
        }
    })))
}

/// Where to read, or why not.
type Source = Result<(Arc<Topic>, Arc<Partition>, Arc<SharedPartition>), ErrorCode>;

/// A request understood, its acknowledgements carried out.
struct Fetch {
    session: SessionKey,
    settings: GroupSettings,
    /// Whether records are wanted at all.
    fetches: bool,
    /// Whether it only prolongs holds.
    renews: bool,
    plan: Plan,
    sources: Vec<Source>,
    outcomes: Outcomes,
    /// As in Kafka, what the request itself gives back comes again when nothing else is there.
    released: Released,
    min_bytes: i32,
    acquire: Acquire,
    bytes_max: usize,
}

/// What a look at the partitions found, in the plan's order.
struct Found(Vec<Result<Delivered, ErrorCode>>);

impl Found {
    fn is_news(&self) -> bool {
        self.0.iter().any(|found| found.as_ref().map_or(true, |delivered| !delivered.acquired.is_empty()))
    }
}

impl Fetch {
    fn new(
        broker: &Broker,
        peer: &Peer,
        version: i16,
        request: ShareFetchRequest,
    ) -> Result<Self, ErrorCode> {
        let words = Words::new(request.group_id, request.member_id)?;
        let renews = version >= 2 && request.is_renew_ack;
        let wants = [request.max_wait_ms, request.min_bytes, request.max_bytes, request.max_records];
        if renews && wants.iter().any(|wanted| *wanted != 0) {
            return Err(ErrorCode::InvalidRequest);
        }
        let mut asked = Vec::new();
        let mut said: Vec<(PartitionId, Vec<Said>)> = Vec::new();
        for topic in request.topics {
            for partition in topic.partitions {
                let id = (topic.topic_id, partition.partition_index);
                asked.push(id);
                let batches = partition.acknowledgement_batches.into_iter().map(|batch| Said {
                    first: batch.first_offset,
                    last: batch.last_offset,
                    kinds: batch.acknowledge_types,
                });
                said.push((id, batches.collect()));
            }
        }
        if said.iter().all(|(_, batches)| batches.is_empty()) {
            said.clear();
        }
        let mut forgotten = Vec::new();
        for topic in request.forgotten_topics_data {
            forgotten.extend(topic.partitions.iter().map(|partition| (topic.topic_id, *partition)));
        }
        let key = words.session();
        let epoch = request.share_session_epoch;
        if epoch == INITIAL_EPOCH && !said.is_empty() {
            return Err(ErrorCode::InvalidRequest);
        }
        let plan = if epoch == FINAL_EPOCH {
            if !broker.shares().sessions().is_open(&key) {
                return Err(ErrorCode::ShareSessionNotFound);
            }
            Plan { full: false, partitions: Vec::new() }
        } else {
            let max = broker.share_sessions_max();
            let changes = (asked.as_slice(), forgotten.as_slice());
            broker.shares().sessions().fetch(&key, epoch, peer.remote, max, changes)?
        };
        let settings = broker.share_settings(&words.group);
        let (outcomes, released) = acknowledge(broker, &words, &settings, renews, said);
        if epoch == FINAL_EPOCH {
            // Bound first: releasing takes other locks.
            let closed = broker.shares().sessions().close(&key);
            broker.share_release(&key, &closed.unwrap_or_default());
        }
        let sources = plan.partitions.iter().map(|id| source(broker, &words.group, *id)).collect();
        Ok(Self {
            session: key,
            settings,
            renews,
            fetches: epoch != FINAL_EPOCH && request.max_records > 0 && request.max_bytes > 0,
            plan,
            sources,
            outcomes,
            released,
            min_bytes: request.min_bytes,
            acquire: Acquire {
                member: words.member.into(),
                mode: if request.share_acquire_mode == RECORD_LIMIT { Mode::Records } else { Mode::Batches },
                records_max: i64::from(request.max_records),
                batch_size: i64::from(request.batch_size.max(1)),
                except: Vec::new(),
            },
            bytes_max: usize::try_from(request.max_bytes).unwrap_or(0).min(broker.fetch_bytes_max()),
        })
    }

    fn wake_on_news(&self, waiter: &Arc<Notify>) {
        for (_, log, shared) in self.sources.iter().flatten() {
            log.wake_on_append(waiter);
            shared.wake_on_release(waiter);
        }
    }

    fn acquire(&self, broker: &Broker) -> Found {
        let mut records_left = self.acquire.records_max;
        let mut bytes_left = self.bytes_max;
        let mut min_one = true;
        let look = |(source, id): (&Source, &PartitionId)| {
            let (topic, log, shared) = source.as_ref().map_err(|error| *error)?;
            // A topic deleted while the fetch waited is unknown now, not unreadable.
            if broker.topics().by_id(topic.id).is_none() {
                return Err(ErrorCode::UnknownTopicId);
            }
            if !self.fetches || records_left <= 0 {
                return Ok(Delivered::default());
            }
            let except = self.released.get(id).cloned().unwrap_or_default();
            let acquire = Acquire { records_max: records_left, except, ..self.acquire.clone() };
            let wanted = Wanted { acquire, bytes_max: bytes_left, min_one };
            let delivered = broker.share_acquire(shared, log, &self.settings, wanted)?;
            records_left -= delivered.count();
            bytes_left = bytes_left.saturating_sub(delivered.records.len());
            min_one &= delivered.acquired.is_empty();
            broker.count_out(topic, delivered.records.len());
            Ok(delivered)
        };
        Found(self.sources.iter().zip(&self.plan.partitions).map(look).collect())
    }

    fn answer(self, broker: &Broker, header: &RequestHeader, found: Found) -> Writer {
        let Self { session, fetches, renews, plan, mut outcomes, settings, .. } = self;
        let mut responses: Vec<ShareFetchableTopicResponse> = Vec::new();
        let readable = found.0.iter().any(Result::is_ok);
        for (id, found) in plan.partitions.into_iter().zip(found.0) {
            let told = match &found {
                _ if renews => false,
                Err(ErrorCode::UnknownTopicId | ErrorCode::UnknownTopicOrPartition) => true,
                // Kafka learns of it later, when the others are answered for.
                Err(_) => fetches && !readable,
                Ok(_) => fetches,
            };
            if !told {
                continue;
            }
            let (failed, read) =
                (found.is_err(), found.as_ref().is_ok_and(|delivered| !delivered.acquired.is_empty()));
            let due = plan.full || broker.shares().sessions().must_tell(&session, id, (failed, read));
            let outcome = outcomes.remove(&id);
            if !failed && !read && !due && outcome.is_none() {
                continue;
            }
            let (topic_id, partition_index) = id;
            let mut data =
                PartitionData { partition_index, records: Some(Records::default()), ..answered(outcome) };
            match found {
                Ok(delivered) => {
                    data.records = Some(Records(delivered.records));
                    data.acquired_records = delivered
                        .acquired
                        .iter()
                        .map(|acquired| AcquiredRecords {
                            first_offset: acquired.first,
                            last_offset: acquired.last,
                            delivery_count: acquired.deliveries,
                        })
                        .collect();
                }
                Err(error) => data.error_code = error.into(),
            }
            of_topic(&mut responses, topic_id).partitions.push(data);
        }
        // Acknowledged, and no longer in the session.
        for ((topic_id, partition_index), outcome) in outcomes {
            let data = PartitionData {
                partition_index,
                records: Some(Records::default()),
                ..answered(Some(outcome))
            };
            of_topic(&mut responses, topic_id).partitions.push(data);
        }
        header.response(&ShareFetchResponse {
            acquisition_lock_timeout_ms: i32::try_from(settings.records.lock_ms).unwrap_or(i32::MAX),
            responses,
            ..Default::default()
        })
    }
}

fn answered(outcome: Option<(ErrorCode, Option<String>)>) -> PartitionData {
    let (code, message) = outcome.unwrap_or((ErrorCode::None, None));
    PartitionData {
        acknowledge_error_code: code.into(),
        acknowledge_error_message: message,
        ..Default::default()
    }
}

fn source(broker: &Broker, group: &str, (topic_id, partition): PartitionId) -> Source {
    let topic = broker.topics().by_id(topic_id).ok_or(ErrorCode::UnknownTopicId)?;
    let log = topic.partition(partition).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let key = ShareKey { group: group.to_owned(), topic: topic_id, partition };
    // The group has no state here before a member's heartbeat has asked for the topic: Kafka fails to read it.
    let shared = broker.shares().partition(&key).ok_or(ErrorCode::UnknownServerError)?;
    Ok((topic, log, shared))
}

fn of_topic(
    responses: &mut Vec<ShareFetchableTopicResponse>,
    topic_id: Uuid,
) -> &mut ShareFetchableTopicResponse {
    let at = responses.iter().position(|topic| topic.topic_id == topic_id).unwrap_or_else(|| {
        responses.push(ShareFetchableTopicResponse { topic_id, partitions: Vec::new() });
        responses.len() - 1
    });
    &mut responses[at]
}
