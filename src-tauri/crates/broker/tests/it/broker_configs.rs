//! The broker's own configuration: who sets it, who sees it, and that it is in force.

use broker::BrokerConfig;
use testkit::TempDir;
use wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest, DeleteTopicsResponse};
use wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult, DescribeConfigsResponse,
};
use wire::messages::describe_topic_partitions::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
};
use wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use wire::{ApiKey, ErrorCode};

use crate::client::{Client, batch};
use crate::server::{Server, crash_copy};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const SET: i8 = 0;
const DELETE: i8 = 1;

pub(crate) async fn alter(client: &mut Client, broker: &str, changes: &[(&str, Option<&str>)]) -> i16 {
    let configs = changes.iter().map(|(name, value)| AlterableConfig {
        name: (*name).to_owned(),
        config_operation: if value.is_some() { SET } else { DELETE },
        value: value.map(str::to_owned),
    });
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: BROKER,
            resource_name: broker.to_owned(),
            configs: configs.collect(),
        }],
        validate_only: false,
    };
    let answer: IncrementalAlterConfigsResponse =
        client.call(ApiKey::IncrementalAlterConfigs, 1, &request).await;
    answer.responses[0].error_code
}

async fn described(client: &mut Client, kind: i8, name: &str) -> Vec<DescribeConfigsResourceResult> {
    let request = DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: kind,
            resource_name: name.to_owned(),
            configuration_keys: None,
        }],
        include_synonyms: true,
        include_documentation: false,
    };
    let answer: DescribeConfigsResponse = client.call(ApiKey::DescribeConfigs, 4, &request).await;
    answer.results.into_iter().next().unwrap().configs
}

/// A value, its source, and all places where it is set.
async fn found(client: &mut Client, kind: i8, name: &str, key: &str) -> (Option<String>, i8, Vec<String>) {
    let configs = described(client, kind, name).await;
    let config = configs.into_iter().find(|config| config.name == key).unwrap();
    assert_eq!(config.documentation, None);
    let places = config.synonyms.into_iter();
    let places = places.map(|one| format!("{}={}@{}", one.name, one.value.unwrap_or_default(), one.source));
    (config.value, config.config_source, places.collect())
}

#[tokio::test]
async fn one_brokers_values_stand_before_those_of_all_and_outlive_a_crash() {
    let dir = TempDir::new();
    let server = Server::with(BrokerConfig::new(dir.path()).with("log.segment.bytes", "4000000")).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    assert_eq!(alter(&mut client, "", &[("log.segment.bytes", Some("3000000"))]).await, 0);
    assert_eq!(alter(&mut client, "1", &[("log.segment.bytes", Some("2000000"))]).await, 0);
    assert_eq!(alter(&mut client, "", &[("plugin.secret", Some("hush"))]).await, 0);

    let copy = crash_copy(dir.path());
    server.stop().await;
    let server = Server::with(BrokerConfig::new(copy.path()).with("log.segment.bytes", "4000000")).await;
    let mut client = server.client().await;
    let bytes = |values: &[&str]| -> Vec<String> {
        values.iter().map(|value| format!("log.segment.bytes={value}")).collect()
    };
    let all = bytes(&["2000000@2", "3000000@3", "4000000@4", "1073741824@5"]);
    let own = (Some("2000000".to_owned()), 2, all.clone());
    assert_eq!(found(&mut client, BROKER, "1", "log.segment.bytes").await, own);
    assert_eq!(found(&mut client, TOPIC, "t", "segment.bytes").await, own);
    assert_eq!(alter(&mut client, "1", &[("log.segment.bytes", None)]).await, 0);
    let of_all = (Some("3000000".to_owned()), 3, all[1..].to_vec());
    assert_eq!(found(&mut client, TOPIC, "t", "segment.bytes").await, of_all);

    // Of all brokers only what was changed for them is told, and what Kafka does not know is never shown.
    let default = described(&mut client, BROKER, "").await;
    let names: Vec<&str> = default.iter().map(|config| config.name.as_str()).collect();
    assert_eq!(names, ["log.segment.bytes", "plugin.secret"]);
    assert_eq!((default[1].value.as_deref(), default[1].is_sensitive), (None, true));
    server.stop().await;
}

#[tokio::test]
async fn what_really_runs_is_told_and_secrets_are_not() {
    let dir = TempDir::new();
    let config = BrokerConfig::new(dir.path())
        .with("super.users", "User:ann")
        .with("listener.name.lan.plain.sasl.jaas.config", "hush")
        .with("log.retention.hours", "2");
    let server = Server::with(config).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let value = async |client: &mut Client, key: &str| found(client, BROKER, "1", key).await.0;
    let address = format!("PLAINTEXT://{}", server.address);
    assert_eq!(value(&mut client, "listeners").await, Some(address));
    assert_eq!(value(&mut client, "advertised.listeners").await, None);
    assert_eq!(value(&mut client, "node.id").await.as_deref(), Some("1"));
    assert_eq!(value(&mut client, "log.dirs").await, Some(dir.path().display().to_string()));
    assert_eq!(value(&mut client, "log.retention.ms").await, None);
    assert_eq!(found(&mut client, TOPIC, "t", "retention.ms").await.0.as_deref(), Some("7200000"));
    for secret in ["super.users", "listener.name.lan.plain.sasl.jaas.config"] {
        let (shown, source, _) = found(&mut client, BROKER, "1", secret).await;
        assert_eq!((shown, source), (None, 4), "{secret}");
    }
    server.stop().await;
}

#[tokio::test]
async fn settings_of_the_start_are_in_force() {
    let dir = TempDir::new();
    let config = BrokerConfig::new(dir.path())
        .with("delete.topic.enable", "false")
        .with("broker.rack", "r1")
        .with("max.request.partition.size.limit", "2")
        .with("num.partitions", "3")
        .with("message.max.bytes", "100");
    let server = Server::with(config).await;
    let mut client = server.client().await;
    client.create("t", -1, &[]).await;
    let metadata = client.metadata("t").await;
    assert_eq!(metadata.topics[0].partitions.len(), 3);
    assert_eq!(metadata.brokers[0].rack.as_deref(), Some("r1"));
    let page: DescribeTopicPartitionsResponse = client
        .call(
            ApiKey::DescribeTopicPartitions,
            0,
            &DescribeTopicPartitionsRequest { response_partition_limit: 100, ..Default::default() },
        )
        .await;
    assert_eq!((page.topics[0].partitions.len(), page.next_cursor.is_some()), (2, true));
    let delete = DeleteTopicsRequest {
        topics: vec![DeleteTopicState { name: Some("t".into()), ..Default::default() }],
        ..Default::default()
    };
    let answer: DeleteTopicsResponse = client.call(ApiKey::DeleteTopics, 6, &delete).await;
    assert_eq!(answer.responses[0].error_code, ErrorCode::TopicDeletionDisabled.number());
    let large = batch(&["x".repeat(100).as_str()]);
    assert_eq!(client.produce("t", &large).await.error_code, ErrorCode::MessageTooLarge.number());
    assert_eq!(alter(&mut client, "1", &[("message.max.bytes", Some("1000"))]).await, 0);
    assert_eq!(client.produce("t", &large).await.error_code, 0);
    server.stop().await;
}
