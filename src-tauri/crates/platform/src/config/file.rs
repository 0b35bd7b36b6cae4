//! `config.toml`: its keys, and what is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;

use api::settings::EditableSettings;
use serde::Deserialize;

use super::nearest::nearest;
use crate::error::StartError;

/// Everything the file may say.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct FileConfig {
    pub(crate) host: Option<String>,
    pub(crate) kafka_port: Option<u16>,
    pub(crate) registry_port: Option<u16>,
    pub(crate) api_port: Option<u16>,
    num_partitions: Option<u32>,
    auto_create_topics_enable: Option<bool>,
    log_retention_hours: Option<i64>,
    parallelism: Option<u32>,
    dags_are_paused_at_creation: Option<bool>,
    database: Option<String>,
    python: Option<String>,
    metrics_retention_days: Option<u32>,
    #[serde(default)]
    pub(crate) clusters: BTreeMap<String, AttachedCluster>,
    #[serde(default)]
    pub(crate) connections: BTreeMap<String, ConnectionEntry>,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
    #[serde(default)]
    broker: toml::Table,
    /// Users of the broker's SASL listeners and their passwords.
    #[serde(default)]
    pub(crate) broker_users: BTreeMap<String, String>,
    pub(crate) allow_insecure: Option<bool>,
}

/// `[clusters.<id>]`: a Kafka that runs elsewhere.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
pub struct AttachedCluster {
    pub name: Option<String>,
    /// A CSS colour.
    pub color: Option<String>,
    pub bootstrap_servers: String,
    pub registry_url: Option<String>,
    pub registry_username: Option<String>,
    pub registry_password: Option<String>,
    pub registry_token: Option<String>,
    /// Authorities trusted beside the system's, a PEM file.
    pub registry_ca_file: Option<String>,
    /// Nothing may be changed there.
    #[serde(default)]
    pub read_only: bool,
    /// librdkafka's own names: `security.protocol`, `sasl.username` …
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
}

impl std::fmt::Debug for AttachedCluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Passwords and tokens stay in the file.
        f.debug_struct("AttachedCluster")
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("read_only", &self.read_only)
            .finish_non_exhaustive()
    }
}

/// `[connections.<id>]`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct ConnectionEntry {
    /// As in Airflow: `postgres://user:password@host:5432/database`.
    pub uri: String,
}

impl std::fmt::Debug for ConnectionEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A URI may hold a password.
        f.write_str("ConnectionEntry")
    }
}

/// The keys the Settings page changes.
pub(crate) const EDITABLE_KEYS: [&str; 8] = [
    "num_partitions",
    "auto_create_topics_enable",
    "log_retention_hours",
    "parallelism",
    "dags_are_paused_at_creation",
    "database",
    "python",
    "metrics_retention_days",
];
const OTHER_KEYS: [&str; 10] = [
    "host",
    "kafka_port",
    "registry_port",
    "api_port",
    "allow_insecure",
    "clusters",
    "connections",
    "variables",
    "broker",
    "broker_users",
];
const CLUSTER_KEYS: [&str; 10] = [
    "name",
    "color",
    "bootstrap_servers",
    "registry_url",
    "registry_username",
    "registry_password",
    "registry_token",
    "registry_ca_file",
    "read_only",
    "properties",
];
const CONNECTION_KEYS: [&str; 1] = ["uri"];

