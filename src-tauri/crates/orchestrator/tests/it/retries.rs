//! Retries, time limits, stop and clear.

use dag::RunState::{Failed as RunFailed, Success as RunSuccess};
use dag::TaskState::{Failed, Running, Skipped, Success, UpForRetry};
use orchestrator::{Clear, Trigger, UNMAPPED};

use crate::support::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_retried_until_it_succeeds() {
    let bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
tasks:
  flaky: {operator: bash, bash_command: "test $AIRFLOW_CTX_TRY_NUMBER -eq 3", retries: 4, retry_delay: 0s}
  hopeless: {operator: bash, bash_command: "exit 1", retries: 1, retry_delay: 0s}
"#,
    )]);
    let live = bench.start().await;
    let run = live.run("d").await;
    run.expect(RunFailed, &[("flaky", Success), ("hopeless", Failed)]);
    assert_eq!((run.task("flaky").try_number, run.task("flaky").max_tries), (3, 4));
    assert_eq!(run.task("hopeless").try_number, 2);
    let detail = live.orchestrator.task_instance(&run.key("flaky")).await.unwrap();
    let tries: Vec<_> = detail.tries.iter().map(|tried| (tried.try_number, tried.state)).collect();
    assert_eq!(tries, [(1, Failed), (2, Failed), (3, Success)]);
    let first = live.orchestrator.read_log(&run.key("flaky"), Some(1), 0, Default::default()).await.unwrap();
    assert!(first.text.contains("marking task as up_for_retry"), "{}", first.text);
    assert!(first.done);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_has_a_time_limit() {
    let bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
dagrun_timeout: 1s
tasks:
  long: {operator: bash, bash_command: "exec tail -f /dev/null"}
  later: {operator: empty, upstream: long}
"#,
    )]);
    let live = bench.start().await;
    let run = live.run("d").await;
    run.expect(RunFailed, &[("long", Skipped), ("later", Skipped)]);
    assert_eq!(run.detail.run.note.as_deref(), Some("dagrun_timeout: the run was not finished after 1s"));
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_stopped_and_cleared() {
    let bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
params: {wait: yes}
tasks:
  first: {operator: bash, bash_command: "echo 1"}
  long: {operator: bash, bash_command: "test -e go && exit 0; exec tail -f /dev/null", cwd: "{{ dag.folder }}", upstream: first}
  last: {operator: bash, bash_command: "echo end", upstream: long}
"#,
    )]);
    let live = bench.start().await;
    let run = live.orchestrator.trigger(Trigger { dag_id: "d".into(), ..Trigger::default() }).await.unwrap();
    let long = run.key.task("long", UNMAPPED);
    live.reach(&long, Running).await;
    live.orchestrator.stop_run(&run.key).await.unwrap();
    let stopped = live.finish(&run.key).await;
    stopped.expect(RunFailed, &[("first", Success), ("long", Failed), ("last", Skipped)]);
    // Stopping what has ended is no error.
    live.orchestrator.stop_run(&run.key).await.unwrap();

    bench.write("go", "");
    let clear = Clear {
        dag_id: "d".into(),
        run_id: run.key.run_id.clone(),
        task_ids: vec!["long".into()],
        downstream: true,
        only_failed: false,
    };
    let cleared = live.orchestrator.clear(clear).await.unwrap();
    let ids: Vec<_> = cleared.iter().map(|key| key.task_id.as_str()).collect();
    assert_eq!(ids, ["long", "last"]);
    let again = live.finish(&run.key).await;
    again.expect(RunSuccess, &[("first", Success), ("long", Success), ("last", Success)]);
    assert_eq!(again.task("first").try_number, 1);
    assert_eq!(again.task("long").try_number, 2);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_a_running_task_restarts_it() {
    let bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
tasks:
  t: {operator: bash, bash_command: "test $AIRFLOW_CTX_TRY_NUMBER -eq 2 || exec tail -f /dev/null"}
"#,
    )]);
    let live = bench.start().await;
    let run = live.orchestrator.trigger(Trigger { dag_id: "d".into(), ..Trigger::default() }).await.unwrap();
    live.reach(&run.key.task("t", UNMAPPED), Running).await;
    let clear = Clear { dag_id: "d".into(), run_id: run.key.run_id.clone(), ..Clear::default() };
    live.orchestrator.clear(clear).await.unwrap();
    live.finish(&run.key).await.expect(RunSuccess, &[("t", Success)]);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_waits_for_its_delay() {
    let mut bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
tasks:
  t: {operator: bash, bash_command: "test $AIRFLOW_CTX_TRY_NUMBER -eq 2", retries: 1, retry_delay: 1h}
"#,
    )]);
    let clock = orchestrator::ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
    bench.clock = std::sync::Arc::new(clock.clone());
    let live = bench.start().await;
    let run = live.orchestrator.trigger(Trigger { dag_id: "d".into(), ..Trigger::default() }).await.unwrap();
    let task = run.key.task("t", UNMAPPED);
    let waiting = live.reach(&task, UpForRetry).await;
    assert_eq!(waiting.retry_at, Some("2026-01-01T01:00:00Z".parse().unwrap()));
    clock.advance(std::time::Duration::from_secs(3_599));
    assert_eq!(live.orchestrator.task_instance(&task).await.unwrap().instance.state, UpForRetry);
    clock.advance(std::time::Duration::from_secs(1));
    live.finish(&run.key).await.expect(RunSuccess, &[("t", Success)]);
    live.stop().await;
}
