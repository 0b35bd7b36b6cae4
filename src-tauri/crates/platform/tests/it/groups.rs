//! Consumer groups, made by a stock client.

use std::time::Duration;

use api::ErrorCode;
use api::consumers::*;
use cluster::TopicPartition;
use rdkafka::ClientConfig;
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use testkit::within;

use crate::messages::produce;
use crate::support::{Running, local, refused};
use crate::topics::create;

fn get(group: &str) -> GroupGet {
    GroupGet { cluster: local(), group: group.to_owned() }
}

fn reset(to: ResetTo, dry_run: bool) -> GroupReset {
    GroupReset {
        cluster: local(),
        group: "etl".to_owned(),
        topic: "orders".to_owned(),
        partitions: None,
        reset: to,
        dry_run,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_seen_reset_and_deleted() {
    let it = Running::start().await;
    it.call(&create("orders", 2)).await.expect("created");
    for number in 0..10 {
        it.call(&produce("orders", Some(number % 2), "k", "{}")).await.expect("produced");
    }
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", &it.platform.addresses().kafka)
        .set("group.id", "etl")
        .set("client.id", "stock")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .create()
        .expect("a consumer");
    consumer.subscribe(&["orders"]).expect("subscribed");
    for _ in 0..6 {
        let message = within("a message", consumer.recv()).await.expect("a message");
        consumer.commit_message(&message, CommitMode::Sync).expect("committed");
    }

    let detail =
        it.until(&get("etl"), |detail| detail.members.len() == 1 && detail.row.state == "Stable").await;
    assert_eq!(detail.row.total_lag, 4, "{detail:?}");
    assert_eq!(detail.members[0].client_id, "stock");
    assert_eq!(detail.members[0].assignment[0].partitions, [0, 1]);
    assert_eq!(detail.row.protocol_type, "consumer");
    assert!(detail.partitions.iter().all(|partition| partition.client_id.as_deref() == Some("stock")));
    let rows = it
        .until(&GroupsList { cluster: local() }, |rows| {
            rows.iter().any(|row| row.group == "etl" && row.total_lag == 4 && row.members == 1)
        })
        .await;
    assert_eq!(rows.iter().find(|row| row.group == "etl").expect("the row").topics, ["orders"]);

    let busy = it.call(&reset(ResetTo::Earliest, false)).await;
    refused(busy, ErrorCode::Conflict, "the group has members");
    let delete = GroupDelete { cluster: local(), group: "etl".to_owned() };
    refused(it.call(&delete).await, ErrorCode::Conflict, "the group has members");
    tokio::task::spawn_blocking(move || drop(consumer)).await.expect("it leaves");
    it.until(&get("etl"), |detail| detail.row.state == "Empty").await;

    let dry = it.call(&reset(ResetTo::Earliest, true)).await.expect("a preview");
    assert!(dry.iter().all(|change| change.after == 0), "{dry:?}");
    assert_eq!(it.call(&get("etl")).await.expect("the group").row.total_lag, 4, "a preview changes nothing");
    it.call(&reset(ResetTo::Earliest, false)).await.expect("reset");
    assert_eq!(it.call(&get("etl")).await.expect("the group").row.total_lag, 10);
    let shift = GroupReset { partitions: Some(vec![1]), ..reset(ResetTo::ShiftBy { by: 2 }, false) };
    let moved = it.call(&shift).await.expect("reset");
    assert_eq!((moved.len(), moved[0].before, moved[0].after), (1, Some(0), 2));
    let unknown = GroupReset { partitions: Some(vec![9]), ..reset(ResetTo::Latest, true) };
    refused(it.call(&unknown).await, ErrorCode::NotFound, "Partition 9");

    it.call(&delete).await.expect("deleted");
    refused(it.call(&get("etl")).await, ErrorCode::NotFound, "Group 'etl'");
    it.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_reader_needs_no_membership() {
    let it = Running::start().await;
    it.call(&create("orders", 1)).await.expect("created");
    for _ in 0..5 {
        it.call(&produce("orders", None, "k", r#"{"a":1}"#)).await.expect("produced");
    }
    let addresses = it.platform.addresses();
    let cluster =
        cluster::Cluster::connect(cluster::ClusterConfig::local(&addresses.kafka, &addresses.registry));
    let request = cluster::ConsumeRequest {
        topics: vec!["orders".to_owned()],
        group: "batch".to_owned(),
        messages_max: 3,
        bytes_max: 1 << 20,
        wait: Duration::from_millis(100),
        reset: cluster::OffsetReset::Earliest,
        from: Vec::new(),
    };
    let first = cluster.consume(request.clone()).await.expect("records");
    assert_eq!((first.records.len(), first.at_end), (3, false));
    assert_eq!(first.positions, [(TopicPartition::new("orders", 0), 3)]);
    cluster.commit("batch", first.positions).await.expect("committed");
    let second = cluster.consume(request.clone()).await.expect("records");
    assert_eq!((second.records.len(), second.at_end), (2, true));
    cluster.commit("batch", second.positions).await.expect("committed");
    let third = cluster.consume(request).await.expect("records");
    assert_eq!((third.records.len(), third.positions.len(), third.at_end), (0, 0, true));
    it.until(&GroupsList { cluster: local() }, |rows| {
        rows.iter().any(|row| row.group == "batch" && row.total_lag == 0 && row.topics == ["orders"])
    })
    .await;
    cluster.close().await;
    it.platform.stop().await;
}