impl FileConfig {
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, StartError> {
        let wrong = |reason: String| StartError::ConfigFile { path: path.to_path_buf(), reason };
        let table: toml::Table =
            toml::from_str(text).map_err(|error| wrong(error.to_string().trim().to_owned()))?;
        let top: Vec<&str> = EDITABLE_KEYS.into_iter().chain(OTHER_KEYS).collect();
        check_keys(&table, &top, "").map_err(wrong)?;
        for (section, keys) in [("clusters", &CLUSTER_KEYS[..]), ("connections", &CONNECTION_KEYS[..])] {
            for (id, entry) in table.get(section).and_then(toml::Value::as_table).into_iter().flatten() {
                if let Some(entry) = entry.as_table() {
                    check_keys(entry, keys, &format!(" in [{section}.{id}]")).map_err(wrong)?;
                }
            }
        }
        let config: Self =
            toml::from_str(text).map_err(|error| wrong(error.to_string().trim().to_owned()))?;
        if config.clusters.contains_key(api::cluster::LOCAL) {
            return Err(wrong(
                "[clusters.local]: this name is the embedded cluster's; choose another".to_owned(),
            ));
        }
        check(&config.editable()).map_err(wrong)?;
        config.broker_properties().map_err(wrong)?;
        Ok(config)
    }

    /// `[broker]`: Kafka's `server.properties`, with the names quoted or not (TOML reads `num.partitions`
    /// as a table in a table).
    pub(crate) fn broker_properties(&self) -> Result<BTreeMap<String, String>, String> {
        let mut properties = BTreeMap::new();
        flatten("", &self.broker, &mut properties)?;
        let known = || broker::configs::broker_keys().iter().map(|key| key.name);
        match properties.keys().find(|name| !broker::configs::is_broker_key(name)) {
            None => Ok(properties),
            Some(unknown) => {
                let hint = nearest(unknown, known()).map(|meant| format!("; did you mean `{meant}`?"));
                Err(format!("unknown key `{unknown}` in [broker]{}", hint.unwrap_or_default()))
            }
        }
    }

    /// With defaults where the file says nothing.
    pub(crate) fn editable(&self) -> EditableSettings {
        EditableSettings {
            num_partitions: self.num_partitions.unwrap_or(1),
            auto_create_topics_enable: self.auto_create_topics_enable.unwrap_or(true),
            log_retention_hours: self.log_retention_hours.unwrap_or(168),
            parallelism: self.parallelism.unwrap_or(32),
            dags_are_paused_at_creation: self.dags_are_paused_at_creation.unwrap_or(true),
            database: self.database.clone().unwrap_or_else(|| "sqlite".to_owned()),
            python: self.python.clone().unwrap_or_else(|| "python3".to_owned()),
            metrics_retention_days: self.metrics_retention_days.unwrap_or(30),
        }
    }
}

/// Values that can't work, each named.
pub(crate) fn check(settings: &EditableSettings) -> Result<(), String> {
    let range = |key: &str, value: i64, low: i64, high: i64| {
        if (low..=high).contains(&value) {
            return Ok(());
        }
        Err(format!("{key} must be {low} to {high}, not {value}"))
    };
    range("num_partitions", settings.num_partitions.into(), 1, 10_000)?;
    range("parallelism", settings.parallelism.into(), 1, 10_000)?;
    range("metrics_retention_days", settings.metrics_retention_days.into(), 1, 3650)?;
    if settings.log_retention_hours != -1 {
        range("log_retention_hours", settings.log_retention_hours, 1, 1_000_000)?;
    }
    let database = settings.database.as_str();
    if database != "sqlite" && !database.starts_with("postgres://") && !database.starts_with("postgresql://")
    {
        return Err("database must be `sqlite` or a postgres:// URL".to_owned());
    }
    if settings.python.trim().is_empty() {
        return Err("python must name an interpreter, e.g. `python3`".to_owned());
    }
    Ok(())
}

