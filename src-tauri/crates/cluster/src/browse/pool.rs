//! A few consumers, kept warm between reads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::client::{Clients, Consumer};
use crate::error::Result;

/// Reads at once: each consumer has threads and a fetch queue of its own.
const CONSUMERS_MAX: usize = 6;
/// A consumer nobody used for this long is closed.
const IDLE_MAX: Duration = Duration::from_secs(30);

pub(crate) struct Pool {
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<(Instant, Consumer)>>>,
}

impl Default for Pool {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(CONSUMERS_MAX)), idle: Arc::default() }
    }
}

impl Pool {
    pub(crate) async fn lease(&self) -> Lease {
        // The semaphore is never closed.
        let permit = self.permits.clone().acquire_owned().await.ok();
        Lease { idle: self.idle.clone(), _permit: permit }
    }

    /// Closes what has been idle for long. Closing blocks.
    pub(crate) fn reap(&self) {
        let old = {
            let mut idle = self.idle.lock();
            let (old, young): (Vec<_>, Vec<_>) =
                idle.drain(..).partition(|(since, _)| since.elapsed() > IDLE_MAX);
            *idle = young;
            old
        };
        drop(old);
    }

    pub(crate) fn has_idle(&self) -> bool {
        self.idle.lock().iter().any(|(since, _)| since.elapsed() > IDLE_MAX)
    }

    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.idle.lock());
        drop(all);
    }
}

/// The right to one consumer.
pub(crate) struct Lease {
    idle: Arc<Mutex<Vec<(Instant, Consumer)>>>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Lease {
    pub(crate) fn consumer(&self, clients: &Clients) -> Result<Consumer> {
        // The most recently used one has the freshest connections.
        let warm = self.idle.lock().pop();
        match warm {
            Some((_, consumer)) => Ok(consumer),
            None => clients.browser(),
        }
    }

    pub(crate) fn give_back(self, consumer: Consumer) {
        self.idle.lock().push((Instant::now(), consumer));
    }
}
