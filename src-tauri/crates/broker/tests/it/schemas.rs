use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use broker::{SchemaCheck, SchemaQuestion, SubjectNames};
use testkit::TempDir;
use wire::ErrorCode;
use wire::batch::{BatchBuilder, Compression, Header, NewRecord};

use crate::client::{Client, batch};
use crate::server::{EPOCH_MS, Server};

/// Takes what begins with the question's own words, and counts.
struct Words(Arc<AtomicU64>);

impl SchemaCheck for Words {
    fn check(&self, question: SchemaQuestion<'_>) -> Result<(), String> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let SchemaQuestion { topic, is_key, names, bytes, header } = question;
        let wanted = format!("{topic} {is_key} {names:?}");
        if header.unwrap_or(bytes) == wanted.as_bytes() { Ok(()) } else { Err(format!("not {wanted}")) }
    }
}

const VALUE: (&str, &str) = ("confluent.value.schema.validation", "true");

async fn ask(client: &mut Client, topic: &str, bytes: &[u8]) -> (i16, Vec<(i32, String)>) {
    let answer = client.produce(topic, bytes).await;
    let records = answer.record_errors.iter();
    let records = records
        .map(|it| (it.batch_index, it.batch_index_error_message.clone().unwrap_or_default().to_string()));
    (answer.error_code, records.collect())
}

#[tokio::test]
async fn records_are_checked_where_the_topic_asks() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let asked = Arc::new(AtomicU64::new(0));
    let mut client = server.client().await;
    client.create("v", 1, &[VALUE]).await;
    // Nobody to ask yet: a client tries again.
    let refused = ErrorCode::InvalidRecord.number();
    assert_eq!(ask(&mut client, "v", &batch(&["x"])).await, (ErrorCode::LeaderNotAvailable.number(), vec![]));
    server.broker.check_schemas_by(Words(Arc::clone(&asked)));

    let mixed = batch(&["v false Topic", "raw", "v false Topic", ""]);
    let faults = vec![(1, "not v false Topic".to_owned()), (3, "not v false Topic".to_owned())];
    assert_eq!(ask(&mut client, "v", &mixed).await, (refused, faults.clone()));
    for compression in [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
        let mut builder = BatchBuilder::new().compression(compression);
        for value in ["v false Topic", "raw", "v false Topic", ""] {
            builder = builder.record(EPOCH_MS, None, Some(value.as_bytes()));
        }
        let packed = builder.build_compressed().unwrap();
        assert_eq!(ask(&mut client, "v", &packed).await, (refused, faults.clone()), "{compression:?}");
    }
    assert_eq!(ask(&mut client, "v", &batch(&["v false Topic"])).await.0, 0);
    // A tombstone passes, and so does any key.
    let tombstone = BatchBuilder::new().record(EPOCH_MS, Some(b"any"), None).build();
    assert_eq!(ask(&mut client, "v", &tombstone).await.0, 0);
    // The header goes before the bytes, and the key's header is not the value's.
    for (name, code) in [("__value_schema_id", 0), ("__key_schema_id", refused)] {
        let headers = [Header { key: name.as_bytes(), value: Some(b"v false Topic") }];
        let record = NewRecord { timestamp_ms: EPOCH_MS, key: None, value: Some(b"raw"), headers: &headers };
        assert_eq!(ask(&mut client, "v", &BatchBuilder::new().push(record).build()).await.0, code, "{name}");
    }

    client.create("free", 1, &[]).await;
    let before = asked.load(Ordering::SeqCst);
    assert_eq!(ask(&mut client, "free", &batch(&["raw"])).await.0, 0);
    assert_eq!(asked.load(Ordering::SeqCst), before, "nothing is looked into");
    server.stop().await;
}

#[tokio::test]
async fn keys_and_strategies_are_configured_apart() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    server.broker.check_schemas_by(Words(Arc::default()));
    let mut client = server.client().await;
    for (name, class) in [("Topic", 0), ("Record", 1), ("TopicRecord", 2)] {
        let configs = [
            ("confluent.key.schema.validation", "true"),
            ("confluent.key.subject.name.strategy", SubjectNames::NAMES[class]),
        ];
        let topic = format!("k{class}");
        client.create(&topic, 1, &configs).await;
        let key = format!("{topic} true {name}");
        let good = BatchBuilder::new().record(EPOCH_MS, Some(key.as_bytes()), Some(b"raw")).build();
        assert_eq!(ask(&mut client, &topic, &good).await.0, 0, "{name}");
        let bad = BatchBuilder::new().record(EPOCH_MS, Some(b"raw"), Some(b"raw")).build();
        assert_eq!(ask(&mut client, &topic, &bad).await.0, ErrorCode::InvalidRecord.number(), "{name}");
        assert_eq!(ask(&mut client, &topic, &batch(&["no key"])).await.0, 0, "{name}");
    }
    server.stop().await;
}
