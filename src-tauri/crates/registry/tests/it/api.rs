//! Registering, reading and looking up.

use reqwest::Method;
use serde_json::json;

use crate::client::{Client, field, record};

#[tokio::test]
async fn a_schema_has_one_id_under_all_its_subjects() {
    let client = Client::start().await;
    let (user, order) = (record("User", &field("name", "string")), record("Order", &field("n", "int")));
    assert_eq!(client.register("users-value", &user).await, 1);
    assert_eq!(client.register("orders-value", &order).await, 2);
    assert_eq!(client.register("people-value", &user).await, 1);
    // Again, and with other white space: the same version.
    let spaced = user.replace(':', " : ");
    let again = client.post("/subjects/users-value/versions", json!({"schema": spaced})).await;
    assert_eq!((&again["id"], &again["version"]), (&json!(1), &json!(1)));
    assert_eq!(client.get("/subjects").await, json!(["orders-value", "people-value", "users-value"]));
    assert_eq!(client.get("/subjects?subjectPrefix=o").await, json!(["orders-value"]));
    assert_eq!(client.get("/subjects?offset=1&limit=1").await, json!(["people-value"]));
    assert_eq!(client.get("/schemas/ids/1/subjects").await, json!(["people-value", "users-value"]));
    assert_eq!(
        client.get("/schemas/ids/1/versions").await,
        json!([{"subject": "people-value", "version": 1}, {"subject": "users-value", "version": 1}])
    );
}

