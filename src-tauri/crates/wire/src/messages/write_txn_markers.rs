//! WriteTxnMarkers: the ends of transactions, written into their partitions.

messages! {
    /// API 27, request, versions 1–2, flexible from 1.
    WriteTxnMarkersRequest {
        markers: Vec<WritableTxnMarker>,
    }

    /// One of `WriteTxnMarkersRequest::markers`.
    WritableTxnMarker {
        producer_id: i64,
        producer_epoch: i16,
        transaction_result: bool,
        topics: Vec<WritableTxnMarkerTopic>,
        coordinator_epoch: i32,
        transaction_version: i8 [2..],
    }

    /// One of `WritableTxnMarker::topics`.
    WritableTxnMarkerTopic {
        name: String,
        partition_indexes: Vec<i32>,
    }

    /// API 27, response, versions 1–2, flexible from 1.
    WriteTxnMarkersResponse {
        markers: Vec<WritableTxnMarkerResult>,
    }

    /// One of `WriteTxnMarkersResponse::markers`.
    WritableTxnMarkerResult {
        producer_id: i64,
        topics: Vec<WritableTxnMarkerTopicResult>,
    }

    /// One of `WritableTxnMarkerResult::topics`.
    WritableTxnMarkerTopicResult {
        name: String,
        partitions: Vec<WritableTxnMarkerPartitionResult>,
    }

    /// One of `WritableTxnMarkerTopicResult::partitions`.
    WritableTxnMarkerPartitionResult {
        partition_index: i32,
        error_code: i16,
    }
}
