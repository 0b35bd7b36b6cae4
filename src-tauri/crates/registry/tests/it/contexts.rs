//! Contexts, modes and settings.

use reqwest::Method;
use serde_json::json;

use crate::client::Client;

#[tokio::test]
async fn contexts_have_ids_of_their_own() {
    let client = Client::start().await;
    assert_eq!(client.register("a", "\"int\"").await, 1);
    assert_eq!(client.register(":.eu:b", "\"string\"").await, 1);
    assert_eq!(client.register(":.eu:b2", "\"long\"").await, 2);
    assert_eq!(client.get("/contexts").await, json!([".", ".eu"]));
    assert_eq!(client.get("/subjects").await, json!([":.eu:b", ":.eu:b2", "a"]));
    assert_eq!(client.get("/subjects?subjectPrefix=:.eu:").await, json!([":.eu:b", ":.eu:b2"]));
    assert_eq!(client.get("/schemas/ids/1").await["schema"], "\"int\"");
    assert_eq!(client.get("/schemas/ids/1?subject=:.eu:").await["schema"], "\"string\"");
    assert_eq!(client.get("/schemas/ids/1?subject=:.eu:b").await["schema"], "\"string\"");
    assert_eq!(client.refused(Method::GET, "/schemas/ids/2", None).await, (404, 40403));
    // A subject without a context is found in another one.
    assert_eq!(client.get("/schemas/ids/1?subject=b").await["schema"], "\"string\"");
    assert_eq!(client.get("/subjects/b/versions/1").await["subject"], ":.eu:b");
    assert_eq!(client.post("/subjects/b", json!({"schema": "\"string\""})).await["subject"], ":.eu:b");
    let shared = client.register(":.eu:c", "\"int\"").await;
    let guid = client.get("/subjects/a/versions/1").await["guid"].clone();
    let path = format!("/schemas/guids/{}/ids", guid.as_str().unwrap_or_default());
    assert_eq!(client.get(&path).await, json!([{"context": ".", "id": 1}, {"context": ".eu", "id": shared}]));
    assert_eq!(client.refused(Method::DELETE, "/contexts/.eu", None).await, (422, 42211));
}

#[tokio::test]
async fn importing_keeps_ids() {
    let client = Client::start().await;
    let body = json!({"schema": "\"int\"", "id": 42, "version": 7});
    let refused = client.refused(Method::POST, "/subjects/s/versions", Some(body.clone())).await;
    assert_eq!(refused, (422, 42205));
    assert_eq!(client.put("/mode/s", json!({"mode": "IMPORT"})).await, json!({"mode": "IMPORT"}));
    let registered = client.post("/subjects/s/versions", body).await;
    assert_eq!((&registered["id"], &registered["version"]), (&json!(42), &json!(7)));
    let other = json!({"schema": "\"long\"", "id": 42});
    assert_eq!(client.refused(Method::POST, "/subjects/s/versions", Some(other)).await, (422, 42205));
    let without = json!({"schema": "\"long\""});
    assert_eq!(client.refused(Method::POST, "/subjects/s/versions", Some(without)).await, (422, 42205));
    client.put("/mode/s", json!({"mode": "READWRITE"})).await;
    assert_eq!(client.refused(Method::PUT, "/mode/s", Some(json!({"mode": "IMPORT"}))).await, (422, 42205));
    assert_eq!(client.put("/mode/s?force=true", json!({"mode": "IMPORT"})).await, json!({"mode": "IMPORT"}));
    client.delete("/mode/s").await;
    assert_eq!(client.register("t", "\"bytes\"").await, 43);
}

#[tokio::test]
async fn modes_fall_back_from_subject_to_context_to_all() {
    let client = Client::start().await;
    client.register(":.eu:s", "\"int\"").await;
    client.put("/mode", json!({"mode": "READONLY"})).await;
    assert_eq!(client.get("/mode/s?defaultToGlobal=true").await, json!({"mode": "READONLY"}));
    let body = Some(json!({"schema": "\"long\""}));
    assert_eq!(client.refused(Method::POST, "/subjects/s/versions", body.clone()).await, (422, 42205));
    // Another context has its own.
    client.register(":.eu:s", "\"long\"").await;
    client.put("/mode/:.eu:", json!({"mode": "READONLY"})).await;
    assert_eq!(client.refused(Method::DELETE, "/subjects/:.eu:s", None).await, (422, 42205));
    assert_eq!(
        client.refused(Method::PUT, "/config/:.eu:s", Some(json!({"normalize": true}))).await,
        (422, 42205)
    );
    client.put("/mode/:.eu:s", json!({"mode": "readwrite"})).await;
    assert_eq!(client.delete("/subjects/:.eu:s").await, json!([1, 2]));
    assert_eq!(client.delete("/mode").await, json!({"mode": "READONLY"}));
    assert_eq!(client.get("/mode").await, json!({"mode": "READWRITE"}));
}

#[tokio::test]
async fn settings_are_patched_and_inherited() {
    let client = Client::start().await;
    let all = json!({
        "compatibility": "FULL", "compatibilityGroup": "major", "normalize": true, "alias": "t",
        "defaultMetadata": {"properties": {"a": "1"}}, "overrideMetadata": {"properties": {"b": "2"}},
    });
    assert_eq!(client.put("/config/s", all.clone()).await, all);
    assert_eq!(client.get("/config/s").await["compatibilityLevel"], "FULL");
    assert_eq!(
        client.put("/config/s", json!({"compatibility": "none", "alias": null})).await["compatibility"],
        "NONE"
    );
    let now = client.get("/config/s").await;
    assert_eq!((&now["compatibilityGroup"], now.get("alias")), (&json!("major"), None));
    client.put("/config", json!({"compatibility": "FORWARD", "validateFields": true})).await;
    assert_eq!(client.get("/config/x?defaultToGlobal=true").await["compatibilityLevel"], "FORWARD");
    assert_eq!(client.get("/config/s?defaultToGlobal=true").await["validateFields"], true);
    assert_eq!(client.delete("/config/s").await["compatibilityLevel"], "NONE");
    assert_eq!(client.refused(Method::GET, "/config/s", None).await, (404, 40408));
    assert_eq!(client.delete("/config").await["compatibilityLevel"], "FORWARD");
    assert_eq!(client.get("/config").await, json!({"compatibilityLevel": "BACKWARD"}));
}

#[tokio::test]
async fn an_alias_stands_for_its_subject() {
    let client = Client::start().await;
    client.put("/config/old", json!({"alias": "new"})).await;
    client.register("new", "\"int\"").await;
    assert_eq!(client.get("/subjects/old/versions/latest").await["subject"], "new");
    client.register("old", "\"long\"").await;
    assert_eq!(client.get("/subjects/new/versions").await, json!([1, 2]));
}

#[tokio::test]
async fn defaults_and_overrides_are_merged_into_metadata() {
    let client = Client::start().await;
    let settings = json!({
        "defaultMetadata": {"properties": {"a": "default", "b": "default"}},
        "overrideMetadata": {"properties": {"c": "override"}},
    });
    client.put("/config/s", settings).await;
    let body = json!({"schema": "\"int\"", "metadata": {"properties": {"b": "own", "c": "own"}}});
    let registered = client.post("/subjects/s/versions", body.clone()).await;
    assert_eq!(registered["metadata"]["properties"], json!({"a": "default", "b": "own", "c": "override"}));
    assert_eq!(client.post("/subjects/s", body).await["version"], 1);
    assert_eq!(client.post("/subjects/s", json!({"schema": "\"int\""})).await["version"], 1);
}
