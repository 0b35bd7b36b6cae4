//! One look at the cluster every second, kept: what lists and charts show.
//!
//! [`fetch`] takes the look on a blocking thread, in a handful of requests
//! whatever the number of topics. [`state`] turns looks into rates, lag and
//! trends; it is pure.

mod fetch;
mod query;
mod state;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::{Mutex, RwLock};
use tokio::sync::{Notify, broadcast, watch};
use tokio::task::JoinHandle;

pub use query::{ClusterView, GroupLagView, GroupView, TopicGroupView, TopicView};
pub(crate) use state::State;

use crate::cluster::{CALL_LIMIT, Cluster};
use crate::error::{ClusterError, Result};

/// Between looks.
pub const SAMPLE_EVERY: Duration = Duration::from_secs(1);
/// After a failed look.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// A sampler nobody asked for this long pauses, unless it must go on.
const IDLE_MAX: Duration = Duration::from_secs(120);
/// A look not taken for this long is not shown any more.
const STALE_AFTER: Duration = Duration::from_secs(10);
/// A change waits for a fresh look at most this long.
const REFRESH_LIMIT: Duration = Duration::from_secs(2);

/// One second's figures, for the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub at_ms: i64,
    /// Messages written per second, over all topics.
    pub messages_in: f64,
    pub total_lag: u64,
    /// Topics that received anything.
    pub topic_in: Vec<(Arc<str>, f64)>,
    pub group_lag: Vec<(String, u64)>,
}

pub(crate) struct Sampler {
    pub(crate) state: RwLock<State>,
    running: Mutex<Option<JoinHandle<()>>>,
    asked: Mutex<Instant>,
    /// Counts looks; the error of the last one.
    looks: watch::Sender<(u64, Option<ClusterError>)>,
    wake: Notify,
    samples: broadcast::Sender<Arc<Sample>>,
    stale_policies: Mutex<HashSet<String>>,
    /// A look is under way.
    looking: AtomicBool,
}

impl Default for Sampler {
    fn default() -> Self {
        Self {
            state: RwLock::default(),
            running: Mutex::new(None),
            asked: Mutex::new(Instant::now()),
            looks: watch::Sender::new((0, None)),
            wake: Notify::new(),
            samples: broadcast::Sender::new(64),
            stale_policies: Mutex::default(),
            looking: AtomicBool::new(false),
        }
    }
}

impl Sampler {
    pub(crate) fn stop(&self) {
        if let Some(task) = self.running.lock().take() {
            task.abort();
        }
    }

    /// The topic's cleanup policy has changed.
    pub(crate) fn forget_policy(&self, topic: &str) {
        self.stale_policies.lock().insert(topic.to_owned());
    }
}

impl Cluster {
    /// Samples from now on even when nobody looks. Needs a tokio runtime.
    pub fn keep_sampling(&self) -> broadcast::Receiver<Arc<Sample>> {
        let receiver = self.inner.sampler.samples.subscribe();
        self.start_sampler();
        receiver
    }

    /// Takes a look now and waits for it, briefly: after a change.
    pub async fn refresh(&self) {
        let sampler = &self.inner.sampler;
        if sampler.running.lock().is_none() {
            return;
        }
        let mut looks = sampler.looks.subscribe();
        let seen = looks.borrow_and_update().0;
        // A look under way may be from before the change: then the next one counts.
        let wanted = seen + if sampler.looking.load(Ordering::Acquire) { 2 } else { 1 };
        sampler.wake.notify_one();
        let fresh = looks.wait_for(|(count, _)| *count >= wanted);
        if tokio::time::timeout(REFRESH_LIMIT, fresh).await.is_err() {
            tracing::debug!("no fresh look in time");
        }
    }

    /// Reads the last look; the first call waits for one.
    pub(crate) async fn sampled<T>(&self, read: impl FnOnce(&State) -> T) -> Result<T> {
        let sampler = &self.inner.sampler;
        *sampler.asked.lock() = Instant::now();
        self.start_sampler();
        let fresh = |state: &State| state.taken.is_some_and(|taken| taken.elapsed() < STALE_AFTER);
        if !fresh(&sampler.state.read()) {
            let mut looks = sampler.looks.subscribe();
            let (before, failed) = looks.borrow_and_update().clone();
            // It is tried again every few seconds anyway: who asks meanwhile need not wait for that.
            if let Some(error) = failed {
                return Err(error);
            }
            sampler.wake.notify_one();
            let look = tokio::time::timeout(CALL_LIMIT, looks.wait_for(|(count, _)| *count > before)).await;
            let error = match look {
                Ok(Ok(look)) => look.1.clone(),
                Ok(Err(_)) => Some(ClusterError::Internal("the sampler has stopped".to_owned())),
                Err(_) => Some(self.inner.clients.explain(ClusterError::Unavailable {
                    what: self.inner.config.bootstrap_servers.clone(),
                    reason: "no reply in time".to_owned(),
                })),
            };
            if let Some(error) = error {
                return Err(error);
            }
        }
        Ok(read(&sampler.state.read()))
    }

    fn start_sampler(&self) {
        let mut running = self.inner.sampler.running.lock();
        if running.as_ref().is_none_or(JoinHandle::is_finished) {
            // A weak handle: a cluster that is let go stops being sampled.
            let cluster = Arc::downgrade(&self.inner);
            *running = Some(tokio::spawn(async move {
                loop {
                    let Some(inner) = cluster.upgrade() else { return };
                    if !sample(&Cluster { inner }).await {
                        return;
                    }
                }
            }));
        }
    }
}

/// One look and the pause after it; false ends the sampling.
async fn sample(cluster: &Cluster) -> bool {
    let sampler = &cluster.inner.sampler;
    let started = Instant::now();
    sampler.looking.store(true, Ordering::Release);
    let outcome = look(cluster).await;
    sampler.looking.store(false, Ordering::Release);
    let failed = outcome.is_err();
    if let Err(error) = &outcome {
        tracing::debug!(%error, cluster = %cluster.inner.config.bootstrap_servers, "not sampled");
    }
    sampler.looks.send_modify(|looks| *looks = (looks.0 + 1, outcome.err()));
    if cluster.inner.pool.has_idle() {
        let inner = cluster.inner.clone();
        tokio::task::spawn_blocking(move || inner.pool.reap());
    }
    let idle = sampler.asked.lock().elapsed() > IDLE_MAX;
    if idle && sampler.samples.receiver_count() == 0 {
        // Whoever asks next finds out anew.
        sampler.looks.send_modify(|looks| looks.1 = None);
        return false;
    }
    let pause = if failed { RETRY_AFTER } else { SAMPLE_EVERY.saturating_sub(started.elapsed()) };
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = sampler.wake.notified() => {}
    }
    true
}

async fn look(cluster: &Cluster) -> Result<()> {
    let sampler = &cluster.inner.sampler;
    let watched = sampler.asked.lock().elapsed() < Duration::from_secs(30);
    for topic in sampler.stale_policies.lock().drain() {
        sampler.state.write().forget_policy(&topic);
    }
    let plan = sampler.state.read().plan(cluster.known_metadata(), watched);
    let look =
        cluster.call("sample", CALL_LIMIT / 2, move |client, limit| fetch::look(client, plan, limit)).await?;
    cluster.remember(look.metadata.clone());
    let sample = sampler.state.write().apply(look, Instant::now(), now_ms());
    // Nobody may be listening.
    let _ = sampler.samples.send(Arc::new(sample));
    Ok(())
}

pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
