//! The handle everyone else holds: reads from the store, asks the scheduler for changes.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use dag::RunState;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot, watch};

use crate::clock::Clock;
use crate::config::OrchestratorConfig;
use crate::dagbag::DagBag;
use crate::error::{OrchestratorError, Result};
use crate::executor::Services;
use crate::logs::TaskLogs;
use crate::ports::Ports;
use crate::records::{
    DagDetail, DagEntry, ImportError, LogPage, Run, RunCounts, RunDetail, RunFilter, RunKey,
    TaskInstanceDetail, TaskKey,
};
use crate::scheduler::{Command, Scheduler, Snapshot};
use crate::store::Store;

/// Runs shown beside each DAG in a list.
const LAST_RUNS: u32 = 14;
/// A call to [`Orchestrator::read_log`] returns no more than this.
pub const LOG_BYTES_MAX: usize = 256 * 1024;
/// And waits no longer than this.
pub const LOG_WAIT_MAX: Duration = Duration::from_secs(5);

/// Which logical date a triggered run stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogicalDate {
    /// The moment of the trigger: what Airflow's own form proposes.
    #[default]
    Now,
    At(Timestamp),
    /// None: `ds` and its like are then undefined in templates.
    None,
}

/// A manual run to be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trigger {
    pub dag_id: String,
    /// None: made from the date, as Airflow does.
    pub run_id: Option<String>,
    pub logical_date: LogicalDate,
    /// Its keys override the DAG's params.
    pub conf: Map<String, Value>,
    pub note: Option<String>,
}

/// Which task instances to run again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clear {
    pub dag_id: String,
    pub run_id: String,
    /// Empty: all.
    pub task_ids: Vec<String>,
    /// And everything after them.
    pub downstream: bool,
    /// Of those, only failed and upstream_failed ones.
    pub only_failed: bool,
}

/// The orchestrator. Clones share it.
#[derive(Clone)]
pub struct Orchestrator {
    inner: Arc<Inner>,
}

struct Inner {
    config: OrchestratorConfig,
    store: Store,
    logs: TaskLogs,
    clock: Arc<dyn Clock>,
    commands: mpsc::UnboundedSender<Command>,
    snapshot: watch::Receiver<Arc<Snapshot>>,
    /// Taken by [`Orchestrator::run`].
    scheduler: Mutex<Option<Scheduler>>,
}

impl Orchestrator {
    /// Opens the state, reads the DAG files and what an earlier process left unfinished.
    ///
    /// Nothing runs before [`run`](Self::run) is called.
    pub async fn open(config: OrchestratorConfig, ports: Ports, clock: Arc<dyn Clock>) -> Result<Self> {
        for dir in [&config.dags_dir, &config.logs_dir, &config.work_dir] {
            std::fs::create_dir_all(dir)
                .map_err(OrchestratorError::io(format!("the folder {} cannot be made", dir.display())))?;
        }
        crate::operator::leftovers::clear(&config.work_dir);
        let store = Store::open(&config.database_url).await?;
        let logs = TaskLogs::new(&config.logs_dir);
        let services = Arc::new(Services::new(&config, ports, store.clone(), logs.clone(), clock.clone()));
        let bag = DagBag::new(&config.dags_dir, config.only_file.clone());
        let (commands, inbox) = mpsc::unbounded_channel();
        let (scheduler, snapshot) =
            Scheduler::open(&config, store.clone(), services, clock.clone(), bag, inbox, commands.clone())
                .await?;
        Ok(Self {
            inner: Arc::new(Inner {
                config,
                store,
                logs,
                clock,
                commands,
                snapshot,
                scheduler: Mutex::new(Some(scheduler)),
            }),
        })
    }

