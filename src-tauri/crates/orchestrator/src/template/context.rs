//! The names a template can use.

use std::sync::Arc;

use dag::{Dag, RunState};
use jiff::Timestamp;
use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};
use serde_json::Map;

use super::datetime::DateTime;
use super::instance::TaskInstanceObject;
use super::outside::{ConnectionsObject, VariablesObject};
use crate::executor::{Job, Services};
use crate::records::{Run, TaskKey};

/// One try's surroundings. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Scope(Arc<Inner>);

struct Inner {
    services: Arc<Services>,
    key: TaskKey,
    try_number: u32,
    max_tries: u32,
    run: Run,
    dag: Arc<Dag>,
    /// The DAG's params, overridden by the run's conf.
    params: Map<String, serde_json::Value>,
    runtime: tokio::runtime::Handle,
}

impl Scope {
    /// Has to be called within a runtime: templates read the store through it.
    pub(crate) fn new(services: Arc<Services>, job: &Job) -> Self {
        let conf = serde_json::Value::Object(job.run.conf.clone());
        // A conf that does not fit was refused at the trigger; after an edit of the file it may not any more.
        let params = dag::params::resolve(&job.dag.params, Some(&conf)).unwrap_or_else(|error| {
            tracing::warn!(dag_id = job.key.dag_id, run_id = job.key.run_id, %error, "params no longer fit");
            job.run.conf.clone()
        });
        Self(Arc::new(Inner {
            services,
            key: job.key.clone(),
            try_number: job.try_number,
            max_tries: job.max_tries,
            run: job.run.clone(),
            dag: job.dag.clone(),
            params,
            runtime: tokio::runtime::Handle::current(),
        }))
    }

    pub(crate) fn run(&self) -> &Run {
        &self.0.run
    }

    pub(crate) fn dag(&self) -> &Arc<Dag> {
        &self.0.dag
    }

    pub(crate) fn key(&self) -> &TaskKey {
        &self.0.key
    }

    pub(crate) fn try_number(&self) -> u32 {
        self.0.try_number
    }

    pub(crate) fn max_tries(&self) -> u32 {
        self.0.max_tries
    }

    pub(crate) fn params(&self) -> &Map<String, serde_json::Value> {
        &self.0.params
    }

    pub(crate) fn services(&self) -> &Arc<Services> {
        &self.0.services
    }

    /// The context for another process, as JSON.
    pub(crate) fn as_json(&self) -> serde_json::Value {
        let (run, key, dag) = (self.run(), self.key(), self.dag());
        let iso = |at: Option<Timestamp>| at.map(dag::time::iso);
        let mut plain = Map::new();
        plain.insert("run_id".into(), run.key.run_id.clone().into());
        plain.insert("try_number".into(), self.try_number().into());
        if let Some(at) = run.logical_date {
            let at = DateTime::utc(at);
            let formats = [
                ("ds", "%Y-%m-%d"),
                ("ds_nodash", "%Y%m%d"),
                ("ts_nodash", "%Y%m%dT%H%M%S"),
                ("ts_nodash_with_tz", "%Y%m%dT%H%M%S%z"),
            ];
            for (name, format) in formats {
                plain.insert(name.into(), at.strftime(format).unwrap_or_default().into());
            }
            plain.insert("ts".into(), at.isoformat('T').into());
        }
        let task = dag.task(&key.task_id);
        serde_json::json!({
            "plain": plain,
            "dates": {
                "logical_date": iso(run.logical_date),
                "data_interval_start": iso(run.data_interval.map(|interval| interval.start)),
                "data_interval_end": iso(run.data_interval.map(|interval| interval.end)),
            },
            "params": self.params(),
            "dag_run": {
                "dag_id": run.key.dag_id, "run_id": run.key.run_id, "conf": run.conf,
                "run_type": run.run_type.as_str(), "state": run.state.as_str(),
                "run_after": iso(Some(run.run_after)), "start_date": iso(run.started_at), "note": run.note,
            },
            "dag": {
                "dag_id": dag.dag_id, "description": dag.description, "tags": dag.tags, "owner": dag.owner,
                "timezone": dag.timezone_name(),
            },
            "task": {
                "task_id": key.task_id,
                "task_type": task.map(|task| task.operator.clone()),
                "owner": task.map(|task| task.owner.clone()),
                "retries": task.map(|task| task.retries),
            },
            "ti": {
                "dag_id": key.dag_id, "run_id": key.run_id, "task_id": key.task_id, "map_index": key.map_index,
                "try_number": self.try_number(), "max_tries": self.max_tries(), "state": "running",
            },
        })
    }

