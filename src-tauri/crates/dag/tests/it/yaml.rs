//! DAG files and what is said about broken ones.

use std::time::Duration;

use dag::{
    Dag, Schedule, TriggerRule,
    yaml::{Parsed, parse},
};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

fn now() -> Timestamp {
    "2026-06-15T12:00:00Z".parse().expect("a time")
}

fn read(text: &str) -> Dag {
    let Parsed { mut dags, diagnostics } = parse(text, now());
    assert_eq!(diagnostics, [], "{text}");
    assert_eq!(dags.len(), 1, "{text}");
    dags.remove(0)
}

fn check_errors(text: &str, expected: &[&str]) {
    let parsed = parse(text, now());
    let found: Vec<String> = parsed.diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected, "{text}");
    assert_eq!(parsed.dags, [], "{text}");
}

/// A DAG with this as its only task's or its own further lines.
fn with_task(lines: &str) -> String {
    format!("dag_id: d\ntasks:\n  t:\n    operator: bash\n    bash_command: 'true'\n{lines}")
}

fn edges(dag: &Dag) -> Vec<String> {
    dag.graph.edges().iter().map(|edge| format!("{} → {}", edge.upstream, edge.downstream)).collect()
}

const WHOLE: &str = r#"
dag_id: host_report
dag_display_name: Host report
description: What this computer did
doc_md: "A *report*"
schedule: "*/5 * * * *"
start_date: 2026-01-01
end_date: 2027-01-01T00:00:00+01:00
catchup: true
timezone: Europe/Berlin
max_active_runs: 1
max_active_tasks: 4
dagrun_timeout: 1h30m
tags: [demo, host]
params:
  threshold: {default: 10, type: integer, minimum: 0, description: In percent}
  region: eu
default_args: {retries: 2, retry_delay: 30s, conn_id: warehouse, owner: ann}
render_template_as_native_obj: true
is_paused_upon_creation: false
tasks:
  consume:
    operator: kafka_consume
    topics: [host.metrics]
    poll_timeout: 1m
    execution_timeout: {minutes: 2, seconds: 30}
  load:
    operator: SQLExecuteQueryOperator
    sql: insert into t values (1)
    upstream: consume
    retries: 0
    retry_exponential_backoff: true
    max_retry_delay: 10
    pool: small
    priority_weight: 5
    weight_rule: absolute
  publish:
    operator: airflow.providers.apache.kafka.operators.produce.ProduceToTopicOperator
    topic: host.report
    value: "{{ ti.xcom_pull('load') }}"
    upstream: [{task_id: load, label: loaded}]
    trigger_rule: none_failed
    depends_on_past: true
"#;

#[test]
fn a_whole_dag() {
    let dag = read(WHOLE);
    assert_eq!(dag.dag_id, "host_report");
    assert_eq!(dag.line, 2);
    assert_eq!(dag.schedule.text().as_deref(), Some("*/5 * * * *"));
    assert_eq!(dag.start_date, "2025-12-31T23:00:00Z".parse().ok());
    assert_eq!(dag.end_date, "2026-12-31T23:00:00Z".parse().ok());
    assert_eq!(dag.timezone_name(), "Europe/Berlin");
    assert_eq!((dag.max_active_runs, dag.max_active_tasks), (1, 4));
    assert_eq!(dag.dagrun_timeout, Some(Duration::from_secs(5_400)));
    assert_eq!(dag.owner.as_deref(), Some("ann"));
    assert_eq!(dag.params[0].default, Some(json!(10)));
    assert_eq!(dag.params[1].default, Some(json!("eu")));
    let consume = dag.task("consume").expect("a task");
    assert_eq!(consume.operator, "ConsumeFromTopicOperator");
    assert_eq!(consume.retries, 2);
    assert_eq!(consume.retry_delay, Duration::from_secs(30));
    assert_eq!(consume.execution_timeout, Some(Duration::from_secs(150)));
    assert_eq!(consume.args["poll_timeout"], json!(60));
    assert!(!consume.args.contains_key("conn_id"), "a default of another operator");
    assert_eq!(consume.line, 22);
    let load = dag.task("load").expect("a task");
    assert_eq!(load.args["conn_id"], json!("warehouse"));
    assert_eq!(load.retries, 0);
    assert_eq!(load.retry_exponential_backoff, 2.0);
    assert_eq!((load.pool.as_str(), load.priority_weight, load.owner.as_str()), ("small", 5, "ann"));
    let publish = dag.task("publish").expect("a task");
    assert_eq!(publish.operator, "ProduceToTopicOperator");
    assert_eq!(publish.trigger_rule, TriggerRule::NoneFailed);
    assert!(publish.depends_on_past);
    assert_eq!(edges(&dag), ["consume → load", "load → publish"]);
    assert_eq!(dag.graph.edges()[1].label.as_deref(), Some("loaded"));
    let text = serde_json::to_string(&dag).expect("serializes");
    assert_eq!(serde_json::from_str::<Dag>(&text).expect("reads back"), dag);
}

