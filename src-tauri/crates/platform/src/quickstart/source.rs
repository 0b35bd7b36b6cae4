//! Samples this computer every second and produces the samples, as any client would.

use std::time::Duration;

use cluster::{Cluster, ProducePayload, ProduceRequest};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::SOURCE_TOPIC;
use super::sampler::{Host, HostSample};

const SAMPLE_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    pub(super) produced: u64,
    /// Of the last sample; none when it went well.
    pub(super) error: Option<String>,
}

/// A running source.
pub(super) struct Source {
    progress: watch::Receiver<Progress>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Source {
    /// `produced` goes on from an earlier source of this process.
    pub(super) fn start(cluster: Cluster, produced: u64) -> Self {
        let (sender, progress) = watch::channel(Progress { produced, error: None });
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(cluster, sender, stop.clone()));
        Self { progress, stop, task }
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    pub(super) fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    pub(super) async fn stop(self) -> Progress {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "quickstart source ended badly");
        }
        self.progress.borrow().clone()
    }
}

async fn run(cluster: Cluster, progress: watch::Sender<Progress>, stop: CancellationToken) {
    let failed = |error: String| {
        tracing::debug!(%error, "sample not produced");
        progress.send_modify(|progress| progress.error = Some(error));
    };
    let mut host = match tokio::task::spawn_blocking(Host::open).await {
        Ok(Ok(host)) => host,
        Ok(Err(error)) => return failed(error),
        Err(error) => return failed(error.to_string()),
    };
    let mut tick = tokio::time::interval(SAMPLE_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    // The first tick is at once, and processor usage needs a span of time.
    tick.tick().await;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.cancelled() => return,
        }
        // Reading a disk's size can wait for a sleeping network drive.
        let sampling = tokio::task::spawn_blocking(move || {
            let sample = host.sample(jiff::Timestamp::now().as_millisecond());
            (host, sample)
        });
        let sample = match sampling.await {
            Ok((back, sample)) => {
                host = back;
                sample
            }
            Err(error) => return failed(error.to_string()),
        };
        let produced = tokio::select! {
            produced = produce(&cluster, &sample) => produced,
            () = stop.cancelled() => return,
        };
        match produced {
            Ok(()) => progress.send_modify(|progress| {
                progress.produced += 1;
                progress.error = None;
            }),
            Err(error) => failed(error),
        }
    }
}

async fn produce(cluster: &Cluster, sample: &HostSample) -> Result<(), String> {
    let text = serde_json::to_string(sample).map_err(|error| error.to_string())?;
    let request = ProduceRequest {
        topic: SOURCE_TOPIC.to_owned(),
        partition: None,
        key: ProducePayload::Text(sample.host.clone()),
        value: ProducePayload::Schema { text, subject: format!("{SOURCE_TOPIC}-value"), message: None },
        headers: Vec::new(),
        timestamp_ms: Some(sample.sampled_at),
    };
    cluster.produce(request).await.map(drop).map_err(|error| error.to_string())
}
