//! The seven levels, over HTTP.

use reqwest::Method;
use serde_json::json;

use crate::client::{Client, field, record};

const NONE: &[&str] = &["NONE"];
const BACKWARD: &[&str] = &["NONE", "BACKWARD", "BACKWARD_TRANSITIVE"];
const FORWARD: &[&str] = &["NONE", "FORWARD", "FORWARD_TRANSITIVE"];
/// The latest agrees in both directions, the one before in none.
const LATEST: &[&str] = &["NONE", "BACKWARD", "FORWARD", "FULL"];
const ALL: &[&str] =
    &["NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"];

/// Each case: its reason, three versions, and the levels under which the third
/// is accepted after the first two.
async fn check(schema_type: &str, cases: &[(&str, [&str; 3], &[&str])]) {
    let client = Client::start().await;
    for (number, (reason, versions, accepted)) in cases.iter().enumerate() {
        let body = |schema: &str| json!({"schemaType": schema_type, "schema": schema});
        for level in ALL {
            let subject = format!("{number}-{level}");
            client.put(&format!("/config/{subject}"), json!({"compatibility": "NONE"})).await;
            for schema in &versions[..2] {
                client.post(&format!("/subjects/{subject}/versions"), body(schema)).await;
            }
            client.put(&format!("/config/{subject}"), json!({"compatibility": level})).await;
            let third = body(versions[2]);
            let path = format!("/compatibility/subjects/{subject}/versions");
            let verdict = client.post(&path, third.clone()).await;
            let expected = json!({"is_compatible": accepted.contains(level)});
            assert_eq!(verdict, expected, "{schema_type} {level}: {reason}");
            let (status, answer) =
                client.send(Method::POST, &format!("/subjects/{subject}/versions"), Some(third)).await;
            let expected = if accepted.contains(level) { 200 } else { 409 };
            assert_eq!(status, expected, "{schema_type} {level}: {reason}: {answer}");
        }
    }
}

#[tokio::test]
async fn avro_under_each_level() {
    let a = record("R", &field("a", "int"));
    let a_default = record("R", r#"{"name":"a","type":"int","default":0}"#);
    let a_and_b = record("R", &format!("{},{}", field("a", "int"), field("b", "int")));
    let a_long = record("R", &field("a", "long"));
    let a_text = record("R", &field("a", "string"));
    let a_text_doc = a_text.replace("\"fields\"", "\"doc\":\"d\",\"fields\"");
    let empty = record("R", "");
    let other = record("S", &field("a", "int"));
    check(
        "AVRO",
        &[
            (
                "a field more without a default: old readers skip it, new ones miss it",
                [&a, &a, &a_and_b],
                FORWARD,
            ),
            (
                "a field less that had none: new readers skip it, old ones miss it",
                [&a_and_b, &a_and_b, &a],
                BACKWARD,
            ),
            ("a wider number reads the narrower", [&a, &a, &a_long], BACKWARD),
            ("a narrower number is read by the wider", [&a_long, &a_long, &a], FORWARD),
            ("another type is read by none", [&a, &a, &a_text], NONE),
            ("another name is another record", [&a, &a, &other], NONE),
            ("a default changes nothing that is written", [&a, &a, &a_default], ALL),
            ("a comment changes nothing", [&a, &a_text, &a_text_doc], LATEST),
            (
                "a field without default after it had one: the first version lacks it, but reads on",
                [&empty, &a_default, &a],
                &["NONE", "BACKWARD", "FORWARD", "FORWARD_TRANSITIVE", "FULL"],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn json_schema_under_each_level() {
    let object = |properties: serde_json::Value, more: serde_json::Value| {
        let mut object = json!({"type": "object", "properties": properties});
        if let (Some(object), Some(more)) = (object.as_object_mut(), more.as_object()) {
            object.extend(more.clone());
        }
        object.to_string()
    };
    let closed = json!({"additionalProperties": false});
    let text = || json!({"type": "string"});
    let a = object(json!({"a": text()}), closed.clone());
    let a_and_b = object(json!({"a": text(), "b": text()}), closed.clone());
    let described = object(json!({"a": text()}), json!({"additionalProperties": false, "description": "d"}));
    let required = object(json!({"a": text()}), json!({"additionalProperties": false, "required": ["a"]}));
    let number = object(json!({"a": {"type": "number"}}), closed.clone());
    let integer = object(json!({"a": {"type": "integer"}}), closed.clone());
    let number_described =
        object(json!({"a": {"type": "number", "description": "d"}}), json!({"additionalProperties": false}));
    let (open, open_more) =
        (object(json!({"a": text()}), json!({})), object(json!({"a": text(), "b": text()}), json!({})));
    check(
        "JSON",
        &[
            ("a closed object that takes one more", [&a, &a, &a_and_b], BACKWARD),
            ("a closed object that takes one less", [&a_and_b, &a_and_b, &a], FORWARD),
            ("an open object allowed anything there before", [&open, &open, &open_more], FORWARD),
            ("an open object allows anything there again", [&open_more, &open_more, &open], BACKWARD),
            ("old data may lack what is required now", [&a, &a, &required], FORWARD),
            (
                "what is required no longer may be missing for old readers",
                [&required, &required, &a],
                BACKWARD,
            ),
            ("any number takes integers", [&integer, &integer, &number], BACKWARD),
            ("a description asks nothing", [&a, &a, &described], ALL),
            ("another type", [&a, &a, &number], NONE),
            ("the latest has the type already", [&a, &number, &number_described], LATEST),
        ],
    )
    .await;
}

#[tokio::test]
async fn protobuf_under_each_level() {
    let file = |fields: &str, more: &str| format!("syntax = \"proto3\"; message M {{ {fields} }} {more}");
    let a = file("int32 a = 1;", "");
    let a_and_b = file("int32 a = 1; string b = 2;", "");
    let wide = file("int64 renamed = 1;", "");
    let text = file("string a = 1;", "");
    let text_more = file("bytes a = 1; int32 b = 2;", "");
    let list = file("repeated int32 a = 1;", "");
    let two = file("int32 a = 1;", "message N {}");
    let choice = file("oneof c { int32 a = 1; }", "");
    let choices = file("oneof c { int32 a = 1; string b = 2; }", "");
    let packaged = a.replace("\"proto3\";", "\"proto3\"; package p;");
    check(
        "PROTOBUF",
        &[
            ("a field more is skipped, a field less has its default", [&a, &a, &a_and_b], ALL),
            ("a field less", [&a_and_b, &a_and_b, &a], ALL),
            ("varints read varints, whatever their names", [&a, &a, &wide], ALL),
            ("another encoding", [&a, &a, &text], NONE),
            ("a list of numbers is packed", [&a, &a, &list], NONE),
            ("a message more, which old readers would miss", [&a, &a, &two], BACKWARD),
            ("a message less, which new readers miss", [&two, &two, &a], FORWARD),
            ("both could be set before", [&a_and_b, &a_and_b, &choices], FORWARD),
            ("a choice more, which for old readers is none", [&choice, &choice, &choices], BACKWARD),
            ("another package", [&a, &a, &packaged], NONE),
            ("the latest has the encoding already", [&a, &text, &text_more], LATEST),
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
