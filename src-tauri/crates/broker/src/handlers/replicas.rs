//! AlterReplicaLogDirs and AlterPartitionReassignments: where replicas lie. There is one broker with one log
//! directory, so what is asked for is either so already or impossible.

use wire::ErrorCode;
use wire::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, ReassignablePartitionResponse,
    ReassignableTopicResponse,
};
use wire::messages::alter_replica_log_dirs::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult, AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
};

use super::access::Access;
use super::cluster_admin::CLUSTER_REFUSED;
use crate::Broker;
use crate::security::acl::Operation;

pub(super) fn alter_replica_log_dirs(
    broker: &Broker,
    access: &Access,
    request: AlterReplicaLogDirsRequest,
) -> AlterReplicaLogDirsResponse {
    let allowed = access.cluster(Operation::Alter);
    let here = broker.log_dir().display().to_string();
    let results = request.dirs.into_iter().flat_map(|dir| {
        let is_here = dir.path == here;
        dir.topics.into_iter().map(move |asked| {
            let topic = broker.topics().get(&asked.name);
            let result = |partition_index: i32| {
                let exists = topic.as_ref().is_some_and(|topic| topic.partition(partition_index).is_some());
                let code = match (allowed, is_here, exists) {
                    (false, _, _) => ErrorCode::ClusterAuthorizationFailed,
                    (true, false, _) => ErrorCode::LogDirNotFound,
                    (true, true, false) => ErrorCode::UnknownTopicOrPartition,
                    (true, true, true) => ErrorCode::None,
                };
                AlterReplicaLogDirPartitionResult { partition_index, error_code: code.into() }
            };
            let partitions = asked.partitions.iter().map(|partition| result(*partition)).collect();
            AlterReplicaLogDirTopicResult { topic_name: asked.name, partitions }
        })
    });
    AlterReplicaLogDirsResponse { results: results.collect(), ..Default::default() }
}

pub(super) fn alter_partition_reassignments(
    broker: &Broker,
    access: &Access,
    request: AlterPartitionReassignmentsRequest,
) -> AlterPartitionReassignmentsResponse {
    let allow_replication_factor_change = request.allow_replication_factor_change;
    if !access.cluster(Operation::Alter) {
        return AlterPartitionReassignmentsResponse {
            allow_replication_factor_change,
            error_code: ErrorCode::ClusterAuthorizationFailed.into(),
            error_message: Some(CLUSTER_REFUSED.into()),
            ..Default::default()
        };
    }
    let responses = request.topics.into_iter().map(|asked| {
        let topic = broker.topics().get(&asked.name);
        let partitions = asked.partitions.iter().map(|partition| {
            let index = partition.partition_index;
            let refused = match &topic {
                None => Some((
                    ErrorCode::UnknownTopicOrPartition,
                    "Unable to find a topic with the specified name.".to_owned(),
                )),
                Some(topic) if topic.partition(index).is_none() => Some((
                    ErrorCode::UnknownTopicOrPartition,
                    format!("Unable to find partition {}:{index}.", asked.name),
                )),
                Some(_) => reassign(partition.replicas.as_deref(), broker.node_id()).err(),
            };
            let (code, error_message) = match refused {
                Some((code, message)) => (code, Some(message)),
                None => (ErrorCode::None, None),
            };
            ReassignablePartitionResponse { partition_index: index, error_code: code.into(), error_message }
        });
        ReassignableTopicResponse { partitions: partitions.collect(), name: asked.name }
    });
    AlterPartitionReassignmentsResponse {
        allow_replication_factor_change,
        responses: responses.collect(),
        ..Default::default()
    }
}

/// Whether replicas may be so; no list ends a move, and none goes on.
fn reassign(replicas: Option<&[i32]>, node_id: i32) -> Result<(), (ErrorCode, String)> {
    let Some(replicas) = replicas else {
        return Err((
            ErrorCode::NoReassignmentInProgress,
            "No partition reassignment is in progress.".to_owned(),
        ));
    };
    let problem = match replicas {
        [only] if *only == node_id => return Ok(()),
        [] => "an empty replica list".to_owned(),
        _ => match replicas.iter().find(|replica| **replica != node_id) {
            Some(other) => format!("broker {other}, but no such broker is registered"),
            None => format!("the broker {node_id} more than once"),
        },
    };
    Err((ErrorCode::InvalidReplicaAssignment, format!("The manual partition assignment includes {problem}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_where_they_can_be() {
        fn check(replicas: Option<&[i32]>, expected: ErrorCode) {
            let code = reassign(replicas, 1).map_or_else(|(code, _)| code, |()| ErrorCode::None);
            assert_eq!(code, expected, "{replicas:?}");
        }
        check(Some(&[1]), ErrorCode::None);
        check(None, ErrorCode::NoReassignmentInProgress);
        check(Some(&[]), ErrorCode::InvalidReplicaAssignment);
        check(Some(&[9]), ErrorCode::InvalidReplicaAssignment);
        check(Some(&[1, 1]), ErrorCode::InvalidReplicaAssignment);
    }
}
