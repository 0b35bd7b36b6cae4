//! TLS listeners, by a client of our own and certificates made for the test.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use broker::BrokerConfig;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use testkit::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wire::codec::{decode, encode};
use wire::messages::metadata::{MetadataRequest, MetadataResponse};
use wire::{ApiKey, ErrorCode, RequestHeader};

use crate::broker_configs::alter;
use crate::client::Client;
use crate::server::Server;

/// An authority and what it signs.
struct Authority(CertifiedIssuer<'static, KeyPair>);

struct Signed {
    certificate: CertificateDer<'static>,
    pem: String,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "authority");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn sign(&self, name: &str) -> Signed {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Signed { certificate: certificate.der().clone(), pem: certificate.pem(), key }
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn client(&self, own: Option<&Signed>) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match own {
            None => builder.with_no_client_auth(),
            Some(own) => {
                let key = PrivateKeyDer::try_from(own.key.serialize_der()).unwrap();
                builder.with_client_auth_cert(vec![own.certificate.clone()], key).unwrap()
            }
        };
        TlsConnector::from(Arc::new(config))
    }
}

fn write_store(path: &Path, signed: &Signed) {
    std::fs::write(path, format!("{}{}", signed.pem, signed.key.serialize_pem())).unwrap();
}

async fn connect(connector: &TlsConnector, address: SocketAddr) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    connector.connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// A request for no topic and its answer.
async fn metadata(stream: &mut TlsStream<TcpStream>) -> std::io::Result<MetadataResponse> {
    let (api, version) = (ApiKey::Metadata, 12);
    let request = MetadataRequest { topics: Some(Vec::new()), ..Default::default() };
    let mut frame = vec![0, 0, 0, 0, 0, 3, 0, 12, 0, 0, 0, 7, 0xff, 0xff, 0];
    frame.extend_from_slice(&encode(&request, api.cx(version)));
    let len = (frame.len() - 4) as u32;
    frame[..4].copy_from_slice(&len.to_be_bytes());
    assert!(RequestHeader::read(&frame[4..]).is_ok());
    stream.write_all(&frame).await?;
    stream.flush().await?;
    let mut answer = vec![0; stream.read_u32().await? as usize];
    stream.read_exact(&mut answer).await?;
    Ok(decode(&answer[5..], api.cx(version)).unwrap())
}

fn config(dir: &TempDir, authority: &Authority, client_auth: &str) -> BrokerConfig {
    let (store, trust) = (dir.path().join("store.pem"), dir.path().join("trust.pem"));
    write_store(&store, &authority.sign("broker"));
    std::fs::write(&trust, authority.pem()).unwrap();
    BrokerConfig::new(dir.path().join("kafka"))
        .with("ssl.keystore.location", store.display().to_string())
        .with("ssl.truststore.location", trust.display().to_string())
        .with("ssl.client.auth", client_auth)
}

#[tokio::test]
async fn requests_are_answered_encrypted_and_garbage_harms_nobody() {
    let dir = TempDir::new();
    let authority = Authority::new();
    let server = Server::on(config(&dir, &authority, "none"), "SSL").await;
    let connector = authority.client(None);
    let mut good = connect(&connector, server.address).await.unwrap();
    assert_eq!(metadata(&mut good).await.unwrap().brokers[0].port, i32::from(server.address.port()));

    // Speaking plaintext to it, and leaving in the middle of a handshake.
    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain.write_all(b"\0\0\0\x0e\0\x03\0\x01\0\0\0\x01\xff\xff\0\0\0\0").await.unwrap();
    let mut rest = Vec::new();
    // An alert or a reset, whichever is first, and then the end.
    let _ = plain.read_to_end(&mut rest).await;
    drop(TcpStream::connect(server.address).await.unwrap());
    // Trusting somebody else.
    assert!(connect(&Authority::new().client(None), server.address).await.is_err());
    assert!(metadata(&mut good).await.is_ok());
    server.stop().await;
}

#[tokio::test]
async fn a_required_certificate_must_be_signed_by_the_trusted() {
    let dir = TempDir::new();
    let authority = Authority::new();
    let server = Server::on(config(&dir, &authority, "required"), "SSL").await;
    let duke = authority.sign("duke");
    let mut known = connect(&authority.client(Some(&duke)), server.address).await.unwrap();
    assert!(metadata(&mut known).await.is_ok());
    for own in [None, Some(Authority::new().sign("duke"))] {
        let refused = match connect(&authority.client(own.as_ref()), server.address).await {
            // TLS 1.3 clients learn of it with their first read.
            Ok(mut stream) => metadata(&mut stream).await.map(|_| ()),
            Err(error) => Err(error),
        };
        assert!(refused.is_err());
    }
    server.stop().await;
}

