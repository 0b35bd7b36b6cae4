//! Soft deletion, permanent deletion, and what can come back.

use reqwest::Method;
use serde_json::json;

use crate::client::Client;

#[tokio::test]
async fn versions_are_deleted_softly_first() {
    let client = Client::start().await;
    client.put("/config/s", json!({"compatibility": "NONE"})).await;
    for schema in ["\"int\"", "\"string\"", "\"long\""] {
        client.register("s", schema).await;
    }
    let refused = client.refused(Method::DELETE, "/subjects/s/versions/2?permanent=true", None).await;
    assert_eq!(refused, (404, 40407));
    assert_eq!(client.delete("/subjects/s/versions/2").await, json!(2));
    assert_eq!(client.refused(Method::DELETE, "/subjects/s/versions/2", None).await, (404, 40406));
    assert_eq!(client.get("/subjects/s/versions").await, json!([1, 3]));
    assert_eq!(client.get("/subjects/s/versions?deleted=true").await, json!([1, 2, 3]));
    assert_eq!(client.get("/subjects/s/versions?deletedOnly=true").await, json!([2]));
    assert_eq!(client.get("/subjects/s/versions?deletedAsNegative=true").await, json!([1, -2, 3]));
    assert_eq!(client.refused(Method::GET, "/subjects/s/versions/2", None).await, (404, 40402));
    assert_eq!(client.get("/subjects/s/versions/2?deleted=true").await["deleted"], true);
    // Its id still reads what it wrote.
    assert_eq!(client.get("/schemas/ids/2").await["schema"], "\"string\"");
    let body = json!({"schema": "\"string\""});
    assert_eq!(client.refused(Method::POST, "/subjects/s", Some(body.clone())).await, (404, 40403));
    assert_eq!(client.post("/subjects/s?deleted=true", body).await["version"], 2);
    assert_eq!(client.delete("/subjects/s/versions/2?permanent=true").await, json!(2));
    assert_eq!(client.get("/subjects/s/versions?deleted=true").await, json!([1, 3]));
    assert_eq!(client.refused(Method::GET, "/schemas/ids/2", None).await, (404, 40403));
    assert_eq!(client.delete("/subjects/s/versions/latest").await, json!(3));
    assert_eq!(client.refused(Method::DELETE, "/subjects/s/versions/7", None).await, (404, 40402));
    assert_eq!(client.refused(Method::DELETE, "/subjects/none/versions/1", None).await, (404, 40401));
}

#[tokio::test]
async fn a_subject_comes_back_with_its_ids() {
    let client = Client::start().await;
    let id = client.register("s", "\"int\"").await;
    client.register("s", "\"long\"").await;
    assert_eq!(client.refused(Method::DELETE, "/subjects/s?permanent=true", None).await, (404, 40405));
    assert_eq!(client.delete("/subjects/s").await, json!([1, 2]));
    assert_eq!(client.refused(Method::DELETE, "/subjects/s", None).await, (404, 40404));
    assert_eq!(client.get("/subjects").await, json!([]));
    assert_eq!(client.get("/subjects?deleted=true").await, json!(["s"]));
    assert_eq!(client.get("/subjects?deletedOnly=true").await, json!(["s"]));
    assert_eq!(client.refused(Method::GET, "/subjects/s/versions", None).await, (404, 40401));
    // Registered anew it is the next version, by its old id, in place of the old one.
    let again = client.post("/subjects/s/versions", json!({"schema": "\"int\""})).await;
    assert_eq!((&again["version"], &again["id"]), (&json!(3), &json!(id)));
    assert_eq!(client.get("/subjects/s/versions?deleted=true").await, json!([2, 3]));
    client.put("/config/s", json!({"compatibility": "NONE"})).await;
    client.put("/mode/s", json!({"mode": "READWRITE"})).await;
    assert_eq!(client.delete("/subjects/s").await, json!([3]));
    assert_eq!(client.delete("/subjects/s?permanent=true").await, json!([2, 3]));
    assert_eq!(client.get("/subjects?deleted=true").await, json!([]));
    assert_eq!(client.refused(Method::GET, "/config/s", None).await, (404, 40408));
    assert_eq!(client.refused(Method::GET, "/mode/s", None).await, (404, 40409));
    assert_eq!(client.refused(Method::DELETE, "/subjects/s", None).await, (404, 40401));
    // Ids of the dead are not given out again.
    assert_eq!(client.register("s", "\"bytes\"").await, 3);
}

#[tokio::test]
async fn what_is_referred_to_stays_until_the_referrer_is_gone() {
    let client = Client::start().await;
    client.register("inner", r#"{"type":"fixed","name":"F","size":2}"#).await;
    let outer = json!({
        "schema": r#"{"type":"array","items":"F"}"#,
        "references": [{"name": "F", "subject": "inner", "version": 1}],
    });
    client.post("/subjects/outer/versions", outer).await;
    assert_eq!(client.refused(Method::DELETE, "/subjects/inner/versions/1", None).await, (422, 42206));
    client.delete("/subjects/outer").await;
    assert_eq!(client.get("/subjects/inner/versions/1/referencedby").await, json!([]));
    assert_eq!(client.get("/subjects/inner/versions/1/referencedby?deleted=true").await, json!([2]));
    assert_eq!(client.delete("/subjects/inner").await, json!([1]));
    // For good only after the referrer, which could come back.
    assert_eq!(client.refused(Method::DELETE, "/subjects/inner?permanent=true", None).await, (422, 42206));
    client.delete("/subjects/outer?permanent=true").await;
    assert_eq!(client.delete("/subjects/inner?permanent=true").await, json!([1]));
}
