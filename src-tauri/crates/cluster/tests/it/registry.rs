//! A remote registry over TLS, with a certificate of an authority made for the test.

use std::sync::Arc;

use cluster::{Cluster, ClusterConfig, ClusterError, RegistryConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use testkit::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// `me:pass word` in base64.
const BASIC: &str = "Basic bWU6cGFzcyB3b3Jk";
const BEARER: &str = "Bearer a-token";

/// Answers every request for subjects that has one of the two.
async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut head = Vec::new();
            loop {
                let mut buffer = [0; 1024];
                match stream.read(&mut buffer).await {
                    Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
                    _ => return,
                }
                if !head.ends_with(b"\r\n\r\n") {
                    continue;
                }
                let text = String::from_utf8_lossy(&head).into_owned();
                head.clear();
                let may = text.lines().any(|line| {
                    line.split_once(": ").is_some_and(|(name, value)| {
                        name.eq_ignore_ascii_case("authorization") && (value == BASIC || value == BEARER)
                    })
                });
                let (status, body) = match may {
                    true => ("200 OK", r#"["orders-value"]"#),
                    false => ("401 Unauthorized", r#"{"error_code":401,"message":"Unauthorized"}"#),
                };
                let reply = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                if stream.write_all(reply.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
    }
}

async fn names(registry: RegistryConfig) -> Result<Vec<String>, ClusterError> {
    let config = ClusterConfig { registry: Some(registry), ..ClusterConfig::default() };
    Cluster::connect(config).schemas()?.subject_names().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_behind_tls_and_a_password() {
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority =
        CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("a configuration");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let serving = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config))));

    let dir = TempDir::new();
    let ca_file = dir.path().join("ca.pem");
    std::fs::write(&ca_file, authority.pem()).expect("written");
    let base = RegistryConfig {
        url: format!("https://localhost:{port}"),
        ca_file: Some(ca_file.clone()),
        ..RegistryConfig::default()
    };
    let basic = RegistryConfig {
        username: Some("me".to_owned()),
        password: Some("pass word".to_owned()),
        ..base.clone()
    };
    assert_eq!(names(basic.clone()).await, Ok(vec!["orders-value".to_owned()]));
    let bearer = RegistryConfig { token: Some("a-token".to_owned()), ..base.clone() };
    assert_eq!(names(bearer).await, Ok(vec!["orders-value".to_owned()]));
    // The same in the URL, which is not shown.
    let url = format!("https://me:pass%20word@localhost:{port}");
    assert_eq!(
        names(RegistryConfig { url: url.clone(), ..base.clone() }).await,
        Ok(vec!["orders-value".to_owned()])
    );

    let wrong = RegistryConfig { password: Some("other".to_owned()), ..basic.clone() };
    let error = names(wrong).await.expect_err("a wrong password");
    assert_eq!(
        error,
        ClusterError::Refused { what: "subjects".to_owned(), reason: "Unauthorized".to_owned() }
    );
    let error =
        names(RegistryConfig { url, ca_file: None, ..base.clone() }).await.expect_err("an unknown authority");
    assert!(matches!(error, ClusterError::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains("certificate") && !error.to_string().contains("pass"), "{error}");
    std::fs::write(&ca_file, "nothing").expect("written");
    let error = names(basic).await.expect_err("no certificates").to_string();
    assert!(error.contains("ca.pem"), "{error}");
    serving.abort();
}
