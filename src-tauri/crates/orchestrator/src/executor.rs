//! Runs one try of a task: its log, its templates, its operator, its time limit.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use dag::{Dag, TaskState};
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::config::OrchestratorConfig;
use crate::logs::{Level, TaskLog, TaskLogs};
use crate::operator::{self, Pushed, TaskContext, TaskError};
use crate::ports::Ports;
use crate::records::{RenderedField, Run, TaskKey};
use crate::store::Store;
use crate::template;

/// An XCom is a note between tasks, not a data set.
pub const XCOM_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A stopped operator that does not come back is dropped, its processes killed.
const STOP_GRACE: Duration = Duration::from_secs(10);
/// Rendered fields are kept for reading, not for replay.
const RENDERED_CHARS_MAX: usize = 64 * 1024;

/// What operators share.
pub(crate) struct Services {
    pub store: Store,
    pub ports: Ports,
    pub logs: TaskLogs,
    pub clock: Arc<dyn Clock>,
    pub python: Option<PathBuf>,
    pub dags_dir: PathBuf,
    pub work_dir: PathBuf,
    http: OnceLock<Result<reqwest::Client, String>>,
    python_found: tokio::sync::OnceCell<PathBuf>,
}

impl Services {
    pub(crate) fn new(
        config: &OrchestratorConfig,
        ports: Ports,
        store: Store,
        logs: TaskLogs,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            ports,
            logs,
            clock,
            python: config.python.clone(),
            dags_dir: config.dags_dir.clone(),
            work_dir: config.work_dir.clone(),
            http: OnceLock::new(),
            python_found: tokio::sync::OnceCell::new(),
        }
    }

    /// The interpreter itself, asked for once: what the PATH names may be a slow launcher.
    pub(crate) async fn python_executable(&self) -> Result<PathBuf, String> {
        let found = self.python_found.get_or_try_init(|| async {
            let candidates: Vec<PathBuf> = match &self.python {
                Some(configured) => vec![configured.clone()],
                None => vec!["python3".into(), "python".into()],
            };
            for candidate in &candidates {
                let mut command = tokio::process::Command::new(candidate);
                command.args(["-c", "import sys; sys.stdout.write(sys.executable)"]);
                command.stdin(std::process::Stdio::null());
                let Ok(output) = command.output().await else { continue };
                let path = String::from_utf8_lossy(&output.stdout).into_owned();
                if output.status.success() && !path.is_empty() {
                    return Ok(PathBuf::from(path));
                }
            }
            Err(match &self.python {
                Some(configured) => {
                    format!("{} is no Python: correct `python` under [orchestrator] in config.toml", configured.display())
                }
                None => "there is no python3 on the PATH: install Python 3, or set `python` under [orchestrator] in \
                         config.toml to an interpreter"
                    .to_owned(),
            })
        });
        found.await.cloned()
    }

    /// Made on first use: it reads the system's certificates.
    pub(crate) fn http(&self) -> Result<&reqwest::Client, String> {
        let build = || reqwest::Client::builder().build().map_err(|error| format!("no HTTP client: {error}"));
        self.http.get_or_init(build).as_ref().map_err(Clone::clone)
    }
}

/// A try to run.
#[derive(Clone)]
pub(crate) struct Job {
    pub key: TaskKey,
    pub try_number: u32,
    pub max_tries: u32,
    pub run: Run,
    pub dag: Arc<Dag>,
}

/// What the executor tells the scheduler.
#[derive(Debug)]
pub(crate) enum TaskEvent {
    Started { key: TaskKey, try_number: u32, at: Timestamp },
    Ended(Box<Ended>),
}

/// A try has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub key: TaskKey,
    pub try_number: u32,
    pub started_at: Timestamp,
    pub at: Timestamp,
    pub outcome: Outcome,
    pub xcoms: Vec<(String, Value)>,
    pub rendered: Vec<RenderedField>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Skipped(String),
    Failed {
        message: String,
        retry: bool,
    },
    /// Stopped from outside: by a click, a time limit of the run, or the end of the program.
    Stopped,
}

