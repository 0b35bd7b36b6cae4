//! What the window asks: lists, files that change, params, live logs.

use std::time::Duration;

use dag::RunState;
use dag::TaskState::{Removed, Running, Success};
use orchestrator::{OrchestratorError, Trigger, UNMAPPED};
use serde_json::json;

use crate::support::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn files_come_change_break_and_go() {
    let bench = Bench::new(&[("a.yaml", "dag_id: a\ntasks: {t: {operator: empty}}\n")]);
    let live = bench.start().await;
    let ids = async || {
        let dags = live.orchestrator.list_dags().await.unwrap();
        dags.into_iter().map(|entry| entry.record.dag_id).collect::<Vec<_>>()
    };
    assert_eq!(ids().await, ["a"]);

    // Seen by the watcher, without being asked.
    let mut changes = live.orchestrator.changes();
    bench.write("sub/b.yml", "dag_id: b\ntasks: {t: {operator: empty}}\n");
    tokio::time::timeout(Duration::from_secs(30), async {
        while ids().await != ["a", "b"] {
            changes.changed().await.unwrap();
        }
    })
    .await
    .unwrap();

    bench.write("a.yaml", "dag_id: a\ntasks: {t: {operator: nonsense}}\n");
    live.orchestrator.reload().await.unwrap();
    let errors = live.orchestrator.import_errors().await.unwrap();
    assert_eq!((errors[0].file.as_str(), errors[0].line), ("a.yaml", Some(2)));
    assert!(errors[0].message.contains("nonsense"), "{}", errors[0].message);
    // The last good version stays.
    assert_eq!(ids().await, ["a", "b"]);

    bench.write("a.yaml", "dag_id: a\ntasks: {u: {operator: empty}}\n");
    bench.write("c.yaml", "dag_id: b\ntasks: {}\n");
    live.orchestrator.reload().await.unwrap();
    let errors = live.orchestrator.import_errors().await.unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].message, "DAG \"b\" is already defined in c.yaml");
    let detail = live.orchestrator.dag("a").await.unwrap();
    assert_eq!(detail.entry.dag.tasks()[0].task_id, "u");
    assert!(detail.source.contains("u: {operator"));

    std::fs::remove_file(bench.config.dags_dir.join("a.yaml")).unwrap();
    live.orchestrator.reload().await.unwrap();
    assert_eq!(ids().await, ["b"]);
    let refused = live.orchestrator.trigger(Trigger { dag_id: "a".into(), ..Trigger::default() }).await;
    assert!(matches!(refused, Err(OrchestratorError::DagStale { .. })), "{refused:?}");
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn params_are_checked_at_the_trigger() {
    let bench = Bench::new(&[(
        "d.yaml",
        "dag_id: d\nparams:\n  n: {default: 1, type: integer, minimum: 0}\ntasks: {t: {operator: empty}}\n",
    )]);
    let live = bench.start().await;
    let trigger = |conf: serde_json::Value| Trigger {
        dag_id: "d".into(),
        conf: conf.as_object().unwrap().clone(),
        ..Trigger::default()
    };
    let wrong = live.orchestrator.trigger(trigger(json!({ "n": -1 }))).await.unwrap_err();
    assert_eq!(wrong.to_string(), "params of DAG \"d\": param 'n': -1 is less than the minimum 0");
    let unknown = Trigger { dag_id: "nobody".into(), ..Trigger::default() };
    let unknown = live.orchestrator.trigger(unknown).await.unwrap_err();
    assert_eq!(unknown.to_string(), "there is no DAG \"nobody\"");
    let named = Trigger { run_id: Some("mine".into()), ..trigger(json!({ "n": 2 })) };
    let run = live.orchestrator.trigger(named.clone()).await.unwrap();
    live.finish(&run.key).await;
    let twice = live.orchestrator.trigger(named).await.unwrap_err();
    assert_eq!(twice.to_string(), "DAG \"d\" already has a run \"mine\"");
    let bad = Trigger { run_id: Some("a/b".into()), ..trigger(json!({})) };
    assert!(live.orchestrator.trigger(bad).await.unwrap_err().to_string().contains("cannot be a run id"));
    assert_eq!(live.orchestrator.run_counts().await.unwrap().success, 1);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_read_while_it_grows() {
    let bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
tasks:
  t: {operator: bash, bash_command: "echo early; mkfifo gate; echo ready; read line < gate; echo late $line", cwd: "{{ dag.folder }}"}
"#,
    )]);
    let live = bench.start().await;
    let run = live.trigger("d", json!({})).await;
    let key = run.key.task("t", UNMAPPED);
    let mut text = String::new();
    let mut offset = 0;
    let wait = Duration::from_secs(5);
    // From before it has begun.
    while !text.contains("INFO - ready") {
        let page = live.orchestrator.read_log(&key, None, offset, wait).await.unwrap();
        assert!(!page.done, "{page:?}");
        text.push_str(&page.text);
        offset = page.next_offset_bytes;
    }
    let gate = bench.config.dags_dir.join("gate");
    tokio::task::spawn_blocking(move || std::fs::write(gate, "x\n").unwrap()).await.unwrap();
    loop {
        let page = live.orchestrator.read_log(&key, None, offset, wait).await.unwrap();
        text.push_str(&page.text);
        offset = page.next_offset_bytes;
        if page.done {
            break;
        }
    }
    assert!(text.contains("INFO - early\n") && text.contains("INFO - late x\n"), "{text}");
    assert!(text.ends_with("marking task as success\n"), "{text}");
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_dag_may_change() {
    let gated = |more: &str| {
        format!(
            "dag_id: d\ntasks:\n  t: {{operator: bash, bash_command: 'mkfifo gate; read line < gate', cwd: '{{{{ dag.folder }}}}'}}\n{more}"
        )
    };
    let bench = Bench::new(&[("d.yaml", &gated("  old: {operator: empty, upstream: t}\n"))]);
    let live = bench.start().await;
    let run = live.trigger("d", json!({})).await;
    live.reach(&run.key.task("t", UNMAPPED), Running).await;
    bench.write("d.yaml", &gated("  new: {operator: empty, upstream: t}\n"));
    live.orchestrator.reload().await.unwrap();
    let gate = bench.config.dags_dir.join("gate");
    tokio::task::spawn_blocking(move || {
        while !gate.exists() {
            std::thread::yield_now();
        }
        std::fs::write(gate, "x\n").unwrap();
    })
    .await
    .unwrap();
    live.finish(&run.key)
        .await
        .expect(RunState::Success, &[("t", Success), ("new", Success), ("old", Removed)]);
    live.stop().await;
}