    /// Schedules and runs until `shutdown` completes, then stops running tasks.
    ///
    /// Tasks stopped this way are retried or failed at the next start, as after a crash.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) -> Result<()> {
        let scheduler = self.inner.scheduler.lock().take();
        match scheduler {
            Some(scheduler) => scheduler.run(shutdown).await,
            None => Err(OrchestratorError::Invalid("the orchestrator runs already".into())),
        }
    }

    pub fn config(&self) -> &OrchestratorConfig {
        &self.inner.config
    }

    /// Changes after every step of the scheduler: for a window that wants to know when to look.
    pub fn changes(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.inner.snapshot.clone()
    }

    /// Every DAG of the folder, by id.
    pub async fn list_dags(&self) -> Result<Vec<DagEntry>> {
        let snapshot = self.inner.snapshot.borrow().clone();
        let mut entries = Vec::new();
        for live in snapshot.dags.values().filter(|live| !live.record.stale) {
            entries.push(live.entry(self.last_runs(&live.record.dag_id).await?));
        }
        Ok(entries)
    }

    /// Oldest first. One look into an index each, however long the history.
    async fn last_runs(&self, dag_id: &str) -> Result<Vec<Run>> {
        let filter = RunFilter { dag_id: Some(dag_id.to_owned()), state: None };
        let mut runs = self.inner.store.runs(&filter, LAST_RUNS, 0).await?;
        runs.reverse();
        Ok(runs)
    }

    /// One DAG with its file's text.
    pub async fn dag(&self, dag_id: &str) -> Result<DagDetail> {
        let snapshot = self.inner.snapshot.borrow().clone();
        let live = snapshot.dags.get(dag_id).ok_or_else(|| not_found(dag_id))?;
        let last_runs = self.last_runs(dag_id).await?;
        let source = match self.inner.store.source(dag_id).await? {
            Some((_, source)) => source,
            None => String::new(),
        };
        Ok(DagDetail { entry: live.entry(last_runs), source })
    }

    pub async fn set_paused(&self, dag_id: &str, paused: bool) -> Result<()> {
        self.ask(|reply| Command::SetPaused { dag_id: dag_id.to_owned(), paused, reply }).await
    }

    /// Queues a manual run. A paused DAG keeps it queued until it is unpaused, as in Airflow.
    pub async fn trigger(&self, trigger: Trigger) -> Result<Run> {
        self.ask(|reply| Command::Trigger { trigger, reply }).await
    }

    /// Newest first, at most 1,000.
    pub async fn runs(&self, filter: &RunFilter, limit: u32) -> Result<Vec<Run>> {
        Ok(self.inner.store.runs(filter, limit, 0).await?)
    }

    /// One run with its task instances in the order of the DAG.
    pub async fn run_detail(&self, key: &RunKey) -> Result<RunDetail> {
        let run = self.run_record(key).await?;
        let mut tasks = self.inner.store.instances(key).await?;
        let snapshot = self.inner.snapshot.borrow().clone();
        if let Some(live) = snapshot.dags.get(&key.dag_id) {
            tasks.sort_by_key(|task| {
                (live.dag.graph.position(&task.key.task_id).unwrap_or(usize::MAX), task.key.map_index)
            });
        }
        Ok(RunDetail { run, tasks })
    }

    async fn run_record(&self, key: &RunKey) -> Result<Run> {
        let run = self.inner.store.run(key).await?;
        run.ok_or_else(|| OrchestratorError::RunNotFound {
            dag_id: key.dag_id.clone(),
            run_id: key.run_id.clone(),
        })
    }

    /// Fails the run: running tasks are stopped, the others skipped.
    pub async fn stop_run(&self, key: &RunKey) -> Result<()> {
        self.ask(|reply| Command::Stop { key: key.clone(), reply }).await
    }

    /// Runs tasks again; returns which.
    pub async fn clear(&self, clear: Clear) -> Result<Vec<TaskKey>> {
        self.ask(|reply| Command::Clear { clear, reply }).await
    }

    pub async fn task_instance(&self, key: &TaskKey) -> Result<TaskInstanceDetail> {
        let store = &self.inner.store;
        let instance = store.instance(key).await?.ok_or_else(|| instance_not_found(key))?;
        Ok(TaskInstanceDetail {
            tries: store.tries(key).await?,
            xcoms: store.xcoms(key).await?,
            rendered: store.rendered(key, instance.try_number).await?,
            instance,
        })
    }

    /// A try's log from `offset_bytes` on. With nothing new it waits up to `wait` for more.
    ///
    /// `try_number` none: the latest.
    pub async fn read_log(
        &self,
        key: &TaskKey,
        try_number: Option<u32>,
        offset_bytes: u64,
        wait: Duration,
    ) -> Result<LogPage> {
        let deadline = tokio::time::Instant::now() + wait.min(LOG_WAIT_MAX);
        let mut changes = self.inner.snapshot.clone();
        loop {
            changes.borrow_and_update();
            let instance = self.inner.store.instance(key).await?.ok_or_else(|| instance_not_found(key))?;
            let number = try_number.unwrap_or_else(|| instance.try_number.max(1));
            // Asked before reading: what is written in between is read or makes it open.
            let open = self.inner.logs.is_open(key, number)
                || (number >= instance.try_number && !instance.state.is_finished());
            let chunk = self
                .inner
                .logs
                .read(key, number, offset_bytes, LOG_BYTES_MAX)
                .await
                .map_err(OrchestratorError::io(format!("the log of task \"{}\"", key.task_id)))?;
            let more = chunk.next_offset_bytes > offset_bytes;
            let done = !open && chunk.text.len() < LOG_BYTES_MAX / 2;
            let page = LogPage {
                try_number: number,
                text: chunk.text,
                next_offset_bytes: chunk.next_offset_bytes,
                done,
            };
            if more || !open || tokio::time::Instant::now() >= deadline {
                return Ok(page);
            }
            let writing = self.inner.logs.is_open(key, number);
            tokio::select! {
                () = self.inner.logs.grown(key, number, offset_bytes), if writing => {}
                changed = changes.changed() => if changed.is_err() { return Ok(page) },
                () = tokio::time::sleep_until(deadline) => return Ok(page),
            }
        }
    }

    pub async fn import_errors(&self) -> Result<Vec<ImportError>> {
        Ok(self.inner.store.import_errors().await?)
    }

    pub async fn run_counts(&self) -> Result<RunCounts> {
        Ok(self.inner.store.run_counts(self.inner.clock.now()).await?)
    }

    /// Reads the DAGs folder again, without waiting for the file watcher.
    pub async fn reload(&self) -> Result<()> {
        self.ask(|reply| Command::Reload { reply: Some(reply) }).await
    }

    /// Completes when the run has ended.
    pub async fn wait_for_run(&self, key: &RunKey) -> Result<Run> {
        let mut changes = self.inner.snapshot.clone();
        loop {
            changes.borrow_and_update();
            let run = self.run_record(key).await?;
            if matches!(run.state, RunState::Success | RunState::Failed) {
                return Ok(run);
            }
            changes.changed().await.map_err(|_| OrchestratorError::Stopped)?;
        }
    }

    /// Where a try's log is.
    pub fn log_path(&self, key: &TaskKey, try_number: u32) -> std::path::PathBuf {
        self.inner.logs.path(key, try_number)
    }

    /// Has [`run`](Self::run) been called, and not ended?
    pub fn is_running(&self) -> bool {
        self.inner.scheduler.lock().is_none() && !self.inner.commands.is_closed()
    }

    pub(crate) fn check_dag(&self, dag_id: &str) -> Result<()> {
        match self.inner.snapshot.borrow().dags.contains_key(dag_id) {
            true => Ok(()),
            false => Err(not_found(dag_id)),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// A REST API in the shape of Airflow's version 2, below `/api/v2`.
    pub fn serve_rest(&self) -> axum::Router {
        crate::rest::router(self.clone())
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<Result<T>>) -> Command) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.inner.commands.send(command(reply)).map_err(|_| OrchestratorError::Stopped)?;
        answer.await.map_err(|_| OrchestratorError::Stopped)?
    }
}

fn not_found(dag_id: &str) -> OrchestratorError {
    OrchestratorError::DagNotFound { dag_id: dag_id.to_owned() }
}

fn instance_not_found(key: &TaskKey) -> OrchestratorError {
    OrchestratorError::TaskInstanceNotFound {
        dag_id: key.dag_id.clone(),
        run_id: key.run_id.clone(),
        task_id: key.task_id.clone(),
        map_index: key.map_index,
    }
}
