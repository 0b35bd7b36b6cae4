//! Input that means harm, or was never looked at.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::client::{Client, field, record};

#[tokio::test]
async fn malformed_schemas_are_named_not_feared() {
    let client = Client::start().await;
    let twice = record("R", &format!("{},{}", field("a", "int"), field("a", "int")));
    let deep = format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(5000), "}".repeat(5000));
    let brackets = "[".repeat(900_000);
    for schema in [
        "{}",
        "[",
        "null ",
        "5",
        "\"strin\"",
        r#"{"type":"record"}"#,
        r#"{"type":"record","name":"R"}"#,
        r#"{"type":"record","name":"R","fields":{}}"#,
        r#"{"type":"record","name":"1R","fields":[]}"#,
        r#"{"type":"record","name":"a..R","fields":[]}"#,
        r#"{"type":"record","name":"int","fields":[]}"#,
        r#"{"type":"enum","name":"E","symbols":["A","A"]}"#,
        r#"{"type":"enum","name":"E","symbols":["A"],"default":"B"}"#,
        r#"{"type":"enum","name":"E","symbols":["a-b"]}"#,
        r#"{"type":"fixed","name":"F","size":-1}"#,
        r#"{"type":"fixed","name":"F","size":99999999999}"#,
        r#"{"type":"array"}"#,
        r#"{"type":"map","values":"nothing"}"#,
        r#"["int","int"]"#,
        r#"["int",["string"]]"#,
        r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]}"#,
        r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":3000000000}]}"#,
        r#"{"type":"record","name":"R","fields":[{"name":"r","type":{"type":"record","name":"R","fields":[]}}]}"#,
        &twice,
        &deep,
        &brackets,
    ] {
        let found =
            client.refused(Method::POST, "/subjects/s/versions", Some(json!({"schema": schema}))).await;
        assert_eq!(found, (422, 42201), "{}", &schema[..schema.len().min(100)]);
    }
    assert_eq!(client.get("/subjects").await, json!([]));
}

