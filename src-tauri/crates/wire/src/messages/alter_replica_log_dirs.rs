//! AlterReplicaLogDirs: which of a broker's log directories a partition lies in.

messages! {
    /// API 34, request, versions 1–2, flexible from 2.
    AlterReplicaLogDirsRequest {
        dirs: Vec<AlterReplicaLogDir>,
    }

    /// One of `AlterReplicaLogDirsRequest::dirs`.
    AlterReplicaLogDir {
        path: String,
        topics: Vec<AlterReplicaLogDirTopic>,
    }

    /// One of `AlterReplicaLogDir::topics`.
    AlterReplicaLogDirTopic {
        name: String,
        partitions: Vec<i32>,
    }

    /// API 34, response, versions 1–2, flexible from 2.
    AlterReplicaLogDirsResponse {
        throttle_time_ms: i32,
        results: Vec<AlterReplicaLogDirTopicResult>,
    }

    /// One of `AlterReplicaLogDirsResponse::results`.
    AlterReplicaLogDirTopicResult {
        topic_name: String,
        partitions: Vec<AlterReplicaLogDirPartitionResult>,
    }

    /// One of `AlterReplicaLogDirTopicResult::partitions`.
    AlterReplicaLogDirPartitionResult {
        partition_index: i32,
        error_code: i16,
    }
}
