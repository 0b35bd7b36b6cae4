//! Access control lists: made, listed, deleted, and enforced for every kind of request.

use broker::BrokerConfig;
use testkit::TempDir;
use wire::messages::create_acls::{AclCreation, CreateAclsRequest, CreateAclsResponse};
use wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest, CreateTopicsResponse};
use wire::messages::delete_acls::{DeleteAclsFilter, DeleteAclsRequest, DeleteAclsResponse};
use wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest, DeleteTopicsResponse};
use wire::messages::describe_acls::{DescribeAclsRequest, DescribeAclsResponse};
use wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResponse,
};
use wire::messages::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use wire::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse,
};
use wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponse,
};
use wire::{ApiKey, ErrorCode, Uuid};

use crate::client::{Client, batch};
use crate::sasl::log_in;
use crate::server::Server;

const STANDARD: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

const TOPIC: i8 = 2;
const GROUP: i8 = 3;
const CLUSTER: i8 = 4;
const LITERAL: i8 = 3;
const PREFIXED: i8 = 4;
const ALL: i8 = 2;
const READ: i8 = 3;
const WRITE: i8 = 4;
const CREATE: i8 = 5;
const DESCRIBE: i8 = 8;
const DENY: i8 = 2;
const ALLOW: i8 = 3;

fn config(dir: &TempDir) -> BrokerConfig {
    BrokerConfig::new(dir.path())
        .with("authorizer.class.name", STANDARD)
        .with("super.users", "User:root;User:other")
        .with_user("root", "r")
        .with_user("alice", "a")
}

async fn as_user(server: &Server, user: &str) -> Client {
    let mut client = server.client().await;
    let password = &user[..1];
    assert_eq!(log_in(&mut client, user, password).await.error_code, 0);
    client
}

fn acl(resource: (i8, &str), pattern: i8, operation: i8, permission: i8) -> AclCreation {
    AclCreation {
        resource_type: resource.0,
        resource_name: resource.1.into(),
        resource_pattern_type: pattern,
        principal: "User:alice".into(),
        host: "*".into(),
        operation,
        permission_type: permission,
    }
}

async fn create_acls(client: &mut Client, creations: Vec<AclCreation>) -> Vec<i16> {
    let request = CreateAclsRequest { creations };
    let answer: CreateAclsResponse = client.call(ApiKey::CreateAcls, 3, &request).await;
    answer.results.iter().map(|result| result.error_code).collect()
}

fn allow(resource: (i8, &str), operation: i8) -> AclCreation {
    acl(resource, LITERAL, operation, ALLOW)
}

const DENIED: i16 = ErrorCode::TopicAuthorizationFailed as i16;

async fn named_metadata(client: &mut Client, name: &str, create: bool) -> MetadataResponse {
    let request = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic { name: Some(name.into()), ..Default::default() }]),
        allow_auto_topic_creation: create,
        include_topic_authorized_operations: true,
        ..Default::default()
    };
    client.call(ApiKey::Metadata, 12, &request).await
}

#[tokio::test]
async fn without_an_authorizer_there_are_no_rules() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let codes = create_acls(&mut client, vec![allow((TOPIC, "t"), READ)]).await;
    assert_eq!(codes, [ErrorCode::SecurityDisabled.number()]);
    let request = DescribeAclsRequest {
        resource_type_filter: 1,
        pattern_type_filter: 1,
        operation: 1,
        permission_type: 1,
        ..Default::default()
    };
    let listed: DescribeAclsResponse = client.call(ApiKey::DescribeAcls, 3, &request).await;
    assert_eq!(listed.error_code, ErrorCode::SecurityDisabled.number());
    assert_eq!(listed.error_message.as_deref(), Some("No Authorizer is configured on the broker"));
    server.stop().await;
}

