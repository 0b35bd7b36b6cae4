//! One orchestrator in a temporary directory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dag::{RunState, TaskState};
use orchestrator::{
    Clock, Orchestrator, OrchestratorConfig, Ports, Run, RunDetail, RunKey, SystemClock, TaskInstance,
    TaskKey, Trigger, UNMAPPED,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A test that waits longer than this has found a bug.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Bench {
    /// Removed with it.
    pub(crate) dir: TempDir,
    pub(crate) config: OrchestratorConfig,
    pub(crate) ports: Ports,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A running orchestrator.
pub(crate) struct Live {
    pub(crate) orchestrator: Orchestrator,
    end: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Bench {
    /// With these DAG files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = OrchestratorConfig::in_dir(dir.path());
        config.dags_are_paused_at_creation = false;
        let bench = Self { dir, config, ports: Ports::none(), clock: Arc::new(SystemClock) };
        for (name, text) in files {
            bench.write(name, text);
        }
        bench
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.config.dags_dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) async fn open(&self) -> Orchestrator {
        Orchestrator::open(self.config.clone(), self.ports.clone(), self.clock.clone()).await.unwrap()
    }

    pub(crate) async fn start(&self) -> Live {
        let orchestrator = self.open().await;
        let (end, ended) = oneshot::channel::<()>();
        let runner = orchestrator.clone();
        let task = tokio::spawn(async move {
            runner.run(async { drop(ended.await) }).await.unwrap();
        });
        Live { orchestrator, end: Some(end), task }
    }
}

impl Live {
    pub(crate) async fn trigger(&self, dag_id: &str, conf: Value) -> Run {
        let Value::Object(conf) = conf else { panic!("conf is an object") };
        let trigger = Trigger { dag_id: dag_id.into(), conf, ..Trigger::default() };
        self.orchestrator.trigger(trigger).await.unwrap()
    }

    /// Triggers and waits for the end.
    pub(crate) async fn run(&self, dag_id: &str) -> Finished {
        self.run_with(dag_id, json!({})).await
    }

    pub(crate) async fn run_with(&self, dag_id: &str, conf: Value) -> Finished {
        let run = self.trigger(dag_id, conf).await;
        self.finish(&run.key).await
    }

    pub(crate) async fn finish(&self, key: &RunKey) -> Finished {
        match tokio::time::timeout(PATIENCE, self.orchestrator.wait_for_run(key)).await {
            Ok(run) => drop(run.unwrap()),
            Err(_) => {
                let detail = self.orchestrator.run_detail(key).await.unwrap();
                panic!("the run did not end: {detail:#?}");
            }
        }
        let detail = self.orchestrator.run_detail(key).await.unwrap();
        Finished { orchestrator: self.orchestrator.clone(), detail, kept: None }
    }

    /// Waits until the task is in this state.
    pub(crate) async fn reach(&self, key: &TaskKey, state: TaskState) -> TaskInstance {
        let waiting = async {
            let mut changes = self.orchestrator.changes();
            loop {
                changes.borrow_and_update();
                if let Ok(detail) = self.orchestrator.task_instance(key).await
                    && detail.instance.state == state
                {
                    return detail.instance;
                }
                changes.changed().await.unwrap();
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(instance) => instance,
            Err(_) => {
                let detail = self.orchestrator.task_instance(key).await;
                panic!("never {state}: {detail:?}");
            }
        }
    }

    /// Waits until this holds of a DAG's runs, newest first.
    pub(crate) async fn until_runs(&self, dag_id: &str, holds: impl Fn(&[Run]) -> bool) -> Vec<Run> {
        let filter = orchestrator::RunFilter { dag_id: Some(dag_id.into()), state: None };
        let waiting = async {
            let mut changes = self.orchestrator.changes();
            loop {
                changes.borrow_and_update();
                let runs = self.orchestrator.runs(&filter, 1_000).await.unwrap();
                if holds(&runs) {
                    return runs;
                }
                changes.changed().await.unwrap();
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(runs) => runs,
            Err(_) => panic!("never: {:#?}", self.orchestrator.runs(&filter, 20).await.unwrap()),
        }
    }

    /// Stops gracefully.
    pub(crate) async fn stop(mut self) {
        drop(self.end.take());
        tokio::time::timeout(PATIENCE, &mut self.task).await.unwrap().unwrap();
    }
}

/// A run that has ended.
pub(crate) struct Finished {
    pub(crate) orchestrator: Orchestrator,
    pub(crate) detail: RunDetail,
    /// What has to outlive it for its XComs and logs to be read.
    kept: Option<(Bench, Live)>,
}

impl Finished {
    pub(crate) fn keep(mut self, bench: Bench, live: Live) -> Self {
        self.kept = Some((bench, live));
        self
    }

    #[track_caller]
    pub(crate) fn expect(&self, state: RunState, tasks: &[(&str, TaskState)]) -> &Self {
        let found: BTreeMap<&str, TaskState> =
            self.detail.tasks.iter().map(|task| (task.key.task_id.as_str(), task.state)).collect();
        let expected: BTreeMap<&str, TaskState> = tasks.iter().copied().collect();
        assert_eq!(found, expected, "{:#?}", self.detail);
        assert_eq!(self.detail.run.state, state, "{:#?}", self.detail);
        self
    }

    pub(crate) fn task(&self, task_id: &str) -> &TaskInstance {
        self.detail.tasks.iter().find(|task| task.key.task_id == task_id).unwrap()
    }

    pub(crate) fn key(&self, task_id: &str) -> TaskKey {
        self.detail.run.key.task(task_id, UNMAPPED)
    }

    pub(crate) async fn xcom(&self, task_id: &str) -> Value {
        self.xcom_of(task_id, "return_value").await.unwrap_or_else(|| panic!("{task_id} has no XCom"))
    }

    pub(crate) async fn xcom_of(&self, task_id: &str, key: &str) -> Option<Value> {
        let detail = self.orchestrator.task_instance(&self.key(task_id)).await.unwrap();
        detail.xcoms.into_iter().find(|xcom| xcom.key == key).map(|xcom| xcom.value)
    }

    pub(crate) async fn log(&self, task_id: &str) -> String {
        let page = self.orchestrator.read_log(&self.key(task_id), None, 0, Duration::ZERO).await.unwrap();
        assert!(page.done, "{page:?}");
        page.text
    }

    pub(crate) async fn rendered(&self, task_id: &str, field: &str) -> String {
        let detail = self.orchestrator.task_instance(&self.key(task_id)).await.unwrap();
        detail.rendered.into_iter().find(|found| found.name == field).unwrap().value
    }
}

/// A DAG with one task of these fields.
pub(crate) fn one_task(dag_id: &str, fields: &Value) -> String {
    let dag = json!({ "dag_id": dag_id, "tasks": { "t": fields } });
    // JSON is YAML.
    serde_json::to_string_pretty(&dag).unwrap()
}

/// Runs a DAG of one task with these fields to its end.
pub(crate) async fn run_one(ports: Ports, fields: Value) -> Finished {
    let mut bench = Bench::new(&[("d.yaml", &one_task("d", &fields))]);
    bench.ports = ports;
    let live = bench.start().await;
    let errors = live.orchestrator.import_errors().await.unwrap();
    assert!(errors.is_empty(), "{errors:?}");
    let run = live.run("d").await;
    run.keep(bench, live)
}
