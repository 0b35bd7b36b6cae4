//! Compacts logs, beside everything else and no faster than it may.

mod throttler;

use std::ops::ControlFlow;
use std::time::Duration;

use commitlog::LogError;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};
use tracing::{debug, info, warn};

use crate::Broker;
use throttler::Throttler;

/// A backoff of 0 does not mean to look without end.
const BACKOFF_MIN: Duration = Duration::from_millis(50);

/// Who waits looks so often whether the rate was changed.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// Compacts what is due, again and again, `log.cleaner.backoff.ms` apart.
pub(crate) async fn run(broker: Broker) {
    loop {
        let backoff_ms = u64::try_from(broker.settings().number("log.cleaner.backoff.ms")).unwrap_or(0);
        tokio::select! {
            () = sleep(Duration::from_millis(backoff_ms).max(BACKOFF_MIN)) => {}
            () = broker.stopping().cancelled() => return,
        }
        if !broker.settings().flag("log.cleaner.enable") {
            continue;
        }
        let cleaner = broker.clone();
        // Files are read and written at length here: not on a thread that answers clients.
        if let Err(error) = spawn_blocking(move || clean(&cleaner)).await {
            warn!(%error, "compaction failed");
        }
    }
}

fn clean(broker: &Broker) {
    let began = Instant::now();
    let mut throttler = Throttler::new(began.elapsed());
    let mut moved = |bytes| {
        throttler.add(bytes);
        loop {
            if broker.stopping().is_cancelled() {
                return ControlFlow::Break(());
            }
            // Asked each time: it may be changed meanwhile.
            let bytes_per_second = broker.settings().fraction("log.cleaner.io.max.bytes.per.second");
            match throttler.wait(began.elapsed(), bytes_per_second.unwrap_or(f64::MAX)) {
                Duration::ZERO => return ControlFlow::Continue(()),
                wait => pause(broker, wait.min(WAIT_MAX)),
            }
        }
    };
    for topic in broker.topics().all().iter().filter(|topic| topic.settings().log.cleanup.compact) {
        for partition in topic.partitions().iter() {
            let now_ms = broker.now_ms();
            let Ok(end) = partition.stable_offset(now_ms) else { continue };
            if !partition.log.compaction_due(end, now_ms) {
                continue;
            }
            match partition.log.compact_paced(end, now_ms, &mut moved) {
                Ok(stats) => {
                    info!(topic = %topic.name, partition = partition.index, ?stats, "compacted");
                }
                Err(LogError::CompactionStopped { .. }) => return,
                Err(error @ LogError::Closed { .. }) => {
                    debug!(topic = %topic.name, partition = partition.index, %error, "compaction given up");
                }
                Err(error) => {
                    warn!(topic = %topic.name, partition = partition.index, %error, "compaction failed");
                }
            }
        }
    }
}

/// Waits on a thread that may block, until the broker stops.
fn pause(broker: &Broker, wait: Duration) {
    Handle::current().block_on(async {
        tokio::select! {
            () = sleep(wait) => {}
            () = broker.stopping().cancelled() => {}
        }
    });
}
