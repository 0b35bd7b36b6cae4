//! GetTelemetrySubscriptions, PushTelemetry (KIP-714).

use wire::messages::get_telemetry_subscriptions::{
    GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse,
};
use wire::messages::push_telemetry::{PushTelemetryRequest, PushTelemetryResponse};
use wire::{ErrorCode, RequestHeader, Uuid};

use crate::Broker;
use crate::security::telemetry::{ClientTraits, compressions};
use crate::server::Peer;

fn bytes_max(broker: &Broker) -> i32 {
    i32::try_from(broker.settings().number("telemetry.max.bytes")).unwrap_or(i32::MAX)
}

pub(super) fn get_telemetry_subscriptions(
    broker: &Broker,
    peer: &Peer,
    header: &RequestHeader,
    request: GetTelemetrySubscriptionsRequest,
) -> GetTelemetrySubscriptionsResponse {
    let known = !request.client_instance_id.is_zero();
    let id = if known { request.client_instance_id } else { Uuid(commitlog::random_uuid().into_bytes()) };
    let software = peer.software.get().cloned().unwrap_or_default();
    let traits = ClientTraits(
        [
            ("client_instance_id", id.to_string()),
            ("client_id", header.client_id.clone().unwrap_or_default()),
            ("client_software_name", software.0),
            ("client_software_version", software.1),
            ("client_source_address", peer.host.to_string()),
            ("client_source_port", peer.remote.port().to_string()),
        ]
        .into(),
    );
    let current = broker.security().current();
    let asked = broker.security().telemetry().subscribe(
        id,
        &current.content.client_metrics,
        &traits,
        broker.now_ms(),
    );
    match asked {
        Ok(asked) => GetTelemetrySubscriptionsResponse {
            client_instance_id: id,
            subscription_id: asked.subscription_id,
            accepted_compression_types: compressions(),
            push_interval_ms: asked.interval_ms,
            telemetry_max_bytes: bytes_max(broker),
            delta_temporality: true,
            requested_metrics: asked.metrics,
            ..Default::default()
        },
        Err(code) => GetTelemetrySubscriptionsResponse { error_code: code.into(), ..Default::default() },
    }
}

pub(super) fn push_telemetry(broker: &Broker, request: PushTelemetryRequest) -> PushTelemetryResponse {
    let max = usize::try_from(bytes_max(broker)).unwrap_or(0);
    let taken = if request.client_instance_id.is_zero() {
        Err(ErrorCode::InvalidRequest)
    } else {
        broker.security().telemetry().push(
            request.client_instance_id,
            (request.subscription_id, request.compression_type, request.terminating),
            (request.metrics.len(), max),
            broker.now_ms(),
        )
    };
    PushTelemetryResponse { error_code: taken.err().unwrap_or(ErrorCode::None).into(), ..Default::default() }
}
