//! `compression.type`: batches that come packed otherwise are packed anew.

use bytes::Bytes;
use testkit::TempDir;
use wire::batch::{Batch, BatchBuilder, BatchHeader, Compression, Header, NewRecord, Producer};
use wire::messages::fetch::FetchResponse;
use wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use wire::{ApiKey, ErrorCode, Uuid};

use crate::client::{Client, fetch_request};
use crate::server::{EPOCH_MS, Server};

const CODECS: [Compression; 5] =
    [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

fn packed(codec: Compression, base_sequence: i32) -> Bytes {
    let mut builder =
        BatchBuilder::new().compression(codec).producer(Producer { id: 7, epoch: 0, base_sequence });
    for n in 0..20 {
        builder.add(NewRecord {
            timestamp_ms: EPOCH_MS + n,
            key: Some(b"key"),
            value: (n != 3).then_some(&[n as u8; 400]),
            headers: &[Header { key: b"h", value: Some(b"x") }],
        });
    }
    builder.build_compressed().unwrap()
}

/// The batch in the log that begins at an offset.
async fn stored(client: &mut Client, topic: &str, offset: i64) -> Bytes {
    let request = fetch_request(topic, Uuid::ZERO, offset, 0);
    let answer: FetchResponse = client.call(ApiKey::Fetch, 12, &request).await;
    let records = answer.responses[0].partitions[0].records.clone().unwrap().0;
    records.slice(..Batch::parse(&records).unwrap().bytes().len())
}

fn assert_same_but_packed(stored: &[u8], sent: &[u8], codec: Compression, base_offset: i64) {
    let (stored, sent) = (Batch::parse(stored).unwrap(), Batch::parse(sent).unwrap());
    stored.verify_crc().unwrap();
    assert_eq!(stored.header.compression(), codec);
    let BatchHeader { base_offset: at, partition_leader_epoch, length, crc, attributes, .. } = stored.header;
    assert_eq!(at.0, base_offset);
    let expected =
        BatchHeader { base_offset: at, partition_leader_epoch, length, crc, attributes, ..sent.header };
    assert_eq!(stored.header, expected);
    let (stored, sent) = (stored.records(1 << 20).unwrap(), sent.records(1 << 20).unwrap());
    assert!(stored.iter().eq(sent.iter()));
}

#[tokio::test]
async fn batches_are_packed_as_the_topic_says() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("producer", 1, &[]).await;
    for target in CODECS {
        let name = if target == Compression::None { "uncompressed" } else { target.name() };
        let level = ("compression.zstd.level", "7");
        client.create(name, 1, &[("compression.type", name), level]).await;
        for (source, n) in CODECS.into_iter().zip(0..) {
            let (sent, offset) = (packed(source, n * 20), i64::from(n) * 20);
            for _ in 0..2 {
                // The second time it is a duplicate: answered with its offset, not appended.
                let answer = client.produce(name, &sent).await;
                assert_eq!((answer.error_code, answer.base_offset), (0, offset), "{source:?} to {target:?}");
            }
            let bytes = stored(&mut client, name, offset).await;
            assert_same_but_packed(&bytes, &sent, target, offset);
        }
    }
    let sent = packed(Compression::Lz4, 0);
    assert_eq!(client.produce("producer", &sent).await.error_code, 0);
    let bytes = stored(&mut client, "producer", 0).await;
    assert_same_but_packed(&bytes, &sent, Compression::Lz4, 0);
    server.stop().await;
}

#[tokio::test]
async fn the_brokers_own_value_is_the_default_and_takes_effect_at_once() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[("message.timestamp.type", "LogAppendTime")]).await;
    const BROKER: i8 = 4;
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: BROKER,
            resource_name: "".into(),
            configs: vec![AlterableConfig {
                name: "compression.type".into(),
                config_operation: 0,
                value: Some("gzip".into()),
            }],
        }],
        ..Default::default()
    };
    let answer: IncrementalAlterConfigsResponse =
        client.call(ApiKey::IncrementalAlterConfigs, 1, &request).await;
    assert_eq!(answer.responses[0].error_code, 0, "{:?}", answer.responses[0].error_message);
    assert_eq!(client.produce("t", &packed(Compression::Zstd, 0)).await.error_code, 0);
    let bytes = stored(&mut client, "t", 0).await;
    let batch = Batch::parse(&bytes).unwrap();
    batch.verify_crc().unwrap();
    assert_eq!((batch.header.compression(), batch.header.max_timestamp), (Compression::Gzip, EPOCH_MS));
    let records = batch.records(1 << 20).unwrap();
    assert!(records.iter().all(|record| records.timestamp_of(&record.unwrap()) == EPOCH_MS));
    server.stop().await;
}

#[tokio::test]
async fn the_limit_of_a_message_holds_before_and_after() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let plain = packed(Compression::None, 0);
    let gzip = packed(Compression::Gzip, 0);
    assert!(gzip.len() < 1000 && plain.len() > 5000);
    let limit = ("max.message.bytes", "1000");
    client.create("plain", 1, &[("compression.type", "uncompressed"), limit]).await;
    client.create("gzip", 1, &[("compression.type", "gzip"), limit]).await;
    let too_large = ErrorCode::MessageTooLarge.number();
    assert_eq!(client.produce("plain", &gzip).await.error_code, too_large);
    assert_eq!(client.produce("gzip", &plain).await.error_code, too_large);
    assert_eq!(client.produce("gzip", &packed(Compression::Zstd, 0)).await.error_code, 0);
    server.stop().await;
}
