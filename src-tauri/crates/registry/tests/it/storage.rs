//! The log: what is written, what is read back, and who else writes.

use std::sync::Arc;

use bytes::Bytes;
use registry::{Config, MemoryLog, Registry, SchemaLog};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, record};

#[tokio::test]
async fn a_start_rebuilds_everything_from_the_log() {
    let log = Arc::new(MemoryLog::default());
    let first = Client::over(log.clone()).await;
    first.register("a", "\"int\"").await;
    first.register("a", "\"long\"").await;
    first.register(":.eu:b", "\"string\"").await;
    first.put("/config/a", json!({"compatibility": "FULL"})).await;
    first.put("/mode/b", json!({"mode": "READONLY"})).await;
    first.delete("/subjects/a/versions/1").await;
    first.register("gone", "\"bytes\"").await;
    first.delete("/subjects/gone").await;
    let second = Client::over(log.clone()).await;
    for path in [
        "/subjects?deleted=true",
        "/subjects/a/versions?deletedAsNegative=true",
        "/subjects/a/versions/2",
        "/schemas?deleted=true",
        "/contexts",
        "/config/a",
        "/mode/b",
    ] {
        assert_eq!(first.get(path).await, second.get(path).await, "{path}");
    }
    assert_eq!(second.register("c", "\"double\"").await, 4);
}

#[tokio::test]
async fn records_are_in_confluents_format() {
    let log = Arc::new(MemoryLog::default());
    let client = Client::over(log.clone()).await;
    client.register("s", "\"int\"").await;
    client.delete("/subjects/s").await;
    let records: Vec<(Value, Value)> = log
        .records()
        .iter()
        .map(|record| {
            let json = |bytes: &Bytes| serde_json::from_slice(bytes).expect("JSON");
            (json(&record.key), record.value.as_ref().map_or(Value::Null, json))
        })
        .collect();
    assert_eq!(records[0].0, json!({"keytype": "SCHEMA", "subject": "s", "version": 1, "magic": 1}));
    let value = &records[0].1;
    assert_eq!(
        (&value["id"], &value["schema"], &value["deleted"]),
        (&json!(1), &json!("\"int\""), &json!(false))
    );
    assert_eq!(records[1].0, json!({"keytype": "DELETE_SUBJECT", "subject": "s", "magic": 0}));
    assert_eq!(records[1].1, json!({"subject": "s", "version": 1}));
}

