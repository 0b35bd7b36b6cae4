//! Topics: create, configure, widen, empty, delete.

use api::ErrorCode;
use api::cluster::{BrokerConfigGet, BrokersList};
use api::overview::OverviewGet;
use api::topics::*;

use crate::messages::produce;
use crate::support::{Running, local, refused};

pub(crate) fn create(topic: &str, partitions: i32) -> TopicCreate {
    TopicCreate {
        cluster: local(),
        topic: topic.to_owned(),
        partitions,
        replication_factor: 1,
        configs: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_lives_and_goes() {
    let it = Running::start().await;
    let configs = vec![ConfigPair { name: "retention.ms".to_owned(), value: "60000".to_owned() }];
    it.call(&TopicCreate { configs, ..create("orders", 2) }).await.expect("created");
    refused(it.call(&create("orders", 2)).await, ErrorCode::Conflict, "'orders' exists already");
    refused(it.call(&create("no/name", 1)).await, ErrorCode::InvalidRequest, "no/name");
    refused(it.call(&create("none", 0)).await, ErrorCode::InvalidRequest, "partitions must be positive");

    for number in 0..4 {
        it.call(&produce("orders", Some(number % 2), &format!("k{number}"), "{}")).await.expect("produced");
    }
    let list = TopicsList { cluster: local() };
    let rows = it.until(&list, |rows| rows.iter().any(|row| row.name == "orders" && row.messages == 4)).await;
    let row = rows.iter().find(|row| row.name == "orders").expect("the row");
    assert_eq!((row.partitions, row.replication_factor, row.internal), (2, 1, false));
    assert!(row.size_bytes.is_some_and(|bytes| bytes > 0), "{row:?}");

    let config_get = TopicConfigGet { cluster: local(), topic: "orders".to_owned() };
    let set = TopicConfigSet {
        cluster: local(),
        topic: "orders".to_owned(),
        name: "cleanup.policy".to_owned(),
        value: Some("compact".to_owned()),
    };
    it.call(&set).await.expect("set");
    let entries = it.call(&config_get).await.expect("configs");
    let entry = |name: &str| entries.iter().find(|entry| entry.name == name).expect("an entry");
    assert_eq!(entry("cleanup.policy").value.as_deref(), Some("compact"));
    assert_eq!(entry("retention.ms").value.as_deref(), Some("60000"));
    assert!(entry("retention.ms").documentation.is_some() && !entry("retention.ms").is_default);
    it.until(&list, |rows| rows.iter().any(|row| row.cleanup_policy.as_deref() == Some("compact"))).await;
    it.call(&TopicConfigSet { value: None, ..set.clone() }).await.expect("back to the default");
    let bad = TopicConfigSet { name: "retention.ms".to_owned(), value: Some("soon".to_owned()), ..set };
    refused(it.call(&bad).await, ErrorCode::InvalidRequest, "retention.ms");

    let widen = |partitions| TopicPartitionsAdd { cluster: local(), topic: "orders".to_owned(), partitions };
    it.call(&widen(3)).await.expect("widened");
    refused(it.call(&widen(3)).await, ErrorCode::InvalidRequest, "has 3 partitions");

    it.call(&TopicEmpty { cluster: local(), topic: "orders".to_owned() }).await.expect("emptied");
    let get = TopicGet { cluster: local(), topic: "orders".to_owned() };
    let detail = it.until(&get, |detail| detail.row.messages == 0).await;
    assert_eq!(detail.partitions.len(), 3);
    assert_eq!((detail.partitions[0].start_offset, detail.partitions[0].end_offset), (2, 2));

    it.call(&TopicDelete { cluster: local(), topic: "orders".to_owned() }).await.expect("deleted");
    refused(it.call(&get).await, ErrorCode::NotFound, "'orders' does not exist");
    let rows = it.call(&list).await.expect("topics");
    assert!(rows.iter().all(|row| row.name != "orders"), "gone from the list at once");
    it.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cluster_at_a_glance() {
    let it = Running::start().await;
    let brokers = it.until(&BrokersList { cluster: local() }, |rows| rows.len() == 1).await;
    assert!(brokers[0].controller && brokers[0].port > 0, "{brokers:?}");
    let config = BrokerConfigGet { cluster: local(), broker: brokers[0].id };
    let entries = it.call(&config).await.expect("configs");
    assert!(entries.iter().any(|entry| entry.name == "num.partitions" && entry.documentation.is_some()));
    it.call(&create("busy", 1)).await.expect("created");
    it.call(&produce("busy", None, "k", "{}")).await.expect("produced");
    let overview = it
        .until(&OverviewGet { cluster: local() }, |overview| {
            overview.busiest_topics.iter().any(|topic| topic.topic == "busy")
                && overview.bytes_in_per_s.is_some()
        })
        .await;
    assert_eq!((overview.brokers, overview.offline, overview.under_replicated), (1, 0, 0));
    let nowhere = TopicsList { cluster: "nowhere".to_owned() };
    refused(it.call(&nowhere).await, ErrorCode::NotFound, "'nowhere'");
    it.platform.stop().await;
}
