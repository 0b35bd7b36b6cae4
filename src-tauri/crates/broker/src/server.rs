//! Sockets: accept, read frames, answer in order.

mod connection;
mod door;
mod input;
mod output;
mod queue;
mod usage;

pub(crate) use connection::Peer;
pub(crate) use door::Door;
pub(crate) use queue::Durable;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use crate::Broker;
use crate::admission::Admission;
use crate::security::listener::Listener;

/// How long open connections may finish what they are doing at a stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);

/// After an accept failed (no more file descriptors, say), wait before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves Kafka's protocol on `listener` until `shutdown` resolves, then lets requests under way finish.
/// The broker stays open: close it afterwards with [`Broker::close`].
///
/// A listener whose certificates cannot be read is not served: [`Broker::check_listener`] says so beforehand.
pub async fn serve(listener: impl Into<Listener>, broker: Broker, shutdown: impl Future<Output = ()>) {
    let listener = listener.into();
    let door = match Door::open(&listener, &broker) {
        Ok(door) => door,
        Err(error) => return error!(%error, "not listening"),
    };
    let listener = listener.socket;
    let address = listener.local_addr().ok();
    if let Some(address) = address {
        broker.listening().begin(address, Arc::clone(&door.entrance));
    }
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
                let admitted = tokio::select! {
                    () = &mut shutdown => break,
                    () = stopping.cancelled() => break,
                    admitted = broker.admit(&door.entrance, remote.ip().to_canonical()) => admitted,
                };
                let seat = match admitted {
                    Admission::Welcome(seat) => seat,
                    Admission::TooMany => {
                        warn!(%remote, "connection refused, there are too many from its address");
                        continue;
                    }
                    Admission::TooSoon(seat, wait) => {
                        let stopping = stopping.clone();
                        tracker.spawn(async move {
                            let _ = tokio::time::timeout(wait, stopping.cancelled()).await;
                            drop((stream, seat));
                        });
                        continue;
                    }
                };
                let (door, broker, stopping) = (door.clone(), broker.clone(), stopping.clone());
                tracker.spawn(async move {
                    connection::run(stream, remote, door, broker, stopping).await;
                    drop(seat);
                });
            }
            Err(error) => {
                warn!(%error, "accept failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    if let Some(address) = address {
        broker.listening().end(address);
    }
    stopping.cancel();
    tracker.close();
    if tokio::time::timeout(DRAIN_TIMEOUT, tracker.wait()).await.is_err() {
        info!(connections = tracker.len(), "connections left open at stop");
    }
}
