//! `HttpOperator`: one request, its response checked and filtered by expressions.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, ErrorKind, State};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value};

use super::{Operator, TaskContext, TaskError, TaskResult};
use crate::executor::XCOM_BYTES_MAX;
use crate::ports::Connection;
use crate::template;

pub(super) struct Http;

/// How much of an error's body the message shows.
const EXCERPT_CHARS: usize = 500;

#[async_trait]
impl Operator for Http {
    fn name(&self) -> &'static str {
        "HttpOperator"
    }

    async fn execute(&self, context: TaskContext) -> TaskResult {
        let send = run(&context);
        tokio::select! {
            result = send => result,
            () = context.stop.cancelled() => Err(TaskError::fail("stopped")),
        }
    }
}

async fn run(context: &TaskContext) -> TaskResult {
    let request = request(context)?;
    let started = Instant::now();
    let response = request.send().await.map_err(|error| TaskError::Fail(explain(&error)))?;
    let status = response.status();
    let url = response.url().to_string();
    let headers: Map<String, Value> = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.to_string(), Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned()))
        })
        .collect();
    let text = body(response).await?;
    context.log.info(format!("{url} answered {status} with {} bytes", text.len()));
    if context.get::<bool>("log_response")? {
        context.log.info(&text);
    }
    if status.is_client_error() || status.is_server_error() {
        let excerpt: String = text.chars().take(EXCERPT_CHARS).collect();
        return Err(TaskError::Fail(format!("{url} answered {status}: {excerpt}")));
    }
    let received = Received { status: status.as_u16(), url, headers, text, elapsed: started.elapsed() };
    let (check, filter) = (context.text("response_check")?, context.text("response_filter")?);
    let scope = context.scope.clone();
    // Expressions may look into the store, which blocks.
    tokio::task::spawn_blocking(move || judge(&scope, received, check.as_deref(), filter.as_deref()))
        .await
        .map_err(TaskError::fail)?
}

fn judge(
    scope: &template::Scope,
    received: Received,
    check: Option<&str>,
    filter: Option<&str>,
) -> TaskResult {
    let text = received.text.clone();
    let names = minijinja::Value::from_object(Names { root: scope.root(), response: Arc::new(received) });
    let evaluate = |name: &str, expression: &str| {
        let inner = expression.trim();
        let inner = inner.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(inner);
        template::evaluate(inner, names.clone()).map_err(|error| TaskError::Fail(format!("{name}: {error}")))
    };
    if let Some(check) = check {
        let passed = match evaluate("response_check", check)? {
            Value::Bool(passed) => passed,
            Value::Null => false,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(map) => !map.is_empty(),
        };
        if !passed {
            return Err(TaskError::Fail(format!("response_check is false: {check}")));
        }
    }
    match filter {
        Some(filter) => evaluate("response_filter", filter).map(Some),
        None => Ok(Some(Value::from(text))),
    }
}

fn request(context: &TaskContext) -> Result<RequestBuilder, TaskError> {
    let method = context.required_text("method")?.to_uppercase();
    let method: Method = method.parse().map_err(|error| TaskError::argument("method", error))?;
    let endpoint = context.text("endpoint")?.unwrap_or_default();
    let conn_id = context.text("http_conn_id")?.unwrap_or_default();
    let whole = endpoint.starts_with("http://") || endpoint.starts_with("https://");
    let connection = match context.services.ports.connections.get(&conn_id) {
        Some(connection) => Some(connection),
        None if whole => None,
        None => Some(context.connection(&conn_id)?),
    };
    let url = match (&connection, whole) {
        (Some(connection), false) => joined(connection, &endpoint)?,
        _ => endpoint,
    };
    context.log.info(format!("{method} {url}"));
    let mut request = context.services.http().map_err(TaskError::Fail)?.request(method.clone(), &url);
    if let Some(timeout) = context.duration("request_timeout")? {
        request = request.timeout(timeout);
    }
    if let Some(connection) = &connection {
        if let Some(login) = connection.login.as_deref().filter(|login| !login.is_empty()) {
            request = request.basic_auth(login, connection.password.as_deref());
        }
        if let Value::Object(extra) = &connection.extra {
            request = request.headers(headers("extra", extra)?);
        }
    }
    let given = headers("headers", &context.opt("headers")?.unwrap_or_default())?;
    let json =
        given.get(CONTENT_TYPE).is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.contains("json")));
    request = request.headers(given);
    Ok(match context.arg("data") {
        None => request,
        Some(Value::String(text)) if method == Method::GET => {
            let separator = if url.contains('?') { '&' } else { '?' };
            let url = format!("{url}{separator}{text}");
            let (client, built) = request.build_split();
            let mut built = built.map_err(|error| TaskError::FailNoRetry(explain(&error)))?;
            *built.url_mut() = url.parse().map_err(|error| TaskError::argument("data", error))?;
            RequestBuilder::from_parts(client, built)
        }
        Some(Value::String(text)) => request.body(text),
        Some(data) if method == Method::GET => request.query(&pairs(&data)),
        Some(data) if json => request.body(data.to_string()),
        Some(data) => request.form(&pairs(&data)),
    })
}

