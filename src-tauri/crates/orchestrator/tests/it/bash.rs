//! `BashOperator`.

use dag::{RunState, TaskState};
use orchestrator::Ports;
use serde_json::json;

use crate::support::{Finished, run_one};

async fn run(fields: serde_json::Value) -> Finished {
    run_one(Ports::none(), fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn output_is_logged_in_order_and_its_last_line_is_the_result() {
    let run = run(json!({
        "operator": "bash",
        "bash_command": "echo one; echo two >&2; printf 'ü\\nlast'",
    }))
    .await;
    assert_eq!(run.xcom("t").await, "last");
    let log = run.log("t").await;
    let lines: Vec<&str> =
        log.lines().filter_map(|line| line.split_once(" INFO - ")).map(|(_, text)| text).collect();
    let at = lines.iter().position(|line| *line == "one").expect("output is in the log");
    assert_eq!(&lines[at..], ["one", "two", "ü", "last", "marking task as success"], "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_names_the_run() {
    let run = run(json!({
        "operator": "bash",
        "bash_command": "echo $AIRFLOW_CTX_DAG_ID/$AIRFLOW_CTX_TASK_ID/$AIRFLOW_CTX_TRY_NUMBER/$GREETING/${HOME:-none}",
        "env": { "GREETING": "hello {{ ds[:2] }}" },
    }))
    .await;
    assert_eq!(run.xcom("t").await, "d/t/1/hello 20/none");
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_skip_or_fail() {
    let skip = json!({ "operator": "bash", "bash_command": "exit 7", "skip_on_exit_code": [6, 7] });
    run(skip).await.expect(RunState::Success, &[("t", TaskState::Skipped)]);
    let gone = run(json!({ "operator": "bash", "bash_command": "true", "cwd": "/nowhere" })).await;
    gone.expect(RunState::Failed, &[("t", TaskState::Failed)]);
    assert_eq!(gone.task("t").note.as_deref(), Some("cwd: there is no folder /nowhere"));
    let killed = run(json!({ "operator": "bash", "bash_command": "kill -9 $$" })).await;
    assert_eq!(killed.task("t").note.as_deref(), Some("bash command failed with signal 9"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_limit_ends_the_process_and_its_children() {
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let script = format!("tail -f /dev/null & echo $! > {0}; echo $$ >> {0}; wait", pids.display());
    let run = run(json!({ "operator": "bash", "bash_command": script, "execution_timeout": "1s" })).await;
    run.expect(RunState::Failed, &[("t", TaskState::Failed)]);
    assert_eq!(run.task("t").note.as_deref(), Some("execution_timeout: not finished after 1s"));
    for pid in std::fs::read_to_string(pids).unwrap().lines() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "{pid} still lives: {stat}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn binary_output_and_long_lines_do_no_harm() {
    let run = run(json!({
        "operator": "bash",
        "bash_command": "head -c 100000 /dev/zero; printf '\\xff\\xfe\\n'; echo end",
    }))
    .await;
    run.expect(RunState::Success, &[("t", TaskState::Success)]);
    assert_eq!(run.xcom("t").await, "end");
}
