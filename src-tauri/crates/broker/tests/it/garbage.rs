use testkit::{Seed, TempDir, expect_closed};
use wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use wire::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use wire::{ApiKey, ErrorCode};

use crate::client::Client;
use crate::server::Server;

fn beat() -> HeartbeatRequest {
    HeartbeatRequest { group_id: "none".into(), ..Default::default() }
}

async fn alive(client: &mut Client) {
    let answer: HeartbeatResponse = client.call(ApiKey::Heartbeat, 4, &beat()).await;
    assert_eq!(answer.error_code, ErrorCode::UnknownMemberId.number());
}

#[tokio::test]
async fn garbage_closes_its_own_connection_and_no_other() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut bystander = server.client().await;
    alive(&mut bystander).await;

    let two_gigabytes: &[u8] = &[0x7f, 0xff, 0xff, 0xff, 1, 2, 3];
    let negative: &[u8] = &[0xff, 0xff, 0xff, 0xff];
    let tiny: &[u8] = &[0, 0, 0, 2, 9, 9];
    let http: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
    let unknown_api: &[u8] = &[0, 0, 0, 10, 0x03, 0xe7, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
    let unknown_version: &[u8] = &[0, 0, 0, 10, 0, 3, 0, 99, 0, 0, 0, 1, 0xff, 0xff];
    let huge_array: &[u8] = &[0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff];
    for bytes in [two_gigabytes, negative, tiny, http, unknown_api, unknown_version, huge_array] {
        let mut client = server.client().await;
        client.wire.send_raw(bytes).await.unwrap();
        let closed = expect_closed(client.wire.stream()).await;
        assert!(closed.received.is_empty(), "{bytes:?} was answered: {:?}", closed.received);
        alive(&mut bystander).await;
    }

    // Half a request, then nothing more.
    let mut client = server.client().await;
    client.wire.send_raw(&[0, 0, 0, 50, 0, 3]).await.unwrap();
    tokio::io::AsyncWriteExt::shutdown(client.wire.stream()).await.unwrap();
    expect_closed(client.wire.stream()).await;

    alive(&mut bystander).await;
    server.stop().await;
}

#[tokio::test]
async fn random_bytes_close_their_connection() {
    let seed = Seed::from_env();
    let mut random = seed.random();
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    for _ in 0..50 {
        let mut bytes: Vec<u8> = (0..200).map(|_| random.next_u64() as u8).collect();
        // Some with a length and an API that make it past the first checks.
        if random.next_u64().is_multiple_of(2) {
            bytes[..8].copy_from_slice(&[0, 0, 0, 196, 0, random.next_u64() as u8 % 50, 0, 1]);
        }
        let mut client = server.client().await;
        client.wire.send_raw(&bytes).await.unwrap();
        tokio::io::AsyncWriteExt::shutdown(client.wire.stream()).await.unwrap();
        expect_closed(client.wire.stream()).await;
    }
    alive(&mut server.client().await).await;
    server.stop().await;
}

#[tokio::test]
async fn what_came_before_the_garbage_is_answered() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let id = client.send(ApiKey::Heartbeat, 4, &beat()).await;
    client.wire.send_raw(&[0xff; 8]).await.unwrap();
    let _: HeartbeatResponse = client.answer(ApiKey::Heartbeat, 4, id).await;
    expect_closed(client.wire.stream()).await;
    server.stop().await;
}

#[tokio::test]
async fn api_versions_answers_any_version() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let answer = client.wire.request(18, 77, true, b"whatever").await.unwrap();
    let answer: ApiVersionsResponse =
        wire::codec::decode(&answer, ApiKey::ApiVersions.cx(0)).expect("version 0");
    assert_eq!(answer.error_code, ErrorCode::UnsupportedVersion.number());
    assert!(answer.api_keys.iter().any(|api| api.api_key == 18 && api.max_version == 4));
    let served = answer.api_keys;

    for version in 0..=4 {
        let request =
            ApiVersionsRequest { client_software_name: "test".into(), client_software_version: "1.0".into() };
        let answer: ApiVersionsResponse = client.call(ApiKey::ApiVersions, version, &request).await;
        assert_eq!((answer.error_code, &answer.api_keys), (0, &served));
        // librdkafka turns compression off unless Produce goes down to 0.
        assert_eq!(answer.api_keys.iter().find(|api| api.api_key == 0).unwrap().min_version, 0);
    }
    server.stop().await;
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let mut ids = Vec::new();
    for _ in 0..500 {
        ids.push(client.send(ApiKey::Heartbeat, 3, &beat()).await);
    }
    for id in ids {
        let _: HeartbeatResponse = client.answer(ApiKey::Heartbeat, 3, id).await;
    }
    server.stop().await;
}