#[tokio::test]
async fn renewed_certificates_are_used_without_a_restart() {
    let dir = TempDir::new();
    let authority = Authority::new();
    let server = Server::on(config(&dir, &authority, "none"), "SSL").await;
    let connector = authority.client(None);
    let shown = |stream: &TlsStream<TcpStream>| stream.get_ref().1.peer_certificates().unwrap()[0].clone();
    let mut first = connect(&connector, server.address).await.unwrap();
    let renewed = authority.sign("broker");
    let store = dir.path().join("store.pem");
    let before = std::fs::metadata(&store).unwrap().modified().unwrap();
    write_store(&store, &renewed);
    // Whatever the resolution of the file system's clock.
    let later = before + std::time::Duration::from_secs(2);
    std::fs::File::options().write(true).open(&store).unwrap().set_modified(later).unwrap();
    let second = connect(&connector, server.address).await.unwrap();
    assert_ne!(shown(&first), renewed.certificate);
    assert_eq!(shown(&second), renewed.certificate);
    assert!(metadata(&mut first).await.is_ok());

    // Damaged ones are not.
    std::fs::write(&store, "nothing").unwrap();
    let third = connect(&connector, server.address).await.unwrap();
    assert_eq!(shown(&third), renewed.certificate);
    server.stop().await;
}

#[tokio::test]
async fn a_listener_without_certificates_is_named() {
    let dir = TempDir::new();
    let broker =
        broker::Broker::open(BrokerConfig::new(dir.path()), broker::SystemClock).expect("the broker opens");
    let (socket, _) = testkit::listen().await.unwrap();
    let listener = broker::listener::Listener::new(socket, "SSL");
    let said = broker.check_listener(&listener).unwrap_err().to_string();
    assert!(said.contains("SSL") && said.contains("ssl.keystore.location"), "{said}");
}

#[tokio::test]
async fn certificates_that_cannot_be_used_are_refused_and_the_old_stay() {
    let dir = TempDir::new();
    let authority = Authority::new();
    let server = Server::on(config(&dir, &authority, "none"), "SSL").await;
    let (listener, address) = testkit::listen().await.unwrap();
    let plaintext = broker::serve(listener, server.broker.clone(), std::future::pending());
    let plaintext = tokio::spawn(plaintext);
    let mut admin = Client::connect(address).await;
    let location = "listener.name.ssl.ssl.keystore.location";
    let broken = dir.path().join("broken.pem").display().to_string();
    std::fs::write(&broken, "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n").unwrap();
    let missing = dir.path().join("missing.pem").display().to_string();
    let refused = ErrorCode::InvalidRequest.number();
    for bad in [&broken, &missing] {
        assert_eq!(alter(&mut admin, "1", &[(location, Some(bad))]).await, refused, "{bad}");
    }
    let asking = [("listener.name.ssl.ssl.client.auth", Some("required"))];
    let without_trust = ("listener.name.ssl.ssl.truststore.location", Some(missing.as_str()));
    assert_eq!(alter(&mut admin, "1", &[asking[0], without_trust]).await, refused);
    let suites = "listener.name.ssl.ssl.cipher.suites";
    assert_eq!(alter(&mut admin, "1", &[(suites, Some("TLS_NULL"))]).await, refused);
    let mut good = connect(&authority.client(None), server.address).await.unwrap();
    assert!(metadata(&mut good).await.is_ok());
    let one = "TLS_CHACHA20_POLY1305_SHA256";
    assert_eq!(alter(&mut admin, "1", &[(suites, Some(one))]).await, 0);
    let chosen = connect(&authority.client(None), server.address).await.unwrap();
    let suite = chosen.get_ref().1.negotiated_cipher_suite().unwrap().suite();
    assert_eq!(suite, rustls::CipherSuite::TLS13_CHACHA20_POLY1305_SHA256);

    // Another authority's, in good order, is taken, and shown to who comes next.
    let other = Authority::new();
    let fresh = dir.path().join("fresh.pem");
    write_store(&fresh, &other.sign("broker"));
    let fresh = fresh.display().to_string();
    assert_eq!(alter(&mut admin, "1", &[(location, Some(&fresh))]).await, 0);
    assert!(connect(&authority.client(None), server.address).await.is_err());
    let mut good = connect(&other.client(None), server.address).await.unwrap();
    assert!(metadata(&mut good).await.is_ok());
    plaintext.abort();
    server.stop().await;
}