#[test]
fn schedules() {
    let check = |schedule: &str, expected: Option<&str>| {
        let dag = read(&format!("{}schedule: {schedule}\nstart_date: 2026-01-01\n", with_task("")));
        assert_eq!(dag.schedule.text().as_deref(), expected, "{schedule}");
    };
    check("null", None);
    check("'0 6 * * 1-5'", Some("0 6 * * 1-5"));
    check("'@daily'", Some("@daily"));
    check("'@once'", Some("@once"));
    check("'@continuous'", Some("@continuous"));
    check("5m", Some("0:05:00"));
    check("{days: 1, hours: 2}", Some("1 day, 2:00:00"));
    check("{months: 1}", Some("1 month"));
    check("90", Some("0:01:30"));
    check("{timetable: CronDataIntervalTimetable, cron: '@hourly', timezone: UTC}", Some("@hourly"));
    check(
        "{timetable: CronTriggerTimetable, cron: ['0 6 * * *', '30 18 * * 1-5'], interval: 1 day}",
        Some("0 6 * * *, 30 18 * * 1-5"),
    );
    check("{timetable: DeltaDataIntervalTimetable, delta: 6h}", Some("6:00:00"));
    check("{timetable: EventsTimetable, event_dates: [2026-07-01, 2026-08-01T12:00]}", Some("2 dates"));
    assert_eq!(read(&with_task("")).schedule, Schedule::None);
}

#[test]
fn groups_stand_for_their_tasks() {
    let dag = read(
        "
dag_id: grouped
tasks:
  start: {operator: empty}
  end: {operator: empty, upstream: outer}
task_groups:
  outer:
    upstream: start
    tooltip: Both
    default_args: {retries: 3}
    tasks:
      a: {operator: empty}
      b: {operator: empty, upstream: a, retries: 1}
    task_groups:
      inner:
        upstream: b
        tasks:
          a: {operator: empty}
          c: {operator: empty, upstream: a}
          d: {operator: empty}
  flat:
    prefix_group_id: false
    tasks:
      loose: {operator: empty, downstream: end}
",
    );
    let ids: Vec<&str> = dag.tasks().iter().map(|task| task.task_id.as_str()).collect();
    assert_eq!(
        ids,
        ["start", "end", "outer.a", "outer.b", "outer.inner.a", "outer.inner.c", "outer.inner.d", "loose"]
    );
    assert_eq!(
        edges(&dag),
        [
            "start → outer.a",
            "outer.a → outer.b",
            "outer.b → outer.inner.a",
            "outer.b → outer.inner.d",
            "outer.inner.a → outer.inner.c",
            "outer.inner.c → end",
            "outer.inner.d → end",
            "loose → end",
        ]
    );
    assert_eq!(dag.task("outer.inner.a").expect("a task").groups, ["outer", "outer.inner"]);
    assert_eq!(dag.task("outer.inner.a").expect("a task").retries, 3);
    assert_eq!(dag.task("outer.b").expect("a task").retries, 1);
    assert_eq!(dag.groups[1].parent.as_deref(), Some("outer"));
}

