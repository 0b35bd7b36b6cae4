//! The quickstart pipeline: this computer's own figures, flowing through every service.
//!
//! [`source`] samples the computer and produces as any client would; the DAG in
//! `host_report.yaml` does the rest. Nothing in the services knows of it.

mod sampler;
mod source;
mod state;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::ApiError;
use api::quickstart::{Quickstart, QuickstartState};
use cluster::{Cluster, ClusterError};
use dag::RunState;
use orchestrator::{Orchestrator, OrchestratorError, RunFilter, Trigger};
use tokio::sync::Mutex;

use crate::config::{Config, QuickstartStart};
use crate::error::{internal, of_cluster, of_orchestrator};
use source::Source;
use state::Decision;

const SOURCE_TOPIC: &str = "host.metrics";
const REPORT_TOPIC: &str = "host.report";
const GROUP: &str = "host_report";
const DAG_ID: &str = "host_report";
const DAG_FILE: &str = "host_report.yaml";
const DAG_TEXT: &str = include_str!("host_report.yaml");
const TABLE: &str = "host_report";
const SAMPLE_SCHEMA: &str = include_str!("host_metrics.avsc");
const REPORT_SCHEMA: &str = include_str!("host_report.avsc");
/// A day of samples is about 15 MB.
const RETENTION_MS: &str = "86400000";
/// A newcomer sees the first run once there is something to sum up.
const SAMPLES_BEFORE_FIRST_RUN: u64 = 8;
const STOP_LIMIT: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub(crate) struct Pipeline {
    inner: Arc<Inner>,
}

struct Inner {
    cluster: Cluster,
    orchestrator: Orchestrator,
    state_file: PathBuf,
    dag_file: PathBuf,
    warehouse: PathBuf,
    /// One change at a time.
    running: Mutex<Option<Source>>,
    last: parking_lot::Mutex<source::Progress>,
    decided: parking_lot::Mutex<Option<Decision>>,
}

impl Pipeline {
    pub(crate) fn new(config: &Config, cluster: Cluster, orchestrator: Orchestrator) -> Self {
        let paths = config.paths();
        let state_file = paths.quickstart_file();
        let decided = state::read(&state_file);
        Self {
            inner: Arc::new(Inner {
                cluster,
                orchestrator,
                dag_file: paths.dags().join(DAG_FILE),
                warehouse: paths.warehouse_db(),
                running: Mutex::new(None),
                last: parking_lot::Mutex::default(),
                decided: parking_lot::Mutex::new(decided),
                state_file,
            }),
        }
    }

    /// Starts with the services, if it should; in the background, because nothing waits for it.
    pub(crate) fn begin(&self, asked: QuickstartStart) {
        if !state::starts(*self.inner.decided.lock(), asked) {
            return;
        }
        let this = self.clone();
        tokio::spawn(async move {
            if let Err(error) = this.start().await {
                tracing::warn!(%error, "quickstart not started");
                this.inner.last.lock().error = Some(error.to_string());
            }
        });
    }

    pub(crate) async fn get(&self) -> Quickstart {
        let running = self.inner.running.lock().await;
        let progress = match &*running {
            Some(source) => source.progress(),
            None => self.inner.last.lock().clone(),
        };
        let state = match (&*running, *self.inner.decided.lock()) {
            (Some(_), _) | (None, Some(Decision::Running)) => QuickstartState::Running,
            (None, Some(Decision::Stopped)) => QuickstartState::Stopped,
            (None, Some(Decision::Removed) | None) => QuickstartState::Absent,
        };
        Quickstart {
            state,
            source_topic: SOURCE_TOPIC.to_owned(),
            report_topic: REPORT_TOPIC.to_owned(),
            group: GROUP.to_owned(),
            dag_id: DAG_ID.to_owned(),
            produced: progress.produced,
            error: progress.error,
        }
    }

    /// Creates what is missing and starts the source.
    pub(crate) async fn start(&self) -> Result<(), ApiError> {
        let mut running = self.inner.running.lock().await;
        if running.is_some() {
            return Ok(());
        }
        self.create().await?;
        let produced = self.inner.last.lock().produced;
        let source = Source::start(self.inner.cluster.clone(), produced);
        self.decide(Decision::Running)?;
        let first_run = self.clone();
        let mut progress = source.watch();
        tokio::spawn(async move {
            // The sender goes away with the source: then there is nothing to trigger.
            if progress.wait_for(|progress| progress.produced >= SAMPLES_BEFORE_FIRST_RUN).await.is_ok() {
                first_run.trigger_first_run().await;
            }
        });
        *running = Some(source);
        Ok(())
    }