    /// Waits for the store. Only on a thread that may block.
    pub(super) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.0.runtime.block_on(future)
    }

    /// The root of all names.
    pub(crate) fn root(&self) -> Value {
        Value::from_object(Root(self.clone()))
    }

    /// The last successful run before this one.
    fn previous_success(&self) -> Option<Run> {
        let date = self.run().logical_date?;
        let store = &self.services().store;
        let found = self.block_on(store.run_before(&self.key().dag_id, date, Some(RunState::Success)));
        found.unwrap_or_else(|error| {
            tracing::warn!(%error, "previous run not read");
            None
        })
    }

    /// The name's value in a template, or none.
    fn get(&self, name: &str) -> Option<Value> {
        let run = self.run();
        let date = |at: Option<Timestamp>| at.map_or(Value::from(()), DateTime::value);
        let dated = |format: &str| {
            let at = DateTime::utc(run.logical_date?);
            Some(Value::from(at.strftime(format).ok()?))
        };
        Some(match name {
            "ds" => dated("%Y-%m-%d")?,
            "ds_nodash" => dated("%Y%m%d")?,
            "ts" => Value::from(DateTime::utc(run.logical_date?).isoformat('T')),
            "ts_nodash" => dated("%Y%m%dT%H%M%S")?,
            "ts_nodash_with_tz" => dated("%Y%m%dT%H%M%S%z")?,
            "logical_date" | "execution_date" => DateTime::value(run.logical_date?),
            "data_interval_start" => DateTime::value(run.data_interval?.start),
            "data_interval_end" => DateTime::value(run.data_interval?.end),
            "prev_data_interval_start_success" => {
                date(self.previous_success().and_then(|run| Some(run.data_interval?.start)))
            }
            "prev_data_interval_end_success" => {
                date(self.previous_success().and_then(|run| Some(run.data_interval?.end)))
            }
            "prev_start_date_success" => date(self.previous_success().and_then(|run| run.started_at)),
            "prev_end_date_success" => date(self.previous_success().and_then(|run| run.ended_at)),
            "dag" => Value::from_object(DagObject(self.clone())),
            "dag_run" => Value::from_object(RunObject(self.clone())),
            "run_id" => Value::from(run.key.run_id.as_str()),
            "task" => Value::from_object(TaskObject(self.clone())),
            "ti" | "task_instance" => Value::from_object(TaskInstanceObject(self.clone())),
            "task_instance_key_str" => {
                let key = self.key();
                let date = run.logical_date.and_then(|_| dated("%Y%m%d"))?;
                Value::from(format!("{}__{}__{date}", key.dag_id, key.task_id))
            }
            "params" => super::from_json(self.params()),
            "var" => Value::from_object(VariablesObject(self.clone())),
            "conn" => Value::from_object(ConnectionsObject(self.clone())),
            "try_number" => Value::from(self.try_number()),
            "inlets" | "outlets" => Value::from(Vec::<Value>::new()),
            "triggering_asset_events" => super::from_json(Map::new()),
            "map_index_template" | "expanded_ti_count" | "templates_dict" => Value::from(()),
            "test_mode" => Value::from(false),
            _ => return None,
        })
    }
}

struct Root(Scope);

