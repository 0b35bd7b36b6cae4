//! DeleteShareGroupOffsets (KIP-932).

use crate::uuid::Uuid;

messages! {
    /// API 92, request, version 0, flexible from 0.
    DeleteShareGroupOffsetsRequest {
        group_id: String,
        topics: Vec<DeleteShareGroupOffsetsRequestTopic>,
    }

    /// One of `DeleteShareGroupOffsetsRequest::topics`.
    DeleteShareGroupOffsetsRequestTopic {
        topic_name: String,
    }

    /// API 92, response, version 0, flexible from 0.
    DeleteShareGroupOffsetsResponse {
        throttle_time_ms: i32,
        error_code: i16,
        error_message: Option<String>,
        responses: Vec<DeleteShareGroupOffsetsResponseTopic>,
    }

    /// One of `DeleteShareGroupOffsetsResponse::responses`.
    DeleteShareGroupOffsetsResponseTopic {
        topic_name: String,
        topic_id: Uuid,
        error_code: i16,
        error_message: Option<String>,
    }
}
