//! The seven levels, over HTTP.

use reqwest::Method;
use serde_json::json;

use crate::client::{Client, field, record};

/// Levels under which the third version is accepted after the first two.
async fn check(versions: [&str; 3], accepted: &[&str]) {
    let levels = [
        "NONE",
        "BACKWARD",
        "BACKWARD_TRANSITIVE",
        "FORWARD",
        "FORWARD_TRANSITIVE",
        "FULL",
        "FULL_TRANSITIVE",
    ];
    let client = Client::start().await;
    for level in levels {
        client.put(&format!("/config/{level}"), json!({"compatibility": "NONE"})).await;
        for schema in &versions[..2] {
            client.register(level, schema).await;
        }
        client.put(&format!("/config/{level}"), json!({"compatibility": level})).await;
        let body = json!({"schema": versions[2]});
        let verdict = client.post(&format!("/compatibility/subjects/{level}/versions"), body.clone()).await;
        assert_eq!(verdict, json!({"is_compatible": accepted.contains(&level)}), "{level}");
        let (status, answer) =
            client.send(Method::POST, &format!("/subjects/{level}/versions"), Some(body)).await;
        let expected = if accepted.contains(&level) { 200 } else { 409 };
        assert_eq!(status, expected, "{level}: {answer}");
    }
}

#[tokio::test]
async fn each_level_asks_for_its_own_direction_and_reach() {
    let a = record("R", &field("a", "int"));
    let a_default = record("R", r#"{"name":"a","type":"int","default":0}"#);
    let a_and_b = record("R", &format!("{},{}", field("a", "int"), field("b", "int")));
    let a_long = record("R", &field("a", "long"));
    let empty = record("R", "");
    // A field more without a default: old readers skip it, new ones miss it.
    check([&a, &a, &a_and_b], &["NONE", "FORWARD", "FORWARD_TRANSITIVE"]).await;
    // A field less that had none: new readers skip it, old ones miss it.
    check([&a_and_b, &a_and_b, &a], &["NONE", "BACKWARD", "BACKWARD_TRANSITIVE"]).await;
    // A wider number: only forwards.
    check([&a, &a, &a_long], &["NONE", "BACKWARD", "BACKWARD_TRANSITIVE"]).await;
    // The latest agrees, the one before does not.
    check([&empty, &a_default, &a], &["NONE", "BACKWARD", "FORWARD", "FORWARD_TRANSITIVE", "FULL"]).await;
    check(
        [&a, &a, &a_default],
        &[
            "NONE",
            "BACKWARD",
            "BACKWARD_TRANSITIVE",
            "FORWARD",
            "FORWARD_TRANSITIVE",
            "FULL",
            "FULL_TRANSITIVE",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_refusal_says_what_changed_and_where() {
    let client = Client::start().await;
    client.register("s", &record("R", &field("a", "int"))).await;
    let body = json!({"schema": record("R", &field("a", "string"))});
    let (status, answer) = client.send(Method::POST, "/subjects/s/versions", Some(body.clone())).await;
    assert_eq!((status, &answer["error_code"]), (409, &json!(40901)));
    let message = answer["message"].as_str().unwrap_or_default();
    for part in [
        "subject \"s\"",
        "TYPE_MISMATCH",
        "/fields/0/type",
        "oldSchemaVersion: 1",
        "compatibility: 'BACKWARD'",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let verdict = client.post("/compatibility/subjects/s/versions?verbose=true", body.clone()).await;
    assert_eq!(verdict["is_compatible"], false);
    assert!(verdict["messages"][0].as_str().is_some_and(|text| text.contains("STRING")), "{verdict}");
    let verdict = client.post("/compatibility/subjects/s/versions/latest?verbose=true", body.clone()).await;
    assert_eq!(verdict["is_compatible"], false);
    let (status, _) =
        client.send(Method::POST, "/compatibility/subjects/s/versions/9", Some(body.clone())).await;
    assert_eq!(status, 404);
    // Nothing to disagree with.
    let verdict = client.post("/compatibility/subjects/new/versions/latest?verbose=true", body).await;
    assert_eq!(verdict, json!({"is_compatible": true, "messages": []}));
    let broken = json!({"schema": "{}"});
    let verdict = client.post("/compatibility/subjects/s/versions?verbose=true", broken.clone()).await;
    assert_eq!(verdict["is_compatible"], false);
    let found = client.refused(Method::POST, "/compatibility/subjects/s/versions", Some(broken)).await;
    assert_eq!(found, (422, 42201));
}

#[tokio::test]
async fn groups_and_reserved_fields_are_honoured() {
    let client = Client::start().await;
    client.put("/config/s", json!({"compatibilityGroup": "major", "validateFields": true})).await;
    let version = |schema: &str, major: &str, reserved: &str| json!({"schema": schema, "metadata": {"properties": {"major": major, "confluent:reserved": reserved}}});
    let (int, text) = (record("R", &field("a", "int")), record("R", &field("a", "string")));
    client.post("/subjects/s/versions", version(&int, "1", "z")).await;
    let (status, _) = client.send(Method::POST, "/subjects/s/versions", Some(version(&text, "1", "z"))).await;
    assert_eq!(status, 409);
    client.post("/subjects/s/versions", version(&text, "2", "z")).await;
    let (status, answer) =
        client.send(Method::POST, "/subjects/s/versions", Some(version(&text, "2", ""))).await;
    assert_eq!(status, 409, "{answer}");
    let taken = version(&text, "2", "z,a");
    let (status, answer) = client.send(Method::POST, "/subjects/s/versions", Some(taken)).await;
    assert_eq!(status, 409, "{answer}");
}
