use testkit::TempDir;
use wire::messages::create_partitions::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopic,
};
use wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest, CreateTopicsResponse};
use wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsResponse, DeleteRecordsTopic,
};
use wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest, DeleteTopicsResponse};
use wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResponse,
};
use wire::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
};
use wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use wire::{ApiKey, ErrorCode};

use crate::client::{Client, batch};
use crate::server::Server;

#[tokio::test]
async fn metadata_at_every_version_creates_what_is_asked_for() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    for version in 0..=13 {
        let name = format!("auto-{version}");
        let asked = |name: &str| MetadataRequest {
            topics: Some(vec![MetadataRequestTopic { name: Some(name.into()), ..Default::default() }]),
            ..Default::default()
        };
        let answer: MetadataResponse = client.call(ApiKey::Metadata, version, &asked(&name)).await;
        assert_eq!((answer.topics[0].error_code, answer.topics[0].partitions.len()), (0, 1));
        assert_eq!(answer.brokers[0].port, i32::from(server.address.port()));
        let answer: MetadataResponse = client.call(ApiKey::Metadata, version, &asked("no/name")).await;
        assert_eq!(answer.topics[0].error_code, ErrorCode::InvalidTopicException.number());
        let all = MetadataRequest { topics: (version == 0).then(Vec::new), ..Default::default() };
        let answer: MetadataResponse = client.call(ApiKey::Metadata, version, &all).await;
        assert_eq!(answer.topics.len(), version as usize + 1);
    }
    let answer = client.metadata("none").await;
    assert_eq!(answer.topics[0].error_code, ErrorCode::UnknownTopicOrPartition.number());
    server.stop().await;
}

async fn create(client: &mut Client, topic: CreatableTopic) -> (i16, String) {
    let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
    let answer: CreateTopicsResponse = client.call(ApiKey::CreateTopics, 7, &request).await;
    let topic = &answer.topics[0];
    (topic.error_code, topic.error_message.clone().unwrap_or_default())
}

#[tokio::test]
async fn topics_that_cannot_be_are_refused_with_the_reason() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("a.b", 1, &[]).await;
    let topic = |name: &str, num_partitions, replication_factor| CreatableTopic {
        name: name.into(),
        num_partitions,
        replication_factor,
        ..Default::default()
    };
    let cases = [
        (topic("a.b", 1, 1), ErrorCode::TopicAlreadyExists),
        (topic("a_b", 1, 1), ErrorCode::InvalidTopicException),
        (topic("", 1, 1), ErrorCode::InvalidTopicException),
        (topic("c", 0, 1), ErrorCode::InvalidPartitions),
        (topic("c", 1_000_000, 1), ErrorCode::InvalidPartitions),
        (topic("c", 1, 3), ErrorCode::InvalidReplicationFactor),
        (topic("c", -1, -1), ErrorCode::None),
    ];
    for (topic, expected) in cases {
        let (code, message) = create(&mut client, topic.clone()).await;
        assert_eq!(code, expected.number(), "{topic:?}: {message}");
    }
    server.stop().await;
}

#[tokio::test]
async fn topics_grow_shrink_and_go() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    client.produce("t", &batch(&["a", "b", "c"])).await;
    let grow = |count| CreatePartitionsRequest {
        topics: vec![CreatePartitionsTopic { name: "t".into(), count, ..Default::default() }],
        ..Default::default()
    };
    for (count, expected) in [(4, 0), (4, 37), (2, 37)] {
        let answer: CreatePartitionsResponse = client.call(ApiKey::CreatePartitions, 3, &grow(count)).await;
        assert_eq!(answer.results[0].error_code, expected);
    }
    assert_eq!(client.metadata("t").await.topics[0].partitions.len(), 4);

    let delete = |offset| DeleteRecordsRequest {
        topics: vec![DeleteRecordsTopic {
            name: "t".into(),
            partitions: vec![DeleteRecordsPartition { partition_index: 0, offset }],
        }],
        ..Default::default()
    };
    for (offset, expected) in [(2, (0, 2)), (9, (1, -1)), (-1, (0, 3))] {
        let answer: DeleteRecordsResponse = client.call(ApiKey::DeleteRecords, 2, &delete(offset)).await;
        let found = &answer.topics[0].partitions[0];
        assert_eq!((found.error_code, found.low_watermark), expected);
    }
    assert_eq!(client.fetch("t", 0).await.0, ErrorCode::OffsetOutOfRange.number());

    let topic_id = client.metadata("t").await.topics[0].topic_id;
    let request =
        DeleteTopicsRequest { topics: vec![DeleteTopicState { name: None, topic_id }], ..Default::default() };
    let answer: DeleteTopicsResponse = client.call(ApiKey::DeleteTopics, 6, &request).await;
    assert_eq!((answer.responses[0].error_code, answer.responses[0].name.as_deref()), (0, Some("t")));
    assert_eq!(client.metadata("t").await.topics[0].error_code, 3);
    // The name is free again, and empty.
    client.create("t", 1, &[]).await;
    assert_eq!(client.fetch("t", 0).await, (0, vec![]));
    server.stop().await;
}

