//! SASL on a listener: what is answered before, while and after a client shows who it is.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use broker::BrokerConfig;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use testkit::TempDir;
use wire::messages::alter_user_scram_credentials::{
    AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, ScramCredentialDeletion,
    ScramCredentialUpsertion,
};
use wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use wire::messages::describe_user_scram_credentials::{
    DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
};
use wire::messages::sasl_authenticate::{SaslAuthenticateRequest, SaslAuthenticateResponse};
use wire::messages::sasl_handshake::{SaslHandshakeRequest, SaslHandshakeResponse};
use wire::{ApiKey, ErrorCode};

use crate::client::Client;
use crate::server::Server;

const JAAS: &str = "org.apache.kafka.common.security.plain.PlainLoginModule required user_alice=\"secret\";";

fn config(dir: &TempDir) -> BrokerConfig {
    BrokerConfig::new(dir.path())
        .with("listener.security.protocol.map", "LAN:SASL_PLAINTEXT")
        .with("listener.name.lan.plain.sasl.jaas.config", JAAS)
        .with("connection.failed.authentication.delay.ms", "1")
        .with_user("bob", "builder")
}

pub(crate) async fn handshake(client: &mut Client, version: i16, mechanism: &str) -> SaslHandshakeResponse {
    let request = SaslHandshakeRequest { mechanism: mechanism.into() };
    client.call(ApiKey::SaslHandshake, version, &request).await
}

pub(crate) async fn authenticate(client: &mut Client, bytes: &[u8]) -> SaslAuthenticateResponse {
    let request = SaslAuthenticateRequest { auth_bytes: Bytes::copy_from_slice(bytes) };
    client.call(ApiKey::SaslAuthenticate, 2, &request).await
}

pub(crate) async fn log_in(client: &mut Client, user: &str, password: &str) -> SaslAuthenticateResponse {
    assert_eq!(handshake(client, 1, "PLAIN").await.error_code, 0);
    authenticate(client, format!("\0{user}\0{password}").as_bytes()).await
}

async fn is_served(client: &mut Client) {
    assert_eq!(client.metadata("none").await.brokers.len(), 1);
}

async fn is_closed(mut client: Client) {
    let said = client.wire.read_frame().await;
    assert!(said.is_err(), "{said:?}");
}

