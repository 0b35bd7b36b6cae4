//! ElectLeaders, ListPartitionReassignments, DescribeQuorum, UpdateFeatures: what a cluster of one node has to say.

use std::collections::BTreeMap;

use tracing::warn;
use wire::messages::describe_quorum::{
    DescribeQuorumRequest, DescribeQuorumResponse, Listener, Node, ReplicaState, ResponsePartitionData,
    ResponseTopicData,
};
use wire::messages::elect_leaders::{
    ElectLeadersRequest, ElectLeadersResponse, PartitionResult, ReplicaElectionResult,
};
use wire::messages::list_partition_reassignments::ListPartitionReassignmentsResponse;
use wire::messages::update_features::{
    FeatureUpdateKey, UpdatableFeatureResult, UpdateFeaturesRequest, UpdateFeaturesResponse,
};
use wire::{ErrorCode, Uuid};

use super::access::Access;
use crate::Broker;
use crate::features::{FEATURES, KRAFT_VERSION};
use crate::security::acl::Operation;
use crate::server::Peer;
use crate::state::Quorum;

pub(super) const CLUSTER_REFUSED: &str = "Cluster authorization failed.";

/// Kafka's log of metadata, the only quorum there is.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// Every partition has one replica, which leads it: no election changes anything.
pub(super) fn elect_leaders(
    broker: &Broker,
    access: &Access,
    request: ElectLeadersRequest,
) -> ElectLeadersResponse {
    let known = (0..=1).contains(&request.election_type);
    let whole = if !access.cluster(Operation::Alter) {
        Some((ErrorCode::ClusterAuthorizationFailed, CLUSTER_REFUSED))
    } else if !known {
        Some((ErrorCode::InvalidRequest, "Unknown election type."))
    } else {
        None
    };
    // Asked for all partitions, only those with something to tell are told.
    let topics = request.topic_partitions.unwrap_or_default().into_iter().map(|asked| {
        let topic = broker.topics().get(&asked.topic);
        let result = |partition_id: i32| {
            let (code, message) = match (&whole, &topic) {
                (Some((code, message)), _) => (*code, (*message).to_owned()),
                (None, None) => {
                    (ErrorCode::UnknownTopicOrPartition, format!("No such topic as {}", asked.topic))
                }
                (None, Some(topic)) => match topic.partition(partition_id) {
                    None => (
                        ErrorCode::UnknownTopicOrPartition,
                        format!("No such partition as {}-{partition_id}", asked.topic),
                    ),
                    Some(_) => (
                        ErrorCode::ElectionNotNeeded,
                        "Leader election not needed for topic partition.".to_owned(),
                    ),
                },
            };
            PartitionResult { partition_id, error_code: code.into(), error_message: Some(message) }
        };
        let partition_result = asked.partitions.iter().map(|partition| result(*partition)).collect();
        ReplicaElectionResult { topic: asked.topic.clone(), partition_result }
    });
    ElectLeadersResponse {
        replica_election_results: topics.collect(),
        error_code: whole.map_or(0, |(code, _)| code.into()),
        ..Default::default()
    }
}

/// Replicas do not move where there is one node.
pub(super) fn list_partition_reassignments(access: &Access) -> ListPartitionReassignmentsResponse {
    if access.cluster(Operation::Describe) {
        return ListPartitionReassignmentsResponse::default();
    }
    ListPartitionReassignmentsResponse {
        error_code: ErrorCode::ClusterAuthorizationFailed.into(),
        error_message: Some(CLUSTER_REFUSED.into()),
        ..Default::default()
    }
}

/// A quorum of one voter, which leads. Metadata is not kept in a log here: the log's end is the number of its
/// changes.
pub(super) fn describe_quorum(
    broker: &Broker,
    peer: &Peer,
    access: &Access,
    request: DescribeQuorumRequest,
) -> DescribeQuorumResponse {
    if !access.cluster(Operation::Describe) {
        return DescribeQuorumResponse {
            error_code: ErrorCode::ClusterAuthorizationFailed.into(),
            error_message: Some(CLUSTER_REFUSED.into()),
            ..Default::default()
        };
    }
    let Quorum { leader_epoch, log_end_offset } = match broker.quorum() {
        Ok(quorum) => quorum,
        Err(error) => {
            warn!(%error, "the quorum's state is not kept");
            return DescribeQuorumResponse {
                error_code: ErrorCode::KafkaStorageError.into(),
                ..Default::default()
            };
        }
    };
    let node_id = broker.node_id();
    let now_ms = broker.now_ms();
    let levels = broker.state().features();
    let knows_directories =
        FEATURES.iter().any(|feature| feature.name == KRAFT_VERSION && feature.level(&levels) > 0);
    let directory_id = broker.dir().directory_id().into_bytes();
    let voter = || ReplicaState {
        replica_id: node_id,
        replica_directory_id: if knows_directories { Uuid(directory_id) } else { Uuid::ZERO },
        log_end_offset,
        last_fetch_timestamp: now_ms,
        last_caught_up_timestamp: now_ms,
    };
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let partition_index = partition.partition_index;
            if topic.topic_name != METADATA_TOPIC || partition_index != 0 {
                return ResponsePartitionData {
                    partition_index,
                    error_code: ErrorCode::UnknownTopicOrPartition.into(),
                    leader_id: -1,
                    leader_epoch: -1,
                    high_watermark: -1,
                    ..Default::default()
                };
            }
            ResponsePartitionData {
                partition_index,
                leader_id: node_id,
                leader_epoch,
                high_watermark: log_end_offset,
                current_voters: vec![voter()],
                ..Default::default()
            }
        });
        let partitions = partitions.collect();
        ResponseTopicData { partitions, topic_name: topic.topic_name }
    });
    let (host, port) = peer.advertised();
    DescribeQuorumResponse {
        topics: topics.collect(),
        nodes: vec![Node {
            node_id,
            listeners: vec![Listener { name: peer.entrance.name.clone(), host, port }],
        }],
        ..Default::default()
    }
}

