//! Confluent's REST protocol for schemas.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use payload::{Guid, SchemaKey};
use reqwest::{Certificate, Client, Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::config::RegistryConfig;
use crate::error::{ClusterError, Result};

const REQUEST_LIMIT: Duration = Duration::from_secs(10);
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";
/// A longer reply is refused: `GET /schemas` of a very large registry.
const REPLY_BYTES_MAX: usize = 64 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    pub name: String,
    pub subject: String,
    pub version: i32,
}

/// A schema as one version of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectVersion {
    pub subject: String,
    pub version: i32,
    pub id: u32,
    #[serde(default = "avro")]
    pub schema_type: String,
    pub schema: String,
    #[serde(default)]
    pub references: Vec<Reference>,
}

/// A schema by its id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SchemaById {
    #[serde(default = "avro")]
    pub(super) schema_type: String,
    pub(super) schema: String,
    #[serde(default)]
    pub(super) references: Vec<Reference>,
}

/// A subject's version that has a schema.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SchemaUse {
    pub subject: String,
    pub version: i32,
}

/// The registry leaves the type out for Avro.
fn avro() -> String {
    "AVRO".to_owned()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// One of the seven, e.g. `BACKWARD`.
    pub name: String,
    /// It is the global one.
    pub inherited: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub compatible: bool,
    pub messages: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisteredSchema {
    pub id: u32,
    pub version: i32,
}

#[derive(Deserialize)]
struct RegistryError {
    #[serde(default)]
    error_code: u32,
    #[serde(default)]
    message: String,
}

pub(super) struct Rest {
    config: RegistryConfig,
    /// Made at the first request: a TLS setup is not free.
    client: OnceLock<Client>,
}

impl Rest {
    pub(super) fn new(config: RegistryConfig) -> Self {
        Self { config, client: OnceLock::new() }
    }

    pub(super) async fn subjects(&self) -> Result<Vec<String>> {
        self.get(&["subjects"], "subjects").await
    }

    pub(super) async fn all_versions(&self) -> Result<Vec<SubjectVersion>> {
        self.get(&["schemas"], "schemas").await
    }

    pub(super) async fn versions(&self, subject: &str) -> Result<Vec<i32>> {
        self.get(&["subjects", subject, "versions"], &named(subject)).await
    }

    pub(super) async fn version(&self, subject: &str, version: i32) -> Result<SubjectVersion> {
        let what = format!("{} version {version}", named(subject));
        self.get(&["subjects", subject, "versions", &version.to_string()], &what).await
    }

    pub(super) async fn latest(&self, subject: &str) -> Result<SubjectVersion> {
        self.get(&["subjects", subject, "versions", "latest"], &named(subject)).await
    }

    pub(super) async fn schema(&self, key: SchemaKey) -> Result<SchemaById> {
        let what = key.to_string();
        match key {
            SchemaKey::Id(id) => self.get(&["schemas", "ids", &id.to_string()], &what).await,
            SchemaKey::Guid(guid) => self.get(&["schemas", "guids", &guid.to_string()], &what).await,
        }
    }

    /// The schema's id in the default context, or else in any.
    pub(super) async fn id_of_guid(&self, guid: Guid) -> Result<Option<u32>> {
        #[derive(Deserialize)]
        struct InContext {
            #[serde(default)]
            context: String,
            id: u32,
        }
        let path = ["schemas", "guids", &guid.to_string(), "ids"];
        let all: Vec<InContext> = self.get(&path, &format!("schema {guid}")).await?;
        let default = all.iter().find(|it| it.context.is_empty() || it.context == ".");
        Ok(default.or_else(|| all.first()).map(|it| it.id))
    }

    pub(super) async fn uses(&self, id: u32) -> Result<Vec<SchemaUse>> {
        self.get(&["schemas", "ids", &id.to_string(), "versions"], &format!("schema id {id}")).await
    }

    pub(super) async fn global_level(&self) -> Result<String> {
        let reply: Value = self.get(&["config"], "the global compatibility level").await?;
        Ok(level_name(&reply).unwrap_or_else(|| "BACKWARD".to_owned()))
    }

    /// The subject's own; none when it has none.
    pub(super) async fn subject_level(&self, subject: &str) -> Result<Option<Level>> {
        let what = format!("compatibility of {}", named(subject));
        match self.get::<Value>(&["config", subject], &what).await {
            Ok(reply) => Ok(level_name(&reply).map(|name| Level { name, inherited: false })),
            Err(ClusterError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn set_level(&self, subject: Option<&str>, level: Option<&str>) -> Result<()> {
        let mut path = vec!["config"];
        path.extend(subject);
        let what = subject.map_or_else(|| "the global compatibility level".to_owned(), named);
        let outcome = match level {
            Some(level) => {
                let body = json!({ "compatibility": level });
                self.send::<Value>(Method::PUT, &path, &[], Some(body), &what).await
            }
            None => self.send::<Value>(Method::DELETE, &path, &[], None, &what).await,
        };
        match outcome {
            // It was not set: that is what was asked for.
            Err(ClusterError::NotFound { .. }) if level.is_none() => Ok(()),
            outcome => outcome.map(|_| ()),
        }
    }

    pub(super) async fn check(
        &self,
        subject: &str,
        schema_type: &str,
        schema: &str,
        references: &[Reference],
    ) -> Result<Verdict> {
        #[derive(Deserialize)]
        struct Reply {
            is_compatible: bool,
            #[serde(default)]
            messages: Vec<String>,
        }
        let path = ["compatibility", "subjects", subject, "versions"];
        let body = body(schema_type, schema, references);
        let query = [("verbose", "true")];
        match self.send::<Reply>(Method::POST, &path, &query, Some(body), &named(subject)).await {
            Ok(reply) => Ok(Verdict { compatible: reply.is_compatible, messages: reply.messages }),
            Err(ClusterError::NotFound { .. }) => Ok(Verdict {
                compatible: true,
                messages: vec![format!("subject '{subject}' is new: there is nothing to be compatible with")],
            }),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn register(
        &self,
        subject: &str,
        schema_type: &str,
        schema: &str,
        references: &[Reference],
    ) -> Result<RegisteredSchema> {
        #[derive(Deserialize)]
        struct Id {
            id: u32,
        }
        #[derive(Deserialize)]
        struct Version {
            version: i32,
        }
        let what = named(subject);
        let body = body(schema_type, schema, references);
        let Id { id } = self
            .send(Method::POST, &["subjects", subject, "versions"], &[], Some(body.clone()), &what)
            .await?;
        let Version { version } =
            self.send(Method::POST, &["subjects", subject], &[], Some(body), &what).await?;
        Ok(RegisteredSchema { id, version })
    }

    pub(super) async fn delete_subject(&self, subject: &str, permanent: bool) -> Result<()> {
        let query = [("permanent", if permanent { "true" } else { "false" })];
        let path = ["subjects", subject];
        self.send::<Value>(Method::DELETE, &path, &query, None, &named(subject)).await.map(|_| ())
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &[&str], what: &str) -> Result<T> {
        self.send(Method::GET, path, &[], None, what).await
    }

    async fn send<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<Value>,
        what: &str,
    ) -> Result<T> {
        let unavailable = |error: reqwest::Error| ClusterError::Unavailable {
            what: format!("the schema registry at {}", self.config.shown_url()),
            reason: innermost(&error),
        };
        let mut request = self
            .client()?
            .request(method, self.url(path)?)
            .query(query)
            .header(reqwest::header::ACCEPT, CONTENT_TYPE)
            .timeout(REQUEST_LIMIT);
        if let Some(token) = &self.config.token {
            request = request.bearer_auth(token);
        } else if let Some(username) = &self.config.username {
            request = request.basic_auth(username, self.config.password.as_ref());
        }
        if let Some(body) = body {
            request = request.header(reqwest::header::CONTENT_TYPE, CONTENT_TYPE).body(body.to_string());
        }
        let mut reply = request.send().await.map_err(unavailable)?;
        let status = reply.status();
        let mut bytes = Vec::new();
        // By what comes, not by what the reply says of its length.
        while let Some(chunk) = reply.chunk().await.map_err(unavailable)? {
            if bytes.len() + chunk.len() > REPLY_BYTES_MAX {
                let reason = format!("the registry's reply is larger than {REPLY_BYTES_MAX} bytes");
                return Err(refused(what, reason));
            }
            bytes.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            return Err(self.failure(what, status, &bytes));
        }
        serde_json::from_slice(&bytes).map_err(|error| {
            refused(
                what,
                format!("{} does not answer like a schema registry: {error}", self.config.shown_url()),
            )
        })
    }

    fn failure(&self, what: &str, status: StatusCode, bytes: &[u8]) -> ClusterError {
        let said: RegistryError = serde_json::from_slice(bytes)
            .unwrap_or_else(|_| RegistryError { error_code: 0, message: String::new() });
        let reason = if said.message.is_empty() {
            format!("the registry answered HTTP {status}")
        } else {
            said.message
        };
        let what = what.to_owned();
        match (status.as_u16(), said.error_code) {
            (404, _) => ClusterError::NotFound { what },
            (409, _) => ClusterError::Conflict { what, reason },
            (422, _) => ClusterError::Invalid(format!("{what}: {reason}")),
            (401 | 403, _) => ClusterError::Refused { what, reason },
            (405 | 501, _) => ClusterError::Unsupported { what, reason },
            (408 | 429 | 502..=504, _) => ClusterError::Unavailable {
                what: format!("the schema registry at {}", self.config.shown_url()),
                reason,
            },
            _ => ClusterError::Refused { what, reason },
        }
    }

    fn client(&self) -> Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let authorities = match &self.config.ca_file {
            Some(path) => authorities(path).map_err(|reason| {
                ClusterError::Invalid(format!("certificates in {}: {reason}", path.display()))
            })?,
            None => Vec::new(),
        };
        let client = Client::builder()
            .tls_certs_merge(authorities)
            .connect_timeout(CONNECT_LIMIT)
            .pool_max_idle_per_host(2)
            .no_proxy()
            .build()
            .map_err(|error| ClusterError::Internal(format!("HTTP client: {error}")))?;
        Ok(self.client.get_or_init(|| client))
    }

    fn url(&self, path: &[&str]) -> Result<reqwest::Url> {
        let invalid = || {
            ClusterError::Invalid(format!(
                "'{}' is not the URL of a schema registry",
                self.config.shown_url()
            ))
        };
        let mut url = reqwest::Url::parse(&self.config.url).map_err(|_| invalid())?;
        // Each part is escaped: a subject may contain a slash.
        url.path_segments_mut().map_err(|()| invalid())?.pop_if_empty().extend(path);
        Ok(url)
    }
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|error| error.to_string())?;
    if found.is_empty() { Err("there is none in PEM".to_owned()) } else { Ok(found) }
}

fn body(schema_type: &str, schema: &str, references: &[Reference]) -> Value {
    let mut body = json!({ "schema": schema, "schemaType": schema_type });
    if !references.is_empty() {
        body["references"] = json!(references);
    }
    body
}

fn level_name(reply: &Value) -> Option<String> {
    let level = reply.get("compatibilityLevel").or_else(|| reply.get("compatibility"))?;
    level.as_str().map(str::to_owned)
}

fn named(subject: &str) -> String {
    format!("subject '{subject}'")
}

fn refused(what: &str, reason: String) -> ClusterError {
    ClusterError::Refused { what: what.to_owned(), reason }
}

/// reqwest's own sentence hides the cause: connection refused, name not known.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() { "no reply in time".to_owned() } else { cause.to_string() }
}
