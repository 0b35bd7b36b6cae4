//! DescribeLogDirs: bytes on disk by partition.

messages! {
    /// API 35, request, versions 1–5, flexible from 2.
    DescribeLogDirsRequest {
        topics: Option<Vec<DescribableLogDirTopic>>,
    }

    /// One of `DescribeLogDirsRequest::topics`.
    DescribableLogDirTopic {
        topic: String,
        partitions: Vec<i32>,
    }

    /// API 35, response, versions 1–5, flexible from 2.
    DescribeLogDirsResponse {
        throttle_time_ms: i32,
        error_code: i16 [3..],
        results: Vec<DescribeLogDirsResult>,
    }

    /// One of `DescribeLogDirsResponse::results`.
    DescribeLogDirsResult {
        error_code: i16,
        log_dir: String,
        topics: Vec<DescribeLogDirsTopic>,
        total_bytes: i64 [4..] = -1,
        usable_bytes: i64 [4..] = -1,
        is_cordoned: bool [5..],
    }

    /// One of `DescribeLogDirsResult::topics`.
    DescribeLogDirsTopic {
        name: String,
        partitions: Vec<DescribeLogDirsPartition>,
    }

    /// One of `DescribeLogDirsTopic::partitions`.
    DescribeLogDirsPartition {
        partition_index: i32,
        partition_size: i64,
        offset_lag: i64,
        is_future_key: bool,
    }
}