#[test]
fn setups_and_teardowns() {
    let dag = read(
        "
dag_id: d
tasks:
  - {task_id: create, operator: empty, is_setup: true}
  - {task_id: work, operator: empty, upstream: create}
  - {task_id: drop, operator: empty, is_teardown: true, upstream: work, setups: create}
",
    );
    assert_eq!(dag.task("drop").expect("a task").trigger_rule, TriggerRule::AllDoneSetupSuccess);
    assert_eq!(edges(&dag), ["create → work", "create → drop", "work → drop"]);
}

#[test]
fn errors_name_the_thing_and_the_way_out() {
    check_errors("tasks: {}", &["1:1: the DAG needs 'dag_id': the DAG's name"]);
    check_errors("dag_id: d", &["1:1: the DAG needs 'tasks': a map from task id to task"]);
    check_errors("- a", &["1:1: the DAG has to be a map of keys and values, not a list"]);
    check_errors(
        "dag_id: a b\ntasks: {}",
        &["1:9: the id 'a b' contains ' '; ids are made of letters, digits, dots, dashes and underscores"],
    );
    check_errors(&with_task("    retrys: 3"), &["6:5: task 't' has no 'retrys'; did you mean 'retries'?"]);
    check_errors(&with_task("    email: x"), &["6:5: 'email' of Airflow is not supported: leave it out"]);
    check_errors(
        &with_task("schedule_interval: '@daily'"),
        &["6:1: the DAG has no 'schedule_interval': here it is called 'schedule'"],
    );
    check_errors(&with_task("    retries: -1"), &["6:14: 'retries' has to be a whole number from 0, not -1"]);
    check_errors(
        &with_task("    retry_delay: soon"),
        &[
            "6:18: 'retry_delay' has to be a duration such as 30s, 5m, 1h30m, a number of seconds, or {minutes: 5}, not 'soon'",
        ],
    );
    check_errors(
        &with_task("    append_env: yes"),
        &["6:17: 'append_env' has to be true or false (write true), not 'yes'"],
    );
    check_errors(
        &with_task("    trigger_rule: one_sucess"),
        &[
            "6:19: 'one_sucess' is not a trigger rule; known are all_success, all_failed, all_done, all_done_min_one_success, all_done_setup_success, one_success, one_failed, one_done, none_failed, none_failed_min_one_success, none_skipped, all_skipped, always; did you mean 'one_success'?",
        ],
    );
    check_errors(&with_task("    upstream: s"), &["6:15: 't' names 's', but there is no such task or group"]);
    check_errors(
        &with_task("    upstream: t"),
        &["6:15: 't' and 't' cannot wait for each other: one is the other, or holds it"],
    );
    check_errors(
        "dag_id: d\ntasks:\n  t: {operator: bahs}",
        &["3:17: there is no operator 'bahs'; did you mean 'bash'?"],
    );
    check_errors(
        "dag_id: d\ntasks:\n  t: {operator: bash}",
        &["3:6: task 't' needs 'bash_command': The command or script."],
    );
    check_errors(
        "dag_id: d\ntasks:\n  t: {operator: python}",
        &["3:6: PythonOperator needs one of code, python_callable, python_callable_name"],
    );
    check_errors(
        "dag_id: d\ntasks:\n  t: {operator: python, python_callable_name: f}",
        &["3:6: 'python_callable_name' needs 'python_callable_file' beside it"],
    );
    check_errors(
        "dag_id: d\ntasks:\n  t: {operator: http, method: FETCH}",
        &["3:31: 'method' has to be one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS, not 'FETCH'"],
    );
    check_errors(
        "dag_id: d\ntasks:\n  t: {operator: bash, bash_command: 5}",
        &["3:37: 'bash_command' has to be text; put it in quotes, not 5"],
    );
    check_errors(
        &with_task("timezone: Europe/Berlim"),
        &["6:11: there is no time zone 'Europe/Berlim'; did you mean 'Europe/Berlin'?"],
    );
    check_errors(
        &with_task("start_date: tomorrow"),
        &[
            "6:13: 'start_date' has to be a date or time such as 2026-01-31, 2026-01-31T06:30 or 2026-01-31T06:30:00+02:00, not 'tomorrow'",
        ],
    );
    check_errors(
        &with_task("schedule: 0 60 * * *"),
        &["6:11: in the cron expression '0 60 * * *', hour '60' is not within 0–23"],
    );
    check_errors(
        &with_task("schedule: 0 0 31 2 *"),
        &["6:11: the schedule '0 0 31 2 *' never fires: no date within fifty years matches it"],
    );
    check_errors(
        &with_task("schedule: 5ms"),
        &["6:11: the schedule has to be at least a second, not 0:00:00.005000"],
    );
    check_errors(
        &with_task("schedule: '@daily'\ncatchup: true"),
        &["6:11: catchup needs a start_date: from when on should missed runs be made up for?"],
    );
    check_errors(
        &with_task("schedule: '@continuous'\nmax_active_runs: 2"),
        &["6:11: @continuous needs max_active_runs 1, not 2: a run follows on the one before"],
    );
    check_errors(
        &with_task("params:\n  p: {default: 5, type: strnig}"),
        &[
            "7:25: 'type' has to be one of string, integer, number, boolean, array, object, null, or a list of them, not 'strnig'",
        ],
    );
    check_errors(
        &with_task("params:\n  p: {default: 5, maximum: 3}"),
        &["7:6: the default of param 'p': 5 is greater than the maximum 3"],
    );
    check_errors(
        &with_task("schedule: 1d\nparams:\n  p: {type: string}"),
        &["8:3: param 'p' needs a default, for the DAG has a schedule"],
    );
    check_errors(
        &with_task("default_args: {retrys: 1}"),
        &["6:16: 'retrys' is no parameter of a task; did you mean 'retries'?"],
    );
}

