//! History for the charts: the recent minutes in memory, more on disk.
//!
//! Every cluster's samples pass through one task. It keeps them in a [`ring`]
//! at one-second resolution and hands them to the [`store`] in batches: seconds
//! for an hour, minutes for as long as the settings say.

mod ring;
mod series;
mod store;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::overview::{MetricSeries, MetricsReply};
use cluster::sample::Sample;
use parking_lot::Mutex;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use ring::Ring;
use series::{Axis, Points};
use store::Store;

/// Between two writes to the disk.
const FLUSH_EVERY: Duration = Duration::from_secs(10);
/// Samples waiting to be written, over all clusters; more are dropped.
const WAITING_MAX: usize = 1024;
/// Topics and groups recorded of one sample, the busiest first.
pub(crate) const SERIES_A_SAMPLE: usize = 200;
/// Points of one reply.
const POINTS_MAX: u32 = 5000;
const SERIES_MAX: usize = 100;

/// Bytes the embedded broker counted, as rates.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Traffic {
    pub(crate) bytes_in_per_s: f64,
    pub(crate) bytes_out_per_s: f64,
}

/// Answers the traffic since it was last asked.
pub(crate) type TrafficMeter = Box<dyn FnMut() -> Traffic + Send>;

/// One second of one cluster, as series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    pub(crate) at_s: i64,
    pub(crate) values: Vec<(Arc<str>, f64)>,
}

/// The recorder. Clones share it.
#[derive(Clone)]
pub(crate) struct Metrics {
    inner: Arc<Inner>,
}

struct Inner {
    rings: Mutex<BTreeMap<String, Ring>>,
    traffic: Mutex<Traffic>,
    messages: mpsc::Sender<Message>,
    stop: CancellationToken,
}

enum Message {
    Record {
        cluster: String,
        record: Arc<Record>,
    },
    Read {
        cluster: String,
        names: Vec<String>,
        axis: Axis,
        reply: oneshot::Sender<BTreeMap<String, Points>>,
    },
    Retention {
        days: u32,
    },
    /// Written to the disk.
    Close {
        reply: oneshot::Sender<()>,
    },
}

impl Metrics {
    /// The database is opened by the first write or read.
    pub(crate) fn start(path: PathBuf, retention_days: u32) -> Self {
        let (messages, inbox) = mpsc::channel(WAITING_MAX);
        tokio::spawn(keep(Store::new(path, retention_days), inbox));
        let inner = Inner {
            rings: Mutex::default(),
            traffic: Mutex::default(),
            messages,
            stop: CancellationToken::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Records a cluster's samples until it is let go.
    pub(crate) fn record(
        &self,
        cluster: &str,
        mut samples: broadcast::Receiver<Arc<Sample>>,
        mut meter: Option<TrafficMeter>,
    ) {
        let (this, cluster) = (self.clone(), cluster.to_owned());
        tokio::spawn(async move {
            loop {
                let sample = tokio::select! {
                    sample = samples.recv() => sample,
                    () = this.inner.stop.cancelled() => return,
                };
                match sample {
                    Ok(sample) => {
                        let traffic = meter.as_mut().map(|meter| meter());
                        this.take(&cluster, &sample, traffic);
                    }
                    Err(broadcast::error::RecvError::Lagged(missed)) => {
                        tracing::debug!(cluster, missed, "samples missed");
                    }
                    Err(broadcast::error::RecvError::Closed) => return,
                }
            }
        });
    }

    fn take(&self, cluster: &str, sample: &Sample, traffic: Option<Traffic>) {
        if let Some(traffic) = traffic {
            *self.inner.traffic.lock() = traffic;
        }
        let record = Arc::new(series::record(sample, traffic));
        self.inner.rings.lock().entry(cluster.to_owned()).or_default().push(record.clone());
        // A disk that can't keep up costs history, not memory.
        if self.inner.messages.try_send(Message::Record { cluster: cluster.to_owned(), record }).is_err() {
            tracing::debug!(cluster, "a sample is not kept");
        }
    }

    /// Of the embedded cluster, a second old at most.
    pub(crate) fn traffic(&self) -> Traffic {
        *self.inner.traffic.lock()
    }

    pub(crate) fn set_retention(&self, days: u32) {
        let _ = self.inner.messages.try_send(Message::Retention { days });
    }

    /// Aligned series; gaps are none.
    pub(crate) async fn read(
        &self,
        cluster: &str,
        names: Vec<String>,
        from_ms: i64,
        to_ms: i64,
        points_max: u32,
    ) -> Result<MetricsReply, String> {
        if names.len() > SERIES_MAX {
            return Err(format!("at most {SERIES_MAX} series in one reply, not {}", names.len()));
        }
        if to_ms <= from_ms {
            return Err(format!("to_ms ({to_ms}) must lie after from_ms ({from_ms})"));
        }
        let axis = Axis::new(from_ms, to_ms, points_max.clamp(1, POINTS_MAX));
        let mut points: BTreeMap<String, Points> = BTreeMap::new();
        // What the ring holds need not be read from the disk; what is older is only there.
        let ring_from = {
            let rings = self.inner.rings.lock();
            let ring = rings.get(cluster);
            if let Some(ring) = ring {
                ring.collect(&names, &axis, &mut points);
            }
            ring.and_then(Ring::first_s)
        };
        let older = axis.until(ring_from);
        if let Some(older) = older {
            let (reply, answer) = oneshot::channel();
            let read =
                Message::Read { cluster: cluster.to_owned(), names: names.clone(), axis: older, reply };
            if self.inner.messages.send(read).await.is_ok()
                && let Ok(stored) = answer.await
            {
                for (name, stored) in stored {
                    points.entry(name).or_default().add_all(&stored);
                }
            }
        }
        let presence = points.remove(series::PRESENCE).unwrap_or_default();
        let series = names
            .into_iter()
            .map(|name| {
                let own = points.get(&name);
                MetricSeries { values: axis.values(&name, own, &presence), name }
            })
            .collect();
        Ok(MetricsReply { times_ms: axis.times_ms(), series })
    }

    /// Writes what is waiting.
    pub(crate) async fn close(&self) {
        self.inner.stop.cancel();
        let (reply, done) = oneshot::channel();
        if self.inner.messages.send(Message::Close { reply }).await.is_ok() {
            let _ = done.await;
        }
    }
}

/// Owns the database: one writer, so nothing waits for a lock.
async fn keep(mut store: Store, mut inbox: mpsc::Receiver<Message>) {
    let mut flush = tokio::time::interval(FLUSH_EVERY);
    flush.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            message = inbox.recv() => message,
            _ = flush.tick() => {
                store.flush().await;
                continue;
            }
        };
        match message {
            Some(Message::Record { cluster, record }) => store.push(cluster, record),
            Some(Message::Read { cluster, names, axis, reply }) => {
                store.flush().await;
                // The reader may have gone.
                let _ = reply.send(store.read(&cluster, &names, &axis).await);
            }
            Some(Message::Retention { days }) => store.retention_days = days,
            Some(Message::Close { reply }) => {
                store.close().await;
                let _ = reply.send(());
                return;
            }
            None => {
                store.close().await;
                return;
            }
        }
    }
}
