//! Browsing and producing against librdkafka's mock brokers: real sockets, no server.

mod registry;

use std::time::Duration;

use cluster::{
    BrowseRequest, Cluster, ClusterConfig, ClusterError, Page, Position, ProducePayload, ProduceRequest,
    Seek, TailRequest,
};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

struct Mock {
    _brokers: MockCluster<'static, DefaultProducerContext>,
    cluster: Cluster,
}

impl Mock {
    fn start(partitions: i32) -> Self {
        let brokers = MockCluster::new(1).expect("a mock cluster");
        brokers.create_topic("orders", partitions, 1).expect("a topic");
        let config =
            ClusterConfig { bootstrap_servers: brokers.bootstrap_servers(), ..ClusterConfig::default() };
        Self { _brokers: brokers, cluster: Cluster::connect(config) }
    }

    async fn fill(&self, partition: i32, count: i64) {
        for number in 0..count {
            self.cluster
                .produce(ProduceRequest {
                    topic: "orders".to_owned(),
                    partition: Some(partition),
                    key: ProducePayload::Text(format!("k{number}")),
                    value: ProducePayload::Json(format!(r#"{{"n":{number}}}"#)),
                    headers: vec![("source".to_owned(), "test".to_owned())],
                    timestamp_ms: Some(1_000_000 + number),
                })
                .await
                .expect("produced");
        }
    }

    async fn page(
        &self,
        seek: Seek,
        limit: usize,
        contains: Option<&str>,
        go_on: Option<Vec<Position>>,
    ) -> Page {
        self.cluster
            .browse(BrowseRequest {
                topic: "orders".to_owned(),
                partitions: None,
                seek,
                positions: go_on,
                limit,
                contains: contains.map(str::to_owned),
            })
            .await
            .expect("a page")
    }
}

fn offsets(page: &Page) -> Vec<(i32, i64)> {
    page.messages.iter().map(|message| (message.partition, message.offset)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_back_and_forth() {
    let mock = Mock::start(1);
    mock.fill(0, 25).await;

    let newest = mock.page(Seek::Newest, 10, None, None).await;
    assert_eq!(offsets(&newest), (15..25).rev().map(|offset| (0, offset)).collect::<Vec<_>>());
    assert_eq!(newest.messages[0].value.text, r#"{"n":24}"#);
    assert_eq!(newest.messages[0].key.text, "k24");
    assert_eq!(newest.messages[0].headers[0].0, "source");
    assert!(!newest.end_reached);

    let older = mock.page(Seek::Newest, 100, None, Some(newest.positions)).await;
    assert_eq!(offsets(&older), (0..15).rev().map(|offset| (0, offset)).collect::<Vec<_>>());
    assert!(older.end_reached);

    let oldest = mock.page(Seek::Oldest, 4, None, None).await;
    assert_eq!(offsets(&oldest), [(0, 0), (0, 1), (0, 2), (0, 3)]);
    let next = mock.page(Seek::Oldest, 2, None, Some(oldest.positions)).await;
    assert_eq!(offsets(&next), [(0, 4), (0, 5)]);
    assert_eq!(offsets(&mock.page(Seek::Offset(23), 9, None, None).await), [(0, 23), (0, 24)]);

    let filtered = mock.page(Seek::Oldest, 9, Some(r#""n":7"#), None).await;
    assert_eq!((offsets(&filtered), filtered.scanned, filtered.end_reached), (vec![(0, 7)], 25, true));
    let filtered = mock.page(Seek::Newest, 9, Some("k3"), None).await;
    assert_eq!((offsets(&filtered), filtered.scanned), (vec![(0, 3)], 25));
    mock.cluster.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_merge_and_none_is_lost_between_pages() {
    let mock = Mock::start(3);
    for (partition, count) in [(0, 7), (1, 0), (2, 12)] {
        mock.fill(partition, count).await;
    }
    for seek in [Seek::Newest, Seek::Oldest] {
        let mut seen = Vec::new();
        let mut go_on = None;
        loop {
            let page = mock.page(seek, 5, None, go_on).await;
            seen.extend(offsets(&page));
            if page.end_reached {
                break;
            }
            go_on = Some(page.positions);
        }
        seen.sort_unstable();
        let all = (0..7).map(|offset| (0, offset)).chain((0..12).map(|offset| (2, offset)));
        assert_eq!(seen, all.collect::<Vec<_>>(), "{seek:?}");
    }
    mock.cluster.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_sees_what_comes_next() {
    let mock = Mock::start(2);
    mock.fill(0, 3).await;
    let ask = |positions| TailRequest {
        topic: "orders".to_owned(),
        positions,
        partitions: None,
        contains: None,
        wait: Duration::from_millis(200),
        limit: 100,
    };
    let first = mock.cluster.tail(ask(Vec::new())).await.expect("a tail");
    assert_eq!((first.messages.len(), first.positions[0].offset), (0, 3));
    mock.fill(0, 2).await;
    mock.fill(1, 1).await;
    let mut seen = Vec::new();
    let mut positions = first.positions;
    while seen.len() < 3 {
        let next = mock.cluster.tail(ask(positions)).await.expect("a tail");
        seen.extend(next.messages.iter().map(|message| (message.partition, message.offset)));
        positions = next.positions;
    }
    seen.sort_unstable();
    assert_eq!(seen, [(0, 3), (0, 4), (1, 0)]);
    mock.cluster.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_name_what_is_wrong() {
    let mock = Mock::start(1);
    mock.fill(0, 2).await;
    let whole = mock.cluster.message("orders", 0, 1).await.expect("a message");
    assert_eq!(whole.value.hex.as_deref(), Some("7b226e223a317d"));

    let check = |error: Result<(), ClusterError>, expected: &str| {
        assert_eq!(error.expect_err("an error").to_string(), expected);
    };
    let missing = mock.cluster.message("orders", 0, 9).await.map(drop);
    check(missing, "message 9 of topic 'orders', partition 0 (it holds 0 to 1) does not exist");
    check(
        mock.cluster.message("orders", 5, 0).await.map(drop),
        "partition 5 of topic 'orders' does not exist",
    );
    let mut request = ProduceRequest {
        topic: "nowhere".to_owned(),
        partition: None,
        key: ProducePayload::Null,
        value: ProducePayload::Json("{".to_owned()),
        headers: Vec::new(),
        timestamp_ms: None,
    };
    check(mock.cluster.produce(request.clone()).await.map(drop), "topic 'nowhere' does not exist");
    request.topic = "orders".to_owned();
    let error = mock.cluster.produce(request).await.expect_err("an error").to_string();
    assert!(error.starts_with("value: this is not JSON: "), "{error}");
    mock.cluster.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_cluster_says_so() {
    // Bound and let go: nobody listens there.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
    let config = ClusterConfig { bootstrap_servers: port.to_string(), ..ClusterConfig::default() };
    let error = Cluster::connect(config).topic_views().await.expect_err("an error");
    let said = error.to_string();
    assert!(matches!(error, ClusterError::Unavailable { .. }), "{error:?}");
    assert!(said.contains(&port.to_string()) && said.contains("refused"), "{said}");
}
