//! `pumphouse dag list`, `dag next` and `dag export`: DAG files read without running anything.

use std::path::{Path, PathBuf};

use dag::Dag;
use dag::timetable::upcoming;
use dag::yaml::{Parsed, parse};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{CliError, Output, table};

/// Files of a folder, at most.
const FILES_MAX: usize = 10_000;
const RUNS_MAX: usize = 10_000;

/// A file or a folder: its DAGs, and every error with its file and line.
pub fn list(path: &Path, as_json: bool) -> Result<Output, CliError> {
    let now = Timestamp::now();
    let mut dags = Vec::new();
    let mut errors = Vec::new();
    for file in files(path)? {
        let Parsed { dags: found, diagnostics } = parse(&read(&file)?, now);
        dags.extend(found.into_iter().map(|dag| (file.clone(), dag)));
        errors.extend(diagnostics.into_iter().map(|diagnostic| (file.clone(), diagnostic)));
    }
    let success = errors.is_empty();
    if as_json {
        let value = json!({
            "dags": dags.iter().map(|(file, dag)| describe(file, dag)).collect::<Vec<_>>(),
            "errors": errors.iter().map(|(file, error)| json!({
                "file": file, "line": error.line, "column": error.column, "message": error.message,
            })).collect::<Vec<_>>(),
        });
        return Ok(Output { success, ..Output::json(&value)? });
    }
    let rows = dags.iter().map(|(file, dag)| {
        vec![
            dag.dag_id.clone(),
            dag.schedule.text().unwrap_or_else(|| "-".to_owned()),
            dag.tasks().len().to_string(),
            dag.graph.edges().len().to_string(),
            dag.groups.len().to_string(),
            dag.params.iter().map(|param| param.name.as_str()).collect::<Vec<_>>().join(","),
            file.display().to_string(),
        ]
    });
    let mut text = table(&["dag", "schedule", "tasks", "edges", "groups", "params", "file"], rows);
    for (file, error) in errors {
        text.push_str(&format!("\n{}:{error}", file.display()));
    }
    Ok(Output { text, success })
}

fn describe(file: &Path, dag: &Dag) -> Value {
    json!({
        "dag_id": dag.dag_id,
        "file": file,
        "line": dag.line,
        "description": dag.description,
        "schedule": dag.schedule.text(),
        "timezone": dag.timezone_name(),
        "start_date": dag.start_date.map(dag::time::iso),
        "end_date": dag.end_date.map(dag::time::iso),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "tags": dag.tags,
        "owner": dag.owner,
        "tasks": dag.tasks().iter().map(|task| json!({
            "task_id": task.task_id,
            "operator": task.operator,
            "trigger_rule": task.trigger_rule,
            "retries": task.retries,
            "groups": task.groups,
            "summary": dag::operators::summary(task),
            "line": task.line,
        })).collect::<Vec<_>>(),
        "edges": dag.graph.edges().iter().map(|edge| json!({
            "upstream": edge.upstream, "downstream": edge.downstream, "label": edge.label,
        })).collect::<Vec<_>>(),
        "groups": dag.groups.iter().map(|group| json!({
            "group_id": group.group_id, "parent": group.parent, "tooltip": group.tooltip,
        })).collect::<Vec<_>>(),
        "params": dag.params.iter().map(|param| json!({
            "name": param.name, "default": param.default, "description": param.description, "schema": param.schema,
        })).collect::<Vec<_>>(),
    })
}

