//! JSON Schema through the API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Client;

fn body(schema: &Value) -> Value {
    json!({"schemaType": "JSON", "schema": schema.to_string()})
}

#[tokio::test]
async fn schemas_are_registered_and_evolve() {
    let client = Client::start().await;
    let first = json!({"title": "User", "type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": false});
    let registered = client.post("/subjects/users/versions", body(&first)).await;
    assert_eq!((&registered["id"], &registered["schemaType"]), (&json!(1), &json!("JSON")));
    assert_eq!(client.get("/schemas/ids/1").await["schema"], first.to_string());
    assert_eq!(client.get("/schemas/types").await[0], "JSON");
    // The same with its keys in another order means the same.
    let turned = json!({"additionalProperties": false, "type": "object", "properties": {"name": {"type": "string"}}, "title": "User"});
    assert_eq!(client.post("/subjects/users", body(&turned)).await["version"], 1);
    let mut second = first.clone();
    second["properties"]["age"] = json!({"type": "integer"});
    assert_eq!(client.post("/subjects/users/versions", body(&second)).await["version"], 2);
    let (status, answer) = client.send(Method::POST, "/subjects/users/versions", Some(body(&first))).await;
    assert_eq!(status, 200, "the first version is there already: {answer}");
    let mut third = second.clone();
    third["properties"]["name"] = json!({"type": "number"});
    let (status, answer) = client.send(Method::POST, "/subjects/users/versions", Some(body(&third))).await;
    assert_eq!((status, &answer["error_code"]), (409, &json!(40901)));
    let message = answer["message"].as_str().unwrap_or_default();
    assert!(message.contains("TYPE_CHANGED") && message.contains("#/properties/name"), "{message}");
    let avro = json!({"schema": "\"string\""});
    let (status, answer) = client.send(Method::POST, "/subjects/users/versions", Some(avro)).await;
    assert_eq!(status, 409, "{answer}");
    let removed = json!({"type": "object", "properties": {}, "additionalProperties": false});
    assert_eq!(client.send(Method::POST, "/subjects/users/versions", Some(body(&removed))).await.0, 409);
    client.put("/config/users", json!({"compatibilityPolicy": "LENIENT"})).await;
    assert_eq!(client.send(Method::POST, "/subjects/users/versions", Some(body(&removed))).await.0, 200);
}

#[tokio::test]
async fn references_are_other_documents() {
    let client = Client::start().await;
    client
        .post(
            "/subjects/address/versions",
            body(&json!({"type": "object", "properties": {"city": {"type": "string"}}})),
        )
        .await;
    let person = json!({"type": "object", "properties": {"home": {"$ref": "address.json#/properties/city"}}});
    let mut request = body(&person);
    assert_eq!(
        client.refused(Method::POST, "/subjects/person/versions", Some(request.clone())).await,
        (422, 42201)
    );
    request["references"] = json!([{"name": "address.json", "subject": "address", "version": 1}]);
    assert_eq!(client.post("/subjects/person/versions", request).await["id"], 2);
    assert_eq!(client.get("/subjects/address/versions/1/referencedby").await, json!([2]));
    // A reference of another language is none.
    client.register("avro", "\"string\"").await;
    let mut request = body(&json!({"$ref": "x.json"}));
    request["references"] = json!([{"name": "x.json", "subject": "avro", "version": 1}]);
    assert_eq!(client.refused(Method::POST, "/subjects/mixed/versions", Some(request)).await, (422, 42201));
}

#[tokio::test]
async fn what_is_no_schema_is_refused() {
    let client = Client::start().await;
    let chain: serde_json::Map<String, Value> = (0..20_000)
        .map(|n| (format!("d{n}"), json!({"$ref": format!("#/definitions/d{}", n + 1)})))
        .collect();
    let mut chain = json!({"$ref": "#/definitions/d0", "definitions": chain});
    for schema in [
        "{".to_owned(),
        "5".to_owned(),
        "[]".to_owned(),
        json!({"type": "strin"}).to_string(),
        json!({"properties": 5}).to_string(),
        json!({"minLength": -1}).to_string(),
        json!({"required": "a"}).to_string(),
        json!({"$ref": "#/nowhere"}).to_string(),
        json!({"$schema": "http://json-schema.org/draft-04/schema#", "exclusiveMinimum": 5}).to_string(),
        "{\"allOf\":[".repeat(5000),
        chain.to_string(),
    ] {
        let request = json!({"schemaType": "JSON", "schema": schema});
        let found = client.refused(Method::POST, "/subjects/s/versions", Some(request)).await;
        assert_eq!(found, (422, 42201), "{}", &schema[..schema.len().min(100)]);
    }
    // A long chain is fine if it ends somewhere.
    chain["definitions"]["d20000"] = json!({"type": "string"});
    client.post("/subjects/chain/versions", body(&chain)).await;
    client.post("/subjects/chain/versions", body(&json!({"type": "string"}))).await;
}

#[tokio::test]
async fn wide_unions_are_compared_in_bounded_time() {
    let client = Client::start().await;
    let union = |from: usize| {
        let parts: Vec<Value> =
            (from..from + 1000).map(|n| json!({"type": "string", "minLength": n})).collect();
        json!({"oneOf": parts})
    };
    client.post("/subjects/s/versions", body(&union(0))).await;
    let started = std::time::Instant::now();
    let (status, _) = client.send(Method::POST, "/subjects/s/versions", Some(body(&union(5000)))).await;
    assert_eq!(status, 409);
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
}
