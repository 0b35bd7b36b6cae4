//! DescribeShareGroupOffsets (KIP-932).

use crate::uuid::Uuid;

messages! {
    /// API 90, request, versions 0–1, flexible from 0.
    DescribeShareGroupOffsetsRequest {
        groups: Vec<DescribeShareGroupOffsetsRequestGroup>,
    }

    /// One of `DescribeShareGroupOffsetsRequest::groups`.
    DescribeShareGroupOffsetsRequestGroup {
        group_id: String,
        topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>>,
    }

    /// One of `DescribeShareGroupOffsetsRequestGroup::topics`.
    DescribeShareGroupOffsetsRequestTopic {
        topic_name: String,
        partitions: Vec<i32>,
    }

    /// API 90, response, versions 0–1, flexible from 0.
    DescribeShareGroupOffsetsResponse {
        throttle_time_ms: i32,
        groups: Vec<DescribeShareGroupOffsetsResponseGroup>,
    }

    /// One of `DescribeShareGroupOffsetsResponse::groups`.
    DescribeShareGroupOffsetsResponseGroup {
        group_id: String,
        topics: Vec<DescribeShareGroupOffsetsResponseTopic>,
        error_code: i16,
        error_message: Option<String>,
    }

    /// One of `DescribeShareGroupOffsetsResponseGroup::topics`.
    DescribeShareGroupOffsetsResponseTopic {
        topic_name: String,
        topic_id: Uuid,
        partitions: Vec<DescribeShareGroupOffsetsResponsePartition>,
    }

    /// One of `DescribeShareGroupOffsetsResponseTopic::partitions`.
    DescribeShareGroupOffsetsResponsePartition {
        partition_index: i32,
        start_offset: i64,
        leader_epoch: i32,
        lag: i64 [1..] = -1,
        error_code: i16,
        error_message: Option<String>,
    }
}
