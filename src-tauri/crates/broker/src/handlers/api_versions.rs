//! ApiVersions: the first thing every client asks.

use wire::frame::FrameError;
use wire::messages::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use wire::{ApiKey, ErrorCode, RequestHeader};

use super::{Reply, is_served};
use crate::features::{FEATURES, FINALIZED_EPOCH};

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
            supported_features: supported(header.version),
            finalized_features_epoch: FINALIZED_EPOCH,
            finalized_features: finalized(),
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

fn finalized() -> Vec<FinalizedFeatureKey> {
    FEATURES
        .iter()
        .filter(|feature| feature.finalized > 0)
        .map(|feature| FinalizedFeatureKey {
            name: feature.name.into(),
            max_version_level: feature.finalized,
            min_version_level: feature.finalized,
        })
        .collect()
}
