//! AlterConfigs: replace a resource's whole configuration.

messages! {
    /// API 33, request, versions 0–2, flexible from 2.
    AlterConfigsRequest {
        resources: Vec<AlterConfigsResource>,
        validate_only: bool,
    }

    /// One of `AlterConfigsRequest::resources`.
    AlterConfigsResource {
        resource_type: i8,
        resource_name: String,
        configs: Vec<AlterableConfig>,
    }

    /// One of `AlterConfigsResource::configs`.
    AlterableConfig {
        name: String,
        value: Option<String>,
    }

    /// API 33, response, versions 0–2, flexible from 2.
    AlterConfigsResponse {
        throttle_time_ms: i32,
        responses: Vec<AlterConfigsResourceResponse>,
    }

    /// One of `AlterConfigsResponse::responses`.
    AlterConfigsResourceResponse {
        error_code: i16,
        error_message: Option<String>,
        resource_type: i8,
        resource_name: String,
    }
}
