//! The home page and its charts.

use api::ApiError;
use api::cluster::LOCAL;
use api::dags::RunCounts;
use api::overview::{GroupLag, MetricsGet, MetricsReply, Overview, OverviewGet, TopicRate};

use super::{count, dags};
use crate::error::{invalid, of_cluster, of_orchestrator};
use crate::platform::Services;

/// Topics, groups and runs shown.
const ROWS: usize = 10;

pub(super) async fn get(it: &Services, params: OverviewGet) -> Result<Overview, ApiError> {
    let cluster = it.clusters.get(&params.cluster)?;
    let view = cluster.view().await.map_err(of_cluster)?;
    let busiest = cluster.busiest_topics(ROWS).await.map_err(of_cluster)?;
    let slowest = cluster.slowest_groups(ROWS).await.map_err(of_cluster)?;
    let counts = it.orchestrator.run_counts().await.map_err(of_orchestrator)?;
    let runs = it.orchestrator.runs(&Default::default(), ROWS as u32).await.map_err(of_orchestrator)?;
    // The protocol does not tell a remote cluster's traffic.
    let traffic = (params.cluster == LOCAL).then(|| it.metrics.traffic());
    Ok(Overview {
        brokers: count(view.brokers),
        topics: count(view.topics),
        partitions: count(view.partitions),
        under_replicated: count(view.under_replicated),
        offline: count(view.offline),
        messages_in_per_s: view.messages_in_per_s,
        bytes_in_per_s: traffic.map(|traffic| traffic.bytes_in_per_s),
        bytes_out_per_s: traffic.map(|traffic| traffic.bytes_out_per_s),
        total_lag: view.total_lag,
        busiest_topics: busiest
            .into_iter()
            .map(|(topic, rate, trend)| TopicRate {
                topic: topic.to_string(),
                messages_in_per_s: rate,
                trend,
            })
            .collect(),
        slowest_groups: slowest
            .into_iter()
            .map(|group| GroupLag {
                group: group.group,
                state: group.state.name().to_owned(),
                total_lag: group.total_lag,
                trend: group.trend,
            })
            .collect(),
        runs: RunCounts {
            queued: counts.queued,
            running: counts.running,
            success: counts.success,
            failed: counts.failed,
        },
        recent_runs: runs.iter().map(dags::run_row).collect(),
        now_ms: jiff::Timestamp::now().as_millisecond(),
    })
}

pub(super) async fn metrics(it: &Services, params: MetricsGet) -> Result<MetricsReply, ApiError> {
    // An attached cluster begins to be recorded when somebody looks.
    it.clusters.get(&params.cluster)?;
    let MetricsGet { cluster, series, from_ms, to_ms, points_max } = params;
    it.metrics.read(&cluster, series, from_ms, to_ms, points_max).await.map_err(invalid)
}
