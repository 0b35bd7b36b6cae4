//! `HttpOperator`.

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::any;
use dag::RunState;
use dag::TaskState;
use orchestrator::Connection;
use serde_json::{Value, json};

use crate::fakes::with_connections;
use crate::support::{Finished, run_one};

/// Answers with what it was asked.
async fn echo(request: Request) -> axum::Json<Value> {
    let method = request.method().to_string();
    let uri = request.uri().to_string();
    let headers = request.headers().clone();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    axum::Json(json!({
        "method": method, "uri": uri, "body": String::from_utf8_lossy(&body),
        "type": header("content-type"), "auth": header("authorization"), "extra": header("x-extra"),
    }))
}

async fn run(fields: Value) -> Finished {
    let app = Router::new()
        .route("/gone", any(|| async { (StatusCode::NOT_FOUND, "no such thing") }))
        .fallback(echo);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut all = json!({ "operator": "http", "http_conn_id": "api" });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let connection = Connection {
        conn_id: "api".into(),
        conn_type: "http".into(),
        host: Some("127.0.0.1".into()),
        port: Some(address.port()),
        login: Some("me".into()),
        password: Some("secret".into()),
        extra: json!({ "X-Extra": "yes" }),
        ..Connection::default()
    };
    run_one(with_connections(vec![connection]), all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_as_airflow_sends_them() {
    let get = run(json!({
        "method": "GET", "endpoint": "/v1/items", "data": { "day": "{{ ds }}", "n": 2 },
        "response_check": "response.status_code == 200",
        "response_filter": "[response.json().uri[:14], response.json().extra, response.json().auth]",
    }))
    .await;
    assert_eq!(
        get.xcom("t").await,
        json!(["/v1/items?day=", "yes", "Basic bWU6c2VjcmV0"]),
        "{}",
        get.log("t").await
    );

    let form = run(json!({ "data": { "a": 1 }, "response_filter": "response.json()" })).await;
    let sent = form.xcom("t").await;
    assert_eq!(sent["body"], "a=1");
    assert_eq!(sent["type"], "application/x-www-form-urlencoded");

    let posted = run(json!({
        "data": { "a": [1, null] }, "headers": { "Content-Type": "application/json" },
        "response_filter": "response.json().body",
    }))
    .await;
    assert_eq!(posted.xcom("t").await, "{\"a\":[1,null]}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_why() {
    let gone = run(json!({ "endpoint": "gone" })).await;
    gone.expect(RunState::Failed, &[("t", TaskState::Failed)]);
    let note = gone.task("t").note.clone().unwrap();
    assert!(note.ends_with("/gone answered 404 Not Found: no such thing"), "{note}");

    let checked = run(json!({ "response_check": "'x' in response.text and false" })).await;
    let note = checked.task("t").note.clone().unwrap();
    assert_eq!(note, "response_check is false: 'x' in response.text and false");

    let nowhere = run(json!({ "http_conn_id": "none" })).await;
    let note = nowhere.task("t").note.clone().unwrap();
    assert!(
        note.contains("there is no connection \"none\": add [connections.none] to config.toml"),
        "{note}"
    );
}
