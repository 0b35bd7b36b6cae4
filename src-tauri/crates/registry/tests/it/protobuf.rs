//! Protobuf over HTTP: text, serialised descriptors, references.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Client;

fn body(schema: &str) -> Value {
    json!({"schemaType": "PROTOBUF", "schema": schema})
}

/// A schema whose one message has these fields.
fn message(fields: &str) -> String {
    format!("syntax = \"proto3\"; package shop; message Order {{ {fields} }}")
}

#[tokio::test]
async fn text_and_descriptor_are_one_schema() {
    let client = Client::start().await;
    let text = message("int64 id = 1; map<string, Line> lines = 2; message Line { double price = 1; }");
    let registered = client.post("/subjects/orders-value/versions", body(&text)).await;
    assert_eq!(registered["id"], 1);
    assert_eq!(registered["schemaType"], "PROTOBUF");
    let canonical = "syntax = \"proto3\";\npackage shop;\n\nmessage Order {\n  int64 id = 1;\n  map<string, Line> lines = 2;\n\n  message Line {\n    double price = 1;\n  }\n}\n";
    assert_eq!(client.get("/schemas/ids/1").await["schema"], canonical);
    // Other white space and comments: the same schema.
    let again = client.post("/subjects/orders-value/versions", body(&text.replace(' ', "\n /* - */ "))).await;
    assert_eq!((&again["id"], &again["version"]), (&json!(1), &json!(1)));

    let serialized = client.get("/schemas/ids/1?format=serialized").await["schema"].clone();
    let serialized = serialized.as_str().expect("a descriptor");
    for path in ["/subjects/orders-value/versions/1", "/subjects/orders-value/versions/latest"] {
        assert_eq!(client.get(&format!("{path}?format=serialized")).await["schema"], serialized);
    }
    let (status, text) = client.send(Method::GET, "/schemas/ids/1/schema?format=serialized", None).await;
    assert_eq!((status, text), (200, json!(serialized)));
    // Serialised, it is found, and registers as text with full names; the
    // client hears what it sent.
    let found = client.post("/subjects/orders-value", body(serialized)).await;
    assert_eq!((&found["version"], &found["schema"]), (&json!(1), &json!(serialized)));
    let other = client.post("/subjects/other-value/versions", body(serialized)).await;
    assert_eq!(other["schema"], serialized);
    let text = client.get("/subjects/other-value/versions/1").await["schema"].clone();
    let text = text.as_str().expect("a text");
    assert!(text.contains("map<string, .shop.Order.Line> lines = 2;"), "{text}");
    // In normal form both are one.
    let first = client.post("/subjects/a/versions?normalize=true", body(serialized)).await;
    let second = client.post("/subjects/b/versions?normalize=true", body(canonical)).await;
    assert_eq!(first["id"], second["id"]);
    assert_eq!(client.post("/subjects/a?normalize=true", body(canonical)).await["version"], 1);
    // An unknown format is the text.
    assert_eq!(client.get("/schemas/ids/1?format=poem").await["schema"], canonical);
    assert!(
        client.get("/schemas/types").await.as_array().is_some_and(|types| types.contains(&json!("PROTOBUF")))
    );
}

