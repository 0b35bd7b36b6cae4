//! `PythonOperator`. Without a Python on the machine these say so and pass.

use std::collections::HashMap;
use std::sync::Arc;

use dag::RunState::{Failed as RunFailed, Success as RunSuccess};
use dag::TaskState::{Failed, Skipped, Success};
use orchestrator::{Connection, Ports};
use serde_json::{Value, json};

use crate::fakes::{Book, ports};
use crate::support::{Bench, Finished, run_one};

fn python_is_here() -> bool {
    let found =
        std::process::Command::new("python3").arg("--version").output().is_ok_and(|out| out.status.success());
    if !found {
        eprintln!("skipped: there is no python3 on the PATH");
    }
    found
}

async fn run(code: &str, more: Value) -> Finished {
    let mut fields = json!({ "operator": "python", "code": code });
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let book = Book {
        variables: HashMap::from([("region".into(), "eu".into())]),
        connections: vec![Connection {
            conn_id: "db".into(),
            host: Some("example.org".into()),
            ..Connection::default()
        }],
    };
    run_one(ports(Arc::default(), book), fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_context_and_result() {
    if !python_is_here() {
        return;
    }
    let run = run(
        r#"
import logging

def main(a, b=0, *, ds, params, ti, logical_date, dag_run):
    print("printed", end="")
    logging.getLogger("x").warning("careful\nhere")
    ti.xcom_push(key="extra", value={"n": 1})
    return [a + b, ds == logical_date.strftime("%Y-%m-%d"), ti.task_id, ti.xcom_pull(key="extra"), dag_run.run_id[:6]]
"#,
        json!({ "op_args": [1], "op_kwargs": { "b": 2 } }),
    )
    .await;
    run.expect(RunSuccess, &[("t", Success)]);
    assert_eq!(run.xcom("t").await, json!([3, true, "t", {"n": 1}, "manual"]));
    assert_eq!(run.xcom_of("t", "extra").await, Some(json!({"n": 1})));
    let log = run.log("t").await;
    assert!(log.contains("WARNING - careful\n"), "{log}");
    assert!(log.contains("WARNING - here\n"), "{log}");
    assert!(log.contains("INFO - printed\n"), "{log}");
    assert!(log.contains("Done. Returned value was: [3, True, 't'"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_show_their_traceback() {
    if !python_is_here() {
        return;
    }
    let failed = run("def main():\n    x = 1\n    return x / 0\n", json!({})).await;
    failed.expect(RunFailed, &[("t", Failed)]);
    assert_eq!(failed.task("t").note.as_deref(), Some("ZeroDivisionError: division by zero"));
    let log = failed.log("t").await;
    assert!(log.contains("ERROR - Traceback (most recent call last):"), "{log}");
    assert!(log.contains("line 3, in main"), "{log}");
    assert!(log.contains("return x / 0"), "{log}");
    assert!(!log.contains("runner.py"), "{log}");

    let syntax = run("def main(:\n", json!({})).await;
    assert!(syntax.task("t").note.clone().unwrap().contains("SyntaxError"), "{:?}", syntax.task("t").note);
    let unfit = run("def main():\n    return object()\n", json!({})).await;
    assert!(
        unfit.task("t").note.clone().unwrap().contains("object, which is no JSON"),
        "{:?}",
        unfit.task("t").note
    );
    let died = run("import os\ndef main():\n    os._exit(3)\n", json!({})).await;
    let note = died.task("t").note.clone().unwrap();
    assert_eq!(note, "the Python process ended with exit code 3 before it had a result");
}

#[tokio::test(flavor = "multi_thread")]
async fn airflows_exceptions_decide() {
    if !python_is_here() {
        return;
    }
    let retries = json!({ "retries": 3, "retry_delay": "0s" });
    let raising = |name: &str| {
        format!("from airflow.exceptions import {name}\ndef main():\n    raise {name}('because')\n")
    };
    let skipped = run(&raising("AirflowSkipException"), retries.clone()).await;
    skipped.expect(RunSuccess, &[("t", Skipped)]);
    assert_eq!(skipped.task("t").note.as_deref(), Some("because"));
    let failed = run(&raising("AirflowFailException"), retries.clone()).await;
    failed.expect(RunFailed, &[("t", Failed)]);
    assert_eq!(failed.task("t").try_number, 1);
    let exited = run("import sys\ndef main():\n    sys.exit(2)\n", retries).await;
    assert_eq!((exited.task("t").state, exited.task("t").try_number), (Failed, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_and_connections_are_asked_for() {
    if !python_is_here() {
        return;
    }
    let run = run(
        r#"
from airflow.sdk import Variable, BaseHook

def main():
    return [Variable.get("region"), Variable.get("none", default=7), BaseHook.get_connection("db").host]
"#,
        json!({}),
    )
    .await;
    assert_eq!(run.xcom("t").await, json!(["eu", 7, "example.org"]), "{}", run.log("t").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn callables_come_from_the_dags_folder() {
    if !python_is_here() {
        return;
    }
    let bench = Bench::new(&[
        (
            "d.yaml",
            r#"
dag_id: d
tasks:
  first: {operator: bash, bash_command: "echo 20"}
  module: {operator: python, python_callable: lib.sums.double, op_kwargs: {n: "{{ ti.xcom_pull('first') }}"}, upstream: first}
  file: {operator: python, python_callable_file: lib/sums.py, python_callable_name: pulled, upstream: module}
"#,
        ),
        (
            "lib/sums.py",
            "def double(n):\n    return int(n) * 2\n\ndef pulled(ti):\n    return ti.xcom_pull(task_ids=['module', 'first', 'nobody'])\n",
        ),
    ]);
    let live = bench.start().await;
    let run = live.run("d").await;
    run.expect(RunSuccess, &[("first", Success), ("module", Success), ("file", Success)]);
    assert_eq!(run.xcom("module").await, 40);
    assert_eq!(run.xcom("file").await, json!([40, "20", null]));
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_python_is_named() {
    let mut bench =
        Bench::new(&[("d.yaml", r#"{dag_id: d, tasks: {t: {operator: python, code: "def main(): pass"}}}"#)]);
    bench.config.python = Some("/nowhere/python".into());
    bench.ports = Ports::none();
    let live = bench.start().await;
    let run = live.run("d").await;
    let note = run.task("t").note.clone().unwrap();
    assert_eq!(note, "/nowhere/python is no Python: correct `python` under [orchestrator] in config.toml");
    live.stop().await;
}
