//! TLS of a listener: certificates and keys in PEM, and whose certificates are believed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedCipherSuite, SupportedProtocolVersion, version};
use tracing::{info, warn};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::mapping::MappingRules;
use super::principal::Principal;
use crate::configs::{Settings, list};

/// Why a listener has no TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{key} is {found}, and PEM is what is read here: convert the store, e.g. with openssl pkcs12")]
    NotPem { key: &'static str, found: String },
    #[error("no certificate: set ssl.keystore.location to a PEM file with certificate chain and private key")]
    NoCertificate,
    #[error("no private key beside the certificate chain; an encrypted one must be decrypted first")]
    NoKey,
    #[error("client certificates are asked for, and ssl.truststore.location names none to check them by")]
    NoTrust,
    #[error("ssl.enabled.protocols: {0} is not TLSv1.2 or TLSv1.3")]
    Version(String),
    #[error("ssl.cipher.suites: {0} names none that is spoken here")]
    Ciphers(String),
    #[error("ssl.principal.mapping.rules: {0}")]
    Mapping(String),
    #[error("not PEM: {0}")]
    Pem(String),
    #[error(transparent)]
    Rustls(#[from] rustls::Error),
    #[error("client certificates: {0}")]
    Verifier(String),
}

/// TLS ready for use.
#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) config: Arc<ServerConfig>,
    rules: Arc<MappingRules>,
}

impl Tls {
    /// Who a client with these certificates is; none if no rule maps its name.
    pub(crate) fn principal(&self, certificates: Option<&[CertificateDer<'_>]>) -> Option<Principal> {
        let Some(own) = certificates.and_then(<[_]>::first) else { return Some(Principal::anonymous()) };
        let name = distinguished_name(own)?;
        self.rules.apply(&name).map(|user| Principal::user(&user))
    }
}

/// A listener's TLS, read again when its files or settings change.
pub(crate) struct TlsSource {
    prefix: String,
    loaded: Mutex<Loaded>,
}

struct Loaded {
    tls: Tls,
    settings: Arc<Settings>,
    files: Vec<(PathBuf, Option<SystemTime>)>,
}

impl TlsSource {
    pub(crate) fn open(prefix: &str, settings: Arc<Settings>) -> Result<Self, TlsError> {
        let loaded = load(prefix, settings)?;
        Ok(Self { prefix: prefix.to_owned(), loaded: Mutex::new(loaded) })
    }