#[tokio::test]
async fn plain_lets_in_who_knows_the_password() {
    let dir = TempDir::new();
    let server = Server::on(config(&dir), "LAN").await;
    let mut client = server.client().await;
    let versions: ApiVersionsResponse =
        client.call(ApiKey::ApiVersions, 0, &ApiVersionsRequest::default()).await;
    assert!(versions.api_keys.iter().any(|api| api.api_key == ApiKey::SaslHandshake.number()));
    let welcome = log_in(&mut client, "alice", "secret").await;
    assert_eq!((welcome.error_code, welcome.session_lifetime_ms), (0, 0));
    is_served(&mut client).await;
    // A second handshake has no place in a session without an end.
    assert_eq!(handshake(&mut client, 1, "PLAIN").await.error_code, ErrorCode::IllegalSaslState.number());
    is_served(&mut client).await;

    let mut configured = server.client().await;
    assert_eq!(log_in(&mut configured, "bob", "builder").await.error_code, 0);
    is_served(&mut configured).await;

    for (user, password) in [("alice", "wrong"), ("bob", "secret"), ("carol", "secret")] {
        let mut client = server.client().await;
        let refused = log_in(&mut client, user, password).await;
        assert_eq!(refused.error_code, ErrorCode::SaslAuthenticationFailed.number());
        assert!(refused.error_message.unwrap().contains("Invalid username or password"));
        is_closed(client).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn nothing_is_answered_to_strangers() {
    let dir = TempDir::new();
    let server = Server::on(config(&dir), "LAN").await;
    let mut client = server.client().await;
    let request = wire::messages::metadata::MetadataRequest::default();
    client.send(ApiKey::Metadata, 12, &request).await;
    is_closed(client).await;

    let mut client = server.client().await;
    let refused = handshake(&mut client, 1, "GSSAPI").await;
    assert_eq!(refused.error_code, ErrorCode::UnsupportedSaslMechanism.number());
    assert_eq!(refused.mechanisms, ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]);
    is_closed(client).await;

    let mut client = server.client().await;
    assert_eq!(handshake(&mut client, 1, "PLAIN").await.error_code, 0);
    client.send(ApiKey::Metadata, 12, &request).await;
    is_closed(client).await;

    // Large requests are for those who are known.
    let mut client = server.client().await;
    client.wire.send_raw(&(600_000i32).to_be_bytes()).await.unwrap();
    is_closed(client).await;
    server.stop().await;
}

#[tokio::test]
async fn raw_tokens_follow_the_first_handshake_version() {
    let dir = TempDir::new();
    let server = Server::on(config(&dir), "LAN").await;
    let mut client = server.client().await;
    assert_eq!(handshake(&mut client, 0, "PLAIN").await.error_code, 0);
    client.wire.send_frame(b"\0alice\0secret").await.unwrap();
    assert_eq!(client.wire.read_frame().await.unwrap(), Bytes::new());
    is_served(&mut client).await;

    let mut client = server.client().await;
    assert_eq!(handshake(&mut client, 0, "PLAIN").await.error_code, 0);
    client.wire.send_frame(b"\0a\0b").await.unwrap();
    is_closed(client).await;
    server.stop().await;
}

#[tokio::test]
async fn a_session_ends_unless_it_is_renewed() {
    let dir = TempDir::new();
    let server = Server::on(config(&dir).with("connections.max.reauth.ms", "1000"), "LAN").await;
    let mut renewing = server.client().await;
    let mut idle = server.client().await;
    for client in [&mut renewing, &mut idle] {
        assert_eq!(log_in(client, "alice", "secret").await.session_lifetime_ms, 1000);
        is_served(client).await;
    }
    server.clock.advance(900);
    assert_eq!(log_in(&mut renewing, "alice", "secret").await.error_code, 0);
    server.clock.advance(900);
    is_served(&mut renewing).await;
    idle.send(ApiKey::Metadata, 12, &wire::messages::metadata::MetadataRequest::default()).await;
    is_closed(idle).await;
    // Nobody becomes somebody else.
    let refused = log_in(&mut renewing, "bob", "builder").await;
    assert_eq!(refused.error_code, ErrorCode::SaslAuthenticationFailed.number());
    is_closed(renewing).await;
    server.stop().await;
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn salted(password: &str, salt: &[u8], iterations: u32) -> Vec<u8> {
    let mut last = hmac(password.as_bytes(), &[salt, &[0, 0, 0, 1]].concat());
    let mut sum = last.clone();
    for _ in 1..iterations {
        last = hmac(password.as_bytes(), &last);
        sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum
}

/// The client's side of SCRAM-SHA-256.
async fn scram(client: &mut Client, user: &str, password: &str) -> SaslAuthenticateResponse {
    assert_eq!(handshake(client, 1, "SCRAM-SHA-256").await.error_code, 0);
    let bare = format!("n={user},r=clientnonce");
    let first = authenticate(client, format!("n,,{bare}").as_bytes()).await;
    if first.error_code != 0 {
        return first;
    }
    let challenge = String::from_utf8(first.auth_bytes.to_vec()).unwrap();
    let fields: Vec<&str> = challenge.split(',').map(|field| &field[2..]).collect();
    let [nonce, salt, iterations] = fields[..] else { panic!("{challenge}") };
    assert!(nonce.len() > "clientnonce".len() + 20 && nonce.starts_with("clientnonce"));
    let salted = salted(password, &STANDARD.decode(salt).unwrap(), iterations.parse().unwrap());
    let client_key = hmac(&salted, b"Client Key");
    let without_proof = format!("c=biws,r={nonce}");
    let message = format!("{bare},{challenge},{without_proof}");
    let signature = hmac(&Sha256::digest(&client_key), message.as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
    let last = authenticate(client, format!("{without_proof},p={}", STANDARD.encode(proof)).as_bytes()).await;
    if last.error_code == 0 {
        let server = hmac(&hmac(&salted, b"Server Key"), message.as_bytes());
        assert_eq!(last.auth_bytes, format!("v={}", STANDARD.encode(server)));
    }
    last
}

#[tokio::test]
async fn scram_users_are_made_checked_and_removed() {
    let dir = TempDir::new();
    let server = Server::on(config(&dir), "LAN").await;
    let mut admin = server.client().await;
    assert_eq!(scram(&mut admin, "bob", "builder").await.error_code, 0);
    let upsertion = |name: &str, iterations: i32, mechanism: i8| ScramCredentialUpsertion {
        name: name.into(),
        mechanism,
        iterations,
        salt: Bytes::from_static(b"salt"),
        salted_password: salted("sesame", b"salt", 4096).into(),
    };
    let request = AlterUserScramCredentialsRequest {
        upsertions: vec![
            upsertion("carol", 4096, 1),
            upsertion("dave", 4095, 1),
            upsertion("erin", 20_000, 1),
            upsertion("frank", 4096, 1),
            upsertion("frank", 4096, 2),
        ],
        deletions: vec![ScramCredentialDeletion { name: "nobody".into(), mechanism: 1 }],
    };
    let answer: AlterUserScramCredentialsResponse =
        admin.call(ApiKey::AlterUserScramCredentials, 0, &request).await;
    let codes: Vec<(&str, i16)> =
        answer.results.iter().map(|result| (result.user.as_str(), result.error_code)).collect();
    assert_eq!(codes, [("carol", 0), ("dave", 93), ("erin", 93), ("frank", 92), ("nobody", 91)]);

    for (user, password, code) in [("carol", "sesame", 0), ("carol", "wrong", 58), ("dave", "sesame", 58)] {
        let mut client = server.client().await;
        assert_eq!(scram(&mut client, user, password).await.error_code, code, "{user} {password}");
    }
    server.stop().await;

    // Still known after a restart.
    let server = Server::on(config(&dir), "LAN").await;
    let mut client = server.client().await;
    assert_eq!(scram(&mut client, "carol", "sesame").await.error_code, 0);
    let all = DescribeUserScramCredentialsRequest { users: None };
    let known: DescribeUserScramCredentialsResponse =
        client.call(ApiKey::DescribeUserScramCredentials, 0, &all).await;
    assert_eq!(known.results.len(), 1);
    assert_eq!(known.results[0].user, "carol");
    assert_eq!(known.results[0].credential_infos[0].iterations, 4096);
    let request = AlterUserScramCredentialsRequest {
        deletions: vec![ScramCredentialDeletion { name: "carol".into(), mechanism: 1 }],
        ..Default::default()
    };
    let gone: AlterUserScramCredentialsResponse =
        client.call(ApiKey::AlterUserScramCredentials, 0, &request).await;
    assert_eq!(gone.results[0].error_code, 0);
    let mut late = server.client().await;
    assert_eq!(scram(&mut late, "carol", "sesame").await.error_code, 58);
    server.stop().await;
}

#[tokio::test]
async fn what_is_kept_of_passwords_is_for_the_owner_alone() {
    let dir = TempDir::new();
    let server = Arc::new(Server::on(config(&dir), "LAN").await);
    let mut admin = server.client().await;
    log_in(&mut admin, "alice", "secret").await;
    let request = AlterUserScramCredentialsRequest {
        upsertions: vec![ScramCredentialUpsertion {
            name: "carol".into(),
            mechanism: 2,
            iterations: 8192,
            salt: Bytes::from_static(b"salt"),
            salted_password: Bytes::from_static(b"0123456789"),
        }],
        ..Default::default()
    };
    let answer: AlterUserScramCredentialsResponse =
        admin.call(ApiKey::AlterUserScramCredentials, 0, &request).await;
    assert_eq!(answer.results[0].error_code, 0);
    let path = dir.path().join("security.json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains(&STANDARD.encode("0123456789")), "the salted password is as good as the password");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
