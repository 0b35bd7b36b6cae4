//! The command line others rely on: `dag`, `topic`, `group`.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, run, run_failing};

pub(crate) fn pumphouse(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pumphouse"));
    command.args(args);
    command
}

const CHAIN: &str = "\
dag_id: chain
schedule: '0 6 * * *'
start_date: 2026-01-01
catchup: false
params:
  name: world
tasks:
  hello:
    operator: bash
    bash_command: echo \"hello {{ params.name }}\"
  shout:
    operator: bash
    bash_command: echo \"{{ ti.xcom_pull(task_ids='hello') | upper }}\"
    upstream: [hello]
";

fn file(dir: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, text).expect("written");
    path
}

#[test]
fn a_dag_is_listed_run_and_foretold() {
    let dir = TempDir::new().expect("a temporary directory");
    let path = file(&dir, "chain.yaml", CHAIN);
    let path = path.to_str().expect("text");

    let listed: Value =
        serde_json::from_str(&run("dag list", &mut pumphouse(&["dag", "list", path, "--json"])))
            .expect("JSON");
    assert_eq!(listed["dags"][0]["dag_id"], "chain", "{listed}");
    assert_eq!(listed["dags"][0]["edges"].as_array().map(Vec::len), Some(1), "{listed}");

    let chart = dir.path().join("chain.svg");
    let chart_path = chart.to_str().expect("text");
    let arguments = ["dag", "run", path, "--param", "name=pumphouse", "--json", "--gantt", chart_path];
    let ran = run("dag run", &mut pumphouse(&arguments));
    let svg = std::fs::read_to_string(&chart).expect("the chart");
    assert!(svg.starts_with("<svg") && svg.contains("shout") && svg.contains("chain"), "{svg}");
    let ran: Value = serde_json::from_str(&ran).expect("JSON");
    assert_eq!(ran["state"], "success", "{ran}");
    let shout = ran["tasks"]
        .as_array()
        .expect("tasks")
        .iter()
        .find(|task| task["task_id"] == "shout")
        .expect("shout");
    assert_eq!(shout["xcom"]["return_value"], "HELLO PUMPHOUSE", "{ran}");

    let next = ["dag", "next", path, "--now", "2026-03-01T12:00:00Z", "--count", "2", "--json"];
    let next: Value = serde_json::from_str(&run("dag next", &mut pumphouse(&next))).expect("JSON");
    let first = next[0]["run_after"].as_str().expect("a time");
    assert!(first.starts_with("2026-03-01T06:00:00") || first.starts_with("2026-03-02T06:00:00"), "{next}");
}

#[test]
fn a_failing_run_exits_with_1() {
    let dir = TempDir::new().expect("a temporary directory");
    let failing = "dag_id: bad\nschedule: null\ntasks:\n  boom: {operator: bash, bash_command: 'exit 3'}\n";
    let path = file(&dir, "bad.yaml", failing);
    let (code, said) = run_failing("dag run", &mut pumphouse(&["dag", "run", path.to_str().expect("text")]));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("boom") && said.contains("failed"), "{said}");
}

#[test]
fn faults_are_named_with_file_and_line() {
    let dir = TempDir::new().expect("a temporary directory");
    let text = "dag_id: typo\nschedule: null\ntasks:\n  a:\n    operator: bash\n    bash_comand: 'true'\n";
    let path = file(&dir, "typo.yaml", text);
    let (_, said) = run_failing("dag list", &mut pumphouse(&["dag", "list", path.to_str().expect("text")]));
    assert!(
        said.contains("typo.yaml:6") && said.contains("bash_comand") && said.contains("bash_command"),
        "{said}"
    );
}

#[test]
fn topics_and_groups_by_hand() {
    let server = Server::start();
    let on = |args: &[&str]| {
        let mut command = pumphouse(args);
        command.args(["--bootstrap-server", &server.kafka]);
        command
    };
    run("topic create", &mut on(&["topic", "create", "by.hand", "--partitions", "3"]));
    let listed = run("topic list", &mut on(&["topic", "list"]));
    assert!(listed.contains("by.hand"), "{listed}");
    let groups = run("group list", &mut on(&["group", "list"]));
    assert!(!groups.contains("by.hand"), "{groups}");
    run("topic delete", &mut on(&["topic", "delete", "by.hand"]));
    let (_, said) = run_failing("topic delete", &mut on(&["topic", "delete", "by.hand"]));
    assert!(said.contains("by.hand"), "{said}");
}

/// Python itself reads what was written; README's pipeline is among it.
#[test]
fn a_dag_is_exported_as_python() {
    let dir = TempDir::new().expect("a temporary directory");
    for (name, text) in [("chain", CHAIN), ("flights", include_str!("../dags/flights.yaml"))] {
        let path = file(&dir, &format!("{name}.yaml"), text);
        let out = dir.path().join(format!("{name}.py"));
        let arguments = ["dag", "export", path.to_str().expect("text"), "--to", "airflow", "--out"];
        run("dag export", pumphouse(&arguments).arg(&out));
        let check = "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')";
        run("python3", Command::new("python3").args(["-c", check]).arg(&out));
    }
}
