//! One run in the foreground.

use dag::RunState;
use orchestrator::{Ports, RunOnce, run_once};
use serde_json::json;

fn request(dir: &std::path::Path, text: &str) -> RunOnce {
    std::fs::create_dir_all(dir.join("dags")).unwrap();
    std::fs::write(dir.join("dags/d.yaml"), text).unwrap();
    // Not asked for, so not even read.
    std::fs::write(dir.join("dags/broken.yaml"), "dag_id: [").unwrap();
    RunOnce { file: dir.join("dags/d.yaml"), work_dir: dir.join("work"), ..RunOnce::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_run_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let text = "dag_id: d\nschedule: '* * * * *'\nis_paused_upon_creation: true\nparams: {n: 1}\ntasks:\n  \
                a: {operator: bash, bash_command: 'echo {{ params.n }} {{ ds }}'}\n  b: {operator: bash, bash_command: 'exit 1', upstream: a}\n";
    let mut request = request(dir.path(), text);
    request.logical_date = Some("2026-01-02T00:00:00Z".parse().unwrap());
    request.conf = json!({ "n": 7 }).as_object().unwrap().clone();
    let mut seen = Vec::new();
    let outcome = run_once(
        request,
        Ports::none(),
        |task| seen.push(format!("{} {}", task.key.task_id, task.state)),
        std::future::pending(),
    )
    .await
    .unwrap();
    assert!(!outcome.succeeded());
    assert_eq!(outcome.run.key.run_id, "manual__2026-01-02T00:00:00+00:00");
    assert_eq!(outcome.tasks[0].xcoms[0].value, "7 2026-01-02");
    assert!(std::fs::read_to_string(&outcome.tasks[1].log).unwrap().contains("exit code 1"));
    assert_eq!(seen.last().map(String::as_str), Some("b failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let request = request(
        dir.path(),
        "{dag_id: d, tasks: {t: {operator: bash, bash_command: 'exec tail -f /dev/null'}}}",
    );
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut stop = Some(stop);
    let progress = |task: &orchestrator::TaskInstance| {
        if task.state == dag::TaskState::Running {
            drop(stop.take());
        }
    };
    let outcome = run_once(request, Ports::none(), progress, async { drop(stopped.await) }).await.unwrap();
    assert_eq!(outcome.run.state, RunState::Failed);
    assert_eq!(outcome.run.note.as_deref(), Some("stopped"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let refused = async |request: RunOnce| {
        run_once(request, Ports::none(), |_| {}, std::future::pending()).await.unwrap_err().to_string()
    };
    let broken = refused(request(dir.path(), "dag_id: d\ntasks: {t: {operator: nonsense}}\n")).await;
    assert!(broken.contains("d.yaml:2: ") && broken.contains("nonsense"), "{broken}");
    let several = refused(request(dir.path(), "dag_id: a\ntasks: {}\n---\ndag_id: b\ntasks: {}\n")).await;
    assert!(several.ends_with("holds several DAGs (a, b): choose one with --dag-id"), "{several}");
    let gone = refused(RunOnce { file: dir.path().join("gone.yaml"), ..request(dir.path(), "") }).await;
    assert!(gone.contains("gone.yaml cannot be read"), "{gone}");
}
