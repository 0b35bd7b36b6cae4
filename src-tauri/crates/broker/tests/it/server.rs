use std::net::SocketAddr;
use std::path::Path;

use broker::listener::Listener;
use broker::{Broker, BrokerConfig, Clock, SystemClock, serve};
use testkit::{ManualClock, TempDir, listen, within};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::Client;

/// When the tests' clocks begin: Nov 14, 2023.
pub(crate) const EPOCH_MS: i64 = 1_700_000_000_000;

#[derive(Clone)]
pub(crate) struct TestClock(pub(crate) ManualClock);

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.now_ms()
    }
}

/// A broker that serves a free port.
pub(crate) struct Server {
    pub(crate) broker: Broker,
    pub(crate) address: SocketAddr,
    pub(crate) clock: ManualClock,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(dir: &Path) -> Self {
        Self::with(BrokerConfig::new(dir)).await
    }

    pub(crate) async fn with(config: BrokerConfig) -> Self {
        Self::on(config, "PLAINTEXT").await
    }

    /// Serves a listener of this name.
    pub(crate) async fn on(config: BrokerConfig, name: &str) -> Self {
        let clock = ManualClock::at(EPOCH_MS);
        Self::open(config, name, TestClock(clock.clone()), clock).await
    }

    /// With the real time; its own clock means nothing.
    pub(crate) async fn with_system_clock(config: BrokerConfig) -> Self {
        Self::open(config, "PLAINTEXT", SystemClock, ManualClock::at(EPOCH_MS)).await
    }

    async fn open(config: BrokerConfig, name: &str, time: impl Clock, clock: ManualClock) -> Self {
        let broker = Broker::open(config, time).expect("the broker opens");
        let (listener, address) = listen().await.expect("a port is free");
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let listener = Listener::new(listener, name);
        broker.check_listener(&listener).expect("the listener can be served");
        let serving = tokio::spawn(serve(listener, broker.clone(), shutdown));
        Self { broker, address, clock, stop, serving }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// A proper stop.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        within("the server to stop", self.serving).await.expect("no panic");
        within("the broker to close", self.broker.close()).await.expect("the broker closes");
    }
}

/// What a crash leaves: the files as they are now, without the lock's holder.
pub(crate) fn crash_copy(dir: &Path) -> TempDir {
    let copy = TempDir::new();
    copy_all(dir, copy.path());
    copy
}

fn copy_all(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_all(&entry.path(), &target);
        } else {
            match std::fs::copy(entry.path(), &target) {
                // Replaced by its next version just now: that comes under its own name.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                copied => assert!(copied.is_ok(), "{copied:?}"),
            }
        }
    }
}
