//! UpdateFeatures.

messages! {
    /// API 57, request, versions 0–2, flexible from 0.
    UpdateFeaturesRequest {
        timeout_ms: i32 = 60000,
        feature_updates: Vec<FeatureUpdateKey>,
        validate_only: bool [1..],
    }

    /// One of `UpdateFeaturesRequest::feature_updates`.
    FeatureUpdateKey {
        feature: String,
        max_version_level: i16,
        allow_downgrade: bool [..=0],
        upgrade_type: i8 [1..] = 1,
    }

    /// API 57, response, versions 0–2, flexible from 0.
    UpdateFeaturesResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        results: Vec<UpdatableFeatureResult> [..=1],
    }

    /// One of `UpdateFeaturesResponse::results`.
    UpdatableFeatureResult {
        feature: String,
        error_code: i16,
        error_message: Option<String>,
    }
}
