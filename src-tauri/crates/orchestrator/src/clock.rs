//! Time as an argument: the scheduler asks this clock and no other.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::watch;

/// What the scheduler knows of time.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
    /// Completes when `now()` has reached `at`.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;
}

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// A laptop that slept wakes up here at the latest.
const NAP_MAX: Duration = Duration::from_secs(60);

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // Microseconds are what the store keeps: a value read back is equal.
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            loop {
                let left = at.duration_since(Timestamp::now());
                let Ok(left) = Duration::try_from(left) else { return };
                if left.is_zero() {
                    return;
                }
                // tokio's timer does not run while the machine is suspended.
                tokio::time::sleep(left.min(NAP_MAX)).await;
            }
        })
    }
}

/// A clock that moves when told, for tests.
#[derive(Debug, Clone)]
pub struct ManualClock {
    now: Arc<Mutex<Timestamp>>,
    ticks: watch::Sender<()>,
}

impl ManualClock {
    pub fn at(now: Timestamp) -> Self {
        Self { now: Arc::new(Mutex::new(now)), ticks: watch::Sender::new(()) }
    }

    pub fn set(&self, now: Timestamp) {
        *self.now.lock() = now;
        self.ticks.send_replace(());
    }

    pub fn advance(&self, by: Duration) {
        let now = *self.now.lock();
        self.set(now.saturating_add(by).unwrap_or(Timestamp::MAX));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let now = self.now.clone();
        let mut ticks = self.ticks.subscribe();
        Box::pin(async move {
            while *now.lock() < at {
                if ticks.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        })
    }
}