#[tokio::test]
async fn size_is_bounded_and_ten_thousand_fields_are_fine() {
    let client = Client::start().await;
    let long = format!("\"{}\"", "x".repeat(1024 * 1024));
    let found = client.refused(Method::POST, "/subjects/s/versions", Some(json!({"schema": long}))).await;
    assert_eq!(found, (422, 42209));
    let huge = json!({"schema": "x".repeat(5 * 1024 * 1024)});
    assert_eq!(client.refused(Method::POST, "/subjects/s/versions", Some(huge)).await, (413, 413));

    let started = Instant::now();
    let fields: Vec<String> = (0..10_000).map(|n| field(&format!("field_{n}"), "string")).collect();
    client.register("wide", &record("Wide", &fields.join(","))).await;
    let more = format!("{},{}", r#"{"name":"one_more","type":"int","default":1}"#, fields.join(","));
    client.register("wide", &record("Wide", &more)).await;
    let changed = record("Wide", &fields.join(",").replace("\"string\"", "\"int\""));
    let (status, answer) =
        client.send(Method::POST, "/subjects/wide/versions", Some(json!({"schema": changed}))).await;
    assert_eq!(status, 409);
    // Not ten thousand reasons: the first ones, and the old schema once.
    assert!(answer.to_string().len() < 2_000_000);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[tokio::test]
async fn bodies_that_are_no_requests_get_an_answer() {
    let client = Client::start().await;
    let http = reqwest::Client::new();
    for body in ["", "{", "\u{0}\u{1}\u{2}", "null", "[[[[", "{\"schema\":\"\\ud800\"}"] {
        let request = http.post(format!("{}/subjects/s/versions", client.base)).body(body);
        let status = request.send().await.expect("an answer").status();
        assert!(status.is_client_error(), "{body:?}: {status}");
    }
    let (status, _) = client.send(Method::GET, "/subjects?limit=many", None).await;
    assert_eq!(status, 400);
    let (status, _) = client.send(Method::GET, "/subjects?limit=-1&offset=-5", None).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn web_pages_are_kept_out() {
    let client = Client::start().await;
    let http = reqwest::Client::new();
    for (name, value, expected) in [
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("origin", "http://localhost:1420", 200),
        ("host", "evil.example", 403),
        ("host", "localhost", 200),
    ] {
        let request = http.get(format!("{}/subjects", client.base)).header(name, value);
        assert_eq!(request.send().await.expect("an answer").status(), expected, "{name}: {value}");
    }
}

#[tokio::test]
async fn half_a_request_does_not_keep_the_registry_from_stopping() {
    use tokio::io::AsyncWriteExt as _;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let log = std::sync::Arc::new(registry::MemoryLog::default());
    let registry = registry::Registry::open(log, registry::Config::default()).await.expect("an empty log");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(registry::serve(listener, registry, async {
        let _ = stopped.await;
    }));
    let mut half = tokio::net::TcpStream::connect(address).await.expect("a connection");
    half.write_all(b"POST /subjects/s/versions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{")
        .await
        .expect("room");
    // A whole request beside it, so that the half one has arrived.
    let answer = reqwest::get(format!("http://{address}/subjects")).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    stop.send(()).expect("it is still serving");
    let ended = tokio::time::timeout(Duration::from_secs(10), served).await;
    assert!(ended.is_ok_and(|ended| ended.is_ok_and(|result| result.is_ok())));
}

/// Ten thousand fields, a change in each: within seconds, in every language.
#[tokio::test]
async fn wide_schemas_are_compared_in_bounded_time() {
    let client = Client::start().await;
    let numbers = 1..=10_000_u32;
    let protobuf = |of: &str| {
        let fields: String = numbers.clone().map(|n| format!("{of} field_{n} = {n};")).collect();
        json!({"schemaType": "PROTOBUF", "schema": format!("syntax = \"proto3\"; message Wide {{ {fields} }}")})
    };
    let object = |of: &str| {
        let properties: serde_json::Map<_, _> =
            numbers.clone().map(|n| (format!("field_{n}"), json!({"type": of}))).collect();
        let schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
        json!({"schemaType": "JSON", "schema": schema.to_string()})
    };
    for (subject, first, changed) in
        [("protobuf", protobuf("string"), protobuf("int32")), ("json", object("string"), object("number"))]
    {
        let started = Instant::now();
        client.post(&format!("/subjects/{subject}/versions"), first.clone()).await;
        let again = client.post(&format!("/subjects/{subject}/versions"), first).await;
        assert_eq!(again["version"], 1);
        let (status, answer) =
            client.send(Method::POST, &format!("/subjects/{subject}/versions"), Some(changed)).await;
        assert_eq!(status, 409, "{subject}");
        assert!(answer.to_string().len() < 2_000_000, "{subject}");
        assert!(started.elapsed() < Duration::from_secs(60), "{subject}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn json_schemas_that_mean_harm_are_named_or_harmless() {
    let client = Client::start().await;
    let body = |schema: String| json!({"schemaType": "JSON", "schema": schema});
    let deep = format!("{}{{}}{}", "{\"not\":".repeat(20_000), "}".repeat(20_000));
    for schema in [
        deep.as_str(),
        &"{".repeat(900_000),
        &"[".repeat(900_000),
        "\"text\"",
        "5",
        "{\"type\": \"nothing\"}",
        "{\"type\": 5}",
        "{\"required\": \"a\"}",
        "{\"properties\": []}",
        "{\"properties\": {\"a\": 5}}",
        "{\"minLength\": -1}",
        "{\"enum\": 5}",
        "{\"$ref\": \"#/definitions/nowhere\"}",
        "{\"$ref\": \"https://evil.example/schema.json\"}",
        "{\"type\": \"object\", \"type\":",
    ] {
        let found = client.refused(Method::POST, "/subjects/s/versions", Some(body(schema.to_owned()))).await;
        assert_eq!(found, (422, 42201), "{}", &schema[..schema.len().min(100)]);
    }
    let started = Instant::now();
    // Rings of references, and patterns that make a backtracking matcher despair.
    let long = "a".repeat(5_000);
    for (subject, schema) in [
        ("self", json!({"$ref": "#"})),
        (
            "ring",
            json!({"definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}, "$ref": "#/definitions/a"}),
        ),
        ("tree", json!({"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}})),
        (
            "pattern",
            json!({"type": "object", "patternProperties": {"^(a+)+$": {"type": "string"}, "(x+x+)+y": true, "^(?=a)": true}, "properties": {format!("{long}!"): {"type": "string"}}, "additionalProperties": false}),
        ),
        ("text", json!({"type": "string", "pattern": "^(([a-z])+.)+[A-Z]([a-z])+$"})),
    ] {
        client.put(&format!("/config/{subject}"), json!({"compatibility": "FULL_TRANSITIVE"})).await;
        let path = format!("/subjects/{subject}/versions");
        let (status, answer) = client.send(Method::POST, &path, Some(body(schema.to_string()))).await;
        assert!(status == 200 || answer["error_code"] == 42201, "{subject}: {answer}");
        if status == 200 {
            let mut changed = schema.clone();
            changed["description"] = json!("another");
            let (status, answer) = client.send(Method::POST, &path, Some(body(changed.to_string()))).await;
            // What only refers to itself says nothing one could agree with.
            let is_said = !["self", "ring"].contains(&subject);
            assert_eq!(status, if is_said { 200 } else { 409 }, "{subject}: {answer}");
            let mut less = schema;
            less["properties"] = json!({format!("{long}?"): {"type": "number"}});
            let (status, _) = client.send(Method::POST, &path, Some(body(less.to_string()))).await;
            assert!(status < 500, "{subject}");
        }
    }
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}
