//! Quotas: set, listed, and kept to.

use broker::BrokerConfig;
use testkit::TempDir;
use wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, AlterClientQuotasResponse, OpData, RequestEntityData, RequestEntryData,
};
use wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest, CreateTopicsResponse};
use wire::messages::describe_client_quotas::{
    ComponentData, DescribeClientQuotasRequest, DescribeClientQuotasResponse,
};
use wire::messages::fetch::FetchResponse;
use wire::messages::produce::ProduceResponse;
use wire::{ApiKey, ErrorCode, Uuid};

use crate::client::{Client, batch, fetch_request};
use crate::server::Server;

async fn set(client: &mut Client, entity: &[(&str, Option<&str>)], key: &str, value: Option<f64>) -> i16 {
    let request = AlterClientQuotasRequest {
        entries: vec![RequestEntryData {
            entity: entity
                .iter()
                .map(|(kind, name)| RequestEntityData {
                    entity_type: (*kind).into(),
                    entity_name: name.map(str::to_owned),
                })
                .collect(),
            ops: vec![OpData { key: key.into(), value: value.unwrap_or(0.0), remove: value.is_none() }],
        }],
        validate_only: false,
    };
    let answer: AlterClientQuotasResponse = client.call(ApiKey::AlterClientQuotas, 1, &request).await;
    answer.entries[0].error_code
}

async fn listed(client: &mut Client, components: Vec<ComponentData>, strict: bool) -> Vec<String> {
    let request = DescribeClientQuotasRequest { components, strict };
    let answer: DescribeClientQuotasResponse = client.call(ApiKey::DescribeClientQuotas, 1, &request).await;
    assert_eq!(answer.error_code, 0);
    let mut found: Vec<String> = answer
        .entries
        .unwrap()
        .iter()
        .map(|entry| {
            let parts = entry.entity.iter().map(|part| {
                format!("{}={}", part.entity_type, part.entity_name.as_deref().unwrap_or("<default>"))
            });
            let values = entry.values.iter().map(|value| format!("{}:{}", value.key, value.value));
            parts.chain(values).collect::<Vec<_>>().join(" ")
        })
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn quotas_are_set_found_and_removed() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let both = [("user", Some("u")), ("client-id", None)];
    assert_eq!(set(&mut client, &[("user", Some("u"))], "producer_byte_rate", Some(1000.0)).await, 0);
    assert_eq!(set(&mut client, &both, "request_percentage", Some(12.5)).await, 0);
    assert_eq!(set(&mut client, &[("ip", Some("10.0.0.1"))], "connection_creation_rate", Some(3.0)).await, 0);
    let invalid = ErrorCode::InvalidRequest.number();
    assert_eq!(set(&mut client, &[("user", Some("u"))], "speed", Some(1.0)).await, invalid);
    assert_eq!(
        set(&mut client, &[("ip", Some("moon"))], "connection_creation_rate", Some(3.0)).await,
        invalid
    );
    server.stop().await;

    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    assert_eq!(listed(&mut client, Vec::new(), false).await.len(), 3);
    let user = |match_type: i8, matched: Option<&str>| ComponentData {
        entity_type: "user".into(),
        match_type,
        matched: matched.map(str::to_owned),
    };
    assert_eq!(
        listed(&mut client, vec![user(0, Some("u"))], false).await,
        ["client-id=<default> user=u request_percentage:12.5", "user=u producer_byte_rate:1000"]
    );
    assert_eq!(listed(&mut client, vec![user(2, None)], true).await, ["user=u producer_byte_rate:1000"]);
    assert!(listed(&mut client, vec![user(1, None)], false).await.is_empty());
    assert_eq!(set(&mut client, &[("user", Some("u"))], "producer_byte_rate", None).await, 0);
    assert_eq!(listed(&mut client, vec![user(2, None)], true).await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test]
async fn who_sends_or_reads_too_much_is_told_to_wait() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    // The test's clock stands still: over ten seconds of nothing, a request above 10 × the rate is too much.
    assert_eq!(set(&mut client, &[("client-id", Some("testkit"))], "producer_byte_rate", Some(1.0)).await, 0);
    let api = ApiKey::Produce;
    let body = Client::produce_body(12, "t", Uuid::ZERO, -1, &batch(&["x"]));
    let len = body.len();
    let sent = client.wire.send_request(api.number(), 12, true, &body).await.unwrap();
    let answer: ProduceResponse = client.answer(api, 12, sent).await;
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
    let used = answer.throttle_time_ms as usize;
    // What was used above the rate's ten seconds, at the rate.
    assert!((len * 1000 - 10_000..=(len + 40) * 1000).contains(&used), "{used} ms for {len} bytes");

    // Others are not held back, and reading is not limited.
    let mut other = server.client().await;
    let read: FetchResponse = other.call(ApiKey::Fetch, 12, &fetch_request("t", Uuid::ZERO, 0, 0)).await;
    assert_eq!(read.throttle_time_ms, 0);
    set(&mut other, &[("user", None)], "consumer_byte_rate", Some(5.0)).await;
    let read: FetchResponse = other.call(ApiKey::Fetch, 12, &fetch_request("t", Uuid::ZERO, 0, 0)).await;
    assert!(read.throttle_time_ms > 0);
    assert!(read.responses.is_empty(), "who has to wait is sent nothing");
    // Both are not listened to for seconds; a stop does not wait for that.
    server.stop().await;
}

#[tokio::test]
async fn too_many_partitions_are_refused() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    assert_eq!(set(&mut client, &[("user", None)], "controller_mutation_rate", Some(1.0)).await, 0);
    let creation = |name: &str, count: i32| CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: name.into(),
            num_partitions: count,
            replication_factor: 1,
            ..Default::default()
        }],
        ..Default::default()
    };
    let made: CreateTopicsResponse = client.call(ApiKey::CreateTopics, 7, &creation("a", 20)).await;
    assert_eq!((made.topics[0].error_code, made.throttle_time_ms), (0, 0));
    let refused: CreateTopicsResponse = client.call(ApiKey::CreateTopics, 7, &creation("b", 1)).await;
    assert_eq!(refused.topics[0].error_code, ErrorCode::ThrottlingQuotaExceeded.number());
    assert_eq!(refused.throttle_time_ms, 9_000);
    server.clock.advance(9_000);
    let made: CreateTopicsResponse = client.call(ApiKey::CreateTopics, 7, &creation("b", 1)).await;
    assert_eq!(made.topics[0].error_code, 0);
    server.stop().await;
}

#[tokio::test]
async fn connections_are_bounded_by_address() {
    let dir = TempDir::new();
    let config = BrokerConfig::new(dir.path()).with("max.connections.per.ip.overrides", "127.0.0.1:2");
    let server = Server::with(config).await;
    let mut first = server.client().await;
    first.metadata("t").await;
    let mut second = server.client().await;
    second.metadata("t").await;
    let mut third = server.client().await;
    assert!(third.wire.read_frame().await.is_err());
    drop(second);
    // Its seat is free once the broker has seen it go.
    let again = testkit::within("a seat", async {
        loop {
            let mut client = server.client().await;
            if client.wire.request(18, 0, false, &[]).await.is_ok() {
                return client;
            }
        }
    });
    again.await.metadata("t").await;
    server.stop().await;
}
