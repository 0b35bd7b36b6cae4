//! A disk that is full, a disk that is waited for.

use testkit::{SmallDisk, TempDir};
use wire::messages::produce::ProduceResponse;
use wire::{ApiKey, ErrorCode, Uuid};

use crate::client::{Client, batch};
use crate::server::Server;

/// Names what was not tested, where `cargo xtask test` looks for it.
fn skip(reason: &str) {
    use std::io::Write;
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{reason}");
    let Some(path) = std::env::var_os("PUMPHOUSE_SKIPS") else { return };
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    writeln!(file, "{reason}").unwrap();
}

#[tokio::test]
async fn a_full_disk_refuses_records_serves_what_it_has_and_takes_more_when_there_is_room() {
    let dir = TempDir::new();
    let Some(_disk) = SmallDisk::mount(dir.path(), "6m") else {
        return skip("a full disk: this user may not mount a tmpfs");
    };
    let filler = dir.join("filler");
    std::fs::write(&filler, vec![1; 3 << 20]).unwrap();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[("segment.bytes", "1048576"), ("index.interval.bytes", "512")]).await;

    let mut kept = Vec::new();
    let value = |n: usize| format!("{n} {}", "x".repeat(100_000));
    let full = loop {
        let value = value(kept.len());
        let answer = client.produce("t", &batch(&[&value])).await;
        if answer.error_code != 0 {
            break answer.error_code;
        }
        assert_eq!(answer.base_offset, kept.len() as i64);
        kept.push(value);
    };
    assert_eq!(full, ErrorCode::KafkaStorageError.number());
    assert!(kept.len() > 10, "{} records fit", kept.len());
    // Again and again: no half of a record is left to be in the way or to be read.
    for _ in 0..3 {
        let refused = client.produce("t", &batch(&[&value(999)])).await;
        assert_eq!(refused.error_code, ErrorCode::KafkaStorageError.number());
    }
    assert_eq!(read_all(&mut client, kept.len()).await, kept);

    std::fs::remove_file(&filler).unwrap();
    for _ in 0..5 {
        let value = value(kept.len());
        let answer = client.produce("t", &batch(&[&value])).await;
        assert_eq!((answer.error_code, answer.base_offset), (0, kept.len() as i64));
        kept.push(value);
    }
    assert_eq!(read_all(&mut client, kept.len()).await, kept);
    server.stop().await;

    let server = Server::start(dir.path()).await;
    assert_eq!(read_all(&mut server.client().await, kept.len()).await, kept);
    server.stop().await;
}

async fn read_all(client: &mut Client, count: usize) -> Vec<String> {
    let mut all = Vec::new();
    while all.len() < count {
        let (error, values) = client.fetch("t", all.len() as i64).await;
        assert_eq!(error, 0);
        assert!(!values.is_empty(), "{} of {count} records", all.len());
        all.extend(values);
    }
    assert_eq!(client.fetch("t", count as i64).await, (0, vec![]), "nothing but what was acknowledged");
    all
}

/// Requests sent without waiting are answered in order, each once it is durable.
#[tokio::test]
async fn pipelined_records_that_wait_for_the_disk_are_answered_in_order() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("synced", 1, &[("flush.messages", "1")]).await;
    client.create("plain", 1, &[]).await;
    let mut sent = Vec::new();
    for n in 0..150 {
        // Every third does not wait for the disk, but for those before it.
        let topic = if n % 3 == 2 { "plain" } else { "synced" };
        let body = Client::produce_body(8, topic, Uuid::ZERO, -1, &batch(&["v"]));
        sent.push((topic, client.wire.send_request(0, 8, false, &body).await.unwrap()));
    }
    let mut next = std::collections::BTreeMap::new();
    for (topic, id) in sent {
        let answer: ProduceResponse = client.answer(ApiKey::Produce, 8, id).await;
        let partition = &answer.responses[0].partition_responses[0];
        let expected = next.entry(topic).or_insert(0);
        assert_eq!((partition.error_code, partition.base_offset), (0, *expected), "{topic}");
        *expected += 1;
    }
    assert_eq!(client.fetch("synced", 0).await.1.len(), 100, "what is durable is seen");
    // Another request behind one that waits is not answered before it.
    let body = Client::produce_body(8, "synced", Uuid::ZERO, -1, &batch(&["v"]));
    let waiting = client.wire.send_request(0, 8, false, &body).await.unwrap();
    let behind = client.wire.send_request(18, 0, false, &[]).await.unwrap();
    let answer: ProduceResponse = client.answer(ApiKey::Produce, 8, waiting).await;
    assert_eq!(answer.responses[0].partition_responses[0].base_offset, 100);
    client.wire.read_answer(behind).await.unwrap();
    server.stop().await;
}
