//! Sockets: accept, read frames, answer in order.

mod connection;
mod input;
mod output;

pub(crate) use connection::Peer;

use std::future::Future;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::Broker;

/// How long open connections may finish what they are doing at a stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);

/// After an accept failed (no more file descriptors, say), wait before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves Kafka's protocol on `listener` until `shutdown` resolves, then lets requests under way finish.
/// The broker stays open: close it afterwards with [`Broker::close`].
pub async fn serve(listener: TcpListener, broker: Broker, shutdown: impl Future<Output = ()>) {
    broker.start_background();
    let tracker = TaskTracker::new();
    // Its connections end with this listener, or with the broker.
    let stopping = broker.stopping().child_token();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            () = stopping.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, remote)) => {
                if !broker.may_connect() {
                    warn!(%remote, "connection refused, max.connections reached");
                    continue;
                }
                let serving = connection::run(stream, remote, broker.clone(), stopping.clone());
                tracker.spawn(serving);
            }
            Err(error) => {
                warn!(%error, "accept failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    stopping.cancel();
    tracker.close();
    if tokio::time::timeout(DRAIN_TIMEOUT, tracker.wait()).await.is_err() {
        info!(connections = tracker.len(), "connections left open at stop");
    }
}
