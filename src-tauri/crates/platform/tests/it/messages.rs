//! Messages: produce, browse from everywhere, tail.

use api::ErrorCode;
use api::messages::*;

use crate::support::{Running, local, refused};
use crate::topics::create;

pub(crate) fn produce(topic: &str, partition: Option<i32>, key: &str, value: &str) -> MessageProduce {
    MessageProduce {
        cluster: local(),
        topic: topic.to_owned(),
        partition,
        key: ProducePayload::Text { text: key.to_owned() },
        value: ProducePayload::Json { text: value.to_owned() },
        headers: vec![ProduceHeader { name: "source".to_owned(), value: "test".to_owned() }],
    }
}

fn browse(seek: Seek, limit: u32) -> MessagesBrowse {
    MessagesBrowse {
        cluster: local(),
        topic: "orders".to_owned(),
        partitions: None,
        seek,
        positions: None,
        limit,
        contains: None,
    }
}

fn offsets(page: &MessagePage) -> Vec<i64> {
    page.messages.iter().map(|message| message.offset).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_seek_finds_its_messages() {
    let it = Running::start().await;
    it.call(&create("orders", 1)).await.expect("created");
    for number in 0..12 {
        it.call(&produce("orders", None, &format!("k{number}"), &format!(r#"{{"n":{number}}}"#)))
            .await
            .expect("produced");
    }
    let newest = it.call(&browse(Seek::Newest, 5)).await.expect("a page");
    assert_eq!(offsets(&newest), [11, 10, 9, 8, 7]);
    let value = &newest.messages[0].value;
    assert_eq!((value.encoding, value.text.as_str()), (Encoding::Json, r#"{"n":11}"#));
    let rest = MessagesBrowse { positions: Some(newest.positions.clone()), ..browse(Seek::Newest, 50) };
    let rest = it.call(&rest).await.expect("a page");
    assert_eq!((offsets(&rest), rest.end_reached), ((0..7).rev().collect(), true));
    assert_eq!(offsets(&it.call(&browse(Seek::Oldest, 3)).await.expect("a page")), [0, 1, 2]);
    let from = browse(Seek::Offset { offset: 10 }, 9);
    assert_eq!(offsets(&it.call(&from).await.expect("a page")), [10, 11]);
    let third = newest.messages[2].timestamp_ms.expect("a time");
    let since = it.call(&browse(Seek::Time { timestamp_ms: third }, 50)).await.expect("a page");
    assert!(offsets(&since).contains(&9) && since.messages.iter().all(|m| m.timestamp_ms >= Some(third)));
    let later = browse(Seek::Time { timestamp_ms: i64::MAX / 2 }, 5);
    assert_eq!(offsets(&it.call(&later).await.expect("a page")), [] as [i64; 0]);
    let some = MessagesBrowse { contains: Some(r#""n":3"#.to_owned()), ..browse(Seek::Oldest, 9) };
    let some = it.call(&some).await.expect("a page");
    assert_eq!((offsets(&some), some.scanned), (vec![3], 12));
    refused(it.call(&browse(Seek::Newest, 0)).await, ErrorCode::InvalidRequest, "limit must be 1 to 1000");

    let whole = MessageGet { cluster: local(), topic: "orders".to_owned(), partition: 0, offset: 3 };
    let whole = it.call(&whole).await.expect("a message");
    assert_eq!(whole.value.hex.as_deref(), Some("7b226e223a337d"));
    assert_eq!(whole.headers[0].value.text, "test");
    it.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_goes_on_from_its_positions() {
    let it = Running::start().await;
    it.call(&create("orders", 2)).await.expect("created");
    it.call(&produce("orders", Some(0), "before", "1")).await.expect("produced");
    let mut tail = MessagesTail {
        cluster: local(),
        topic: "orders".to_owned(),
        positions: Vec::new(),
        partitions: None,
        contains: None,
        wait_ms: 100,
        limit: 100,
    };
    let first = it.call(&tail).await.expect("a tail");
    assert_eq!((first.messages.len(), first.positions.len()), (0, 2));
    tail.positions = first.positions;
    tail.wait_ms = 5000;
    let (waiting, produced) =
        tokio::join!(it.call(&tail), async { it.call(&produce("orders", Some(1), "after", "2")).await });
    produced.expect("produced");
    let next = waiting.expect("a tail");
    assert_eq!(next.messages.iter().map(|m| m.key.text.as_str()).collect::<Vec<_>>(), ["after"]);
    it.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_says_why() {
    let it = Running::start().await;
    refused(it.call(&produce("nowhere", None, "k", "{}")).await, ErrorCode::NotFound, "'nowhere'");
    it.call(&create("orders", 1)).await.expect("created");
    refused(it.call(&produce("orders", Some(7), "k", "{}")).await, ErrorCode::NotFound, "Partition 7");
    refused(it.call(&produce("orders", None, "k", "{")).await, ErrorCode::InvalidRequest, "not JSON");
    let hex = MessageProduce {
        value: ProducePayload::Hex { text: "0g".to_owned() },
        ..produce("orders", None, "k", "{}")
    };
    refused(it.call(&hex).await, ErrorCode::InvalidRequest, "'g' is not a hex digit");
    let avro =
        ProducePayload::Schema { text: "{}".to_owned(), subject: "none-value".to_owned(), message: None };
    let avro = MessageProduce { value: avro, ..produce("orders", None, "k", "{}") };
    refused(it.call(&avro).await, ErrorCode::NotFound, "none-value");
    it.platform.stop().await;
}