#[tokio::test]
async fn bad_records_are_counted_and_the_rest_is_read() {
    let log = Arc::new(MemoryLog::default());
    let schema = r#"{"subject":"s","version":1,"id":5,"schema":"\"int\"","deleted":false}"#;
    for (key, value) in [
        ("garbage", Some("garbage")),
        (r#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}"#, Some("{}")),
        (r#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}"#, Some(schema)),
        (r#"{"keytype":"TOMORROW","magic":3}"#, Some("{}")),
        (r#"{"keytype":"NOOP","magic":0}"#, None),
        // A schema that is none is its readers' trouble, not the registry's.
        (
            r#"{"keytype":"SCHEMA","subject":"odd","version":1,"magic":1}"#,
            Some(r#"{"subject":"odd","version":1,"id":6,"schema":"no schema","deleted":false}"#),
        ),
    ] {
        let value = value.map(|value| Bytes::from_static(value.as_bytes()));
        log.append(Bytes::from_static(key.as_bytes()), value).await.expect("room");
    }
    let client = Client::over(log).await;
    assert_eq!(client.registry.records_bad(), 3);
    assert_eq!(client.get("/schemas/ids/5").await["schema"], "\"int\"");
    assert_eq!(client.get("/schemas/ids/6").await["schema"], "no schema");
    assert!(client.registry.has_schema_id(5, None));
    assert!(!client.registry.has_schema_id(7, None));
    let body = Some(json!({"schema": "\"int\""}));
    assert_eq!(client.refused(Method::POST, "/subjects/odd/versions", body).await, (422, 42201));
}

#[tokio::test]
async fn many_writers_share_no_id() {
    let client = Arc::new(Client::start().await);
    let tasks: Vec<_> = (0..50)
        .map(|n| {
            let client = Arc::clone(&client);
            // Every schema is registered by two at once.
            tokio::spawn(async move {
                client.register(&format!("s{n}"), &record(&format!("R{}", n / 2), "")).await
            })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.expect("registered"));
    }
    for pair in ids.chunks(2) {
        assert_eq!(pair[0], pair[1]);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids, (1..=25).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_others_append_is_found_when_asked_for() {
    let log = Arc::new(MemoryLog::default());
    let ours = Client::over(log.clone()).await;
    let theirs = Registry::open(log.clone(), Config::default()).await.expect("the log is readable");
    drop(theirs);
    let other = Client::over(log).await;
    assert_eq!(other.register("a", "\"int\"").await, 1);
    assert_eq!(ours.get("/schemas/ids/1").await["schema"], "\"int\"");
    assert_eq!(ours.register("b", "\"long\"").await, 2);
    assert_eq!(other.get("/subjects/b/versions").await, json!([1]));
}

/// A topic as a registry of Confluent's leaves it, of several versions of its
/// format: fields this registry does not know, older keys, features it lacks.
#[tokio::test]
async fn a_topic_of_a_real_registry_loads() {
    let log = Arc::new(MemoryLog::default());
    let money = r#"syntax = \"proto3\";\npackage shop;\n\nmessage Money {\n  int64 cents = 1;\n}\n"#;
    // As Confluent writes what was registered as a descriptor: entries of maps spelt out.
    let order = r#"syntax = \"proto3\";\npackage shop;\n\nimport \"shop/money.proto\";\n\nmessage Order {\n  .shop.Money sum = 1;\n  repeated .shop.Order.CountsEntry counts = 2;\n\n  message CountsEntry {\n    option map_entry = true;\n  \n    string key = 1;\n    int32 value = 2;\n  }\n}\n"#;
    let money = format!(
        r#"{{"subject":"shop/money.proto","version":1,"id":3,"md5":"AAAAAAAAAAAAAAAAAAAAAA==","schemaType":"PROTOBUF","schema":"{money}","deleted":false,"ts":1700000000000}}"#
    );
    let order = format!(
        r#"{{"subject":"order-value","version":1,"id":4,"schemaType":"PROTOBUF","references":[{{"name":"shop/money.proto","subject":"shop/money.proto","version":1}}],"schema":"{order}","deleted":false}}"#
    );
    for (key, value) in [
        (r#"{"keytype":"NOOP","magic":0}"#, None),
        (r#"{"keytype":"CONFIG","subject":null,"magic":0}"#, Some(r#"{"compatibilityLevel":"FULL"}"#)),
        (
            r#"{"keytype":"SCHEMA","subject":"a-value","version":1,"magic":1}"#,
            Some(r#"{"subject":"a-value","version":1,"id":1,"schema":"\"string\"","deleted":false}"#),
        ),
        (
            r#"{"keytype":"SCHEMA","subject":"gone-value","version":1,"magic":1}"#,
            Some(
                r#"{"subject":"gone-value","version":1,"id":2,"schemaType":"JSON","schema":"{}","deleted":false}"#,
            ),
        ),
        (
            r#"{"keytype":"DELETE_SUBJECT","subject":"gone-value","magic":0}"#,
            Some(r#"{"subject":"gone-value","version":1}"#),
        ),
        (r#"{"keytype":"SCHEMA","subject":"shop/money.proto","version":1,"magic":1}"#, Some(money.as_str())),
        (r#"{"keytype":"SCHEMA","subject":"order-value","version":1,"magic":1}"#, Some(order.as_str())),
        (
            r#"{"keytype":"CONTEXT","tenant":"default","context":".eu","magic":0}"#,
            Some(r#"{"tenant":"default","context":".eu"}"#),
        ),
        (
            r#"{"keytype":"SCHEMA","subject":":.eu:b-value","version":3,"magic":1}"#,
            Some(
                r#"{"subject":":.eu:b-value","version":3,"id":100001,"schema":"\"long\"","metadata":{"tags":{"a":["PII"]},"properties":{"owner":"me"},"sensitive":["owner"]},"ruleSet":{"domainRules":[{"name":"r","kind":"CONDITION","mode":"WRITE","type":"CEL","expr":"true","disabled":false}]},"deleted":false}"#,
            ),
        ),
        (
            r#"{"keytype":"CONFIG","subject":"a-value","magic":0}"#,
            Some(
                r#"{"subject":"a-value","alias":"","normalize":true,"validateFields":false,"compatibilityLevel":"BACKWARD_TRANSITIVE","compatibilityGroup":"major","validateRules":true}"#,
            ),
        ),
        (
            r#"{"keytype":"MODE","subject":":.eu:","magic":0}"#,
            Some(r#"{"subject":":.eu:","mode":"READONLY"}"#),
        ),
        (r#"{"keytype":"CLEAR_SUBJECT","subject":"nobody","magic":0}"#, Some(r#"{"subject":"nobody"}"#)),
        (r#"{"keytype":"ASSOC","tenant":"default","guid":"x","magic":0}"#, Some("{}")),
    ] {
        let value = value.map(|value| Bytes::copy_from_slice(value.as_bytes()));
        log.append(Bytes::from_static(key.as_bytes()), value).await.expect("room");
    }
    let client = Client::over(log.clone()).await;
    assert_eq!(client.registry.records_bad(), 0);
    let subjects = json!([":.eu:b-value", "a-value", "order-value", "shop/money.proto"]);
    assert_eq!(client.get("/subjects").await, subjects);
    assert_eq!(client.get("/subjects?deletedOnly=true").await, json!(["gone-value"]));
    assert_eq!(client.get("/config").await, json!({"compatibilityLevel": "FULL"}));
    let config = client.get("/config/a-value").await;
    assert_eq!((&config["normalize"], &config["compatibilityGroup"]), (&json!(true), &json!("major")));
    assert_eq!(client.get("/mode/:.eu:").await, json!({"mode": "READONLY"}));
    let version = client.get("/subjects/:.eu:b-value/versions/3").await;
    assert_eq!((&version["id"], &version["metadata"]["sensitive"]), (&json!(100_001), &json!(["owner"])));
    assert_eq!(version["ruleSet"]["domainRules"][0]["expr"], "true");
    assert_eq!(client.get("/subjects/shop%2Fmoney.proto/versions/1/referencedby").await, json!([4]));
    assert!(client.get("/schemas/ids/4?format=serialized").await["schema"].is_string());
    // The same schema with its map as a map: known, by what it means.
    let same = r#"syntax = "proto3"; package shop; import "shop/money.proto"; message Order { Money sum = 1; map<string, int32> counts = 2; }"#;
    let reference = json!([{"name": "shop/money.proto", "subject": "shop/money.proto", "version": 1}]);
    let body = json!({"schemaType": "PROTOBUF", "schema": same, "references": reference});
    assert_eq!(client.post("/subjects/order-value/versions", body).await["id"], 4);
    // Ids go on where the other registry left off.
    assert_eq!(client.register("new", "\"bytes\"").await, 5);
    // And what this one adds loads again.
    let again = Client::over(log).await;
    assert_eq!(again.get("/subjects/new/versions/1").await["id"], 5);
}