/// As TOML values.
pub(crate) fn editable_toml(settings: &EditableSettings) -> [(&'static str, String); 8] {
    let text = |value: &str| toml::Value::String(value.to_owned()).to_string();
    let [partitions, auto_create, retention, parallelism, paused, database, python, metrics] = EDITABLE_KEYS;
    [
        (partitions, settings.num_partitions.to_string()),
        (auto_create, settings.auto_create_topics_enable.to_string()),
        (retention, settings.log_retention_hours.to_string()),
        (parallelism, settings.parallelism.to_string()),
        (paused, settings.dags_are_paused_at_creation.to_string()),
        (database, text(&settings.database)),
        (python, text(&settings.python)),
        (metrics, settings.metrics_retention_days.to_string()),
    ]
}

/// Nested tables become names with dots, arrays become Kafka's lists.
fn flatten(
    prefix: &str,
    table: &toml::Table,
    properties: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    for (key, value) in table {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        let text = match value {
            toml::Value::Table(inner) => {
                flatten(&name, inner, properties)?;
                continue;
            }
            toml::Value::Array(items) => {
                let items: Option<Vec<String>> = items.iter().map(scalar).collect();
                items.map(|items| items.join(","))
            }
            other => scalar(other),
        };
        let text = text.ok_or_else(|| format!("`{name}` in [broker] is no text, number or list of them"))?;
        properties.insert(name, text);
    }
    Ok(())
}

fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => None,
    }
}

fn check_keys(table: &toml::Table, known: &[&str], place: &str) -> Result<(), String> {
    let Some(unknown) = table.keys().find(|key| !known.contains(&key.as_str())) else { return Ok(()) };
    let hint = match nearest(unknown, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known keys are {}", known.join(", ")),
    };
    Err(format!("unknown key `{unknown}`{place}; {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let error = FileConfig::parse(text, Path::new("config.toml")).expect_err("an error").to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn faults_are_named() {
        check_error("num_partitons = 3", "unknown key `num_partitons`; did you mean `num_partitions`?");
        check_error("[clusters.p]\nbootstrap = 'x'", "unknown key `bootstrap` in [clusters.p]");
        check_error("[clusters.p]\nname = 'x'", "missing field `bootstrap_servers`");
        check_error("[clusters.local]\nbootstrap_servers = 'x'", "[clusters.local]");
        check_error("parallelism = 0", "parallelism must be 1 to 10000, not 0");
        check_error("kafka_port = 70000", "kafka_port");
        check_error("database = 'mysql://x'", "database must be");
        check_error("host = ", "config.toml");
        check_error(
            "[broker]\nnum.partition = 4",
            "unknown key `num.partition` in [broker]; did you mean `num.partitions`?",
        );
        check_error("[broker]\nnum.partitions = [[4]]", "`num.partitions` in [broker] is no text");
    }

    #[test]
    fn the_broker_is_configured_by_kafkas_names() {
        let text = "[broker]\nnum.partitions = 4\n'message.max.bytes' = '4096'\nlog.cleanup.policy = ['compact', 'delete']";
        let config = FileConfig::parse(text, Path::new("config.toml")).expect("it parses");
        let properties = config.broker_properties().expect("they are known");
        let expected = [
            ("log.cleanup.policy", "compact,delete"),
            ("message.max.bytes", "4096"),
            ("num.partitions", "4"),
        ];
        assert_eq!(properties, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn listeners_have_settings_of_their_own() {
        let text = "[broker]\nlisteners = 'LAN://0.0.0.0:9093'\nlistener.name.lan.ssl.client.auth = 'required'\n\
                    listener.security.protocol.map = 'LAN:SSL'\n\n[broker_users]\nalice = 'secret'";
        let config = FileConfig::parse(text, Path::new("config.toml")).expect("it parses");
        let properties = config.broker_properties().expect("they are known");
        assert_eq!(properties["listener.name.lan.ssl.client.auth"], "required");
        assert_eq!(config.broker_users["alice"], "secret");
    }

    #[test]
    fn what_is_saved_is_read_again() {
        let settings = FileConfig::default().editable();
        let changed = EditableSettings { python: "C:\\py \"x\"".to_owned(), parallelism: 3, ..settings };
        let text: String = editable_toml(&changed).map(|(key, value)| format!("{key} = {value}\n")).concat();
        let read = FileConfig::parse(&text, Path::new("config.toml")).expect("it parses");
        assert_eq!(read.editable(), changed);
    }
}
