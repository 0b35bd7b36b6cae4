//! ApiVersions: the first thing every client asks.

use wire::frame::FrameError;
use wire::messages::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use wire::{ApiKey, ErrorCode, RequestHeader};

use super::{Reply, is_served};

/// The metadata version of Kafka 4.0: clients and tools decide by it what the cluster can do.
const METADATA_VERSION: i16 = 25;

/// An unknown version is answered at version 0 with the list, so that the client can ask again (KIP-511).
pub(super) fn api_versions(header: &RequestHeader, frame: &[u8]) -> Result<Reply, FrameError> {
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
        ApiVersionsResponse {
            api_keys: served(),
            supported_features: vec![SupportedFeatureKey {
                name: "metadata.version".into(),
                min_version: 7,
                max_version: METADATA_VERSION,
            }],
            finalized_features_epoch: 0,
            finalized_features: vec![FinalizedFeatureKey {
                name: "metadata.version".into(),
                max_version_level: METADATA_VERSION,
                min_version_level: METADATA_VERSION,
            }],
            ..Default::default()
        }
    };
    Ok(Reply::Now(header.response(&response)))
}

fn served() -> Vec<ApiVersion> {
    ApiKey::ALL
        .iter()
        .filter(|api| is_served(**api))
        .map(|api| {
            let versions = api.versions();
            ApiVersion { api_key: api.number(), min_version: versions.min, max_version: versions.max }
        })
        .collect()
}
