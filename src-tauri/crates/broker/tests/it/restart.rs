use broker::{Broker, BrokerConfig, Offset};
use testkit::{ManualClock, TempDir};

use crate::client::{batch, values};
use crate::server::{EPOCH_MS, Server, TestClock, crash_copy};

#[tokio::test]
async fn topics_records_and_configs_outlive_stop_and_crash() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let cluster_id = server.broker.cluster_id().to_owned();
    let mut client = server.client().await;
    client.create("t", 3, &[("retention.ms", "12345")]).await;
    let id = client.metadata("t").await.topics[0].topic_id;
    client.produce("t", &batch(&["a", "b"])).await;
    let crashed = crash_copy(dir.path());
    server.stop().await;
    assert!(dir.join(".kafka_cleanshutdown").exists());

    for dir in [dir.path(), crashed.path()] {
        let server = Server::start(dir).await;
        assert_eq!(server.broker.cluster_id(), cluster_id);
        let mut client = server.client().await;
        let metadata = client.metadata("t").await;
        assert_eq!((metadata.topics[0].topic_id, metadata.topics[0].partitions.len()), (id, 3));
        assert_eq!(client.fetch("t", 0).await, (0, vec!["a".into(), "b".into()]));
        assert_eq!(client.produce("t", &batch(&["c"])).await.base_offset, 2);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_torn_tail_is_cut_and_the_rest_is_read() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    client.produce("t", &batch(&["whole"])).await;
    client.produce("t", &batch(&["torn"])).await;
    let copy = crash_copy(dir.path());
    server.stop().await;
    let log = copy.join("t-0/00000000000000000000.log");
    let len = std::fs::metadata(&log).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&log).unwrap().set_len(len - 3).unwrap();

    let server = Server::start(copy.path()).await;
    let mut client = server.client().await;
    assert_eq!(client.fetch("t", 0).await, (0, vec!["whole".into()]));
    assert_eq!(client.produce("t", &batch(&["again"])).await.base_offset, 1);
    server.stop().await;
}

#[tokio::test]
async fn a_topic_half_made_is_finished() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    server.client().await.create("t", 3, &[]).await;
    server.stop().await;
    std::fs::remove_dir_all(dir.join("t-2")).unwrap();
    std::fs::remove_dir_all(dir.join("t-1")).unwrap();
    let server = Server::start(dir.path()).await;
    assert_eq!(server.client().await.metadata("t").await.topics[0].partitions.len(), 3);
    server.stop().await;
}

#[tokio::test]
async fn this_process_uses_the_same_topics_without_a_socket() {
    let dir = TempDir::new();
    let clock = TestClock(ManualClock::at(EPOCH_MS));
    let broker = Broker::open(BrokerConfig::new(dir.path()), clock).unwrap();
    broker.create_topic("_schemas", Some(1), &[("cleanup.policy", "compact")]).unwrap();
    assert_eq!(
        broker.create_topic("_schemas", None, &[]).unwrap_err().to_string(),
        "Topic '_schemas' already exists."
    );
    let keyed = wire::batch::BatchBuilder::new().record(EPOCH_MS, Some(b"k"), Some(b"v")).build();
    assert_eq!(broker.append("_schemas", 0, &keyed).unwrap(), Offset(0));
    assert_eq!(broker.append("_schemas", 0, &keyed).unwrap(), Offset(1));
    assert_eq!(broker.end_offset("_schemas", 0).unwrap(), Offset(2));
    let chunk = broker.read("_schemas", 0, Offset(0), 1 << 20).unwrap();
    assert_eq!((values(&chunk.bytes), chunk.next_offset), (vec!["v".into(), "v".into()], Offset(2)));
    assert!(broker.read("_schemas", 0, Offset(2), 1 << 20).unwrap().bytes.is_empty());
    let error = broker.read("_schemas", 0, Offset(3), 1).unwrap_err();
    assert_eq!(error.to_string(), "offset 3 of _schemas-0 is outside 0..2");
    assert_eq!(
        broker.append("_schemas", 0, &batch(&["no key"])).unwrap_err().to_string(),
        "the batch was refused: Compacted topic cannot accept message without key in topic partition _schemas-0"
    );
    assert!(broker.append("none", 0, &keyed).is_err());
    let stats = broker.stats();
    assert_eq!((stats.messages_in, stats.topics["_schemas"].bytes_out > 0), (2, true));
    broker.close().await.unwrap();
    broker.close().await.unwrap();
}

#[tokio::test]
async fn a_directory_in_use_and_bad_values_are_named() {
    let dir = TempDir::new();
    let clock = || TestClock(ManualClock::at(EPOCH_MS));
    let open = |config| Broker::open(config, clock()).map(|_| ()).unwrap_err().to_string();
    let config = || BrokerConfig::new(dir.path());
    assert_eq!(
        open(config().with("num.partitions", "many")),
        "Invalid value many for configuration num.partitions: Not a number of type INT"
    );
    assert_eq!(open(config().with("no.such.key", "1")), "Unknown broker config name: no.such.key");
    let held = Broker::open(config(), clock()).unwrap();
    assert!(open(config()).contains("is in use by another process"));
    drop(held);
}
