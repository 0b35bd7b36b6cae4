//! What survives the end of the process, graceful or not.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use dag::RunState::{Failed as RunFailed, Success as RunSuccess};
use dag::TaskState::{Failed, Running, Success};
use orchestrator::UNMAPPED;
use serde_json::json;

use crate::support::Bench;

const DAG: &str = r#"
dag_id: d
tasks:
  before: {operator: bash, bash_command: "echo kept"}
  again: {operator: bash, bash_command: "echo $$ >> pids; test -e go && exit 0; exec tail -f /dev/null", cwd: "{{ dag.folder }}", retries: 1, retry_delay: 0s, upstream: before}
  once: {operator: bash, bash_command: "echo $$ >> pids; exec tail -f /dev/null", cwd: "{{ dag.folder }}", upstream: before}
  after: {operator: bash, bash_command: "echo {{ ti.xcom_pull('before') }}", upstream: again}
"#;

/// Not a test by itself: the process that [`a_killed_process_leaves_everything_to_the_next`] kills.
#[tokio::test(flavor = "multi_thread")]
async fn victim() {
    let Ok(dir) = std::env::var("ORCHESTRATOR_VICTIM_DIR") else { return };
    let mut bench = Bench::new(&[]);
    let paused = bench.config.dags_are_paused_at_creation;
    bench.config = orchestrator::OrchestratorConfig::in_dir(dir);
    bench.config.dags_are_paused_at_creation = paused;
    let live = bench.start().await;
    let run = live.trigger("d", json!({})).await;
    live.reach(&run.key.task("again", UNMAPPED), Running).await;
    live.reach(&run.key.task("once", UNMAPPED), Running).await;
    // Both have written their process ids when two lines are there.
    let pids = bench.config.dags_dir.join("pids");
    while std::fs::read_to_string(&pids).unwrap_or_default().lines().count() < 2 {
        tokio::task::yield_now().await;
    }
    println!("\nrun {}", run.key.run_id);
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_leaves_everything_to_the_next() {
    let bench = Bench::new(&[("d.yaml", DAG)]);
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "recovery::victim", "--nocapture"])
        .env("ORCHESTRATOR_VICTIM_DIR", bench.dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let run_id =
        lines.map_while(Result::ok).find_map(|line| line.strip_prefix("run ").map(str::to_owned)).unwrap();
    victim.kill().unwrap();
    victim.wait().unwrap();
    let left: Vec<String> = std::fs::read_to_string(bench.config.dags_dir.join("pids"))
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    bench.write("go", "");

    let live = bench.start().await;
    let run = live.finish(&orchestrator::RunKey::new("d", run_id)).await;
    run.expect(RunFailed, &[("before", Success), ("again", Success), ("once", Failed), ("after", Success)]);
    assert_eq!(run.xcom("after").await, "kept");
    assert_eq!(run.task("again").try_number, 2);
    assert_eq!(run.task("once").note.as_deref(), Some("the program ended while this try ran"));
    // Nobody keeps running without an orchestrator.
    for pid in left {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        assert!(status.is_empty() || status.contains("State:\tZ"), "{pid} still lives: {status}");
    }
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graceful_stop_costs_no_try() {
    let bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
tasks:
  t: {operator: bash, bash_command: "test -e go && exit 0; exec tail -f /dev/null", cwd: "{{ dag.folder }}"}
"#,
    )]);
    let live = bench.start().await;
    let run = live.trigger("d", json!({})).await;
    live.reach(&run.key.task("t", UNMAPPED), Running).await;
    live.stop().await;
    bench.write("go", "");
    let live = bench.start().await;
    live.finish(&run.key).await.expect(RunSuccess, &[("t", Success)]);
    live.stop().await;
}
