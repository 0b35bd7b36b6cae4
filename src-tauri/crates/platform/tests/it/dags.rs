//! DAGs: found, triggered, run, read; with Kafka between the tasks.

use api::ErrorCode;
use api::dags::*;
use api::messages::{MessagesBrowse, Seek};

use crate::support::{Running, local, refused};

const PIPELINE: &str = "\
dag_id: pipeline
schedule: null
is_paused_upon_creation: false
params: {word: {default: hello, description: What to say}}
tasks:
  say:
    operator: kafka_produce
    topic: said
    records: [{key: a, value: {word: '{{ params.word }}', n: 9007199254740993}}, {key: b, value: null}]
  hear:
    operator: kafka_consume
    topics: [said]
    group_id: listener
    poll_timeout: 1s
    upstream: say
  keep:
    operator: sql
    conn_id: warehouse
    parameters: {heard: \"{{ ti.xcom_pull('hear') | tojson }}\"}
    sql: |
      CREATE TABLE IF NOT EXISTS heard (word TEXT);
      INSERT INTO heard SELECT value ->> '$.value.word' FROM json_each(:heard) WHERE value ->> '$.value' IS NOT NULL;
      SELECT word FROM heard
    upstream: hear
";

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_runs_through_kafka_and_sql() {
    let it = Running::start().await;
    std::fs::write(it.dir.join("dags").join("pipeline.yaml"), PIPELINE).expect("written");
    it.until(&DagsList {}, |list| list.dags.iter().any(|dag| dag.dag_id == "pipeline")).await;
    let detail = it.call(&DagGet { dag_id: "pipeline".to_owned() }).await.expect("the DAG");
    assert_eq!((detail.tasks.len(), detail.edges.len()), (3, 2));
    assert_eq!(detail.params[0].default, "\"hello\"");
    assert_eq!(detail.source, PIPELINE);

    let trigger = |conf: &str| DagTrigger {
        dag_id: "pipeline".to_owned(),
        conf: Some(conf.to_owned()),
        logical_date_ms: None,
    };
    refused(it.call(&trigger("[1]")).await, ErrorCode::InvalidRequest, "conf must be a JSON object");
    let unknown = DagTrigger { dag_id: "none".to_owned(), conf: None, logical_date_ms: None };
    refused(it.call(&unknown).await, ErrorCode::NotFound, "none");
    let run = it.call(&trigger(r#"{"word":"moin"}"#)).await.expect("triggered");
    let get = RunGet { dag_id: run.dag_id.clone(), run_id: run.run_id.clone() };
    let done =
        it.until(&get, |detail| !matches!(detail.run.state, RunState::Queued | RunState::Running)).await;
    let log = |task: &str| TaskLogGet {
        dag_id: run.dag_id.clone(),
        run_id: run.run_id.clone(),
        task_id: task.to_owned(),
        map_index: -1,
        try_number: None,
        offset_bytes: 0,
        wait_ms: 1000,
    };
    if done.run.state != RunState::Success {
        for task in &done.tasks {
            eprintln!("{}: {}", task.task_id, it.call(&log(&task.task_id)).await.expect("a log").text);
        }
    }
    assert_eq!(done.run.state, RunState::Success, "{done:?}");
    let instance = TaskInstanceGet {
        dag_id: run.dag_id.clone(),
        run_id: run.run_id.clone(),
        task_id: "keep".to_owned(),
        map_index: -1,
    };
    let instance = it.call(&instance).await.expect("the instance");
    assert_eq!(instance.xcoms[0].value, r#"[["moin"]]"#);
    assert!(it.call(&log("hear")).await.expect("its log").text.contains("consumed 2 records"));
    let said = MessagesBrowse {
        cluster: local(),
        topic: "said".to_owned(),
        partitions: None,
        seek: Seek::Oldest,
        positions: None,
        limit: 10,
        contains: None,
    };
    let said = it.call(&said).await.expect("messages");
    assert_eq!(said.messages[0].value.text, r#"{"word":"moin","n":9007199254740993}"#);

    it.call(&DagPause { dag_id: "pipeline".to_owned(), paused: true }).await.expect("paused");
    let row = it.call(&DagGet { dag_id: "pipeline".to_owned() }).await.expect("the DAG").row;
    assert!(row.paused && row.last_runs.len() == 1, "{row:?}");
    let runs = RunsList { dag_id: None, state: Some(RunState::Success), limit: 10 };
    assert_eq!(it.call(&runs).await.expect("runs").len(), 1);
    it.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_is_an_import_error() {
    let it = Running::start().await;
    std::fs::write(it.dir.join("dags").join("bad.yaml"), "dag_id: bad\ntasks:\n  a: {operator: bsh}\n")
        .expect("written");
    let list = it.until(&DagsList {}, |list| !list.import_errors.is_empty()).await;
    assert_eq!((list.import_errors[0].file.as_str(), list.import_errors[0].line), ("bad.yaml", Some(3)));
    it.platform.stop().await;
}
