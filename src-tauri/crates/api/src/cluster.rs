//! The platform's own state, and the clusters it is attached to.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The id of the embedded cluster.
pub const LOCAL: &str = "local";

/// Which cluster a command is about: `local`, or the name of an attached one
/// from `config.toml`.
pub type ClusterId = String;

fn local() -> ClusterId {
    LOCAL.to_owned()
}

pub(crate) mod default {
    pub(crate) fn cluster() -> super::ClusterId {
        super::local()
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct StatusGet {}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Status {
    pub version: String,
    pub services: Vec<Service>,
    pub data_dir: String,
    pub started_at_ms: i64,
    pub now_ms: i64,
    /// Resident memory of the whole process.
    pub rss_bytes: u64,
    /// What is open to others without their saying who they are.
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum ServiceName {
    Broker,
    Registry,
    Orchestrator,
    Api,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum ServiceState {
    Starting,
    Up,
    Down,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Service {
    pub name: ServiceName,
    pub state: ServiceState,
    /// What a client is given: `127.0.0.1:9092`, `http://127.0.0.1:8081`.
    pub address: String,
    /// Why it is down.
    pub detail: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ClustersList {}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ClusterRow {
    pub id: ClusterId,
    pub name: String,
    /// A CSS colour the user chose, e.g. `#0d9488`.
    pub color: Option<String>,
    pub bootstrap_servers: String,
    pub registry_url: Option<String>,
    pub read_only: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct BrokersList {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct BrokerRow {
    pub id: i32,
    pub host: String,
    pub port: u16,
    pub rack: Option<String>,
    pub controller: bool,
    pub partitions: u32,
    pub leaders: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct BrokerConfigGet {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub broker: i32,
}

/// One configuration key, of a topic or a broker.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ConfigEntry {
    pub name: String,
    /// Absent when sensitive.
    pub value: Option<String>,
    /// Kafka's name: `DYNAMIC_TOPIC_CONFIG`, `STATIC_BROKER_CONFIG`, `DEFAULT_CONFIG` …
    pub source: String,
    pub is_default: bool,
    pub read_only: bool,
    pub sensitive: bool,
    pub documentation: Option<String>,
}

/// An attached cluster as `[clusters.<id>]` has it. Passwords go in and never
/// come out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ClusterSettings {
    pub id: ClusterId,
    pub name: Option<String>,
    /// A CSS colour.
    pub color: Option<String>,
    pub bootstrap_servers: String,
    pub read_only: bool,
    /// `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.
    pub security_protocol: String,
    /// `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`.
    pub sasl_mechanism: Option<String>,
    pub sasl_username: Option<String>,
    pub sasl_password: Secret,
    /// A PEM file of the authorities that sign the brokers' certificates.
    pub ca_file: Option<String>,
    pub registry_url: Option<String>,
    pub registry_username: Option<String>,
    pub registry_password: Secret,
    pub registry_token: Secret,
    pub registry_ca_file: Option<String>,
}

/// A password on its way in.
#[derive(Clone, Default, Serialize, Deserialize, TS)]
#[serde(tag = "is", rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum Secret {
    #[default]
    None,
    /// As it is stored: the only thing a reply says of it.
    Stored,
    New {
        text: String,
    },
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Stored => "Stored",
            Self::New { .. } => "New",
        })
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ClusterSettingsGet {
    pub id: ClusterId,
}

/// Attaches a cluster, or changes one that is attached.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ClusterAttach {
    pub settings: ClusterSettings,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ClusterDetach {
    pub id: ClusterId,
}

/// Connects with these settings and changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ClusterTry {
    pub settings: ClusterSettings,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ClusterTried {
    /// How many answer; None when the cluster does not.
    pub brokers: Option<u32>,
    pub brokers_error: Option<String>,
    /// None when there is no registry, or it does not answer.
    pub subjects: Option<u32>,
    pub registry_error: Option<String>,
}
