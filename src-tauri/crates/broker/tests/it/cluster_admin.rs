//! What a cluster of one node answers to questions about elections, quorums, features and clients' metrics.

use bytes::Bytes;
use testkit::TempDir;
use wire::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, ReassignablePartition,
    ReassignableTopic,
};
use wire::messages::alter_replica_log_dirs::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic, AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse,
};
use wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResponse,
};
use wire::messages::describe_log_dirs::{DescribeLogDirsRequest, DescribeLogDirsResponse};
use wire::messages::describe_quorum::{
    DescribeQuorumRequest, DescribeQuorumResponse, RequestPartitionData, RequestTopicData,
};
use wire::messages::elect_leaders::{ElectLeadersRequest, ElectLeadersResponse, TopicPartitions};
use wire::messages::get_telemetry_subscriptions::{
    GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse,
};
use wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use wire::messages::list_config_resources::{ListConfigResourcesRequest, ListConfigResourcesResponse};
use wire::messages::list_partition_reassignments::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};
use wire::messages::push_telemetry::{PushTelemetryRequest, PushTelemetryResponse};
use wire::messages::update_features::{FeatureUpdateKey, UpdateFeaturesRequest, UpdateFeaturesResponse};
use wire::{ApiKey, ErrorCode};

use crate::client::Client;
use crate::server::{EPOCH_MS, Server, crash_copy};

#[tokio::test]
async fn no_election_is_needed_and_nothing_moves() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    for version in 0..=2 {
        let request = ElectLeadersRequest {
            topic_partitions: Some(vec![
                TopicPartitions { topic: "t".into(), partitions: vec![0, 1] },
                TopicPartitions { topic: "none".into(), partitions: vec![0] },
            ]),
            ..Default::default()
        };
        let answer: ElectLeadersResponse = client.call(ApiKey::ElectLeaders, version, &request).await;
        let codes: Vec<i16> = answer
            .replica_election_results
            .iter()
            .flat_map(|topic| topic.partition_result.iter().map(|partition| partition.error_code))
            .collect();
        let unknown = ErrorCode::UnknownTopicOrPartition.number();
        assert_eq!(codes, [ErrorCode::ElectionNotNeeded.number(), unknown, unknown]);
    }
    let all = ElectLeadersRequest { topic_partitions: None, ..Default::default() };
    let answer: ElectLeadersResponse = client.call(ApiKey::ElectLeaders, 2, &all).await;
    assert!(answer.error_code == 0 && answer.replica_election_results.is_empty());
    let request = ListPartitionReassignmentsRequest { topics: None, ..Default::default() };
    let answer: ListPartitionReassignmentsResponse =
        client.call(ApiKey::ListPartitionReassignments, 0, &request).await;
    assert!(answer.error_code == 0 && answer.topics.is_empty());
    let partitions = [(0, Some(vec![1])), (0, None), (0, Some(vec![9])), (7, Some(vec![1]))];
    let partitions =
        partitions.map(|(partition_index, replicas)| ReassignablePartition { partition_index, replicas });
    let topics = vec![ReassignableTopic { name: "t".into(), partitions: partitions.to_vec() }];
    for version in 0..=1 {
        let request = AlterPartitionReassignmentsRequest { topics: topics.clone(), ..Default::default() };
        let answer: AlterPartitionReassignmentsResponse =
            client.call(ApiKey::AlterPartitionReassignments, version, &request).await;
        let codes: Vec<i16> =
            answer.responses[0].partitions.iter().map(|partition| partition.error_code).collect();
        // What a real Kafka answers.
        assert_eq!((answer.error_code, codes), (0, vec![0, 85, 39, 3]));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_replica_is_in_the_only_log_directory() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let request = DescribeLogDirsRequest { topics: None };
    let answer: DescribeLogDirsResponse = client.call(ApiKey::DescribeLogDirs, 4, &request).await;
    let here = answer.results[0].log_dir.clone();
    let asked = |path: &str| AlterReplicaLogDir {
        path: path.into(),
        topics: vec![AlterReplicaLogDirTopic { name: "t".into(), partitions: vec![0, 7] }],
    };
    let request = AlterReplicaLogDirsRequest { dirs: vec![asked(&here), asked("/nowhere")] };
    for version in 1..=2 {
        let answer: AlterReplicaLogDirsResponse =
            client.call(ApiKey::AlterReplicaLogDirs, version, &request).await;
        let codes: Vec<i16> = answer
            .results
            .iter()
            .flat_map(|topic| topic.partitions.iter().map(|partition| partition.error_code))
            .collect();
        let lost = ErrorCode::LogDirNotFound.number();
        assert_eq!(codes, [0, ErrorCode::UnknownTopicOrPartition.number(), lost, lost]);
    }
    server.stop().await;
}

