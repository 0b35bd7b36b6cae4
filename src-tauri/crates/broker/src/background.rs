//! What runs beside the connections: the groups' timer, and the upkeep of the logs.

use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tracing::warn;

use crate::Broker;

/// Between two rounds of flushes and checkpoints.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Lets time pass for the groups, exactly when one of them waits for it.
pub(crate) async fn groups(broker: Broker) {
    loop {
        let next = broker.coordinator().tick(&broker);
        let wait = async {
            match next {
                Some(next) => sleep(next).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = wait => {}
            () = broker.coordinator().sooner.notified() => {}
            () = broker.stopping().cancelled() => return,
        }
    }
}

/// Ends transactions that have been open for too long, and forgets ids nobody uses.
pub(crate) async fn transactions(broker: Broker) {
    let every = |name| {
        let interval_ms = u64::try_from(broker.settings().number(name)).unwrap_or(u64::MAX);
        let mut rounds = interval(Duration::from_millis(interval_ms.max(1)));
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        rounds
    };
    let mut overdue = every("transaction.abort.timed.out.transaction.cleanup.interval.ms");
    let mut expired = every("transaction.remove.expired.transaction.cleanup.interval.ms");
    loop {
        tokio::select! {
            _ = overdue.tick() => {
                broker.transactions().finish_prepared(&broker);
                broker.transactions().abort_overdue(&broker);
            }
            _ = expired.tick() => {
                let expiration_ms = broker.settings().number("transactional.id.expiration.ms");
                broker.transactions().expire(&broker, expiration_ms);
            }
            () = broker.stopping().cancelled() => return,
        }
    }
}

/// Lets time pass for share groups, exactly when one of them waits for it, and keeps their topic short.
pub(crate) async fn shares(broker: Broker) {
    let mut pruned_at = Instant::now();
    loop {
        let next = broker.tick_shares();
        let prune_ms = broker.settings().number("share.coordinator.state.topic.prune.interval.ms");
        let prune = Duration::from_millis(u64::try_from(prune_ms).unwrap_or(0));
        if pruned_at.elapsed() >= prune {
            pruned_at = Instant::now();
            let kept = broker.clone();
            if let Err(error) = spawn_blocking(move || kept.prune_share_states()).await {
                warn!(%error, "share group state not pruned");
            }
        }
        let until_prune = prune.saturating_sub(pruned_at.elapsed());
        tokio::select! {
            () = sleep(next.map_or(until_prune, |next| next.min(until_prune))) => {}
            () = broker.shares().sooner.notified() => {}
            () = broker.stopping().cancelled() => return,
        }
    }
}

/// Keeps the logs: flushes, retention, checkpoints, expiry. (`cleaner` compacts them.)
pub(crate) async fn logs(broker: Broker) {
    let mut rounds = interval(UPKEEP_INTERVAL);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut expired_at = Instant::now();
    let first_ms = broker.settings().number("log.initial.task.delay.ms");
    let mut retention_due = Instant::now() + Duration::from_millis(u64::try_from(first_ms).unwrap_or(0));
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            () = broker.stopping().cancelled() => return,
        }
        let settings = broker.settings();
        let every = |name| Duration::from_millis(u64::try_from(settings.number(name)).unwrap_or(0));
        let expire = expired_at.elapsed() >= every("offsets.retention.check.interval.ms");
        if expire {
            expired_at = Instant::now();
        }
        let retain = Instant::now() >= retention_due;
        if retain {
            retention_due = Instant::now() + every("log.retention.check.interval.ms");
        }
        let due = Due { expire, retain };
        let kept = broker.clone();
        // Files are read and written at length here: not on a thread that answers clients.
        if let Err(error) = spawn_blocking(move || keep(&kept, due)).await {
            warn!(%error, "log upkeep failed");
        }
    }
}

/// What a round does beside flushes and checkpoints.
struct Due {
    expire: bool,
    retain: bool,
}

fn keep(broker: &Broker, due: Due) {
    let now_ms = broker.now_ms();
    broker.dir().maintain(now_ms);
    if due.retain {
        broker.dir().apply_retention(now_ms);
    }
    if due.expire {
        broker.coordinator().expire(broker, now_ms);
        let expiration_ms = broker.producer_expiration_ms();
        for topic in broker.topics().all() {
            for partition in topic.partitions().iter() {
                partition.expire_producers(now_ms, expiration_ms);
            }
        }
    }
}
