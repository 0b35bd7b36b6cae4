//! How much runs at once.

use dag::RunState::{Queued, Running as RunRunning, Success as RunSuccess};
use dag::TaskState::{Running, Scheduled, Success};
use orchestrator::{Clear, RunFilter, UNMAPPED};
use serde_json::json;

use crate::support::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn runs_wait_for_room_and_tasks_for_a_slot() {
    let bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
max_active_runs: 1
max_active_tasks: 1
tasks:
  low: {operator: bash, bash_command: "until test -e go; do read -t 0.02 < <(exec tail -f /dev/null) || true; done", cwd: "{{ dag.folder }}", priority_weight: 9}
  high: {operator: bash, bash_command: "true"}
"#,
    )]);
    let live = bench.start().await;
    let first = live.trigger("d", json!({})).await;
    let second = live.trigger("d", json!({})).await;
    live.reach(&first.key.task("low", UNMAPPED), Running).await;
    let waiting = live.reach(&first.key.task("high", UNMAPPED), Scheduled).await;
    assert_eq!(waiting.note.as_deref(), Some("max_active_tasks: 1 tasks of this run are running"));
    let runs = live.until_runs("d", |runs| runs.iter().any(|run| run.note.is_some())).await;
    let queued = runs.iter().find(|run| run.key == second.key).unwrap();
    assert_eq!((queued.state, queued.note.as_deref()), (Queued, Some("max_active_runs: 1 runs are running")));
    bench.write("go", "");
    live.finish(&first.key).await.expect(RunSuccess, &[("low", Success), ("high", Success)]);
    live.finish(&second.key).await.expect(RunSuccess, &[("low", Success), ("high", Success)]);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_dag_keeps_its_runs_queued() {
    let mut bench =
        Bench::new(&[("d.yaml", r#"{dag_id: d, tasks: {t: {operator: bash, bash_command: "true"}}}"#)]);
    bench.config.dags_are_paused_at_creation = true;
    let live = bench.start().await;
    assert!(live.orchestrator.dag("d").await.unwrap().entry.record.paused);
    let run = live.trigger("d", json!({})).await;
    let runs = live.until_runs("d", |runs| runs.iter().any(|run| run.note.is_some())).await;
    assert_eq!((runs[0].state, runs[0].note.as_deref()), (Queued, Some("the DAG is paused")));
    live.orchestrator.set_paused("d", false).await.unwrap();
    live.finish(&run.key).await.expect(RunSuccess, &[("t", Success)]);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn depends_on_past_waits_for_the_run_before() {
    let bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
tasks:
  t: {operator: bash, bash_command: "test {{ params.ok }} = yes", depends_on_past: true}
params: {ok: "yes"}
"#,
    )]);
    let live = bench.start().await;
    live.run("d").await.expect(RunSuccess, &[("t", Success)]);
    let failed = live.run_with("d", json!({ "ok": "no" })).await;
    let held = live.trigger("d", json!({})).await;
    live.until_runs("d", |runs| runs[0].key == held.key && runs[0].state == RunRunning).await;
    let filter = RunFilter { dag_id: Some("d".into()), state: Some(RunRunning) };
    assert_eq!(live.orchestrator.runs(&filter, 10).await.unwrap().len(), 1);
    // The run before is mended by running another definition of its task.
    bench.write(
        "d.yaml",
        "dag_id: d\ntasks:\n  t: {operator: bash, bash_command: 'true', depends_on_past: true}\n",
    );
    live.orchestrator.reload().await.unwrap();
    let clear =
        Clear { dag_id: "d".into(), run_id: failed.detail.run.key.run_id.clone(), ..Clear::default() };
    live.orchestrator.clear(clear).await.unwrap();
    live.finish(&held.key).await.expect(RunSuccess, &[("t", Success)]);
    live.stop().await;
}