#[tokio::test]
async fn versions_are_read_in_every_way() {
    let client = Client::start().await;
    let first = record("User", &field("name", "string"));
    let second =
        record("User", &format!(r#"{},{{"name":"age","type":"int","default":0}}"#, field("name", "string")));
    client.register("users", &first).await;
    client.register("users", &second).await;
    assert_eq!(client.get("/subjects/users/versions").await, json!([1, 2]));
    for version in ["2", "latest", "-1"] {
        let answer = client.get(&format!("/subjects/users/versions/{version}")).await;
        assert_eq!(answer["subject"], "users");
        assert_eq!(answer["version"], 2);
        assert_eq!(answer["id"], 2);
        // Avro goes without saying.
        assert_eq!(answer.get("schemaType"), None);
        assert_eq!(answer["schema"], second);
    }
    let text = client.get("/subjects/users/versions/1/schema").await;
    assert_eq!(text["name"], "User");
    let by_id = client.get("/schemas/ids/1?fetchMaxId=true").await;
    assert_eq!((&by_id["schema"], &by_id["maxId"]), (&json!(first), &json!(2)));
    // By id a schema is what was sent, and no more.
    assert_eq!(client.get("/schemas/ids/1?subject=users").await, json!({"schema": first}));
    assert_eq!(client.get("/schemas/ids/1/schema").await["name"], "User");
    let guid = client.get("/subjects/users/versions/1").await["guid"].clone();
    let guid = guid.as_str().expect("a guid");
    assert_eq!(client.get(&format!("/schemas/guids/{guid}")).await["schema"], first);
    assert_eq!(client.get(&format!("/schemas/guids/{guid}/ids")).await, json!([{"context": ".", "id": 1}]));
    assert_eq!(client.get("/schemas?latestOnly=true").await.as_array().map(Vec::len), Some(1));
    assert_eq!(client.get("/schemas?subjectPrefix=users").await.as_array().map(Vec::len), Some(2));
    let found = client.post("/subjects/users", json!({"schema": first})).await;
    assert_eq!((&found["version"], &found["id"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn what_is_missing_or_wrong_has_confluents_code() {
    let client = Client::start().await;
    client.register("users", &record("User", "")).await;
    let unknown = json!({"schema": "\"long\""});
    let bad = |schema: &str| Some(json!({"schema": schema}));
    for (method, path, body, expected) in [
        (Method::GET, "/subjects/none/versions", None, (404, 40401)),
        (Method::GET, "/subjects/none/versions/1", None, (404, 40401)),
        (Method::GET, "/subjects/none/versions/latest", None, (404, 40401)),
        (Method::GET, "/subjects/users/versions/9", None, (404, 40402)),
        (Method::GET, "/subjects/users/versions/0", None, (422, 42202)),
        (Method::GET, "/subjects/users/versions/-2", None, (422, 42202)),
        (Method::GET, "/subjects/users/versions/newest", None, (422, 42202)),
        (Method::GET, "/schemas/ids/99", None, (404, 40403)),
        (Method::GET, "/schemas/ids/99/versions", None, (404, 40403)),
        (Method::GET, "/schemas/ids/nine", None, (404, 404)),
        (Method::GET, "/schemas/guids/00000000-0000-0000-0000-000000000000", None, (404, 40403)),
        (Method::GET, "/schemas/guids/nonsense", None, (404, 40403)),
        (Method::POST, "/subjects/none", Some(unknown.clone()), (404, 40401)),
        (Method::POST, "/subjects/users", Some(unknown), (404, 40403)),
        (Method::POST, "/subjects/users", bad("{"), (422, 42201)),
        (Method::POST, "/subjects/users/versions", bad("{"), (422, 42201)),
        (Method::POST, "/subjects/new/versions", bad(""), (422, 42201)),
        (Method::POST, "/subjects/users/versions", Some(json!({"schema": 5})), (422, 422)),
        (Method::POST, "/subjects/users/versions", Some(json!([])), (422, 422)),
        (
            Method::POST,
            "/subjects/users/versions",
            Some(json!({"schema": "x", "schemaType": "YAML"})),
            (422, 42201),
        ),
        (Method::POST, "/subjects/__GLOBAL/versions", bad("\"int\""), (422, 42208)),
        (Method::POST, "/subjects/a%0Ab/versions", bad("\"int\""), (422, 42208)),
        (Method::GET, "/config/users", None, (404, 40408)),
        (Method::GET, "/mode/users", None, (404, 40409)),
        (Method::DELETE, "/config/users", None, (404, 40401)),
        (Method::PUT, "/config", Some(json!({"compatibility": "SIDEWAYS"})), (422, 42203)),
        (Method::PUT, "/mode", Some(json!({"mode": "SIDEWAYS"})), (422, 42204)),
        (Method::GET, "/nowhere", None, (404, 404)),
        (Method::PATCH, "/subjects", None, (405, 405)),
        (Method::GET, "/exporters", None, (404, 404)),
    ] {
        let found = client.refused(method.clone(), path, body).await;
        assert_eq!(found, expected, "{method} {path}");
    }
}

#[tokio::test]
async fn content_types_are_confluents_or_plain_json() {
    let client = Client::start().await;
    let http = reqwest::Client::new();
    for (accept, expected) in [
        ("", "application/vnd.schemaregistry.v1+json"),
        ("application/json", "application/json"),
        (
            "application/vnd.schemaregistry.v1+json, application/json; q=0.5",
            "application/vnd.schemaregistry.v1+json",
        ),
        ("text/html", "application/vnd.schemaregistry.v1+json"),
    ] {
        for path in ["/subjects", "/subjects/none/versions"] {
            let request = http.get(format!("{}{path}", client.base)).header("accept", accept);
            let response = request.send().await.expect("an answer");
            assert_eq!(response.headers()["content-type"], expected, "{path} {accept}");
        }
    }
    // A body is JSON, whatever it calls itself.
    let request = http.post(format!("{}/subjects/a/versions", client.base));
    let request = request.header("content-type", "application/vnd.schemaregistry.v1+json; charset=utf-8");
    let response = request.body(r#"{"schema": "\"int\""}"#).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn the_registry_tells_of_itself() {
    let client = Client::start().await;
    assert_eq!(client.get("/").await, json!({}));
    assert!(
        client.get("/schemas/types").await.as_array().is_some_and(|types| types.contains(&json!("AVRO")))
    );
    assert_eq!(client.get("/contexts").await, json!(["."]));
    assert_eq!(client.get("/config").await, json!({"compatibilityLevel": "BACKWARD"}));
    assert_eq!(client.get("/mode").await, json!({"mode": "READWRITE"}));
    assert!(client.get("/v1/metadata/id").await["scope"]["clusters"].is_object());
    assert!(client.get("/v1/metadata/version").await["version"].is_string());
}

#[tokio::test]
async fn references_reach_across_subjects() {
    let client = Client::start().await;
    let address = r#"{"type":"record","name":"com.Address","fields":[{"name":"city","type":"string"}]}"#;
    let person = r#"{"type":"record","name":"com.Person","fields":[{"name":"home","type":"com.Address"}]}"#;
    client.register("address", address).await;
    let body = json!({"schema": person, "references": [{"name": "com.Address", "subject": "address", "version": -1}]});
    let registered = client.post("/subjects/person/versions", body.clone()).await;
    assert_eq!(registered["id"], 2);
    assert_eq!(
        registered["references"],
        json!([{"name": "com.Address", "subject": "address", "version": 1}])
    );
    assert_eq!(client.post("/subjects/person", body).await["version"], 1);
    assert_eq!(client.get("/subjects/address/versions/1/referencedby").await, json!([2]));
    // The same schema with its reference written out is found, too.
    let resolved = client.get("/schemas/ids/2?format=resolved&subject=person").await["schema"].clone();
    assert!(resolved.as_str().is_some_and(|text| text.contains("city")), "{resolved}");
    assert_eq!(client.post("/subjects/person", json!({"schema": resolved})).await["version"], 1);

    let found = client.refused(Method::DELETE, "/subjects/address", None).await;
    assert_eq!(found, (422, 42206));
    let found = client.refused(Method::DELETE, "/subjects/address/versions/1", None).await;
    assert_eq!(found, (422, 42206));
    let missing =
        json!({"schema": person, "references": [{"name": "com.Address", "subject": "nope", "version": 1}]});
    assert_eq!(client.refused(Method::POST, "/subjects/other/versions", Some(missing)).await, (422, 42201));
    assert_eq!(
        client.refused(Method::POST, "/subjects/other/versions", Some(json!({"schema": person}))).await,
        (422, 42201)
    );
}

#[tokio::test]
async fn normal_form_is_kept_when_asked_for() {
    let client = Client::start().await;
    let messy = r#"{"type":"record","name":"R","doc":"d","fields":[{"name":"a","doc":"x","type":{"type":"string","b":1,"a":2}}]}"#;
    let other = r#"{"doc":"d","name":"R","fields":[{"type":{"a":2,"b":1,"type":"string"},"name":"a","doc":"x"}],"type":"record"}"#;
    let first = client.post("/subjects/s/versions?normalize=true", json!({"schema": messy})).await;
    let second = client.post("/subjects/s/versions?normalize=true", json!({"schema": other})).await;
    assert_eq!(first["id"], second["id"]);
    assert_eq!(first["schema"], second["schema"]);
    assert_eq!(client.put("/config/t", json!({"normalize": true})).await, json!({"normalize": true}));
    let third = client.post("/subjects/t/versions", json!({"schema": other})).await;
    assert_eq!(third["id"], first["id"]);
}

#[tokio::test]
async fn contracts_travel_with_their_schema() {
    let client = Client::start().await;
    let rule = json!({"name": "check", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true", "disabled": false});
    let body = json!({
        "schema": "\"string\"",
        "metadata": {"properties": {"owner": "me"}, "tags": {"**": ["PII"]}},
        "ruleSet": {"domainRules": [rule]},
    });
    let first = client.post("/subjects/s/versions", body.clone()).await;
    assert_eq!(first["metadata"], body["metadata"]);
    assert_eq!(first["ruleSet"], body["ruleSet"]);
    // Another identity than the bare schema's, and the next version inherits it.
    assert_ne!(client.register("bare", "\"string\"").await, first["id"]);
    let bytes = client.post("/subjects/s/versions", json!({"schema": "\"bytes\""})).await;
    assert_eq!((&bytes["version"], &bytes["metadata"]), (&json!(2), &body["metadata"]));
    let found = client.get("/subjects/s/metadata?key=owner&value=me").await;
    assert_eq!(found["version"], 2);
    assert_eq!(
        client.refused(Method::GET, "/subjects/s/metadata?key=owner&value=you", None).await,
        (404, 40403)
    );
    let wrong = json!({"schema": "\"int\"", "ruleSet": {"domainRules": [{"name": "x", "mode": "UPGRADE", "type": "CEL"}]}});
    assert_eq!(client.refused(Method::POST, "/subjects/s/versions", Some(wrong)).await, (422, 42210));
}

#[tokio::test]
async fn every_list_is_paged() {
    let client = Client::start().await;
    client.put("/config", json!({"compatibility": "NONE"})).await;
    let schemas = ["\"int\"", "\"long\"", "\"string\""];
    for schema in schemas {
        client.register("s", schema).await;
        client.register(&format!("t{}", schema.trim_matches('"')), "\"int\"").await;
        client.register(&format!(":.c{}:s", schema.trim_matches('"')), schema).await;
    }
    let reference = json!([{"name": "n", "subject": "s", "version": 1}]);
    for n in 0..3 {
        let body = json!({"schema": format!(r#"{{"type":"fixed","name":"F{n}","size":1}}"#), "references": reference});
        client.post(&format!("/subjects/user{n}/versions"), body).await;
    }
    for path in [
        "/subjects",
        "/subjects/s/versions",
        "/subjects/s/versions/1/referencedby",
        "/schemas",
        "/schemas/ids/1/subjects",
        "/schemas/ids/1/versions",
        "/contexts",
    ] {
        let all = client.get(path).await;
        let all = all.as_array().expect("a list");
        assert!(all.len() >= 3, "{path}: {all:?}");
        assert_eq!(client.get(&format!("{path}?offset=1&limit=1")).await, json!([all[1]]), "{path}");
        assert_eq!(client.get(&format!("{path}?limit=2")).await, json!(all[..2]), "{path}");
        assert_eq!(client.get(&format!("{path}?offset=2")).await, json!(all[2..]), "{path}");
        assert_eq!(client.get(&format!("{path}?offset=99")).await, json!([]), "{path}");
        assert_eq!(client.get(&format!("{path}?limit=-1")).await, json!(all), "{path}");
    }
}

#[tokio::test]
async fn settings_keep_all_their_fields() {
    let client = Client::start().await;
    let rules = json!({"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "disabled": false}]});
    let metadata = |owner: &str| json!({"properties": {"owner": owner}});
    let sent = json!({
        "compatibility": "FULL",
        "normalize": true,
        "alias": "other",
        "compatibilityPolicy": "LENIENT",
        "compatibilityGroup": "major",
        "defaultMetadata": metadata("default"),
        "overrideMetadata": metadata("override"),
        "defaultRuleSet": rules,
        "overrideRuleSet": rules,
    });
    let mut kept = sent.clone();
    let fields = kept.as_object_mut().expect("an object");
    let level = fields.remove("compatibility").expect("the level");
    assert_eq!(client.put("/config/s", sent.clone()).await, sent);
    fields.insert("compatibilityLevel".into(), level);
    assert_eq!(client.get("/config/s").await, kept);
    // One field more: the others stay.
    client.put("/config/s", json!({"validateFields": true})).await;
    assert_eq!(client.get("/config/s").await["alias"], "other");
    assert_eq!(client.delete("/config/s").await["alias"], "other");
    assert_eq!(client.refused(Method::GET, "/config/s", None).await, (404, 40408));
    client.put("/config", json!({"compatibility": "NONE"})).await;
    client.delete("/config").await;
    assert_eq!(client.get("/config").await, json!({"compatibilityLevel": "BACKWARD"}));
    client.put("/mode/s", json!({"mode": "READONLY"})).await;
    assert_eq!(client.get("/mode/s?defaultToGlobal=true").await, json!({"mode": "READONLY"}));
    client.delete("/mode/s").await;
    assert_eq!(client.refused(Method::GET, "/mode/s", None).await, (404, 40409));
    assert_eq!(client.post("/", json!({})).await, json!({}));
}
