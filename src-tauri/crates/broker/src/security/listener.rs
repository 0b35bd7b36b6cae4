//! `listeners`, `advertised.listeners` and `listener.security.protocol.map`: where clients come in, and how.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use tokio::net::TcpListener;

pub use super::jaas::{JaasLogin, jaas_login};
use crate::configs::{Settings, list};

/// The listener of a broker that was told nothing else.
const DEFAULT_NAME: &str = "PLAINTEXT";

/// The listener of the control center of the same process.
const INTERNAL_NAME: &str = "PUMPHOUSE";

/// How a listener is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecurityProtocol {
    Plaintext,
    Ssl,
    SaslPlaintext,
    SaslSsl,
}

impl SecurityProtocol {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "PLAINTEXT" => Some(Self::Plaintext),
            "SSL" => Some(Self::Ssl),
            "SASL_PLAINTEXT" => Some(Self::SaslPlaintext),
            "SASL_SSL" => Some(Self::SaslSsl),
            _ => None,
        }
    }

    pub fn has_tls(self) -> bool {
        matches!(self, Self::Ssl | Self::SaslSsl)
    }

    pub fn has_sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }
}

impl fmt::Display for SecurityProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
        })
    }
}

/// Why listeners were not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListenerError {
    #[error("'{0}' is no listener: NAME://host:port is one, e.g. SASL_SSL://0.0.0.0:9093")]
    Malformed(String),
    #[error("two listeners are named {0}")]
    Twice(String),
    #[error(
        "listener {0} has no security protocol: name it PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL, or map it in \
         listener.security.protocol.map"
    )]
    NoProtocol(String),
    #[error("advertised.listeners names {0}, which is not among the listeners")]
    NotListening(String),
    #[error("listener {0} cannot be advertised as 0.0.0.0: give the address clients are to connect to")]
    AdvertisedAny(String),
}

/// A listener to be bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub name: String,
    /// Empty: every address.
    pub host: String,
    pub port: u16,
    pub protocol: SecurityProtocol,
    /// Whether clients say who they are: by SASL, or by a certificate that is required.
    pub authenticated: bool,
}

impl Endpoint {
    /// Whether only programs of this computer reach it.
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

/// The listeners that Kafka's properties name; none where `listeners` is not set.
pub fn endpoints(properties: &BTreeMap<String, String>) -> Result<Vec<Endpoint>, ListenerError> {
    let text = |name: &str| properties.get(name).map_or("", String::as_str);
    let protocols = text("listener.security.protocol.map");
    let mut found: Vec<Endpoint> = Vec::new();
    for (name, host, port) in parse(text("listeners"))? {
        if found.iter().any(|other| other.name == name) {
            return Err(ListenerError::Twice(name));
        }
        let protocol = protocol_of(protocols, &name)?;
        let client_auth = properties
            .get(&format!("listener.name.{}.ssl.client.auth", name.to_ascii_lowercase()))
            .or_else(|| properties.get("ssl.client.auth"));
        let certified = protocol.has_tls() && client_auth.is_some_and(|auth| auth.trim() == "required");
        found.push(Endpoint { name, host, port, protocol, authenticated: protocol.has_sasl() || certified });
    }
    for (name, host, _) in parse(text("advertised.listeners"))? {
        if !found.is_empty() && !found.iter().any(|listener| listener.name == name) {
            return Err(ListenerError::NotListening(name));
        }
        if host.is_empty() || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_unspecified()) {
            return Err(ListenerError::AdvertisedAny(name));
        }
    }
    Ok(found)
}

fn protocol_of(map: &str, name: &str) -> Result<SecurityProtocol, ListenerError> {
    let mapped = list(map).find_map(|entry| {
        let (from, to) = entry.split_once(':')?;
        from.trim().eq_ignore_ascii_case(name).then(|| SecurityProtocol::parse(to.trim()))?
    });
    mapped
        .or_else(|| SecurityProtocol::parse(name))
        .or_else(|| (name == INTERNAL_NAME).then_some(SecurityProtocol::SaslPlaintext))
        .ok_or_else(|| ListenerError::NoProtocol(name.to_owned()))
}

