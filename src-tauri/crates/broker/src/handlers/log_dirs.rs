//! DescribeLogDirs: bytes on disk by partition.

use wire::messages::describe_log_dirs::{
    DescribeLogDirsPartition, DescribeLogDirsRequest, DescribeLogDirsResponse, DescribeLogDirsResult,
    DescribeLogDirsTopic,
};

use crate::Broker;
use crate::partition::Partition;

pub(super) fn describe_log_dirs(broker: &Broker, request: DescribeLogDirsRequest) -> DescribeLogDirsResponse {
    let described = |partition: &Partition| DescribeLogDirsPartition {
        partition_index: partition.index,
        partition_size: i64::try_from(partition.log.size_bytes()).unwrap_or(i64::MAX),
        offset_lag: 0,
        is_future_key: false,
    };
    let topics = match request.topics {
        None => broker
            .topics()
            .all()
            .iter()
            .map(|topic| DescribeLogDirsTopic {
                name: topic.name.clone(),
                partitions: topic.partitions().iter().map(|partition| described(partition)).collect(),
            })
            .collect(),
        Some(asked) => asked
            .into_iter()
            .filter_map(|asked| {
                let topic = broker.topic(&asked.topic).ok()?;
                let partitions = asked
                    .partitions
                    .iter()
                    .filter_map(|index| topic.partition(*index))
                    .map(|partition| described(&partition))
                    .collect();
                Some(DescribeLogDirsTopic { name: asked.topic, partitions })
            })
            .collect(),
    };
    DescribeLogDirsResponse {
        results: vec![DescribeLogDirsResult {
            log_dir: broker.log_dir().display().to_string(),
            topics,
            ..Default::default()
        }],
        ..Default::default()
    }
}
