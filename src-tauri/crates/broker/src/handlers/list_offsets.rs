//! ListOffsets and OffsetForLeaderEpoch: where in the log is a time, an end, an epoch.

use wire::ErrorCode;
use wire::batch::Offset;
use wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse,
    ListOffsetsTopicResponse,
};
use wire::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, OffsetForLeaderTopicResult,
};

use crate::Broker;
use crate::partition::{LEADER_EPOCH, check_leader_epoch};
use crate::topic::Topic;

use super::fetch::READ_COMMITTED;

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
/// Tiered storage's own; there is none.
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;

/// Special timestamps, and the version that brought each.
const SPECIAL: [(i64, i16); 6] = [
    (LATEST, 0),
    (EARLIEST, 0),
    (MAX_TIMESTAMP, 7),
    (EARLIEST_LOCAL, 8),
    (LATEST_TIERED, 9),
    (EARLIEST_PENDING_UPLOAD, 11),
];

pub(super) fn list_offsets(
    broker: &Broker,
    version: i16,
    request: ListOffsetsRequest,
) -> ListOffsetsResponse {
    let committed = request.isolation_level == READ_COMMITTED;
    let topics = request.topics.into_iter().map(|asked| {
        let topic = broker.topic(&asked.name).map_err(|_| ErrorCode::UnknownTopicOrPartition);
        let partitions = asked
            .partitions
            .iter()
            .map(|partition| {
                let mut answer = ListOffsetsPartitionResponse {
                    partition_index: partition.partition_index,
                    ..Default::default()
                };
                let found = check_timestamp(partition.timestamp, version)
                    .and_then(|()| topic.clone())
                    .and_then(|topic| find(broker, &topic, partition, committed));
                match found {
                    Ok(Some((offset, timestamp))) => {
                        answer.timestamp = timestamp;
                        answer.offset = offset.0;
                        answer.leader_epoch = LEADER_EPOCH;
                    }
                    Ok(None) => {}
                    Err(error) => answer.error_code = error.into(),
                }
                answer
            })
            .collect();
        ListOffsetsTopicResponse { name: asked.name, partitions }
    });
    ListOffsetsResponse { topics: topics.collect(), ..Default::default() }
}

fn check_timestamp(timestamp: i64, version: i16) -> Result<(), ErrorCode> {
    let known = |(special, since): &(i64, i16)| *special == timestamp && version >= *since;
    match timestamp >= 0 || SPECIAL.iter().any(known) {
        true => Ok(()),
        false => Err(ErrorCode::UnsupportedVersion),
    }
}

/// The offset found and its timestamp; none if there is no such record.
/// For a reader of committed records alone nothing lies beyond the last stable offset.
fn find(
    broker: &Broker,
    topic: &Topic,
    asked: &ListOffsetsPartition,
    committed: bool,
) -> Result<Option<(Offset, i64)>, ErrorCode> {
    let partition = topic.partition(asked.partition_index).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    check_leader_epoch(asked.current_leader_epoch)?;
    let end = match committed {
        true => partition.stable_offset(broker.now_ms())?,
        false => partition.log.end_offset(),
    };
    match asked.timestamp {
        LATEST => Ok(Some((end, -1))),
        EARLIEST | EARLIEST_LOCAL => Ok(Some((partition.log.start_offset(), -1))),
        MAX_TIMESTAMP => partition.max_timestamp(),
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => Ok(None),
        timestamp => {
            Ok(partition.offset_for_timestamp(timestamp)?.filter(|(offset, _)| !committed || *offset < end))
        }
    }
}

pub(super) fn offset_for_leader_epoch(
    broker: &Broker,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let topics = request.topics.into_iter().map(|asked| {
        let topic = broker.topic(&asked.topic).map_err(|_| ErrorCode::UnknownTopicOrPartition);
        let partitions = asked
            .partitions
            .iter()
            .map(|partition| {
                let mut answer = EpochEndOffset { partition: partition.partition, ..Default::default() };
                let found = topic.clone().and_then(|topic| {
                    let log = topic.partition(partition.partition);
                    let log = log.ok_or(ErrorCode::UnknownTopicOrPartition)?;
                    check_leader_epoch(partition.current_leader_epoch)?;
                    Ok(log)
                });
                match found {
                    // Later epochs than the only one there is are unknown: -1 and -1.
                    Ok(log) if partition.leader_epoch == LEADER_EPOCH => {
                        answer.leader_epoch = LEADER_EPOCH;
                        answer.end_offset = log.log.end_offset().0;
                    }
                    // An epoch before the first ended where that began.
                    Ok(log) if partition.leader_epoch < -1 => {
                        answer.leader_epoch = partition.leader_epoch;
                        answer.end_offset = log.log.start_offset().0;
                    }
                    Ok(_) => {}
                    Err(error) => answer.error_code = error.into(),
                }
                answer
            })
            .collect();
        OffsetForLeaderTopicResult { topic: asked.topic, partitions }
    });
    OffsetForLeaderEpochResponse { topics: topics.collect(), ..Default::default() }
}