#[tokio::test]
async fn imports_are_references() {
    let client = Client::start().await;
    let money = "syntax = \"proto3\"; package shop; message Money { int64 cents = 1; }";
    let order = "syntax = \"proto3\"; package shop; import \"shop/money.proto\"; import \"google/protobuf/timestamp.proto\"; import \"google/type/date.proto\"; import \"confluent/type/decimal.proto\"; message Order { Money sum = 1; google.protobuf.Timestamp at = 2; google.type.Date day = 3; confluent.type.Decimal tax = 4; }";
    let mut with_reference = body(order);
    with_reference["references"] = json!([{"name": "shop/money.proto", "subject": "money", "version": 1}]);
    let early = client.refused(Method::POST, "/subjects/order/versions", Some(with_reference.clone())).await;
    assert_eq!(early, (422, 42201));
    client.post("/subjects/money/versions", body(money)).await;
    assert_eq!(
        client.refused(Method::POST, "/subjects/order/versions", Some(body(order))).await,
        (422, 42201)
    );
    let registered = client.post("/subjects/order/versions", with_reference.clone()).await;
    assert_eq!(registered["references"], with_reference["references"]);
    assert_eq!(client.get("/subjects/money/versions/1/referencedby").await, json!([registered["id"]]));
    assert_eq!(client.refused(Method::DELETE, "/subjects/money/versions/1", None).await, (422, 42206));
    assert!(client.get("/schemas/ids/2?format=serialized&subject=order").await["schema"].is_string());
    // In another context it is resolved there.
    client.post("/subjects/:.eu:money/versions", body(money)).await;
    let mut there = with_reference.clone();
    there["schema"] = json!(order.replace("Order", "Purchase"));
    let guid = client.post("/subjects/:.eu:order/versions", there).await["guid"].clone();
    let path = format!("/schemas/guids/{}?format=serialized", guid.as_str().expect("a guid"));
    let by_guid = client.get(&path).await;
    assert!(by_guid["schema"].as_str().is_some_and(|text| !text.contains(' ')), "{by_guid}");
    assert_eq!(by_guid.get("subject"), None);
    // Of another type it is no import.
    client.register("avro", "\"string\"").await;
    let mut wrong = body(order);
    wrong["references"] = json!([{"name": "shop/money.proto", "subject": "avro", "version": 1}]);
    assert_eq!(client.refused(Method::POST, "/subjects/wrong/versions", Some(wrong)).await, (422, 42201));
}

#[tokio::test]
async fn differences_are_told_in_confluents_words() {
    let client = Client::start().await;
    client.post("/subjects/s/versions", body(&message("int32 a = 1;"))).await;
    let path = "/compatibility/subjects/s/versions/latest";
    let changed = body(&message("string a = 1;"));
    assert_eq!(client.post(path, changed.clone()).await, json!({"is_compatible": false}));
    let verbose = client.post(&format!("{path}?verbose=true"), changed.clone()).await;
    assert_eq!(verbose["is_compatible"], false);
    assert_eq!(
        verbose["messages"][0],
        "{errorType:\"FIELD_SCALAR_KIND_CHANGED\", description:\"The kind of a SCALAR field at path '#/Order/1' in the new schema does not match its kind in the old schema\"}"
    );
    let (status, answer) = client.send(Method::POST, "/subjects/s/versions", Some(changed)).await;
    assert_eq!((status, &answer["error_code"]), (409, &json!(40901)));
    assert!(answer["message"].as_str().is_some_and(|text| text.contains("#/Order/1")), "{answer}");
    let fine =
        client.post(&format!("{path}?verbose=true"), body(&message("int64 a = 1; string b = 2;"))).await;
    assert_eq!(fine, json!({"is_compatible": true, "messages": []}));
    // Another language is never compatible.
    let avro = client.post(path, json!({"schema": "\"string\""})).await;
    assert_eq!(avro, json!({"is_compatible": false}));
}

#[tokio::test]
async fn what_is_no_schema_has_confluents_code() {
    let client = Client::start().await;
    for schema in [
        "{",
        "syntax = \"proto4\";",
        "aGVsbG8=",
        "CgA=CgA=",
        &message("int32 a = 1; int32 b = 1;"),
        &message("int32 a = 1; string a = 2;"),
        &message("Nothing a = 1;"),
        &message("int32 a = 0;"),
        "syntax = \"proto3\"; import \"nowhere.proto\"; message M {}",
        &format!("{}{}", "message M {".repeat(50_000), "}".repeat(50_000)),
        &"message M {".repeat(90_000),
        &"{".repeat(900_000),
    ] {
        let found = client.refused(Method::POST, "/subjects/s/versions", Some(body(schema))).await;
        assert_eq!(found, (422, 42201), "{}", &schema[..schema.len().min(100)]);
    }
    let looked_up = client.refused(Method::POST, "/subjects/s", Some(body("{"))).await;
    assert_eq!(looked_up, (422, 42201));
}
