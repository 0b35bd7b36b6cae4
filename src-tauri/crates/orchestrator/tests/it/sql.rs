//! `SQLExecuteQueryOperator` on SQLite.

use dag::RunState::{Failed as RunFailed, Success as RunSuccess};
use dag::TaskState::{Failed, Success};
use orchestrator::Connection;
use serde_json::{Value, json};

use crate::fakes::with_connections;
use crate::support::{Bench, Finished, run_one};

async fn run(fields: Value) -> Finished {
    let dir = tempfile::tempdir().unwrap().keep();
    let mut all = json!({ "operator": "sql", "conn_id": "db" });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let run = run_one(with_connections(vec![sqlite(&dir.join("t.db"))]), all).await;
    std::fs::remove_dir_all(dir).unwrap();
    run
}

fn sqlite(path: &std::path::Path) -> Connection {
    Connection {
        conn_id: "db".into(),
        conn_type: "sqlite".into(),
        host: Some(path.display().to_string()),
        ..Connection::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_the_last_statement_are_the_result() {
    let run = run(json!({
        "sql": "create table t (a integer, b real, c text, d boolean);\n\
                insert into t values (1, 2.5, 'x;y', true), (2, null, '{{ params.missing | default(\"ü\") }}', false);\n\
                select * from t order by a; -- done;",
    }))
    .await;
    run.expect(RunSuccess, &[("t", Success)]);
    assert_eq!(run.xcom("t").await, json!([[1, 2.5, "x;y", 1], [2, null, "ü", 0]]));
    let log = run.log("t").await;
    assert!(log.contains("2 rows affected") && log.contains("2 rows of 4 columns"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_are_bound() {
    let named =
        run(json!({ "sql": "select :a + 1, :b, ':a'", "parameters": { "a": 41, "b": "x'; drop table t" } }))
            .await;
    assert_eq!(named.xcom("t").await, json!([[42, "x'; drop table t", ":a"]]));
    let listed = run(json!({ "sql": "select ?, ?", "parameters": [null, 1.5] })).await;
    assert_eq!(listed.xcom("t").await, json!([[null, 1.5]]));
    let missing = run(json!({ "sql": "select :a", "parameters": { "b": 1 } })).await;
    assert_eq!(missing.task("t").note.as_deref(), Some("parameters: \"a\" is missing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_results_and_none() {
    let several = run(json!({ "sql": "select 1; select 2", "return_last": false })).await;
    assert_eq!(several.xcom("t").await, json!([[[1]], [[2]]]));
    let list = run(json!({ "sql": ["select 1", "select 2"] })).await;
    assert_eq!(list.xcom("t").await, json!([[[1]], [[2]]]));
    let empty = run(json!({ "sql": "create table t (a); select * from t" })).await;
    assert_eq!(empty.xcom("t").await, json!([]));
    let none = run(json!({ "sql": "create table t (a)" })).await;
    assert_eq!(none.xcom_of("t", "return_value").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_script_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
tasks:
  broken: {operator: sql, conn_id: db, sql: "create table t (a); insert into u values (1)"}
  after: {operator: sql, conn_id: db, sql: "select count(*) from sqlite_master", upstream: broken, trigger_rule: all_done}
"#,
    )]);
    bench.ports = with_connections(vec![sqlite(&dir.path().join("t.db"))]);
    let live = bench.start().await;
    let run = live.run("d").await;
    run.expect(RunSuccess, &[("broken", Failed), ("after", Success)]);
    assert_eq!(run.xcom("after").await, json!([[0]]));
    assert!(run.task("broken").note.clone().unwrap().contains("no such table: u"));
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_too_large_is_refused() {
    let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select * from n";
    let run = run(json!({ "sql": endless })).await;
    run.expect(RunFailed, &[("t", Failed)]);
    assert!(run.task("t").note.clone().unwrap().contains("add a LIMIT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sql_file_is_read_and_rendered() {
    let dir = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(&[
        (
            "d.yaml",
            "dag_id: d\ntasks:\n  t: {operator: sql, conn_id: db, sql: sql/report.sql}\n  gone: {operator: sql, conn_id: db, sql: sql/gone.sql}\n",
        ),
        ("sql/report.sql", "select '{{ run_id[:6] }}'\n"),
    ]);
    bench.ports = with_connections(vec![sqlite(&dir.path().join("t.db"))]);
    let live = bench.start().await;
    let run = live.run("d").await;
    run.expect(RunFailed, &[("t", Success), ("gone", Failed)]);
    assert_eq!(run.xcom("t").await, json!([["manual"]]));
    let note = run.task("gone").note.clone().unwrap();
    assert!(note.starts_with("sql: there is no file sql/gone.sql in the DAGs folder"), "{note}");
    live.stop().await;
}