pub(super) fn update_features(
    broker: &Broker,
    access: &Access,
    version: i16,
    request: UpdateFeaturesRequest,
) -> UpdateFeaturesResponse {
    let failed = |code: ErrorCode, message: String| UpdateFeaturesResponse {
        error_code: code.into(),
        error_message: Some(message),
        ..Default::default()
    };
    if !access.cluster(Operation::Alter) {
        return failed(ErrorCode::ClusterAuthorizationFailed, CLUSTER_REFUSED.to_owned());
    }
    if request.feature_updates.is_empty() {
        let message = "Can not provide empty FinalizedFeature updates to update.";
        return failed(ErrorCode::InvalidRequest, message.to_owned());
    }
    let levels = broker.state().features();
    let mut wished: BTreeMap<String, i16> = BTreeMap::new();
    let mut results = Vec::new();
    let mut fault: Option<(ErrorCode, String)> = None;
    for update in request.feature_updates {
        let now = |name: &str| FEATURES.iter().find(|one| one.name == name).map(|one| one.level(&levels));
        let verdict = match wished.contains_key(&update.feature) {
            true => Err((ErrorCode::InvalidRequest, format!("Feature {} is updated twice", update.feature))),
            false => checked(broker.node_id(), version, &update, now(&update.feature)),
        };
        let (error_code, error_message) = match &verdict {
            Ok(()) => (ErrorCode::None, None),
            Err((code, message)) => (*code, Some(message.clone())),
        };
        if let Err((code, message)) = verdict {
            fault.get_or_insert_with(|| {
                let message = format!(
                    "The update failed for all features since the following feature had an error: {message}"
                );
                (code, message)
            });
        }
        wished.insert(update.feature.clone(), update.max_version_level);
        results.push(UpdatableFeatureResult {
            feature: update.feature,
            error_code: error_code.into(),
            error_message,
        });
    }
    if let Some((code, message)) = fault {
        // All or none.
        for result in results.iter_mut().filter(|result| result.error_code == 0) {
            (result.error_code, result.error_message) = (code.into(), Some(message.clone()));
        }
        let whole = if version >= 2 { failed(code, message) } else { UpdateFeaturesResponse::default() };
        return UpdateFeaturesResponse { results, ..whole };
    }
    if !request.validate_only
        && let Err(error) = broker.state().set_features(wished)
    {
        return failed(ErrorCode::KafkaStorageError, error.to_string());
    }
    UpdateFeaturesResponse { results, ..Default::default() }
}

/// Whether a feature may go to a level. `now`: where it is; none if there is no such feature.
fn checked(
    node_id: i32,
    version: i16,
    update: &FeatureUpdateKey,
    now: Option<i16>,
) -> Result<(), (ErrorCode, String)> {
    const UPGRADE: i8 = 1;
    let (name, level) = (&update.feature, update.max_version_level);
    let invalid = |why: String| {
        Err((
            ErrorCode::InvalidUpdateVersion,
            format!("Invalid update version {level} for feature {name}. {why}"),
        ))
    };
    let feature = FEATURES.iter().find(|one| one.name == *name);
    let (Some(feature), Some(now)) = (feature, now) else {
        return invalid(format!("Local controller {node_id} does not support this feature."));
    };
    if level < feature.min || level > feature.max {
        let (min, max) = (feature.min, feature.max);
        return invalid(format!("Local controller {node_id} only supports versions {min}-{max}"));
    }
    let may_downgrade = if version == 0 { update.allow_downgrade } else { update.upgrade_type > UPGRADE };
    if level < now && !may_downgrade {
        return invalid(
            "Can't downgrade the version of this feature without setting the upgrade type to either safe or \
             unsafe downgrade."
                .to_owned(),
        );
    }
    if level > now && may_downgrade {
        return invalid("Can't downgrade to a newer version.".to_owned());
    }
    if level < now && feature.name == KRAFT_VERSION {
        return invalid("Can't downgrade the version of this feature.".to_owned());
    }
    Ok(())
}
