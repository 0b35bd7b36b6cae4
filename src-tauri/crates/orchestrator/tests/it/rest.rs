//! The REST API, as a client of Airflow's sees it.

use serde_json::{Value, json};

use crate::support::Bench;

struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    async fn call(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(reqwest::Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_by_rest() {
    let bench = Bench::new(&[
        (
            "d.yaml",
            "dag_id: d\ntags: [x]\nparams: {n: {default: 1, type: integer}}\ntasks:\n  a: {operator: bash, bash_command: 'echo {{ params.n }}'}\n  b: {operator: empty, upstream: a}\n",
        ),
        ("broken.yaml", "dag_id: e\ntasks: {t: {operator: nonsense}}\n"),
    ]);
    let live = bench.start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/api/v2", listener.local_addr().unwrap());
    let router = live.orchestrator.serve_rest();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = Client { http: reqwest::Client::new(), base };

    assert_eq!(client.get("/monitor/health").await["scheduler"]["status"], "healthy");
    assert!(client.get("/version").await["version"].is_string());
    let dags = client.get("/dags?limit=5").await;
    assert_eq!((&dags["total_entries"], &dags["dags"][0]["tags"][0]["name"]), (&json!(1), &json!("x")));
    assert_eq!(client.get("/dags/d/details").await["params"]["n"]["value"], 1);
    assert_eq!(client.get("/dags/d/tasks").await["tasks"][0]["downstream_task_ids"], json!(["b"]));
    let errors = client.get("/importErrors").await;
    assert_eq!(errors["import_errors"][0]["filename"], "broken.yaml");

    let patch = client.call(reqwest::Method::PATCH, "/dags/d", Some(json!({ "is_paused": true }))).await;
    assert_eq!((patch.0, &patch.1["is_paused"]), (200, &json!(true)));
    let body = json!({ "dag_run_id": "r1", "logical_date": "2026-01-01T00:00:00Z", "conf": { "n": 3 } });
    let (status, run) = client.call(reqwest::Method::POST, "/dags/d/dagRuns", Some(body.clone())).await;
    assert_eq!((status, &run["state"], &run["run_type"]), (200, &json!("queued"), &json!("manual")), "{run}");
    assert_eq!(run["logical_date"], "2026-01-01T00:00:00.000000Z");
    client.call(reqwest::Method::PATCH, "/dags/d", Some(json!({ "is_paused": false }))).await;
    live.finish(&orchestrator::RunKey::new("d", "r1")).await;

    assert_eq!(client.get("/dags/d/dagRuns/r1").await["state"], "success");
    assert_eq!(client.get("/dags/~/dagRuns?state=success").await["total_entries"], 1);
    let tasks = client.get("/dags/d/dagRuns/r1/taskInstances").await;
    assert_eq!(tasks["task_instances"][0]["state"], "success");
    let base = "/dags/d/dagRuns/r1/taskInstances/a";
    assert_eq!(client.get(base).await["rendered_fields"]["bash_command"], "echo 3");
    assert_eq!(client.get(&format!("{base}/xcomEntries/return_value")).await["value"], "3");
    assert_eq!(client.get(&format!("{base}/xcomEntries")).await["xcom_entries"][0]["key"], "return_value");
    assert_eq!(client.get(&format!("{base}/tries")).await["total_entries"], 1);
    let log = client.get(&format!("{base}/logs/1")).await;
    assert!(
        log["content"].as_array().unwrap().iter().any(|line| line.as_str().unwrap().ends_with("INFO - 3")),
        "{log}"
    );

    let refused = [
        (reqwest::Method::POST, "/dags/d/dagRuns", Some(body), 409),
        (reqwest::Method::POST, "/dags/d/dagRuns", Some(json!({ "conf": { "n": "x" } })), 400),
        (reqwest::Method::POST, "/dags/d/dagRuns", Some(json!({ "logical_date": "soon" })), 422),
        (reqwest::Method::POST, "/dags/none/dagRuns", Some(json!({})), 404),
        (reqwest::Method::GET, "/dags/none", None, 404),
        (reqwest::Method::GET, "/dags/none/dagRuns", None, 404),
        (reqwest::Method::GET, "/dags/d/dagRuns?limit=x", None, 422),
        (reqwest::Method::GET, "/dags/d/dagRuns/none", None, 404),
        (reqwest::Method::PATCH, "/dags/d", Some(json!({})), 422),
        (reqwest::Method::GET, "/nowhere", None, 404),
    ];
    for (method, path, body, expected) in refused {
        let (status, answer) = client.call(method, path, body).await;
        assert_eq!(status, expected, "{path}: {answer}");
        assert!(!answer["detail"].is_null(), "{path}: {answer}");
    }
    live.stop().await;
}
