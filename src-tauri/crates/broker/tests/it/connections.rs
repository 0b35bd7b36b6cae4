//! How many connections there may be, and how fast new ones may come.

use std::time::{Duration, Instant};

use broker::BrokerConfig;
use testkit::{TempDir, within};
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::server::Server;

/// A connection that asks something, and keeps itself once it was answered.
async fn asking(server: &Server) -> JoinHandle<Client> {
    let mut client = server.client().await;
    tokio::spawn(async move {
        client.wire.request(18, 0, false, &[]).await.expect("answered");
        client
    })
}

#[tokio::test]
async fn who_finds_no_room_waits_until_there_is() {
    for key in ["max.connections", "listener.name.plaintext.max.connections"] {
        let dir = TempDir::new();
        let server = Server::with(BrokerConfig::new(dir.path()).with(key, "1")).await;
        let mut first = server.client().await;
        first.metadata("t").await;
        let second = asking(&server).await;
        for _ in 0..20 {
            first.metadata("t").await;
        }
        assert!(!second.is_finished(), "{key}");
        assert_eq!(server.broker.stats().connections, 1, "{key}");
        first.configure_broker(key, "2").await;
        let mut second = within("more room", second).await.unwrap();

        let third = asking(&server).await;
        for _ in 0..20 {
            second.metadata("t").await;
        }
        assert!(!third.is_finished(), "{key}");
        drop(first);
        within("a place given back", third).await.unwrap();
        server.stop().await;
    }
}

#[tokio::test]
async fn new_connections_that_come_too_fast_wait_for_each_other() {
    for key in ["max.connection.creation.rate", "listener.name.plaintext.max.connection.creation.rate"] {
        let dir = TempDir::new();
        let server = Server::with(BrokerConfig::new(dir.path()).with(key, "1")).await;
        let start = Instant::now();
        // As many as may come in ten seconds may come at once. The broker's clock stands still.
        for _ in 0..10 {
            server.client().await.metadata("t").await;
        }
        let after_ten = start.elapsed();
        server.client().await.metadata("t").await;
        let eleventh = start.elapsed() - after_ten;
        assert!(eleventh >= Duration::from_millis(990), "{key}: {eleventh:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_stop_does_not_wait_for_who_waits() {
    let dir = TempDir::new();
    let server = Server::with(BrokerConfig::new(dir.path()).with("max.connections", "1")).await;
    let mut first = server.client().await;
    first.metadata("t").await;
    let mut second = server.client().await;
    second.wire.send_request(18, 0, false, &[]).await.unwrap();
    first.metadata("t").await;
    server.stop().await;
    assert!(second.wire.read_frame().await.is_err());
}
