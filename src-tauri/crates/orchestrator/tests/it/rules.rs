//! Trigger rules and run states through real runs.

use dag::RunState::{Failed as RunFailed, Success as RunSuccess};
use dag::TaskState::{Failed, Skipped, Success, UpstreamFailed};

use crate::support::Bench;

const RULES: &str = r#"
dag_id: rules
tasks:
  good: {operator: bash, bash_command: "echo fine"}
  bad: {operator: bash, bash_command: "exit 3"}
  skipped: {operator: bash, bash_command: "exit 99"}
  all_success: {operator: bash, bash_command: "true", upstream: [good, bad]}
  after_skip: {operator: bash, bash_command: "true", upstream: skipped}
  all_done: {operator: bash, bash_command: "true", upstream: [good, bad, skipped], trigger_rule: all_done}
  one_failed: {operator: empty, upstream: [good, bad], trigger_rule: one_failed}
  none_failed: {operator: bash, bash_command: "true", upstream: [good, skipped], trigger_rule: none_failed}
  all_failed: {operator: empty, upstream: [good, bad], trigger_rule: all_failed}
  always: {operator: empty, upstream: bad, trigger_rule: always}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_finds_its_state() {
    let bench = Bench::new(&[("rules.yaml", RULES)]);
    let live = bench.start().await;
    let run = live.run("rules").await;
    run.expect(
        RunFailed,
        &[
            ("good", Success),
            ("bad", Failed),
            ("skipped", Skipped),
            ("all_success", UpstreamFailed),
            ("after_skip", Skipped),
            ("all_done", Success),
            ("one_failed", Success),
            ("none_failed", Success),
            ("all_failed", Skipped),
            ("always", Success),
        ],
    );
    let note = run.task("all_success").note.clone().unwrap();
    assert_eq!(note, "trigger rule all_success: upstream \"bad\" is failed");
    assert_eq!(run.task("bad").note.as_deref(), Some("bash command failed with exit code 3"));
    assert_eq!(run.xcom("good").await, "fine");
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_leaves_speak_for_the_run() {
    let bench = Bench::new(&[(
        "leaves.yaml",
        r#"
dag_id: leaves
tasks:
  bad: {operator: bash, bash_command: "exit 1"}
  join: {operator: empty, upstream: bad, trigger_rule: all_done}
---
dag_id: teardown
tasks:
  set: {operator: bash, bash_command: "true", is_setup: true}
  work: {operator: bash, bash_command: "exit 1", upstream: set}
  clean: {operator: bash, bash_command: "echo clean", upstream: work, is_teardown: true, setups: set}
---
dag_id: nothing
tasks: {}
"#,
    )]);
    let live = bench.start().await;
    assert_eq!(live.orchestrator.import_errors().await.unwrap(), []);
    live.run("leaves").await.expect(RunSuccess, &[("bad", Failed), ("join", Success)]);
    // The teardown runs and succeeds, yet the failed work fails the run.
    live.run("teardown").await.expect(RunFailed, &[("set", Success), ("work", Failed), ("clean", Success)]);
    live.run("nothing").await.expect(RunSuccess, &[]);
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fail_fast_ends_what_is_left() {
    let bench = Bench::new(&[(
        "fast.yaml",
        r#"
dag_id: fast
fail_fast: true
tasks:
  bad: {operator: bash, bash_command: "exit 1"}
  long: {operator: bash, bash_command: "exec tail -f /dev/null"}
  later: {operator: bash, bash_command: "true", upstream: long}
"#,
    )]);
    let live = bench.start().await;
    let run = live.run("fast").await;
    run.expect(RunFailed, &[("bad", Failed), ("long", Failed), ("later", Skipped)]);
    assert_eq!(run.task("later").note.as_deref(), Some("fail_fast: task \"bad\" has failed"));
    live.stop().await;
}
