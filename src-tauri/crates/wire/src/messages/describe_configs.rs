//! DescribeConfigs.

messages! {
    /// API 32, request, versions 1–4, flexible from 4.
    DescribeConfigsRequest {
        resources: Vec<DescribeConfigsResource>,
        include_synonyms: bool [1..],
        include_documentation: bool [3..],
    }

    /// One of `DescribeConfigsRequest::resources`.
    DescribeConfigsResource {
        resource_type: i8,
        resource_name: String,
        configuration_keys: Option<Vec<String>>,
    }

    /// API 32, response, versions 1–4, flexible from 4.
    DescribeConfigsResponse {
        throttle_time_ms: i32,
        results: Vec<DescribeConfigsResult>,
    }

    /// One of `DescribeConfigsResponse::results`.
    DescribeConfigsResult {
        error_code: i16,
        error_message: Option<String>,
        resource_type: i8,
        resource_name: String,
        configs: Vec<DescribeConfigsResourceResult>,
    }

    /// One of `DescribeConfigsResult::configs`.
    DescribeConfigsResourceResult {
        name: String,
        value: Option<String>,
        read_only: bool,
        is_default: bool [0..=0],
        config_source: i8 [1..] = -1,
        is_sensitive: bool,
        synonyms: Vec<DescribeConfigsSynonym> [1..],
        config_type: i8 [3..],
        documentation: Option<String> [3..],
    }

    /// One of `DescribeConfigsResourceResult::synonyms`.
    DescribeConfigsSynonym {
        name: String [1..],
        value: Option<String> [1..],
        source: i8 [1..],
    }
}