/// The next data intervals and run times.
pub fn next(
    file: &Path,
    dag_id: Option<&str>,
    now: Option<&str>,
    count: usize,
    as_json: bool,
) -> Result<Output, CliError> {
    let now = now.map(time).transpose()?.unwrap_or_else(Timestamp::now);
    let dag = choose(file, dag_id, now)?;
    let runs = upcoming(&dag, None, now, count.min(RUNS_MAX))
        .map_err(|error| CliError::Input(format!("{}: {error}", dag.dag_id)))?;
    if as_json {
        let runs: Vec<_> = runs
            .iter()
            .map(|run| {
                json!({
                    "logical_date": dag::time::iso(run.logical_date),
                    "data_interval_start": dag::time::iso(run.data_interval.start),
                    "data_interval_end": dag::time::iso(run.data_interval.end),
                    "run_after": dag::time::iso(run.run_after),
                })
            })
            .collect();
        return Output::json(&runs);
    }
    if runs.is_empty() {
        return Ok(Output::text(format!("DAG {} has no scheduled run to come", dag.dag_id)));
    }
    let rows = runs.iter().map(|run| {
        [run.run_after, run.logical_date, run.data_interval.start, run.data_interval.end]
            .map(dag::time::iso)
            .to_vec()
    });
    Ok(Output::text(table(&["run after", "logical date", "interval start", "interval end"], rows)))
}

/// The file's DAGs, or the one named, as a Python file for Airflow; printed, or written to `out`.
pub fn export(file: &Path, dag_id: Option<&str>, out: Option<&Path>) -> Result<Output, CliError> {
    let now = Timestamp::now();
    let dags = match dag_id {
        Some(_) => vec![choose(file, dag_id, now)?],
        None => {
            let Parsed { dags, diagnostics } = parse(&read(file)?, now);
            if let Some(diagnostic) = diagnostics.first() {
                return Err(CliError::Input(format!("{}:{diagnostic}", file.display())));
            }
            dags
        }
    };
    let source = dag::export::airflow(&dags).map_err(|error| CliError::Input(error.to_string()))?;
    let Some(out) = out else { return Ok(Output::text(source)) };
    std::fs::write(out, source)
        .map_err(|source| CliError::Write { path: out.display().to_string(), source })?;
    Ok(Output::text(format!("wrote {}", out.display())))
}

/// The file's one DAG, or the one named.
fn choose(file: &Path, dag_id: Option<&str>, now: Timestamp) -> Result<Dag, CliError> {
    let Parsed { mut dags, diagnostics } = parse(&read(file)?, now);
    let known: Vec<String> = dags.iter().map(|dag| dag.dag_id.clone()).collect();
    let at = match dag_id {
        Some(wanted) => known.iter().position(|id| id == wanted),
        None if known.len() == 1 => Some(0),
        None => None,
    };
    if let Some(at) = at {
        return Ok(dags.swap_remove(at));
    }
    let place = file.display();
    Err(CliError::Input(match (diagnostics.first(), dag_id) {
        (Some(error), _) => format!("{place}:{error}"),
        (None, Some(wanted)) => format!("{place} has no DAG '{wanted}', it has {}", known.join(", ")),
        (None, None) if known.is_empty() => format!("{place} has no DAG"),
        (None, None) => format!("{place} has several DAGs; name one with --dag-id: {}", known.join(", ")),
    }))
}

/// `2026-01-01T00:00:00Z`, with any offset.
pub(super) fn time(text: &str) -> Result<Timestamp, CliError> {
    text.parse().map_err(|error| {
        CliError::Input(format!("'{text}' is not a time like 2026-01-01T00:00:00Z: {error}"))
    })
}

/// The YAML files at `path`, sorted.
fn files(path: &Path) -> Result<Vec<PathBuf>, CliError> {
    let failed = |source| CliError::Read { path: path.display().to_string(), source };
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut folders = vec![path.to_path_buf()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
            if kind.is_dir() && !hidden {
                folders.push(path);
            } else if kind.is_file() && yaml && !hidden {
                found.push(path);
            }
        }
        if found.len() > FILES_MAX {
            return Err(CliError::Input(format!("{} holds more than {FILES_MAX} DAG files", path.display())));
        }
    }
    found.sort();
    Ok(found)
}

fn read(file: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(file)
        .map_err(|source| CliError::Read { path: file.display().to_string(), source })
}
