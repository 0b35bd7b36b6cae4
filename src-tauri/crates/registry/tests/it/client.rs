//! A registry on a free port and the requests of a client.

use std::sync::Arc;

use registry::{Config, MemoryLog, Registry, SchemaLog, serve};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A running registry; dropped, it stops.
pub(crate) struct Client {
    pub(crate) base: String,
    pub(crate) registry: Registry,
    http: reqwest::Client,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl Client {
    pub(crate) async fn start() -> Self {
        Self::over(Arc::new(MemoryLog::default())).await
    }

    pub(crate) async fn over(log: Arc<dyn SchemaLog>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let registry = Registry::open(log, Config::default()).await.expect("the log is readable");
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let served = registry.clone();
        tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            serve(listener, served, stopped).await.expect("serving ends well");
        });
        Self { base, registry, http: reqwest::Client::new(), _stop: stop }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.expect(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.expect(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Value {
        self.expect(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Value {
        self.expect(Method::DELETE, path, None).await
    }

    async fn expect(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.send(method, path, body).await;
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    }

    /// The status and code of a request that fails.
    #[track_caller]
    pub(crate) fn refused(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> impl Future<Output = (u16, i64)> + use<'_> {
        let path = path.to_owned();
        async move {
            let (status, answer) = self.send(method, &path, body).await;
            assert!(answer["message"].is_string(), "{path}: {status} {answer}");
            (status, answer["error_code"].as_i64().expect("a code"))
        }
    }

    /// Registers an Avro schema and answers its id.
    pub(crate) async fn register(&self, subject: &str, schema: &str) -> i64 {
        let answer = self.post(&format!("/subjects/{subject}/versions"), json!({"schema": schema})).await;
        answer["id"].as_i64().expect("an id")
    }
}

/// A record `name` with fields as JSON text.
pub(crate) fn record(name: &str, fields: &str) -> String {
    format!(r#"{{"type":"record","name":"{name}","fields":[{fields}]}}"#)
}

/// A field of a record, as JSON text.
pub(crate) fn field(name: &str, of: &str) -> String {
    format!(r#"{{"name":"{name}","type":"{of}"}}"#)
}
