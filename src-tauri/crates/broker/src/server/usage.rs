//! What a request costs its client's quotas: counted beside the handlers, and only where a quota is set.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use wire::codec::Writer;
use wire::messages::fetch::FetchResponse;
use wire::{ApiKey, RequestHeader};

use super::Peer;
use crate::Broker;
use crate::security::quota::Measure;

/// A request being handled.
pub(super) struct Usage {
    header: RequestHeader,
    bytes: usize,
    began: Instant,
    busy: Duration,
}

impl Usage {
    /// None where nothing is limited.
    pub(super) fn begin(broker: &Broker, peer: &Peer, frame: &BytesMut) -> Option<Self> {
        if !broker.security().quotas().is_active() || peer.principal.is_internal() {
            return None;
        }
        let header = RequestHeader::read(frame).ok()?;
        Some(Self { header, bytes: frame.len(), began: Instant::now(), busy: Duration::ZERO })
    }

    /// The handler returned; waiting for an answer costs nothing.
    pub(super) fn handled(&mut self) {
        self.busy = self.began.elapsed();
    }

    /// Counts the request. Writes into the answer how long its client is held back, and returns it.
    pub(super) fn charge(self, broker: &Broker, peer: &Peer, answer: Option<&mut Writer>) -> Duration {
        let quotas = broker.security().quotas();
        let now_ms = broker.now_ms();
        let client_id = self.header.client_id.as_deref().unwrap_or_default();
        let client = (peer.principal.name(), client_id);
        let percent = self.busy.as_secs_f64() * 100.0;
        let mut wait_ms = quotas.record(Measure::Request, client, percent, now_ms);
        match self.header.api {
            ApiKey::Produce => {
                wait_ms = wait_ms.max(quotas.record(Measure::Produce, client, self.bytes as f64, now_ms));
            }
            ApiKey::Fetch => {
                let bytes = answer.as_ref().map_or(0, |answer| answer.len());
                wait_ms = quotas.record_fetch(client, bytes as f64, wait_ms, now_ms);
            }
            _ => {}
        }
        if let Some(answer) = answer
            && wait_ms > 0
        {
            if self.header.api == ApiKey::Fetch {
                // Nothing is sent to who has to wait (KIP-219).
                *answer = self.header.response(&without_records(&self.header, answer));
            }
            if let Some(at) = throttle_at(&self.header, answer.len()) {
                let shown = i32::try_from(wait_ms).unwrap_or(i32::MAX);
                answer.patch(at, shown.to_be_bytes());
            }
        }
        Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0))
    }
}

/// From here on a fetch may be part of a session.
const FETCH_SESSIONS: i16 = 7;

/// The answer to a fetch without its data, in the same session.
fn without_records(header: &RequestHeader, answer: &Writer) -> FetchResponse {
    // After the time stand a code of two bytes and the session's id.
    let session = throttle_at(header, answer.len()).map(|at| at + 6);
    let id = session.and_then(|at| answer.peek(at)).map(i32::from_be_bytes);
    let session_id = if header.version >= FETCH_SESSIONS { id.unwrap_or(0) } else { 0 };
    FetchResponse { session_id, ..Default::default() }
}

/// Where `throttle_time_ms` stands in a whole response frame of this length.
fn throttle_at(header: &RequestHeader, len: usize) -> Option<usize> {
    let version = header.version;
    let body = 8 + usize::from(header.api.response_has_tags(version));
    match header.api {
        // The last field, and after it no tagged fields.
        ApiKey::Produce => Some(len - 4 - usize::from(header.api.is_flexible(version))),
        ApiKey::OffsetDelete => Some(body + 2),
        ApiKey::ListOffsets => (version >= 2).then_some(body),
        ApiKey::Metadata | ApiKey::OffsetCommit | ApiKey::OffsetFetch => (version >= 3).then_some(body),
        ApiKey::JoinGroup => (version >= 2).then_some(body),
        ApiKey::FindCoordinator
        | ApiKey::Heartbeat
        | ApiKey::LeaveGroup
        | ApiKey::SyncGroup
        | ApiKey::DescribeGroups
        | ApiKey::ListGroups => (version >= 1).then_some(body),
        ApiKey::ApiVersions
        | ApiKey::SaslHandshake
        | ApiKey::SaslAuthenticate
        | ApiKey::WriteTxnMarkers
        | ApiKey::DescribeQuorum => None,
        _ => Some(body),
    }
}

#[cfg(test)]
mod tests {
    use wire::codec::Wire;
    use wire::messages::heartbeat::HeartbeatResponse;
    use wire::messages::offset_delete::OffsetDeleteResponse;
    use wire::messages::produce::{ProduceResponse, TopicProduceResponse};

    use super::*;

    #[track_caller]
    fn check<T: Wire>(api: ApiKey, response: &T, time: impl Fn(&T) -> i32) {
        let versions = api.versions();
        for version in versions.min.max(3)..=versions.max {
            let header = RequestHeader { api, version, correlation_id: 1, client_id: None, body_at: 0 };
            let mut answer = header.response(response);
            let at = throttle_at(&header, answer.len()).unwrap();
            answer.patch(at, 1234i32.to_be_bytes());
            let frame = answer.into_bytes();
            let body = 8 + usize::from(api.response_has_tags(version));
            let read: T = wire::codec::decode(&frame.slice(body..), api.cx(version)).unwrap();
            assert_eq!(time(&read), 1234, "{api} {version}");
        }
    }

    #[test]
    fn the_time_is_written_where_it_stands() {
        let responses = vec![TopicProduceResponse { name: "t".into(), ..Default::default() }];
        let produced = ProduceResponse { responses, ..Default::default() };
        check(ApiKey::Produce, &produced, |answer| answer.throttle_time_ms);
        check(ApiKey::Fetch, &FetchResponse::default(), |answer| answer.throttle_time_ms);
        check(ApiKey::Heartbeat, &HeartbeatResponse::default(), |answer| answer.throttle_time_ms);
        let header = RequestHeader {
            api: ApiKey::OffsetDelete,
            version: 0,
            correlation_id: 1,
            client_id: None,
            body_at: 0,
        };
        let answer = header.response(&OffsetDeleteResponse { throttle_time_ms: 7, ..Default::default() });
        let at = throttle_at(&header, answer.len()).unwrap();
        assert_eq!(answer.into_bytes()[at..at + 4], 7i32.to_be_bytes());
    }
}