    /// What a new connection is served with. New certificates that cannot be used leave the old in force.
    pub(crate) fn current(&self, settings: &Arc<Settings>) -> Tls {
        let mut loaded = self.loaded.lock();
        let same_files = loaded.files.iter().all(|(path, stamp)| modified(path) == *stamp);
        if same_files && Arc::ptr_eq(&loaded.settings, settings) {
            return loaded.tls.clone();
        }
        match load(&self.prefix, Arc::clone(settings)) {
            Ok(fresh) => {
                info!(listener = %self.prefix, "certificates read again");
                *loaded = fresh;
            }
            Err(error) => {
                warn!(listener = %self.prefix, %error, "changed certificates not used");
                // Not again before the next change.
                loaded.files.iter_mut().for_each(|(path, stamp)| *stamp = modified(path));
                loaded.settings = Arc::clone(settings);
            }
        }
        loaded.tls.clone()
    }
}

/// The settings of a listener's TLS.
const TLS_KEYS: [&str; 11] = [
    "ssl.cipher.suites",
    "ssl.client.auth",
    "ssl.enabled.protocols",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.type",
    "ssl.principal.mapping.rules",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.type",
];

/// Whether settings differ in what a listener's TLS is made of.
pub(crate) fn differs(prefix: &str, before: &Settings, after: &Settings) -> bool {
    TLS_KEYS.iter().any(|key| before.of_listener(prefix, None, key) != after.of_listener(prefix, None, key))
}

/// Whether a listener's TLS can be served with these settings.
pub(crate) fn check(prefix: &str, settings: Arc<Settings>) -> Result<(), TlsError> {
    load(prefix, settings).map(drop)
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

fn load(prefix: &str, settings: Arc<Settings>) -> Result<Loaded, TlsError> {
    let text = |key: &str| settings.of_listener(prefix, None, key);
    for key in ["ssl.keystore.type", "ssl.truststore.type"] {
        if !text(key).eq_ignore_ascii_case("PEM") {
            return Err(TlsError::NotPem { key, found: text(key).to_owned() });
        }
    }
    let mut files = Vec::new();
    let mut read = |location: &str, inline: &[&str]| -> Result<Vec<u8>, TlsError> {
        if location.is_empty() {
            return Ok(inline.join("\n").into_bytes());
        }
        let path = PathBuf::from(location);
        // Stamped before it is read: a change in between is seen at the next look.
        files.push((path.clone(), modified(&path)));
        std::fs::read(&path).map_err(|source| TlsError::Read { path, source })
    };
    let inline = [text("ssl.keystore.certificate.chain"), text("ssl.keystore.key")];
    let store = read(text("ssl.keystore.location"), &inline)?;
    let trust = read(text("ssl.truststore.location"), &[text("ssl.truststore.certificates")])?;
    let chain = certificates(&store)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(&store).map_err(|_| TlsError::NoKey)?;

    let provider = Arc::new(provider(text("ssl.cipher.suites"))?);
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions(text("ssl.enabled.protocols"))?)?;
    let client_auth = text("ssl.client.auth").trim().to_ascii_lowercase();
    let builder = if client_auth == "none" {
        builder.with_no_client_auth()
    } else {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&trust)? {
            roots.add(certificate)?;
        }
        if roots.is_empty() {
            return Err(TlsError::NoTrust);
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = if client_auth == "requested" { verifier.allow_unauthenticated() } else { verifier };
        builder.with_client_cert_verifier(
            verifier.build().map_err(|error| TlsError::Verifier(error.to_string()))?,
        )
    };
    let config = Arc::new(builder.with_single_cert(chain, key)?);
    let rules = MappingRules::parse(text("ssl.principal.mapping.rules")).map_err(TlsError::Mapping)?;
    Ok(Loaded { tls: Tls { config, rules: Arc::new(rules) }, settings, files })
}

/// What is spoken, limited to these suites by the names Java has for them; by none, to all that are safe.
fn provider(suites: &str) -> Result<CryptoProvider, TlsError> {
    let mut provider = rustls::crypto::ring::default_provider();
    let wanted: Vec<&str> = list(suites).collect();
    if !wanted.is_empty() {
        let name =
            |suite: &SupportedCipherSuite| suite.suite().as_str().map(|name| name.replace("TLS13_", "TLS_"));
        provider
            .cipher_suites
            .retain(|suite| name(suite).is_some_and(|name| wanted.contains(&name.as_str())));
    }
    if provider.cipher_suites.is_empty() { Err(TlsError::Ciphers(suites.to_owned())) } else { Ok(provider) }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::Pem(error.to_string()))
}

fn versions(text: &str) -> Result<Vec<&'static SupportedProtocolVersion>, TlsError> {
    list(text)
        .map(|name| match name {
            "TLSv1.2" => Ok(&version::TLS12),
            "TLSv1.3" => Ok(&version::TLS13),
            other => Err(TlsError::Version(other.to_owned())),
        })
        .collect()
}

/// The subject as RFC 2253 writes it, which is how Kafka names a principal: the last part first.
fn distinguished_name(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let mut parts: Vec<String> = certificate
        .subject()
        .iter_rdn()
        .map(|part| {
            let attributes = part.iter().map(|attribute| {
                let oid = attribute.attr_type().to_id_string();
                let name = match oid.as_str() {
                    "2.5.4.3" => "CN",
                    "2.5.4.6" => "C",
                    "2.5.4.7" => "L",
                    "2.5.4.8" => "ST",
                    "2.5.4.9" => "STREET",
                    "2.5.4.10" => "O",
                    "2.5.4.11" => "OU",
                    "0.9.2342.19200300.100.1.1" => "UID",
                    "0.9.2342.19200300.100.1.25" => "DC",
                    other => other,
                };
                format!("{name}={}", escaped(attribute.as_str().unwrap_or_default()))
            });
            attributes.collect::<Vec<_>>().join("+")
        })
        .collect();
    parts.reverse();
    Some(parts.join(","))
}

fn escaped(value: &str) -> String {
    let mut out = String::new();
    for (at, c) in value.char_indices() {
        let edge = (c == '#' && at == 0) || (c == ' ' && (at == 0 || at + 1 == value.len()));
        if edge || matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_written_last_part_first() {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CountryName, "DE");
        params.distinguished_name.push(rcgen::DnType::OrganizationName, "Pump, House");
        params.distinguished_name.push(rcgen::DnType::CommonName, "duke");
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        assert_eq!(distinguished_name(certificate.der()).unwrap(), "CN=duke,O=Pump\\, House,C=DE");
    }
}
