//! ApiVersions: which APIs and versions the broker serves (KIP-35, KIP-511, KIP-584).

messages! {
    /// API 18, request, versions 0–4, flexible from 3.
    ApiVersionsRequest {
        client_software_name: String [3..],
        client_software_version: String [3..],
    }

    /// API 18, response, versions 0–4, flexible from 3.
    ApiVersionsResponse {
        error_code: i16,
        api_keys: Vec<ApiVersion>,
        throttle_time_ms: i32 [1..],
        supported_features: Vec<SupportedFeatureKey> [3..] => tag 0,
        finalized_features_epoch: i64 [3..] = -1 => tag 1,
        finalized_features: Vec<FinalizedFeatureKey> [3..] => tag 2,
        zk_migration_ready: bool [3..] => tag 3,
    }

    /// One of `ApiVersionsResponse::api_keys`.
    ApiVersion {
        api_key: i16,
        min_version: i16,
        max_version: i16,
    }

    /// One of `ApiVersionsResponse::supported_features`.
    SupportedFeatureKey {
        name: String [3..],
        min_version: i16 [3..],
        max_version: i16 [3..],
    }

    /// One of `ApiVersionsResponse::finalized_features`.
    FinalizedFeatureKey {
        name: String [3..],
        max_version_level: i16 [3..],
        min_version_level: i16 [3..],
    }
}
