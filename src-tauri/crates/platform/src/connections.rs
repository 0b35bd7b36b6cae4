//! Airflow's connections and variables: `config.toml`, the environment, and
//! those Pumphouse has by itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cluster::ClusterConfig;
use orchestrator::{Connection, Connections};
use serde_json::{Map, Value, json};

use crate::config::{Config, ConnectionEntry};

/// The embedded broker, under Airflow's own name for a Kafka connection.
pub(crate) const KAFKA_DEFAULT: &str = "kafka_default";
/// The embedded schema registry.
const SCHEMA_REGISTRY_DEFAULT: &str = "schema_registry_default";
/// The embedded warehouse, under Airflow's own name for a SQLite connection.
const SQLITE_DEFAULT: &str = "sqlite_default";
/// The same by what it is.
const WAREHOUSE: &str = "warehouse";

/// In the order they are asked: the environment, the file, the built-in ones.
pub(crate) struct Directory {
    configured: BTreeMap<String, ConnectionEntry>,
    variables: BTreeMap<String, String>,
    /// How the embedded broker is reached: librdkafka's properties.
    kafka: BTreeMap<String, String>,
    registry: String,
    warehouse: PathBuf,
}

impl Directory {
    pub(crate) fn new(config: &Config, local: &ClusterConfig, registry: &str) -> Self {
        let mut kafka = local.properties.clone();
        kafka.insert("bootstrap.servers".to_owned(), local.bootstrap_servers.clone());
        Self {
            configured: config.connections.clone(),
            variables: config.variables.clone(),
            kafka,
            registry: registry.to_owned(),
            warehouse: config.paths().warehouse_db(),
        }
    }

    fn built_in(&self, conn_id: &str) -> Option<Connection> {
        let connection = |conn_type: &str| Connection {
            conn_id: conn_id.to_owned(),
            conn_type: conn_type.to_owned(),
            ..Connection::default()
        };
        match conn_id {
            KAFKA_DEFAULT => {
                let mut extra = json!(self.kafka);
                extra["schema.registry.url"] = json!(self.registry);
                Some(Connection { extra, ..connection("kafka") })
            }
            SCHEMA_REGISTRY_DEFAULT => Some(Connection {
                uri: Some(self.registry.clone()),
                host: Some(self.registry.clone()),
                ..connection("http")
            }),
            SQLITE_DEFAULT | WAREHOUSE => {
                let path = self.warehouse.to_string_lossy().into_owned();
                Some(Connection {
                    uri: Some(format!("sqlite://{path}")),
                    host: Some(path),
                    ..connection("sqlite")
                })
            }
            _ => None,
        }
    }
}

impl Connections for Directory {
    fn get(&self, conn_id: &str) -> Option<Connection> {
        let from_env = std::env::var(format!("AIRFLOW_CONN_{}", conn_id.to_uppercase())).ok();
        let text = from_env.or_else(|| self.configured.get(conn_id).map(|entry| entry.uri.clone()));
        match text {
            Some(text) => Some(parse(conn_id, &text)),
            None => self.built_in(conn_id),
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(format!("AIRFLOW_VAR_{}", name.to_uppercase()))
            .ok()
            .or_else(|| self.variables.get(name).cloned())
    }
}

/// Airflow's two forms: JSON, or a URI whose query is `extra`.
fn parse(conn_id: &str, text: &str) -> Connection {
    if let Ok(Value::Object(fields)) = serde_json::from_str(text) {
        return from_json(conn_id, &fields);
    }
    let conn_id = conn_id.to_owned();
    let uri = Some(text.to_owned());
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, query)| (rest, query));
    let conn_type = if scheme == "postgresql" { "postgres" } else { scheme }.to_owned();
    if conn_type == "sqlite" {
        return Connection { conn_id, conn_type, host: Some(unescape(rest)), uri, ..Connection::default() };
    }
    let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
    let (user, address) =
        authority.rsplit_once('@').map_or(("", authority), |(user, address)| (user, address));
    let (login, password) = user.split_once(':').map_or((user, ""), |(login, password)| (login, password));
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            (host, port.parse().ok())
        }
        _ => (address, None),
    };
    let given = |text: &str| (!text.is_empty()).then(|| unescape(text));
    Connection {
        conn_id,
        conn_type,
        host: given(host),
        port,
        login: given(login),
        password: given(password),
        schema: given(path),
        extra: extra(query),
        uri,
    }
}

fn from_json(conn_id: &str, fields: &Map<String, Value>) -> Connection {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let extra = match fields.get("extra") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
        Some(other) => other.clone(),
        None => Value::Null,
    };
    Connection {
        conn_id: conn_id.to_owned(),
        conn_type: text("conn_type").unwrap_or_default(),
        host: text("host"),
        port: fields.get("port").and_then(Value::as_u64).and_then(|port| port.try_into().ok()),
        login: text("login"),
        password: text("password"),
        schema: text("schema"),
        extra,
        uri: None,
    }
}

fn extra(query: &str) -> Value {
    let pairs: Map<String, Value> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (unescape(name), Value::String(unescape(value))))
        .collect();
    match pairs.get("__extra__").and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok()) {
        Some(whole) => whole,
        None if pairs.is_empty() => Value::Null,
        None => Value::Object(pairs),
    }
}

/// Percent escapes; what is none stays as it is.
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Type, host, port, login, password, schema.
    type Parts<'a> =
        (&'a str, Option<&'a str>, Option<u16>, Option<&'a str>, Option<&'a str>, Option<&'a str>);

    #[track_caller]
    fn check(uri: &str, expected: Parts<'_>) {
        let it = parse("c", uri);
        let found = (
            it.conn_type.as_str(),
            it.host.as_deref(),
            it.port,
            it.login.as_deref(),
            it.password.as_deref(),
            it.schema.as_deref(),
        );
        assert_eq!(found, expected, "{uri}");
    }

    #[test]
    fn uris_become_connections() {
        check(
            "postgres://me:p%40ss@db.example:5433/shop",
            ("postgres", Some("db.example"), Some(5433), Some("me"), Some("p@ss"), Some("shop")),
        );
        check("http://api.example", ("http", Some("api.example"), None, None, None, None));
        check("sqlite:///tmp/a b.db", ("sqlite", Some("/tmp/a b.db"), None, None, None, None));
        check(
            r#"{"conn_type":"postgres","host":"h","port":1,"login":"l"}"#,
            ("postgres", Some("h"), Some(1), Some("l"), None, None),
        );
        assert_eq!(parse("c", "kafka://b:9092?acks=all").extra, json!({ "acks": "all" }));
        assert_eq!(parse("c", "kafka://b?__extra__=%7B%22a%22%3A1%7D").extra, json!({ "a": 1 }));
    }
}