#[tokio::test]
async fn the_quorum_is_this_node() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let request = DescribeQuorumRequest {
        topics: vec![RequestTopicData {
            topic_name: "__cluster_metadata".into(),
            partitions: vec![
                RequestPartitionData { partition_index: 0 },
                RequestPartitionData { partition_index: 1 },
            ],
        }],
    };
    let mut end = 0;
    for change in 0..3 {
        let told: DescribeQuorumResponse = client.call(ApiKey::DescribeQuorum, 2, &request).await;
        let partition = &told.topics[0].partitions[0];
        let voter = &partition.current_voters[0];
        assert!(partition.high_watermark > end, "{} after {end}", partition.high_watermark);
        assert_eq!(voter.log_end_offset, partition.high_watermark);
        assert_eq!((voter.last_fetch_timestamp, voter.last_caught_up_timestamp), (EPOCH_MS, EPOCH_MS));
        end = partition.high_watermark;
        client.create(&format!("t{change}"), 1, &[]).await;
    }
    let answer: DescribeQuorumResponse = client.call(ApiKey::DescribeQuorum, 2, &request).await;
    let partitions = &answer.topics[0].partitions;
    assert_eq!((partitions[0].leader_id, partitions[0].current_voters[0].replica_id), (1, 1));
    assert_eq!(partitions[0].leader_epoch, 1);
    let directory_id = partitions[0].current_voters[0].replica_directory_id;
    let meta = std::fs::read_to_string(dir.join("meta.properties")).unwrap();
    assert!(meta.contains(&format!("directory.id={directory_id}\n")), "{directory_id} in {meta}");
    assert_eq!(partitions[1].error_code, ErrorCode::UnknownTopicOrPartition.number());
    assert_eq!(answer.nodes[0].listeners[0].port, server.address.port());
    let end = partitions[0].high_watermark;
    let crashed = crash_copy(dir.path());
    server.stop().await;
    let server = Server::start(crashed.path()).await;
    let mut client = server.client().await;
    let later: DescribeQuorumResponse = client.call(ApiKey::DescribeQuorum, 2, &request).await;
    let later = &later.topics[0].partitions[0];
    assert!(later.high_watermark > end);
    assert_eq!((later.leader_epoch, later.current_voters[0].replica_directory_id), (2, directory_id));
    server.stop().await;
}

async fn level(client: &mut Client, name: &str) -> (i64, Option<i16>) {
    let request =
        ApiVersionsRequest { client_software_name: "test".into(), client_software_version: "1".into() };
    let answer: ApiVersionsResponse = client.call(ApiKey::ApiVersions, 4, &request).await;
    let found = answer.finalized_features.iter().find(|feature| feature.name == name);
    (answer.finalized_features_epoch, found.map(|feature| feature.max_version_level))
}