#[test]
fn circles_and_twins() {
    check_errors(
        "dag_id: d\ntasks:\n  a: {operator: empty, upstream: c}\n  b: {operator: empty, upstream: a}\n  c: {operator: empty, upstream: b}",
        &["3:3: the tasks wait for each other in a circle: a → b → c → a"],
    );
    check_errors(
        "dag_id: d\ntasks:\n- {task_id: a, operator: empty}\n- {task_id: a, operator: empty}",
        &["4:13: the id 'a' is used twice; the first is in line 3"],
    );
    let parsed = parse(
        "dag_id: d\ntasks: {a: {operator: empty}}\n---\ndag_id: d\ntasks: {a: {operator: empty}}",
        now(),
    );
    assert_eq!(parsed.dags.len(), 1);
    assert_eq!(
        parsed.diagnostics[0].to_string(),
        "4:9: the DAG 'd' is defined twice; the first is in line 1"
    );
}

#[test]
fn one_broken_dag_leaves_the_others() {
    let parsed = parse("dag_id: bad\ntasks: 5\n---\ndag_id: good\ntasks: {a: {operator: empty}}", now());
    assert_eq!(parsed.dags.len(), 1);
    assert_eq!(parsed.dags[0].dag_id, "good");
    assert_eq!(parsed.diagnostics.len(), 1);
}

