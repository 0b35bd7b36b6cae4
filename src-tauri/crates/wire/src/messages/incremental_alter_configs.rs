//! IncrementalAlterConfigs: set, delete, append, subtract (KIP-339).

messages! {
    /// API 44, request, versions 0–1, flexible from 1.
    IncrementalAlterConfigsRequest {
        resources: Vec<AlterConfigsResource>,
        validate_only: bool,
    }

    /// One of `IncrementalAlterConfigsRequest::resources`.
    AlterConfigsResource {
        resource_type: i8,
        resource_name: String,
        configs: Vec<AlterableConfig>,
    }

    /// One of `AlterConfigsResource::configs`.
    AlterableConfig {
        name: String,
        config_operation: i8,
        value: Option<String>,
    }

    /// API 44, response, versions 0–1, flexible from 1.
    IncrementalAlterConfigsResponse {
        throttle_time_ms: i32,
        responses: Vec<AlterConfigsResourceResponse>,
    }

    /// One of `IncrementalAlterConfigsResponse::responses`.
    AlterConfigsResourceResponse {
        error_code: i16,
        error_message: Option<String>,
        resource_type: i8,
        resource_name: String,
    }
}