/// The tries running now.
pub(crate) struct Executor {
    services: Arc<Services>,
    events: mpsc::UnboundedSender<TaskEvent>,
    running: HashMap<TaskKey, (u32, CancellationToken)>,
    tasks: TaskTracker,
}

impl Executor {
    pub(crate) fn new(services: Arc<Services>, events: mpsc::UnboundedSender<TaskEvent>) -> Self {
        Self { services, events, running: HashMap::new(), tasks: TaskTracker::new() }
    }

    pub(crate) fn launch(&mut self, job: Job) {
        let stop = CancellationToken::new();
        self.running.insert(job.key.clone(), (job.try_number, stop.clone()));
        let (services, events) = (self.services.clone(), self.events.clone());
        self.tasks.spawn(async move {
            let started_at = services.clock.now();
            let started =
                TaskEvent::Started { key: job.key.clone(), try_number: job.try_number, at: started_at };
            // The scheduler only goes away together with the program.
            drop(events.send(started));
            // A panic in an operator is that task's failure, not the end of its run.
            let (key, try_number, clock) = (job.key.clone(), job.try_number, services.clock.clone());
            let ended = match tokio::spawn(run_try(services, job, started_at, stop)).await {
                Ok(ended) => ended,
                Err(error) => Ended {
                    key,
                    try_number,
                    started_at,
                    at: clock.now(),
                    outcome: Outcome::Failed { message: format!("the operator broke: {error}"), retry: true },
                    xcoms: Vec::new(),
                    rendered: Vec::new(),
                },
            };
            drop(events.send(TaskEvent::Ended(Box::new(ended))));
        });
    }

    /// Asks a running try to stop; its end arrives as an event.
    pub(crate) fn stop(&self, key: &TaskKey) {
        if let Some((_, stop)) = self.running.get(key) {
            stop.cancel();
        }
    }

    pub(crate) fn forget(&mut self, key: &TaskKey, try_number: u32) {
        if self.running.get(key).is_some_and(|(number, _)| *number == try_number) {
            self.running.remove(key);
        }
    }

    pub(crate) fn is_running(&self, key: &TaskKey) -> bool {
        self.running.contains_key(key)
    }

    /// How many tries run.
    pub(crate) fn count(&self) -> usize {
        self.running.len()
    }

