//! OffsetDelete: forget positions of a group (KIP-496).

messages! {
    /// API 47, request, versions 0–0.
    OffsetDeleteRequest {
        group_id: String,
        topics: Vec<OffsetDeleteRequestTopic>,
    }

    /// One of `OffsetDeleteRequest::topics`.
    OffsetDeleteRequestTopic {
        name: String,
        partitions: Vec<OffsetDeleteRequestPartition>,
    }

    /// One of `OffsetDeleteRequestTopic::partitions`.
    OffsetDeleteRequestPartition {
        partition_index: i32,
    }

    /// API 47, response, versions 0–0.
    OffsetDeleteResponse {
        error_code: i16,
        throttle_time_ms: i32,
        topics: Vec<OffsetDeleteResponseTopic>,
    }

    /// One of `OffsetDeleteResponse::topics`.
    OffsetDeleteResponseTopic {
        name: String,
        partitions: Vec<OffsetDeleteResponsePartition>,
    }

    /// One of `OffsetDeleteResponseTopic::partitions`.
    OffsetDeleteResponsePartition {
        partition_index: i32,
        error_code: i16,
    }
}
