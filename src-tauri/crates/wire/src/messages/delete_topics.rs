//! DeleteTopics.

use crate::uuid::Uuid;

messages! {
    /// API 20, request, versions 1–6, flexible from 4.
    DeleteTopicsRequest {
        topics: Vec<DeleteTopicState> [6..],
        topic_names: Vec<String> [..=5],
        timeout_ms: i32,
    }

    /// One of `DeleteTopicsRequest::topics`.
    DeleteTopicState {
        name: Option<String> [6..],
        topic_id: Uuid [6..],
    }

    /// API 20, response, versions 1–6, flexible from 4.
    DeleteTopicsResponse {
        throttle_time_ms: i32 [1..],
        responses: Vec<DeletableTopicResult>,
    }

    /// One of `DeleteTopicsResponse::responses`.
    DeletableTopicResult {
        name: Option<String>,
        topic_id: Uuid [6..],
        error_code: i16,
        error_message: Option<String> [5..],
    }
}