    /// Stops everything; returns when nothing runs any more.
    pub(crate) async fn shut_down(&mut self) {
        for (_, stop) in self.running.values() {
            stop.cancel();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn run_try(services: Arc<Services>, job: Job, started_at: Timestamp, stop: CancellationToken) -> Ended {
    let key = job.key.clone();
    let try_number = job.try_number;
    let mut rendered = Vec::new();
    let mut xcoms = Vec::new();
    let outcome = match services.logs.create(&key, try_number) {
        Err(error) => {
            Outcome::Failed { message: format!("the task's log cannot be written: {error}"), retry: true }
        }
        Ok(log) => {
            let outcome = attempt(&services, &job, &stop, &log, &mut rendered, &mut xcoms).await;
            match &outcome {
                Outcome::Success => log.verdict(Level::Info, "marking task as success"),
                Outcome::Skipped(why) => log.verdict(Level::Info, &format!("marking task as skipped: {why}")),
                Outcome::Stopped => log.verdict(Level::Warning, "stopped"),
                Outcome::Failed { message, retry } => {
                    log.verdict(Level::Error, message);
                    let again = *retry && try_number <= job.max_tries;
                    let verdict =
                        if again { "marking task as up_for_retry" } else { "marking task as failed" };
                    log.verdict(Level::Info, verdict);
                }
            }
            outcome
        }
    };
    Ended { key, try_number, started_at, at: services.clock.now(), outcome, xcoms, rendered }
}

async fn attempt(
    services: &Arc<Services>,
    job: &Job,
    stop: &CancellationToken,
    log: &TaskLog,
    rendered: &mut Vec<RenderedField>,
    xcoms: &mut Vec<(String, Value)>,
) -> Outcome {
    let Some(task) = job.dag.task(&job.key.task_id).cloned() else {
        return Outcome::Failed { message: "the DAG no longer has this task".into(), retry: false };
    };
    log.info(format!(
        "task {} of {}, run {}: try {} of {}, {}",
        job.key.task_id,
        job.key.dag_id,
        job.key.run_id,
        job.try_number,
        job.max_tries + 1,
        task.operator
    ));
    let Some(operator) = operator::find(&task.operator) else {
        let message = format!("{} cannot be run: known are {}", task.operator, operator::names().join(", "));
        return Outcome::Failed { message, retry: false };
    };
    let scope = template::Scope::new(services.clone(), job);
    let args = match template::render_args(&scope, &task).await {
        Ok(args) => args,
        Err(error) => return Outcome::Failed { message: error.to_string(), retry: true },
    };
    *rendered = rendered_fields(&task.operator, &args);
    let pushed = Pushed::default();
    let context = TaskContext {
        key: job.key.clone(),
        try_number: job.try_number,
        args,
        task: Arc::new(task),
        scope,
        log: log.clone(),
        stop: stop.child_token(),
        services: services.clone(),
        pushed: pushed.clone(),
    };
    let outcome = with_limits(operator, context, stop).await;
    match pushed.take_checked() {
        Ok(found) => *xcoms = found,
        Err(message) if outcome == Outcome::Success => return Outcome::Failed { message, retry: false },
        Err(_) => {}
    }
    outcome
}

/// Runs the operator within its `execution_timeout` and until it is stopped.
async fn with_limits(
    operator: &'static dyn operator::Operator,
    context: TaskContext,
    stop: &CancellationToken,
) -> Outcome {
    let limit = context.task.execution_timeout;
    let inner_stop = context.stop.clone();
    let pushed = context.pushed.clone();
    let push_result = context.task.do_xcom_push;
    let mut execution = std::pin::pin!(operator.execute(context));
    let timed_out = async {
        match limit {
            Some(limit) => tokio::time::sleep(limit).await,
            None => std::future::pending().await,
        }
    };
    let interrupted = tokio::select! {
        result = &mut execution => {
            return match result {
                Ok(Some(value)) if push_result => {
                    pushed.push("return_value", value);
                    Outcome::Success
                }
                Ok(_) => Outcome::Success,
                Err(_) if stop.is_cancelled() => Outcome::Stopped,
                Err(TaskError::Skip(why)) => Outcome::Skipped(why),
                Err(TaskError::Fail(message)) => Outcome::Failed { message, retry: true },
                Err(TaskError::FailNoRetry(message)) => Outcome::Failed { message, retry: false },
            };
        }
        () = stop.cancelled() => Outcome::Stopped,
        () = timed_out => Outcome::Failed {
            message: format!("execution_timeout: not finished after {:?}", limit.unwrap_or_default()),
            retry: true,
        },
    };
    inner_stop.cancel();
    // The operator ends its processes; what it returns no longer matters.
    drop(tokio::time::timeout(STOP_GRACE, execution).await);
    interrupted
}

fn rendered_fields(operator: &str, args: &Map<String, Value>) -> Vec<RenderedField> {
    let Some(known) = dag::operators::find(operator) else { return Vec::new() };
    known
        .template_fields()
        .filter_map(|name| Some((name, args.get(name)?)))
        .map(|(name, value)| {
            let mut text = match value {
                Value::String(text) => text.clone(),
                other => serde_json::to_string_pretty(other).unwrap_or_default(),
            };
            if text.len() > RENDERED_CHARS_MAX {
                text.truncate(text.floor_char_boundary(RENDERED_CHARS_MAX));
                text.push('…');
            }
            RenderedField { name: name.to_owned(), value: text }
        })
        .collect()
}

/// The state a try's outcome leads to.
pub(crate) fn state_after(outcome: &Outcome, try_number: u32, max_tries: u32) -> TaskState {
    match outcome {
        Outcome::Success => TaskState::Success,
        Outcome::Skipped(_) => TaskState::Skipped,
        Outcome::Stopped => TaskState::Failed,
        Outcome::Failed { retry: true, .. } if try_number <= max_tries => TaskState::UpForRetry,
        Outcome::Failed { .. } => TaskState::Failed,
    }
}