#[tokio::test]
async fn configs_are_set_shown_and_in_force() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let alter =
        |kind, name: &str, key: &str, operation, value: Option<&str>| IncrementalAlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type: kind,
                resource_name: name.into(),
                configs: vec![AlterableConfig {
                    name: key.into(),
                    config_operation: operation,
                    value: value.map(str::to_owned),
                }],
            }],
            validate_only: false,
        };
    let cases = [
        (alter(2, "t", "max.message.bytes", 0, Some("90")), 0),
        (alter(2, "t", "max.message.bytes", 0, Some("much")), 40),
        (alter(2, "t", "no.such", 0, Some("1")), 40),
        (alter(2, "none", "retention.ms", 0, Some("1")), 3),
        (alter(2, "t", "cleanup.policy", 2, Some("compact")), 0),
        (alter(4, "1", "log.retention.ms", 0, Some("777")), 0),
        (alter(4, "1", "num.partitions", 0, Some("7")), 42),
        (alter(4, "9", "log.retention.ms", 0, Some("7")), 42),
    ];
    for (request, expected) in cases {
        let answer: IncrementalAlterConfigsResponse =
            client.call(ApiKey::IncrementalAlterConfigs, 1, &request).await;
        let answer = &answer.responses[0];
        assert_eq!(answer.error_code, expected, "{request:?}: {:?}", answer.error_message);
    }
    assert_eq!(client.produce("t", &batch(&["x".repeat(90).as_str()])).await.error_code, 10);

    let describe = DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: 2,
            resource_name: "t".into(),
            configuration_keys: None,
        }],
        include_synonyms: true,
        include_documentation: true,
    };
    for _ in 0..2 {
        let copy = crate::server::crash_copy(dir.path());
        let server = Server::start(copy.path()).await;
        let mut client = server.client().await;
        let answer: DescribeConfigsResponse = client.call(ApiKey::DescribeConfigs, 4, &describe).await;
        let found = |name: &str| {
            let config = answer.results[0].configs.iter().find(|config| config.name == name).unwrap();
            (config.value.clone().unwrap(), config.config_source, config.config_type)
        };
        assert_eq!(found("max.message.bytes"), ("90".into(), 1, 3));
        assert_eq!(found("cleanup.policy"), ("delete,compact".into(), 1, 7));
        assert_eq!(found("retention.ms"), ("777".into(), 2, 5));
        assert_eq!(found("segment.bytes"), ("1073741824".into(), 5, 3));
        server.stop().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn topics_are_described_page_by_page() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("a", 3, &[]).await;
    client.create("b", 2, &[]).await;
    let mut cursor = None;
    let mut seen = Vec::new();
    loop {
        let request = DescribeTopicPartitionsRequest {
            response_partition_limit: 2,
            cursor: cursor.take(),
            ..Default::default()
        };
        let answer: DescribeTopicPartitionsResponse =
            client.call(ApiKey::DescribeTopicPartitions, 0, &request).await;
        for topic in &answer.topics {
            for partition in &topic.partitions {
                seen.push((topic.name.clone().unwrap(), partition.partition_index));
            }
        }
        match answer.next_cursor {
            Some(next) => {
                cursor = Some(Cursor { topic_name: next.topic_name, partition_index: next.partition_index });
            }
            None => break,
        }
    }
    let expected = [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1)];
    assert_eq!(seen, expected.map(|(name, index)| (name.to_owned(), index)));
    server.stop().await;
}

#[tokio::test]
async fn groups_have_a_configuration_within_the_brokers_bounds() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let set = |name: &str, value: &str| IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: 32,
            resource_name: "g".into(),
            configs: vec![AlterableConfig {
                name: name.into(),
                config_operation: 0,
                value: Some(value.into()),
            }],
        }],
        ..Default::default()
    };
    for (name, value, code) in [
        ("share.auto.offset.reset", "earliest", ErrorCode::None),
        ("share.record.lock.duration.ms", "1", ErrorCode::InvalidConfig),
        ("no.such.key", "1", ErrorCode::InvalidConfig),
    ] {
        let answer: IncrementalAlterConfigsResponse =
            client.call(ApiKey::IncrementalAlterConfigs, 1, &set(name, value)).await;
        assert_eq!(answer.responses[0].error_code, code.number(), "{name}={value}");
    }
    server.stop().await;
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let describe = DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: 32,
            resource_name: "g".into(),
            configuration_keys: None,
        }],
        ..Default::default()
    };
    let answer: DescribeConfigsResponse = client.call(ApiKey::DescribeConfigs, 4, &describe).await;
    let shown = |name: &str| {
        let found = answer.results[0].configs.iter().find(|config| config.name == name).unwrap();
        (found.value.clone().unwrap_or_default(), found.config_source)
    };
    assert_eq!(shown("share.auto.offset.reset"), ("earliest".into(), 8));
    assert_eq!(shown("share.record.lock.duration.ms"), ("30000".into(), 5));
    server.stop().await;
}