    async fn create(&self) -> Result<(), ApiError> {
        let Inner { cluster, orchestrator, dag_file, .. } = &*self.inner;
        let configs = [("retention.ms".to_owned(), RETENTION_MS.to_owned())];
        for topic in [SOURCE_TOPIC, REPORT_TOPIC] {
            match cluster.create_topic(topic, 1, 1, &configs).await {
                Ok(()) | Err(ClusterError::Exists { .. }) => {}
                Err(error) => return Err(of_cluster(error)),
            }
        }
        let schemas = cluster.schemas().map_err(of_cluster)?;
        for (topic, schema) in [(SOURCE_TOPIC, SAMPLE_SCHEMA), (REPORT_TOPIC, REPORT_SCHEMA)] {
            schemas.register(&format!("{topic}-value"), "AVRO", schema, &[]).await.map_err(of_cluster)?;
        }
        if !dag_file.exists() {
            if let Some(folder) = dag_file.parent() {
                std::fs::create_dir_all(folder).map_err(|error| self.failed(error))?;
            }
            std::fs::write(dag_file, DAG_TEXT).map_err(|error| self.failed(error))?;
        }
        orchestrator.reload().await.map_err(of_orchestrator)?;
        match orchestrator.set_paused(DAG_ID, false).await {
            // The user may have broken the file; that is shown as its import error.
            Ok(()) | Err(OrchestratorError::DagNotFound { .. } | OrchestratorError::DagStale { .. }) => {
                Ok(())
            }
            Err(error) => Err(of_orchestrator(error)),
        }
    }

    /// So that a newcomer need not wait for the minute.
    async fn trigger_first_run(&self) {
        let orchestrator = &self.inner.orchestrator;
        let filter = RunFilter { dag_id: Some(DAG_ID.to_owned()), state: Some(RunState::Success) };
        if !matches!(orchestrator.runs(&filter, 1).await, Ok(runs) if runs.is_empty()) {
            return;
        }
        let trigger = Trigger { dag_id: DAG_ID.to_owned(), ..Trigger::default() };
        if let Err(error) = orchestrator.trigger(trigger).await {
            tracing::warn!(%error, "first run of the quickstart not triggered");
        }
    }

    /// Stops the source and pauses the DAG; everything stays.
    pub(crate) async fn stop(&self) -> Result<(), ApiError> {
        let mut running = self.inner.running.lock().await;
        self.halt(&mut running).await;
        if *self.inner.decided.lock() != Some(Decision::Removed) {
            self.decide(Decision::Stopped)?;
        }
        match self.inner.orchestrator.set_paused(DAG_ID, true).await {
            Ok(()) | Err(OrchestratorError::DagNotFound { .. } | OrchestratorError::DagStale { .. }) => {
                Ok(())
            }
            Err(error) => Err(of_orchestrator(error)),
        }
    }

    /// Stops it and removes its topics, subjects, group, DAG and table.
    pub(crate) async fn remove(&self) -> Result<(), ApiError> {
        self.stop().await?;
        let _running = self.inner.running.lock().await;
        let Inner { cluster, orchestrator, dag_file, .. } = &*self.inner;
        self.end_runs().await?;
        match std::fs::remove_file(dag_file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(self.failed(error)),
            _ => {}
        }
        orchestrator.reload().await.map_err(of_orchestrator)?;

        let gone = |outcome: Result<(), ClusterError>| match outcome {
            Ok(()) | Err(ClusterError::NotFound { .. }) => Ok(()),
            Err(error) => Err(of_cluster(error)),
        };
        gone(cluster.delete_group(GROUP).await)?;
        for topic in [SOURCE_TOPIC, REPORT_TOPIC] {
            gone(cluster.delete_topic(topic).await)?;
            let schemas = cluster.schemas().map_err(of_cluster)?;
            gone(schemas.delete_subject(&format!("{topic}-value"), true).await)?;
        }
        self.drop_table().await?;
        self.decide(Decision::Removed)
    }

    /// A run under way would create its topic again.
    async fn end_runs(&self) -> Result<(), ApiError> {
        let orchestrator = &self.inner.orchestrator;
        for state in [RunState::Queued, RunState::Running] {
            let filter = RunFilter { dag_id: Some(DAG_ID.to_owned()), state: Some(state) };
            for run in orchestrator.runs(&filter, 100).await.map_err(of_orchestrator)? {
                match orchestrator.stop_run(&run.key).await {
                    // It ended by itself in the meantime.
                    Ok(()) | Err(OrchestratorError::Invalid(_)) => {}
                    Err(error) => return Err(of_orchestrator(error)),
                }
                let ended = tokio::time::timeout(STOP_LIMIT, orchestrator.wait_for_run(&run.key)).await;
                if ended.is_err() {
                    return Err(internal(format!("run {} of {DAG_ID} does not stop", run.key.run_id)));
                }
            }
        }
        Ok(())
    }

    async fn drop_table(&self) -> Result<(), ApiError> {
        use sqlx::Connection as _;
        if !self.inner.warehouse.exists() {
            return Ok(());
        }
        let failed = |error: sqlx::Error| internal(format!("table {TABLE} is not removed: {error}"));
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&self.inner.warehouse);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.map_err(failed)?;
        sqlx::query("DROP TABLE IF EXISTS host_report").execute(&mut connection).await.map_err(failed)?;
        connection.close().await.map_err(failed)
    }

    /// For the end of the process: what was decided stays.
    pub(crate) async fn pause_source(&self) {
        let mut running = self.inner.running.lock().await;
        self.halt(&mut running).await;
    }

    async fn halt(&self, running: &mut Option<Source>) {
        if let Some(source) = running.take() {
            *self.inner.last.lock() = source.stop().await;
        }
    }

    fn decide(&self, decision: Decision) -> Result<(), ApiError> {
        *self.inner.decided.lock() = Some(decision);
        state::write(&self.inner.state_file, decision).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: std::io::Error) -> ApiError {
        internal(format!("the quickstart can't write to the data directory: {error}"))
    }
}