/// The objects show nothing of their insides when printed whole.
macro_rules! named_object {
    ($type:ty, $text:literal) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($text)
            }
        }
    };
}
pub(super) use named_object;

named_object!(Root, "<context>");
named_object!(DagObject, "<DAG>");
named_object!(RunObject, "<DagRun>");
named_object!(TaskObject, "<Task>");

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_str()?)
    }
}

struct DagObject(Scope);

impl Object for DagObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let dag = self.0.dag();
        Some(match key.as_str()? {
            "dag_id" => Value::from(dag.dag_id.as_str()),
            "dag_display_name" | "display_name" => {
                Value::from(dag.display_name.as_ref().unwrap_or(&dag.dag_id).as_str())
            }
            "description" => Value::from(dag.description.clone()),
            "doc_md" => Value::from(dag.doc_md.clone()),
            "owner" => Value::from(dag.owner.clone()),
            "tags" => Value::from(dag.tags.clone()),
            "catchup" => Value::from(dag.catchup),
            "timezone" => Value::from(dag.timezone_name()),
            "max_active_runs" => Value::from(dag.max_active_runs),
            "max_active_tasks" => Value::from(dag.max_active_tasks),
            "start_date" => dag.start_date.map_or(Value::from(()), DateTime::value),
            "end_date" => dag.end_date.map_or(Value::from(()), DateTime::value),
            "schedule" | "timetable_summary" => Value::from(dag.schedule.text()),
            "task_ids" => Value::from_iter(dag.tasks().iter().map(|task| task.task_id.clone())),
            "folder" => Value::from(self.0.services().dags_dir.display().to_string()),
            _ => return None,
        })
    }
}

struct RunObject(Scope);

impl Object for RunObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let run = self.0.run();
        let date = |at: Option<Timestamp>| at.map_or(Value::from(()), DateTime::value);
        Some(match key.as_str()? {
            "dag_id" => Value::from(run.key.dag_id.as_str()),
            "run_id" => Value::from(run.key.run_id.as_str()),
            "conf" => super::from_json(&run.conf),
            "run_type" => Value::from(run.run_type.as_str()),
            "external_trigger" => Value::from(run.run_type == dag::RunType::Manual),
            "state" => Value::from(run.state.as_str()),
            "logical_date" | "execution_date" => date(run.logical_date),
            "data_interval_start" => date(run.data_interval.map(|interval| interval.start)),
            "data_interval_end" => date(run.data_interval.map(|interval| interval.end)),
            "run_after" => DateTime::value(run.run_after),
            "queued_at" => date(run.queued_at),
            "start_date" => date(run.started_at),
            "end_date" => date(run.ended_at),
            "note" => Value::from(run.note.clone()),
            _ => return None,
        })
    }
}

struct TaskObject(Scope);

impl Object for TaskObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let task = self.0.dag().task(&self.0.key().task_id)?;
        Some(match key.as_str()? {
            "task_id" => Value::from(task.task_id.as_str()),
            "dag_id" => Value::from(self.0.key().dag_id.as_str()),
            "task_type" | "operator_name" => Value::from(task.operator.as_str()),
            "owner" => Value::from(task.owner.as_str()),
            "retries" => Value::from(task.retries),
            "pool" => Value::from(task.pool.as_str()),
            "queue" => Value::from(task.queue.as_str()),
            "trigger_rule" => Value::from(task.trigger_rule.as_str()),
            "doc_md" => Value::from(task.doc_md.clone()),
            "upstream_task_ids" => neighbours(&self.0.dag().graph.upstream(&task.task_id)),
            "downstream_task_ids" => neighbours(&self.0.dag().graph.downstream(&task.task_id)),
            // The operator's own parameters, as authored.
            name => super::from_json(task.args.get(name)?),
        })
    }
}

fn neighbours(tasks: &[&dag::Task]) -> Value {
    Value::from_iter(tasks.iter().map(|task| task.task_id.clone()))
}
