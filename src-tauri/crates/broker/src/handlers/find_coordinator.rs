//! FindCoordinator: this broker, for every group and transactional id.

use wire::ErrorCode;
use wire::messages::find_coordinator::{Coordinator, FindCoordinatorRequest, FindCoordinatorResponse};

use crate::Broker;
use crate::server::Peer;

/// The key is a group id, or a transactional id.
const SERVED: [i8; 2] = [0, 1];

pub(super) fn find_coordinator(
    broker: &Broker,
    peer: &Peer,
    version: i16,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    let find = |key: String| -> Coordinator {
        if !SERVED.contains(&request.key_type) {
            return Coordinator {
                key,
                node_id: -1,
                port: -1,
                error_code: ErrorCode::InvalidRequest.into(),
                error_message: Some(format!("Coordinators of type {} are not served.", request.key_type)),
                ..Default::default()
            };
        }
        let (host, port) = peer.advertised();
        Coordinator {
            key,
            node_id: broker.node_id(),
            host,
            port: i32::from(port),
            // Kafka's text of no error.
            error_message: Some("NONE".to_owned()),
            ..Default::default()
        }
    };
    if version >= 4 {
        let coordinators = request.coordinator_keys.iter().cloned().map(find).collect();
        return FindCoordinatorResponse { coordinators, ..Default::default() };
    }
    let found = find(request.key.clone());
    FindCoordinatorResponse {
        error_code: found.error_code,
        error_message: found.error_message,
        node_id: found.node_id,
        host: found.host,
        port: found.port,
        ..Default::default()
    }
}
