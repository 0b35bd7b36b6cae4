//! How to reach a cluster.

use std::collections::BTreeMap;

/// One cluster's addresses and client properties.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterConfig {
    /// Comma-separated `host:port`.
    pub bootstrap_servers: String,
    pub registry: Option<RegistryConfig>,
    /// librdkafka's own names: `security.protocol`, `sasl.username` …
    pub properties: BTreeMap<String, String>,
}

/// A Confluent-compatible schema registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryConfig {
    pub url: String,
    pub username: Option<String>,
    pub password: Option<String>,
    /// Sent as `Authorization: Bearer …` instead of a user name.
    pub token: Option<String>,
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