#[tokio::test]
async fn rules_are_made_found_and_deleted() {
    let dir = TempDir::new();
    let server = Server::on(config(&dir), "SASL_PLAINTEXT").await;
    let mut root = as_user(&server, "root").await;
    let creations = vec![
        allow((TOPIC, "orders"), READ),
        acl((TOPIC, "or"), PREFIXED, WRITE, ALLOW),
        allow((GROUP, "*"), READ),
        allow((CLUSTER, "elsewhere"), CREATE),
    ];
    let wrong = ErrorCode::InvalidRequest.number();
    assert_eq!(create_acls(&mut root, creations.clone()).await, [0, 0, 0, wrong]);
    assert_eq!(create_acls(&mut root, creations[..1].to_vec()).await, [0]);

    let mut alice = as_user(&server, "alice").await;
    let codes = create_acls(&mut alice, vec![allow((TOPIC, "x"), READ)]).await;
    assert_eq!(codes, [ErrorCode::ClusterAuthorizationFailed.number()]);
    server.stop().await;

    // They outlive the process.
    let server = Server::on(config(&dir), "SASL_PLAINTEXT").await;
    let mut root = as_user(&server, "root").await;
    let matching = DescribeAclsRequest {
        resource_type_filter: TOPIC,
        resource_name_filter: Some("orders".into()),
        pattern_type_filter: 2,
        operation: 1,
        permission_type: 1,
        ..Default::default()
    };
    let found: DescribeAclsResponse = root.call(ApiKey::DescribeAcls, 3, &matching).await;
    let names: Vec<(&str, i8)> =
        found.resources.iter().map(|one| (one.resource_name.as_str(), one.pattern_type)).collect();
    assert_eq!(names, [("or", PREFIXED), ("orders", LITERAL)]);

    let filter = DeleteAclsFilter {
        resource_type_filter: TOPIC,
        pattern_type_filter: 1,
        operation: 1,
        permission_type: 1,
        ..Default::default()
    };
    let request = DeleteAclsRequest { filters: vec![filter] };
    let deleted: DeleteAclsResponse = root.call(ApiKey::DeleteAcls, 3, &request).await;
    assert_eq!(deleted.filter_results[0].matching_acls.len(), 2);
    let none: DescribeAclsResponse = root.call(ApiKey::DescribeAcls, 3, &matching).await;
    assert!(none.resources.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn topics_are_seen_written_and_read_by_who_may() {
    let dir = TempDir::new();
    let server = Server::on(config(&dir), "SASL_PLAINTEXT").await;
    let mut root = as_user(&server, "root").await;
    for topic in ["open", "closed"] {
        root.create(topic, 1, &[]).await;
        assert_eq!(root.produce(topic, &batch(&["x"])).await.error_code, 0);
    }
    let mut alice = as_user(&server, "alice").await;
    for topic in ["open", "closed", "missing"] {
        assert_eq!(alice.metadata(topic).await.topics[0].error_code, DENIED);
        assert_eq!(alice.produce(topic, &batch(&["y"])).await.error_code, DENIED);
        assert_eq!(alice.fetch(topic, 0).await.0, DENIED);
    }
    let everything: MetadataResponse =
        alice.call(ApiKey::Metadata, 12, &MetadataRequest { topics: None, ..Default::default() }).await;
    assert!(everything.topics.is_empty());

    create_acls(&mut root, vec![allow((TOPIC, "open"), READ)]).await;
    let seen = named_metadata(&mut alice, "open", false).await;
    assert_eq!(seen.topics[0].error_code, 0);
    assert_eq!(seen.topics[0].topic_authorized_operations, 1 << READ | 1 << DESCRIBE);
    assert_eq!(alice.fetch("open", 0).await, (0, vec!["x".to_owned()]));
    assert_eq!(alice.produce("open", &batch(&["y"])).await.error_code, DENIED);
    create_acls(&mut root, vec![allow((TOPIC, "open"), WRITE)]).await;
    assert_eq!(alice.produce("open", &batch(&["y"])).await.error_code, 0);
    let id = seen.topics[0].topic_id;
    assert_eq!(alice.produce_at(13, "", id, &batch(&["z"])).await.error_code, 0);

    // A denial stands above it, also by id.
    create_acls(&mut root, vec![acl((TOPIC, "op"), PREFIXED, WRITE, DENY)]).await;
    assert_eq!(alice.produce("open", &batch(&["no"])).await.error_code, DENIED);
    assert_eq!(alice.produce_at(13, "", id, &batch(&["no"])).await.error_code, DENIED);
    assert_eq!(alice.fetch("open", 0).await.1, ["x", "y", "z"]);
    let everything: MetadataResponse =
        alice.call(ApiKey::Metadata, 12, &MetadataRequest { topics: None, ..Default::default() }).await;
    assert_eq!(everything.topics.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_session_outlives_no_permission() {
    use wire::messages::fetch::{FetchRequest, FetchResponse};
    let dir = TempDir::new();
    let server = Server::on(config(&dir), "SASL_PLAINTEXT").await;
    let mut root = as_user(&server, "root").await;
    root.create("t", 1, &[]).await;
    root.produce("t", &batch(&["x"])).await;
    create_acls(&mut root, vec![allow((TOPIC, "t"), READ)]).await;
    let mut alice = as_user(&server, "alice").await;
    let first = FetchRequest { session_epoch: 0, ..crate::client::fetch_request("t", Uuid::ZERO, 0, 0) };
    let opened: FetchResponse = alice.call(ApiKey::Fetch, 12, &first).await;
    assert_eq!(opened.responses[0].partitions[0].error_code, 0);
    create_acls(&mut root, vec![acl((TOPIC, "t"), LITERAL, READ, DENY)]).await;
    let next =
        FetchRequest { session_id: opened.session_id, session_epoch: 1, min_bytes: 1, ..Default::default() };
    let refused: FetchResponse = alice.call(ApiKey::Fetch, 12, &next).await;
    assert_eq!(refused.responses[0].partitions[0].error_code, DENIED);
    server.stop().await;
}

#[tokio::test]
async fn topics_are_made_and_deleted_by_who_may() {
    let dir = TempDir::new();
    let server = Server::on(config(&dir), "SASL_PLAINTEXT").await;
    let mut root = as_user(&server, "root").await;
    root.create("theirs", 1, &[]).await;
    let mut alice = as_user(&server, "alice").await;
    let creation = |names: &[&str]| CreateTopicsRequest {
        topics: names
            .iter()
            .map(|name| CreatableTopic {
                name: (*name).into(),
                num_partitions: 1,
                replication_factor: 1,
                ..Default::default()
            })
            .collect(),
        ..Default::default()
    };
    create_acls(&mut root, vec![acl((TOPIC, "mine-"), PREFIXED, ALL, ALLOW)]).await;
    let answer: CreateTopicsResponse =
        alice.call(ApiKey::CreateTopics, 7, &creation(&["mine-1", "other"])).await;
    let codes: Vec<(&str, i16)> =
        answer.topics.iter().map(|topic| (topic.name.as_str(), topic.error_code)).collect();
    assert_eq!(codes, [("mine-1", 0), ("other", DENIED)]);

    // Asking for it makes a topic only for who may make it.
    assert_eq!(named_metadata(&mut alice, "mine-2", true).await.topics[0].error_code, 0);
    create_acls(&mut root, vec![allow((TOPIC, "seen"), READ)]).await;
    assert_eq!(named_metadata(&mut alice, "seen", true).await.topics[0].error_code, DENIED);
    assert_eq!(
        named_metadata(&mut alice, "seen", false).await.topics[0].error_code,
        ErrorCode::UnknownTopicOrPartition.number()
    );

    let state = |name: &str| DeleteTopicState { name: Some(name.into()), ..Default::default() };
    let request =
        DeleteTopicsRequest { topics: vec![state("mine-1"), state("theirs")], ..Default::default() };
    let answer: DeleteTopicsResponse = alice.call(ApiKey::DeleteTopics, 6, &request).await;
    let codes: Vec<(Option<&str>, i16)> =
        answer.responses.iter().map(|topic| (topic.name.as_deref(), topic.error_code)).collect();
    assert_eq!(codes, [(Some("mine-1"), 0), (Some("theirs"), DENIED)]);
    // Whoever may not see a topic does not learn that an id is one.
    let id = root.metadata("theirs").await.topics[0].topic_id;
    let by_id = DeleteTopicState { name: None, topic_id: id };
    let request = DeleteTopicsRequest { topics: vec![by_id], ..Default::default() };
    let answer: DeleteTopicsResponse = alice.call(ApiKey::DeleteTopics, 6, &request).await;
    assert_eq!(answer.responses[0].error_code, ErrorCode::UnknownTopicId.number());
    assert_eq!(root.metadata("theirs").await.topics[0].error_code, 0);
    server.stop().await;
}

#[tokio::test]
async fn groups_and_producers_are_for_who_may() {
    let dir = TempDir::new();
    let server = Server::on(config(&dir), "SASL_PLAINTEXT").await;
    let mut root = as_user(&server, "root").await;
    root.create("t", 1, &[]).await;
    let mut alice = as_user(&server, "alice").await;
    let denied = ErrorCode::GroupAuthorizationFailed.number();

    let find = FindCoordinatorRequest { coordinator_keys: vec!["g".into()], ..Default::default() };
    let found: FindCoordinatorResponse = alice.call(ApiKey::FindCoordinator, 4, &find).await;
    assert_eq!(found.coordinators[0].error_code, denied);
    let join = JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 6000,
        protocol_type: "consumer".into(),
        ..Default::default()
    };
    for version in [2, 9] {
        let joined: JoinGroupResponse = alice.call(ApiKey::JoinGroup, version, &join).await;
        assert_eq!(joined.error_code, denied);
    }
    let commit = OffsetCommitRequest {
        group_id: "g".into(),
        topics: vec![OffsetCommitRequestTopic {
            name: "t".into(),
            partitions: vec![OffsetCommitRequestPartition { committed_offset: 1, ..Default::default() }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let code = |answer: &OffsetCommitResponse| answer.topics[0].partitions[0].error_code;
    let committed: OffsetCommitResponse = alice.call(ApiKey::OffsetCommit, 9, &commit).await;
    assert_eq!(code(&committed), denied);

    create_acls(&mut root, vec![allow((GROUP, "g"), READ)]).await;
    let found: FindCoordinatorResponse = alice.call(ApiKey::FindCoordinator, 4, &find).await;
    assert_eq!(found.coordinators[0].error_code, 0);
    let committed: OffsetCommitResponse = alice.call(ApiKey::OffsetCommit, 9, &commit).await;
    assert_eq!(code(&committed), DENIED);
    create_acls(&mut root, vec![allow((TOPIC, "t"), READ)]).await;
    let committed: OffsetCommitResponse = alice.call(ApiKey::OffsetCommit, 9, &commit).await;
    assert_eq!(code(&committed), 0);

    let asked = |topics: Option<Vec<OffsetFetchRequestTopics>>| OffsetFetchRequest {
        groups: vec![
            OffsetFetchRequestGroup { group_id: "g".into(), topics, ..Default::default() },
            OffsetFetchRequestGroup { group_id: "h".into(), ..Default::default() },
        ],
        ..Default::default()
    };
    let fetched: OffsetFetchResponse = alice.call(ApiKey::OffsetFetch, 9, &asked(None)).await;
    assert_eq!(fetched.groups[0].topics[0].partitions[0].committed_offset, 1);
    assert_eq!((fetched.groups[1].group_id.as_str(), fetched.groups[1].error_code), ("h", denied));

    let request = InitProducerIdRequest { transaction_timeout_ms: 1000, ..Default::default() };
    let refused: InitProducerIdResponse = alice.call(ApiKey::InitProducerId, 4, &request).await;
    assert_eq!(refused.error_code, ErrorCode::ClusterAuthorizationFailed.number());
    create_acls(&mut root, vec![acl((TOPIC, "some"), PREFIXED, WRITE, ALLOW)]).await;
    let given: InitProducerIdResponse = alice.call(ApiKey::InitProducerId, 4, &request).await;
    assert_eq!(given.error_code, 0);

    let resource = |resource_type: i8, name: &str| DescribeConfigsResource {
        resource_type,
        resource_name: name.into(),
        configuration_keys: None,
    };
    let request =
        DescribeConfigsRequest { resources: vec![resource(2, "t"), resource(4, "1")], ..Default::default() };
    let described: DescribeConfigsResponse = alice.call(ApiKey::DescribeConfigs, 4, &request).await;
    let codes: Vec<i16> = described.results.iter().map(|result| result.error_code).collect();
    assert_eq!(codes, [DENIED, ErrorCode::ClusterAuthorizationFailed.number()]);
    server.stop().await;
}
