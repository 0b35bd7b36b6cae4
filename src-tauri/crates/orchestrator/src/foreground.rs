//! One DAG run in the foreground, by the same scheduler: `pumphouse dag run FILE`.

use std::path::PathBuf;
use std::sync::Arc;

use dag::{RunState, TaskState};
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::sync::oneshot;

use crate::clock::SystemClock;
use crate::config::OrchestratorConfig;
use crate::error::{OrchestratorError, Result};
use crate::orchestrator::{LogicalDate, Orchestrator, Trigger};
use crate::ports::Ports;
use crate::records::{Run, TaskInstance, Xcom};

/// What to run, and how.
#[derive(Debug, Clone, Default)]
pub struct RunOnce {
    /// A DAG file. Its folder is where Python callables and SQL files are found.
    pub file: PathBuf,
    /// Needed where the file holds several DAGs.
    pub dag_id: Option<String>,
    /// None: now.
    pub logical_date: Option<Timestamp>,
    pub conf: Map<String, Value>,
    pub python: Option<PathBuf>,
    /// Where state, logs and results go; removed by the caller if it wants.
    pub work_dir: PathBuf,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct RunOutcome {
    pub run: Run,
    /// In the order of the DAG.
    pub tasks: Vec<TaskOutcome>,
}

#[derive(Debug, Clone)]
pub struct TaskOutcome {
    pub instance: TaskInstance,
    pub xcoms: Vec<Xcom>,
    /// The last try's log, where it ran.
    pub log: PathBuf,
}

impl RunOutcome {
    pub fn succeeded(&self) -> bool {
        self.run.state == RunState::Success
    }
}

/// Runs one DAG of a file to its end. `progress` sees each task's state as it changes.
///
/// `stop`: ends the run early, as failed.
pub async fn run_once(
    request: RunOnce,
    ports: Ports,
    mut progress: impl FnMut(&TaskInstance),
    stop: impl Future<Output = ()>,
) -> Result<RunOutcome> {
    let (dag_id, file_name) = choose(&request)?;
    let config = config(&request, &file_name)?;
    let orchestrator = Orchestrator::open(config, ports, Arc::new(SystemClock)).await?;
    let (end, ended) = oneshot::channel::<()>();
    let running = {
        let orchestrator = orchestrator.clone();
        tokio::spawn(async move { orchestrator.run(async { drop(ended.await) }).await })
    };
    let outcome = drive(&orchestrator, &request, &dag_id, &mut progress, stop).await;
    drop(end);
    match running.await {
        Ok(result) => result?,
        Err(error) => return Err(OrchestratorError::Invalid(format!("the scheduler broke: {error}"))),
    }
    outcome
}

async fn drive(
    orchestrator: &Orchestrator,
    request: &RunOnce,
    dag_id: &str,
    progress: &mut impl FnMut(&TaskInstance),
    stop: impl Future<Output = ()>,
) -> Result<RunOutcome> {
    let logical_date = request.logical_date.map_or(LogicalDate::Now, LogicalDate::At);
    let trigger = Trigger {
        dag_id: dag_id.to_owned(),
        run_id: None,
        logical_date,
        conf: request.conf.clone(),
        note: None,
    };
    // Whatever the file says for later, this run is wanted now.
    orchestrator.set_paused(dag_id, false).await?;
    let run = orchestrator.trigger(trigger).await?;
    let mut changes = orchestrator.changes();
    let mut shown: std::collections::HashMap<String, (TaskState, u32)> = std::collections::HashMap::new();
    let mut stop = std::pin::pin!(stop);
    let mut stopped = false;
    loop {
        changes.borrow_and_update();
        let detail = orchestrator.run_detail(&run.key).await?;
        for task in &detail.tasks {
            let now = (task.state, task.try_number);
            if shown.insert(task.key.task_id.clone(), now) != Some(now) {
                progress(task);
            }
        }
        if detail.run.state.is_finished() {
            return outcome(orchestrator, detail.run, detail.tasks).await;
        }
        tokio::select! {
            changed = changes.changed() => changed.map_err(|_| OrchestratorError::Stopped)?,
            () = &mut stop, if !stopped => {
                stopped = true;
                orchestrator.stop_run(&run.key).await?;
            }
        }
    }
}

async fn outcome(orchestrator: &Orchestrator, run: Run, tasks: Vec<TaskInstance>) -> Result<RunOutcome> {
    let mut outcomes = Vec::with_capacity(tasks.len());
    for instance in tasks {
        outcomes.push(TaskOutcome {
            xcoms: orchestrator.store().xcoms(&instance.key).await?,
            log: orchestrator.log_path(&instance.key, instance.try_number.max(1)),
            instance,
        });
    }
    Ok(RunOutcome { run, tasks: outcomes })
}

/// The DAG to run and its file's name.
fn choose(request: &RunOnce) -> Result<(String, String)> {
    let shown = request.file.display();
    let source = std::fs::read_to_string(&request.file)
        .map_err(OrchestratorError::io(format!("{shown} cannot be read")))?;
    let (dags, wrong) = crate::dagbag::parse(&source);
    let ids: Vec<&str> = dags.iter().map(|dag| dag.dag_id.as_str()).collect();
    let broken = |message: String| match &wrong {
        Some((line, reason)) => {
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            OrchestratorError::Invalid(format!("{shown}{line}: {reason}"))
        }
        None => OrchestratorError::Invalid(message),
    };
    let dag_id = match (&request.dag_id, ids.as_slice()) {
        (Some(wanted), known) if known.contains(&wanted.as_str()) => wanted.clone(),
        (Some(wanted), known) => {
            return Err(broken(format!("{shown} holds no DAG \"{wanted}\", only {}", known.join(", "))));
        }
        (None, [one]) => (*one).to_owned(),
        (None, []) => return Err(broken(format!("{shown} holds no DAG"))),
        (None, several) => {
            return Err(OrchestratorError::Invalid(format!(
                "{shown} holds several DAGs ({}): choose one with --dag-id",
                several.join(", ")
            )));
        }
    };
    let name = request.file.file_name().map(|name| name.to_string_lossy().into_owned());
    Ok((dag_id, name.unwrap_or_default()))
}

fn config(request: &RunOnce, file_name: &str) -> Result<OrchestratorConfig> {
    let folder = request.file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), PathBuf::from);
    let dags_dir = std::path::absolute(&folder)
        .map_err(OrchestratorError::io(format!("the folder {} cannot be found", folder.display())))?;
    std::fs::create_dir_all(&request.work_dir).map_err(OrchestratorError::io(format!(
        "the folder {} cannot be made",
        request.work_dir.display()
    )))?;
    Ok(OrchestratorConfig {
        dags_dir,
        only_file: Some(file_name.to_owned()),
        // Only the run asked for: nothing starts on schedule.
        scheduled_runs: false,
        dags_are_paused_at_creation: false,
        python: request.python.clone(),
        ..OrchestratorConfig::in_dir(&request.work_dir)
    })
}