#[test]
fn defaults_cannot_multiply_without_end() {
    let mut text = format!("dag_id: d\ndefault_args: {{bash_command: {}}}\ntasks:\n", "x".repeat(1 << 20));
    for at in 0..1_000 {
        text += &format!("  t{at}: {{operator: bash}}\n");
    }
    let parsed = parse(&text, now());
    assert!(
        parsed.diagnostics[0].message.contains("default_args add up to more than"),
        "{:?}",
        parsed.diagnostics
    );

    let mut text = "dag_id: d\ntask_groups:\n  a:\n    tasks:\n".to_owned();
    for at in 0..1_000 {
        text += &format!("      t{at}: {{operator: empty}}\n");
    }
    text += &text.replace("dag_id: d\ntask_groups:\n  a:", "  b:\n    upstream: a");
    let parsed = parse(&text, now());
    assert!(parsed.diagnostics[0].message.contains("more than 200000 edges"), "{:?}", parsed.diagnostics);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        parse(&text, now());
    }

    #[test]
    fn any_change_to_a_dag_is_answered(at in 0usize..1_900, cut in 0usize..40, put in "[-a-z0-9:{}\\[\\],'\"#&*!|>%@` \n\t]{0,12}") {
        let start = WHOLE.floor_char_boundary(at.min(WHOLE.len()));
        let end = WHOLE.floor_char_boundary((start + cut).min(WHOLE.len()));
        let text = format!("{}{put}{}", &WHOLE[..start], &WHOLE[end..]);
        let parsed = parse(&text, now());
        for diagnostic in parsed.diagnostics {
            prop_assert!(diagnostic.line as usize <= text.lines().count() + 1, "{diagnostic}");
        }
    }
}

#[test]
fn the_json_of_a_dag() {
    let shown = dag::json::dag(&read(WHOLE));
    assert_eq!(shown["edges"], json!([["consume", "load"], ["load", "publish"]]));
    assert_eq!(shown["edge_labels"], json!([["load", "publish", "loaded"]]));
    assert_eq!(shown["schedule"], "*/5 * * * *");
    assert_eq!(shown["timetable"], "airflow.timetables.trigger.CronTriggerTimetable");
    assert_eq!(shown["start_date"], "2025-12-31T23:00:00+00:00");
    assert_eq!(shown["dagrun_timeout_s"], 5_400);
    assert_eq!(
        shown["params"]["threshold"],
        json!({"value": 10, "schema": {"type": "integer", "minimum": 0}, "description": "In percent"})
    );
    assert_eq!(shown["tasks"][0]["template_fields"], json!(["topics", "group_id"]));
    assert_eq!(shown["tasks"][2]["trigger_rule"], "none_failed");
}

#[test]
fn the_next_runs() {
    let dag = read(&format!("{}schedule: 0 6 * * *\nstart_date: 2026-06-01\n", with_task("")));
    let runs = dag::timetable::upcoming(&dag, None, now(), 3).expect("runs");
    let shown: Vec<_> = runs.iter().map(dag::json::run).collect();
    assert_eq!(
        shown[0],
        json!({
            "logical_date": "2026-06-15T06:00:00Z",
            "data_interval": ["2026-06-15T06:00:00Z", "2026-06-15T06:00:00Z"],
            "run_after": "2026-06-15T06:00:00Z",
        })
    );
    assert_eq!(shown[2]["run_after"], "2026-06-17T06:00:00Z");
}

#[test]
fn the_documented_example_is_right() {
    let docs = include_str!("../../src/yaml/mod.rs");
    let lines = docs.lines().skip_while(|line| *line != "//! ```yaml").skip(1);
    let example: String = lines
        .take_while(|line| *line != "//! ```")
        .map(|line| format!("{}\n", line.trim_start_matches("//!").strip_prefix(' ').unwrap_or_default()))
        .collect();
    let dag = read(&example);
    assert_eq!(dag.dag_id, "host_report");
    assert_eq!(dag.tasks().len(), 4);
    assert_eq!(edges(&dag), ["consume → load", "load → publish", "load → checks.count"]);
}
