//! Compaction by the broker itself: how fast it may be.

use std::time::{Duration, Instant};

use broker::{Broker, BrokerConfig, Offset};
use testkit::{LIMIT, TempDir, wait_until};
use wire::batch::{BatchBuilder, batches};

use crate::broker_configs::alter;
use crate::server::Server;

/// How many batches a topic's first partition has.
fn batches_of(broker: &Broker, topic: &str) -> usize {
    let (mut count, mut from) = (0, Offset::ZERO);
    loop {
        let chunk = broker.read(topic, 0, from, 1 << 20).unwrap();
        if chunk.next_offset == from {
            return count;
        }
        count += batches(&chunk.bytes).count();
        from = chunk.next_offset;
    }
}

#[tokio::test]
async fn compaction_keeps_to_its_rate_which_may_change_meanwhile() {
    const RATE: &str = "log.cleaner.io.max.bytes.per.second";
    let dir = TempDir::new();
    let mut config = BrokerConfig::new(dir.path());
    config.properties.insert("log.cleaner.backoff.ms".into(), "50".into());
    config.properties.insert(RATE.into(), "1".into());
    let server = Server::with(config).await;
    let mut client = server.client().await;
    let small = ("internal.segment.bytes", "5000");
    client.create("t", 1, &[("cleanup.policy", "compact"), small]).await;
    let mut bytes = 0;
    for n in 0..40 {
        let value = format!("{n} {}", "v".repeat(1_000));
        let batch = BatchBuilder::new().record(0, Some(b"key"), Some(value.as_bytes())).build();
        bytes += batch.len();
        assert_eq!(client.produce("t", &batch).await.error_code, 0);
    }
    // All but the last segment is read three times; what stays is written once.
    let seconds_min = 1.2;
    let rate = (bytes - 5_000) as f64 * 3.0 / seconds_min;
    let changed = Instant::now();
    assert_eq!(alter(&mut client, "", &[(RATE, Some(&rate.to_string()))]).await, 0);
    wait_until("the log to be compacted", LIMIT, || {
        // One batch from before the active segment, and that.
        let kept = batches_of(&server.broker, "t");
        async move { (kept <= 6).then_some(()) }
    })
    .await;
    let took = changed.elapsed();
    assert!(took >= Duration::from_secs(1), "{bytes} bytes at {rate} a second compacted in {took:?}");
    server.stop().await;
}
