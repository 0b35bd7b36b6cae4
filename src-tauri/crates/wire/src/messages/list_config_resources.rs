//! ListConfigResources: resources that have a configuration of their own (KIP-714, KIP-1142).

messages! {
    /// API 74, request, versions 0–1, flexible from 0.
    ListConfigResourcesRequest {
        resource_types: Vec<i8> [1..],
    }

    /// API 74, response, versions 0–1, flexible from 0.
    ListConfigResourcesResponse {
        throttle_time_ms: i32,
        error_code: i16,
        config_resources: Vec<ConfigResource>,
    }

    /// One of `ListConfigResourcesResponse::config_resources`.
    ConfigResource {
        resource_name: String,
        resource_type: i8 [1..] = 16,
    }
}