/// `NAME://host:port` entries. Names are upper case, as Kafka makes them.
fn parse(text: &str) -> Result<Vec<(String, String, u16)>, ListenerError> {
    list(text)
        .map(|entry| {
            let malformed = || ListenerError::Malformed(entry.to_owned());
            let (name, address) = entry.split_once("://").ok_or_else(malformed)?;
            let (host, port) = address.rsplit_once(':').ok_or_else(malformed)?;
            let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            if name.is_empty() || !name.chars().all(known) {
                return Err(malformed());
            }
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            Ok((name.to_ascii_uppercase(), host, port.parse().map_err(|_| malformed())?))
        })
        .collect()
}

/// A bound socket and the listener it is.
pub struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) name: String,
    pub(crate) internal: Option<InternalUser>,
}

/// The one user of the internal listener.
#[derive(Clone, PartialEq, Eq)]
pub struct InternalUser {
    pub name: String,
    pub password: String,
}

impl fmt::Debug for InternalUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InternalUser({})", self.name)
    }
}

impl Listener {
    /// `name` as in `listeners`: it says how the listener is spoken to.
    pub fn new(socket: TcpListener, name: impl Into<String>) -> Self {
        Self { socket, name: name.into(), internal: None }
    }

    /// For the control center of the same process: SASL PLAIN with this one user, who may do everything.
    pub fn internal(socket: TcpListener, user: InternalUser) -> Self {
        Self { socket, name: INTERNAL_NAME.to_owned(), internal: Some(user) }
    }
}

impl From<TcpListener> for Listener {
    fn from(socket: TcpListener) -> Self {
        Self::new(socket, DEFAULT_NAME)
    }
}

/// What every connection of a listener shares.
#[derive(Debug)]
pub(crate) struct Entrance {
    pub(crate) name: String,
    /// The same in lower case, as keys of the configuration have it.
    pub(crate) prefix: String,
    pub(crate) protocol: SecurityProtocol,
    /// What clients are told to connect to, where that is not the address they came in by.
    pub(crate) advertised: Option<(String, u16)>,
    pub(crate) internal: Option<InternalUser>,
}

impl Entrance {
    pub(crate) fn new(
        name: &str,
        internal: Option<InternalUser>,
        settings: &Settings,
    ) -> Result<Self, ListenerError> {
        let protocol = protocol_of(settings.text("listener.security.protocol.map"), name)?;
        let advertised = parse(settings.text("advertised.listeners"))?
            .into_iter()
            .find_map(|(listener, host, port)| (listener == name).then_some((host, port)));
        let prefix = name.to_ascii_lowercase();
        Ok(Self { name: name.to_owned(), prefix, protocol, advertised, internal })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[track_caller]
    fn check(entries: &[(&str, &str)], expected: &[(&str, &str, u16, SecurityProtocol, bool)]) {
        let found = endpoints(&properties(entries)).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.name.as_str(), one.host.as_str(), one.port, one.protocol, one.authenticated))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn listeners_are_read_as_kafka_reads_them() {
        use SecurityProtocol::{Plaintext, SaslSsl, Ssl};
        check(&[], &[]);
        check(
            &[
                ("listeners", "plaintext://127.0.0.1:9092, LAN://:9093,CERT://[::1]:0"),
                ("listener.security.protocol.map", "LAN:SASL_SSL,CERT:SSL"),
                ("listener.name.cert.ssl.client.auth", "required"),
            ],
            &[
                ("PLAINTEXT", "127.0.0.1", 9092, Plaintext, false),
                ("LAN", "", 9093, SaslSsl, true),
                ("CERT", "::1", 0, Ssl, true),
            ],
        );
    }

    #[test]
    fn faults_are_named() {
        let fault = |entries: &[(&str, &str)]| endpoints(&properties(entries)).unwrap_err();
        assert_eq!(fault(&[("listeners", "9092")]), ListenerError::Malformed("9092".into()));
        assert_eq!(fault(&[("listeners", "SSL://a:1,SSL://b:2")]), ListenerError::Twice("SSL".into()));
        assert_eq!(fault(&[("listeners", "LAN://a:1")]), ListenerError::NoProtocol("LAN".into()));
        assert_eq!(
            fault(&[("listeners", "SSL://a:1"), ("advertised.listeners", "SSL://0.0.0.0:1")]),
            ListenerError::AdvertisedAny("SSL".into())
        );
        assert_eq!(
            fault(&[("listeners", "SSL://a:1"), ("advertised.listeners", "LAN://b:1")]),
            ListenerError::NotListening("LAN".into())
        );
    }
}