#[tokio::test]
async fn levels_of_features_change_and_stay_changed() {
    const NAME: &str = "transaction.version";
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    assert_eq!(level(&mut client, NAME).await, (0, Some(2)));
    let update = |feature: &str, level: i16, upgrade_type: i8| UpdateFeaturesRequest {
        feature_updates: vec![FeatureUpdateKey {
            feature: feature.into(),
            max_version_level: level,
            upgrade_type,
            ..Default::default()
        }],
        ..Default::default()
    };
    let invalid = ErrorCode::InvalidUpdateVersion.number();
    for (feature, level, kind) in [("no.such", 1, 1), (NAME, 99, 1), (NAME, 1, 1)] {
        let refused: UpdateFeaturesResponse =
            client.call(ApiKey::UpdateFeatures, 2, &update(feature, level, kind)).await;
        assert_eq!(refused.error_code, invalid, "{feature} {level}");
        let refused: UpdateFeaturesResponse =
            client.call(ApiKey::UpdateFeatures, 1, &update(feature, level, kind)).await;
        assert_eq!(refused.results[0].error_code, invalid, "{feature} {level}");
    }
    let kraft: UpdateFeaturesResponse =
        client.call(ApiKey::UpdateFeatures, 2, &update("kraft.version", 0, 3)).await;
    let why = "Can't downgrade the version of this feature.";
    assert!(kraft.error_message.is_some_and(|message| message.ends_with(why)) && kraft.error_code == invalid);
    let trial = UpdateFeaturesRequest { validate_only: true, ..update(NAME, 1, 2) };
    let tried: UpdateFeaturesResponse = client.call(ApiKey::UpdateFeatures, 2, &trial).await;
    assert_eq!(tried.error_code, 0);
    assert_eq!(level(&mut client, NAME).await, (0, Some(2)));
    let done: UpdateFeaturesResponse = client.call(ApiKey::UpdateFeatures, 2, &update(NAME, 1, 2)).await;
    assert_eq!(done.error_code, 0);
    server.stop().await;
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    assert_eq!(level(&mut client, NAME).await, (1, Some(1)));
    server.stop().await;
}

async fn subscribe(client: &mut Client, values: &[(&str, &str)]) -> i16 {
    let configs = values
        .iter()
        .map(|(name, value)| AlterableConfig {
            name: (*name).into(),
            config_operation: 0,
            value: Some((*value).into()),
        })
        .collect();
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource { resource_type: 16, resource_name: "basic".into(), configs }],
        validate_only: false,
    };
    let answer: IncrementalAlterConfigsResponse =
        client.call(ApiKey::IncrementalAlterConfigs, 1, &request).await;
    answer.responses[0].error_code
}

#[tokio::test]
async fn clients_push_the_metrics_they_are_asked_for() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    assert_eq!(subscribe(&mut client, &[("interval.ms", "5")]).await, ErrorCode::InvalidRequest.number());
    let values = [("interval.ms", "1000"), ("metrics", "org.apache."), ("match", "client_id=test.*")];
    assert_eq!(subscribe(&mut client, &values).await, 0);
    let listed: ListConfigResourcesResponse =
        client.call(ApiKey::ListConfigResources, 0, &ListConfigResourcesRequest::default()).await;
    assert_eq!(listed.config_resources[0].resource_name, "basic");
    let describe = DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: 16,
            resource_name: "basic".into(),
            configuration_keys: None,
        }],
        ..Default::default()
    };
    let described: DescribeConfigsResponse = client.call(ApiKey::DescribeConfigs, 4, &describe).await;
    let interval = &described.results[0].configs[0];
    assert_eq!((interval.value.as_deref(), interval.config_source), (Some("1000"), 7));

    let ask = GetTelemetrySubscriptionsRequest::default();
    let asked: GetTelemetrySubscriptionsResponse =
        client.call(ApiKey::GetTelemetrySubscriptions, 0, &ask).await;
    assert_eq!((asked.error_code, asked.push_interval_ms), (0, 1000));
    assert_eq!(asked.requested_metrics, ["org.apache."]);
    let push = |subscription_id: i32, bytes: usize| PushTelemetryRequest {
        client_instance_id: asked.client_instance_id,
        subscription_id,
        terminating: false,
        compression_type: 0,
        metrics: Bytes::from(vec![1; bytes]),
    };
    let mut pushed = async |request: PushTelemetryRequest| {
        let answer: PushTelemetryResponse = client.call(ApiKey::PushTelemetry, 0, &request).await;
        answer.error_code
    };
    let id = asked.subscription_id;
    assert_eq!(pushed(push(id, 2 << 20)).await, ErrorCode::TelemetryTooLarge.number());
    assert_eq!(pushed(push(id + 1, 10)).await, ErrorCode::UnknownSubscriptionId.number());
    assert_eq!(pushed(push(id, 10)).await, 0);
    server.stop().await;
}
