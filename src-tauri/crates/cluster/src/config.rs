//! How to reach a cluster.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// One cluster's addresses and client properties.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClusterConfig {
    /// Comma-separated `host:port`.
    pub bootstrap_servers: String,
    pub registry: Option<RegistryConfig>,
    /// librdkafka's own names: `security.protocol`, `sasl.username` …
    pub properties: BTreeMap<String, String>,
}

/// A Confluent-compatible schema registry.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RegistryConfig {
    pub url: String,
    pub username: Option<String>,
    pub password: Option<String>,
    /// Sent as `Authorization: Bearer …` instead of a user name.
    pub token: Option<String>,
    /// Authorities trusted beside the system's, in PEM.
    pub ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for ClusterConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Properties hold passwords: their names are enough.
        f.debug_struct("ClusterConfig")
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("registry", &self.registry)
            .field("properties", &self.properties.keys())
            .finish()
    }
}

impl std::fmt::Debug for RegistryConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistryConfig").field("url", &self.shown_url()).finish_non_exhaustive()
    }
}

impl RegistryConfig {
    /// The URL without a user name and password in it.
    pub fn shown_url(&self) -> String {
        match reqwest::Url::parse(&self.url) {
            Ok(url) if url.username().is_empty() && url.password().is_none() => self.url.clone(),
            Ok(mut url) => {
                let _ = url.set_username("");
                let _ = url.set_password(None);
                url.to_string()
            }
            Err(_) => self.url.rsplit_once('@').map_or(&*self.url, |(_, rest)| rest).to_owned(),
        }
    }
}

impl ClusterConfig {
    /// Both services on this computer, without authentication.
    pub fn local(bootstrap_servers: impl Into<String>, registry_url: impl Into<String>) -> Self {
        Self {
            bootstrap_servers: bootstrap_servers.into(),
            registry: Some(RegistryConfig { url: registry_url.into(), ..RegistryConfig::default() }),
            properties: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_printed() {
        let registry = RegistryConfig {
            url: "https://me:secret@host/x".to_owned(),
            password: Some("secret".to_owned()),
            token: Some("secret".to_owned()),
            ..RegistryConfig::default()
        };
        assert_eq!(registry.shown_url(), "https://host/x");
        let config = ClusterConfig {
            bootstrap_servers: "host:9092".to_owned(),
            registry: Some(registry),
            properties: BTreeMap::from([("sasl.password".to_owned(), "secret".to_owned())]),
        };
        let printed = format!("{config:?}");
        assert!(printed.contains("sasl.password") && !printed.contains("secret"), "{printed}");
    }
}
