//! `pumphouse dag run`: one run to its end, in the foreground.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use cluster::ClusterConfig;
use jiff::Timestamp;
use orchestrator::{Ports, RunOnce, RunOutcome, TaskInstance, run_once};
use serde_json::{Map, Value, json};

use super::dag::time;
use super::{CliError, Output, Target, gantt, pair, table};
use crate::clusters::Clusters;
use crate::config::Config;
use crate::connections::Directory;
use crate::kafka_port::Port;

/// Lines of a failed task's log that are shown.
const LOG_LINES: usize = 30;

/// As given on the command line.
#[derive(Debug, Clone, Default)]
pub struct RunRequest {
    pub file: PathBuf,
    /// Needed where the file has several.
    pub dag_id: Option<String>,
    pub logical_date: Option<String>,
    /// `K=V`; the value is JSON, or else text.
    pub params: Vec<String>,
    pub json: bool,
    /// Draw the run as a Gantt chart into this SVG file.
    pub gantt: Option<PathBuf>,
    /// How the broker is logged in to, as Kafka's tools take it.
    pub command_config: Option<PathBuf>,
}

/// Runs it with the connections of `config`; its broker is the one a running Pumphouse
/// has by that configuration. `stop` ends the run early.
pub async fn run(
    request: &RunRequest,
    config: Config,
    stop: impl Future<Output = ()>,
) -> Result<Output, CliError> {
    let mut conf = Map::new();
    for param in &request.params {
        let (name, value) = pair(param)?;
        conf.insert(name, serde_json::from_str(&value).unwrap_or(Value::String(value)));
    }
    let work_dir = std::env::temp_dir().join(format!("pumphouse-run-{}", std::process::id()));
    let target = Target { bootstrap_servers: None, command_config: request.command_config.clone() };
    let reached = target.resolve(|| Ok(config.clone()))?;
    let kafka = reached.bootstrap_servers.clone();
    let registry = format!("http://{}:{}", config.host, config.registry_port);
    let local = ClusterConfig {
        properties: reached.properties,
        ..ClusterConfig::local(kafka.clone(), registry.clone())
    };
    let clusters = Clusters::new(&config, local.clone(), &kafka, None);
    let connections = Arc::new(Directory::new(&config, &local, &registry));
    let port = Arc::new(Port::new(clusters.clone(), connections.clone()));
    let once = RunOnce {
        file: request.file.clone(),
        dag_id: request.dag_id.clone(),
        logical_date: request.logical_date.as_deref().map(time).transpose()?,
        conf,
        python: (config.editable.python != "python3").then(|| PathBuf::from(&config.editable.python)),
        work_dir: work_dir.clone(),
    };
    // Tables and JSON belong to stdout; what happens meanwhile to stderr.
    let quiet = request.json;
    let outcome =
        run_once(once, Ports { kafka: port, connections }, |task| progress(task, quiet), stop).await;
    clusters.close().await;
    let output = outcome.map_err(CliError::from).and_then(|outcome| {
        if let Some(path) = &request.gantt {
            gantt::write(&outcome, path)?;
        }
        print(&outcome, request.json)
    });
    if let Err(error) = std::fs::remove_dir_all(&work_dir)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, dir = %work_dir.display(), "work directory not removed");
    }
    output
}

fn progress(task: &TaskInstance, quiet: bool) {
    if !quiet && (task.state.is_finished() || task.state.is_active()) {
        eprintln!("{} {} (try {})", task.key.task_id, task.state, task.try_number);
    }
}

fn print(outcome: &RunOutcome, as_json: bool) -> Result<Output, CliError> {
    let success = outcome.succeeded();
    let run = &outcome.run;
    let iso = |at: Option<Timestamp>| at.map(dag::time::iso);
    if as_json {
        let tasks: Vec<_> = outcome
            .tasks
            .iter()
            .map(|task| {
                let instance = &task.instance;
                let xcom: Map<_, _> =
                    task.xcoms.iter().map(|xcom| (xcom.key.clone(), xcom.value.clone())).collect();
                json!({
                    "task_id": instance.key.task_id,
                    "map_index": instance.key.map_index,
                    "state": instance.state,
                    "try_number": instance.try_number,
                    "operator": instance.operator,
                    "started_at": iso(instance.started_at),
                    "ended_at": iso(instance.ended_at),
                    "note": instance.note,
                    "xcom": xcom,
                })
            })
            .collect();
        let value = json!({
            "dag_id": run.key.dag_id,
            "run_id": run.key.run_id,
            "state": run.state,
            "logical_date": iso(run.logical_date),
            "started_at": iso(run.started_at),
            "ended_at": iso(run.ended_at),
            "note": run.note,
            "tasks": tasks,
        });
        return Ok(Output { success, ..Output::json(&value)? });
    }
    let rows = outcome.tasks.iter().map(|task| {
        let instance = &task.instance;
        let result = task.xcoms.iter().find(|xcom| xcom.key == "return_value");
        vec![
            instance.key.task_id.clone(),
            instance.state.to_string(),
            instance.try_number.to_string(),
            seconds(instance),
            result.map_or_else(String::new, |xcom| short(&xcom.value)),
            instance.note.clone().unwrap_or_default(),
        ]
    });
    let mut text = table(&["task", "state", "try", "seconds", "result", "note"], rows);
    for task in outcome.tasks.iter().filter(|task| task.instance.state == dag::TaskState::Failed) {
        let log = std::fs::read_to_string(&task.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let _ = write!(text, "\n\nlog of {}:", task.instance.key.task_id);
        for line in &lines[lines.len().saturating_sub(LOG_LINES)..] {
            let _ = write!(text, "\n  {line}");
        }
    }
    let _ = write!(text, "\n\nrun {} of {}: {}", run.key.run_id, run.key.dag_id, run.state);
    Ok(Output { text, success })
}

fn seconds(instance: &TaskInstance) -> String {
    match (instance.started_at, instance.ended_at) {
        (Some(started), Some(ended)) => {
            format!("{:.2}", (ended.as_millisecond() - started.as_millisecond()) as f64 / 1000.0)
        }
        _ => String::new(),
    }
}

/// One line of a table.
fn short(value: &Value) -> String {
    const CHARS_MAX: usize = 60;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned).replace('\n', " ");
    if text.chars().count() <= CHARS_MAX {
        return text;
    }
    text.chars().take(CHARS_MAX - 1).chain(['…']).collect()
}
