//! ApiVersions: the first thing every client asks.

use wire::frame::FrameError;
use wire::messages::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use wire::{ApiKey, ErrorCode, RequestHeader};

use super::Reply;
use crate::Broker;
use crate::features::FEATURES;
use crate::server::Peer;

/// An unknown version is answered at version 0 with the list, so that the client can ask again (KIP-511).
pub(super) fn api_versions(
    broker: &Broker,
    peer: &Peer,
    header: &RequestHeader,
    frame: &[u8],
) -> Result<Reply, FrameError> {
    if !header.is_served() {
        let response = ApiVersionsResponse {
            error_code: ErrorCode::UnsupportedVersion.into(),
            api_keys: served(),
            ..Default::default()
        };
        return Ok(Reply::Now(header.response_at(&response, 0)));
    }
    let request: ApiVersionsRequest = header.read_body(frame)?;
    let named = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    };
    let unnamed = header.version >= 3
        && !(named(&request.client_software_name) && named(&request.client_software_version));
    let response = if unnamed {
        ApiVersionsResponse { error_code: ErrorCode::InvalidRequest.into(), ..Default::default() }
    } else {
        // The first word counts.
        let _ = peer.software.set((request.client_software_name, request.client_software_version));
        ApiVersionsResponse {
            api_keys: served(),
            supported_features: supported(header.version),
            finalized_features_epoch: broker.state().features_epoch(),
            finalized_features: finalized(broker),
            ..Default::default()
        }
    };
    Ok(Reply::Now(header.response(&response)))
}

fn served() -> Vec<ApiVersion> {
    ApiKey::ALL
        .iter()
        .map(|api| {
            let versions = api.versions();
            ApiVersion { api_key: api.number(), min_version: versions.min, max_version: versions.max }
        })
        .collect()
}

/// Before version 4 clients stumble over levels from 0 on, so those features are left out (KIP-1022).
fn supported(version: i16) -> Vec<SupportedFeatureKey> {
    FEATURES
        .iter()
        .filter(|feature| version >= 4 || feature.min > 0)
        .map(|feature| SupportedFeatureKey {
            name: feature.name.into(),
            min_version: feature.min,
            max_version: feature.max,
        })
        .collect()
}

fn finalized(broker: &Broker) -> Vec<FinalizedFeatureKey> {
    let changed = broker.state().features();
    FEATURES
        .iter()
        .map(|feature| (feature.name, feature.level(&changed)))
        .filter(|(_, level)| *level > 0)
        .map(|(name, level)| FinalizedFeatureKey {
            name: name.into(),
            max_version_level: level,
            min_version_level: level,
        })
        .collect()
}