fn pairs(data: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let Value::Object(map) = data else { return Vec::new() };
    map.iter()
        .flat_map(|(name, value)| match value {
            Value::Array(items) => items.iter().map(|item| (name.clone(), text(item))).collect(),
            Value::Null => Vec::new(),
            value => vec![(name.clone(), text(value))],
        })
        .collect()
}

fn headers(field: &str, map: &Map<String, Value>) -> Result<HeaderMap, TaskError> {
    let mut headers = HeaderMap::new();
    for (name, value) in map {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let name: HeaderName =
            name.parse().map_err(|error| TaskError::argument(field, format!("\"{name}\": {error}")))?;
        let value = HeaderValue::from_str(&text)
            .map_err(|error| TaskError::argument(field, format!("\"{name}\": {error}")))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Airflow's rule: the host may hold the scheme, `schema` is the scheme otherwise.
fn joined(connection: &Connection, endpoint: &str) -> Result<String, TaskError> {
    let host = connection.host.as_deref().unwrap_or_default();
    if host.is_empty() {
        return Err(TaskError::FailNoRetry(format!("connection \"{}\" has no host", connection.conn_id)));
    }
    let mut base = match host.contains("://") {
        true => host.to_owned(),
        false => {
            let scheme = connection.schema.as_deref().filter(|schema| !schema.is_empty()).unwrap_or("http");
            format!("{scheme}://{host}")
        }
    };
    if let Some(port) = connection.port {
        base = format!("{base}:{port}");
    }
    Ok(match (base.ends_with('/'), endpoint.starts_with('/')) {
        _ if endpoint.is_empty() => base,
        (true, true) => format!("{base}{}", &endpoint[1..]),
        (false, false) => format!("{base}/{endpoint}"),
        _ => format!("{base}{endpoint}"),
    })
}

/// The body as text, at most what XCom keeps.
async fn body(mut response: reqwest::Response) -> Result<String, TaskError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| TaskError::Fail(explain(&error)))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > XCOM_BYTES_MAX {
            return Err(TaskError::FailNoRetry(format!(
                "the response is larger than {XCOM_BYTES_MAX} bytes: ask for less, or fetch it in a Python or bash task"
            )));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn explain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text.push_str(&format!(": {next}"));
        cause = next.source();
    }
    text
}

/// The template context with `response` in it.
#[derive(Debug)]
struct Names {
    root: minijinja::Value,
    response: Arc<Received>,
}

impl Object for Names {
    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        match key.as_str()? {
            "response" => Some(minijinja::Value::from_dyn_object(self.response.clone())),
            _ => self.root.get_item(key).ok().filter(|value| !value.is_undefined()),
        }
    }
}

/// A response with the attributes of Python's `requests`.
#[derive(Debug)]
struct Received {
    status: u16,
    url: String,
    headers: Map<String, Value>,
    text: String,
    elapsed: Duration,
}

impl Object for Received {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        Some(match key.as_str()? {
            "status_code" => minijinja::Value::from(self.status),
            "ok" => minijinja::Value::from(self.status < 400),
            "url" => minijinja::Value::from(self.url.as_str()),
            "text" => minijinja::Value::from(self.text.as_str()),
            "headers" => template::from_json(&self.headers),
            "elapsed_s" => minijinja::Value::from(self.elapsed.as_secs_f64()),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[minijinja::Value],
    ) -> Result<minijinja::Value, Error> {
        match method {
            "json" => serde_json::from_str::<Value>(&self.text).map(template::from_json).map_err(|error| {
                Error::new(ErrorKind::InvalidOperation, format!("the response is no JSON: {error}"))
            }),
            _ => Err(Error::new(ErrorKind::UnknownMethod, format!("a response has no method \"{method}\""))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, schema: Option<&str>, port: Option<u16>, endpoint: &str, expected: &str) {
        let connection = Connection {
            host: Some(host.into()),
            schema: schema.map(Into::into),
            port,
            ..Connection::default()
        };
        assert_eq!(joined(&connection, endpoint).unwrap(), expected);
    }

    #[test]
    fn urls_are_joined_as_airflow_does() {
        check("example.org", None, None, "api", "http://example.org/api");
        check("example.org", Some("https"), Some(8443), "/api", "https://example.org:8443/api");
        check("https://example.org/", None, None, "/api", "https://example.org/api");
        check("http://example.org/v1", None, None, "", "http://example.org/v1");
    }
}
