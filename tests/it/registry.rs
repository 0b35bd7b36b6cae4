//! The registry as the app runs it: on the broker's topic.

use serde_json::{Value, json};

use crate::support::Server;

const MIB: usize = 1024 * 1024;

async fn register(server: &Server, subject: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/subjects/{subject}/versions", server.registry);
    let answer = reqwest::Client::new().post(url).json(body).send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

/// An Avro record whose text is `bytes` long, a quote every other byte.
fn record(bytes: usize) -> Value {
    let (start, end) = (r#"{"type":"record","name":"R","doc":""#, r#"","fields":[]}"#);
    let doc = "\\\"".repeat((bytes - start.len() - end.len()) / 2);
    json!({"schema": format!("{start}{doc}{end}")})
}

#[tokio::test]
async fn schemas_up_to_a_mebibyte_are_kept_and_larger_ones_named() {
    let mut server = Server::start();
    let fields: String =
        (1..=12_000).map(|n| format!("string a_rather_long_name_of_a_field_{n} = {n};")).collect();
    let wide = format!("syntax = \"proto3\"; message Wide {{ {fields} }}");
    let enumeration: Vec<String> = (0..60_000).map(|n| format!("\"value {n}\"")).collect();
    let enumeration = format!("{{\"enum\": [{}]}}", enumeration.join(","));
    for (subject, body) in [
        ("avro", record(MIB - 2)),
        ("protobuf", json!({"schemaType": "PROTOBUF", "schema": wide})),
        ("json", json!({"schemaType": "JSON", "schema": enumeration})),
    ] {
        let bytes = body["schema"].as_str().map_or(0, str::len);
        assert!((MIB / 2..=MIB).contains(&bytes), "{subject}: {bytes} bytes");
        let (status, answer) = register(&server, subject, &body).await;
        assert_eq!(status, 200, "{subject}: {:.300}", answer.to_string());
    }
    for body in [
        record(MIB + 64),
        json!({"schemaType": "PROTOBUF", "schema": format!("{wide}{}", " ".repeat(MIB))}),
        json!({"schemaType": "JSON", "schema": format!("{enumeration}{}", " ".repeat(MIB))}),
    ] {
        let (status, answer) = register(&server, "larger", &body).await;
        assert_eq!((status, &answer["error_code"]), (422, &json!(42209)), "{:.300}", answer.to_string());
    }
    server.kill_and_restart();
    let url = |path: &str| format!("{}{path}", server.registry);
    let subjects: Value =
        reqwest::get(url("/subjects")).await.expect("an answer").json().await.expect("JSON");
    assert_eq!(subjects, json!(["avro", "json", "protobuf"]));
    let schema: Value =
        reqwest::get(url("/schemas/ids/1")).await.expect("an answer").json().await.expect("JSON");
    assert!(schema["schema"] == record(MIB - 2)["schema"], "a mebibyte comes back as it was");
}
