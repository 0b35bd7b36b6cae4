//! Schemas through the registry's REST, and payloads by them.

use api::ErrorCode;
use api::messages::*;
use api::schemas::*;
use api::topics::{ConfigPair, TopicCreate};

use crate::messages::produce;
use crate::support::{Running, local, refused};
use crate::topics::create;

const ONE: &str = r#"{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}"#;
const TWO: &str = r#"{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"note","type":"string","default":""}]}"#;
const BAD: &str = r#"{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}"#;

fn register(schema: &str) -> SchemaRegister {
    SchemaRegister {
        cluster: local(),
        subject: "orders-value".to_owned(),
        schema_type: "AVRO".to_owned(),
        schema: schema.to_owned(),
        references: Vec::new(),
    }
}

fn check(schema: &str) -> SchemaCheck {
    let SchemaRegister { cluster, subject, schema_type, schema, references } = register(schema);
    SchemaCheck { cluster, subject, schema_type, schema, references }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_evolves_and_decodes_messages() {
    let it = Running::start().await;
    let fresh = it.call(&check(ONE)).await.expect("a verdict");
    assert!(fresh.compatible, "{fresh:?}");
    let first = it.call(&register(ONE)).await.expect("registered");
    assert_eq!(first.version, 1);
    assert!(!it.call(&check(BAD)).await.expect("a verdict").compatible);
    refused(it.call(&register(BAD)).await, ErrorCode::Conflict, "orders-value");
    let second = it.call(&register(TWO)).await.expect("registered");
    assert_eq!(second.version, 2);
    refused(it.call(&register("{")).await, ErrorCode::InvalidRequest, "orders-value");

    let get = SubjectGet { cluster: local(), subject: "orders-value".to_owned() };
    let detail = it.call(&get).await.expect("the subject");
    assert_eq!(detail.versions.len(), 2);
    assert_eq!((detail.row.compatibility.as_str(), detail.row.compatibility_inherited), ("BACKWARD", true));
    assert!(detail.versions[1].schema.contains('\n'), "pretty-printed");
    let level = |level: Option<&str>| CompatibilitySet {
        cluster: local(),
        subject: Some("orders-value".to_owned()),
        level: level.map(str::to_owned),
    };
    it.call(&level(Some("FULL"))).await.expect("set");
    let rows = it.call(&SubjectsList { cluster: local() }).await.expect("subjects");
    assert_eq!((rows[0].compatibility.as_str(), rows[0].compatibility_inherited), ("FULL", false));
    assert_eq!((rows[0].versions, rows[0].latest_id), (2, second.id));
    it.call(&level(None)).await.expect("reset");
    refused(it.call(&level(Some("SOME"))).await, ErrorCode::InvalidRequest, "orders-value");

    it.call(&create("orders", 1)).await.expect("created");
    let text = r#"{"id":9007199254740993,"note":"exact"}"#;
    let value =
        ProducePayload::Schema { text: text.to_owned(), subject: "orders-value".to_owned(), message: None };
    it.call(&MessageProduce { value, ..produce("orders", None, "k", "{}") }).await.expect("produced");
    let wrong = ProducePayload::Schema {
        text: r#"{"id":"x"}"#.to_owned(),
        subject: "orders-value".to_owned(),
        message: None,
    };
    let wrong = MessageProduce { value: wrong, ..produce("orders", None, "k", "{}") };
    refused(it.call(&wrong).await, ErrorCode::InvalidRequest, "orders-value");
    let whole = MessageGet { cluster: local(), topic: "orders".to_owned(), partition: 0, offset: 0 };
    let message = it.call(&whole).await.expect("a message");
    assert_eq!((message.value.encoding, message.value.text.as_str()), (Encoding::Avro, text));
    let schema = message.value.schema.clone().expect("it is framed");
    assert_eq!(
        (schema.id, schema.subject.as_deref(), schema.version),
        (Some(second.id), Some("orders-value"), Some(2))
    );

    let delete =
        |permanent| SubjectDelete { cluster: local(), subject: "orders-value".to_owned(), permanent };
    it.call(&delete(false)).await.expect("deleted");
    refused(it.call(&get).await, ErrorCode::NotFound, "orders-value");
    it.call(&delete(true)).await.expect("forgotten");
    it.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_is_written_read_and_asked_for() {
    let it = Running::start().await;
    let proto = "syntax = \"proto3\"; package shop; message Order { int64 id = 1; } message Note { string text = 1; }";
    let json = r#"{"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}"#;
    let other = &proto.replace("package shop", "package stock");
    for (topic, schema_type, schema, text, message, type_name, encoding) in [
        (
            "p",
            "PROTOBUF",
            proto,
            r#"{"id":"9007199254740993"}"#,
            None,
            Some("shop.Order"),
            Encoding::Protobuf,
        ),
        (
            "q",
            "PROTOBUF",
            other,
            r#"{"text":"x"}"#,
            Some("stock.Note"),
            Some("stock.Note"),
            Encoding::Protobuf,
        ),
        ("j", "JSON", json, r#"{"id":1}"#, None, None, Encoding::JsonSchema),
        ("a", "AVRO", ONE, r#"{"id":1}"#, None, Some("Order"), Encoding::Avro),
    ] {
        let subject = format!("{topic}-value");
        let register = SchemaRegister {
            subject: subject.clone(),
            schema_type: schema_type.to_owned(),
            ..register(schema)
        };
        let id = it.call(&register).await.expect("registered").id;
        let validated =
            ConfigPair { name: "confluent.value.schema.validation".to_owned(), value: "true".to_owned() };
        it.call(&TopicCreate { configs: vec![validated], ..create(topic, 1) }).await.expect("created");
        let by_schema = |text: &str| MessageProduce {
            value: ProducePayload::Schema {
                text: text.to_owned(),
                subject: subject.clone(),
                message: message.map(str::to_owned),
            },
            ..produce(topic, None, "k", "{}")
        };
        refused(it.call(&by_schema(r#"{"id":"x"}"#)).await, ErrorCode::InvalidRequest, &subject);
        // The broker looks itself at what is sent past the form.
        refused(it.call(&produce(topic, None, "k", "{}")).await, ErrorCode::Refused, topic);
        it.call(&by_schema(text)).await.expect("produced");
        let whole = MessageGet { cluster: local(), topic: topic.to_owned(), partition: 0, offset: 0 };
        let value = it.call(&whole).await.expect("a message").value;
        assert_eq!((value.encoding, value.text.as_str(), value.error), (encoding, text, None));
        let schema = value.schema.expect("it is framed");
        assert_eq!(
            (schema.id, schema.subject.as_deref(), schema.version),
            (Some(id), Some(&*subject), Some(1))
        );
        assert_eq!(schema.type_name.as_deref(), type_name);
    }
    let detail =
        it.call(&SubjectGet { cluster: local(), subject: "p-value".to_owned() }).await.expect("it is there");
    assert_eq!(detail.messages, ["shop.Order", "shop.Note"]);
    it.platform.stop().await;
}
