//! Exported files say in Python what the YAML says.

use dag::export::airflow;
use dag::yaml::parse;
use jiff::Timestamp;

fn exported(yaml: &str) -> Result<String, String> {
    let parsed = parse(yaml, Timestamp::UNIX_EPOCH);
    assert_eq!(parsed.diagnostics, [], "{yaml}");
    airflow(&parsed.dags).map_err(|error| error.to_string())
}

#[test]
fn what_is_written_is_exported() {
    let python = exported(
        "dag_id: daily\nschedule: '0 6 * * *'\nstart_date: 2026-01-01\ncatchup: true\ntags: [a, b]\n\
         params: {n: {default: 3, type: integer}}\ntask_groups: {load: {tooltip: Loading, tasks: {inner: {operator: empty}}}}\ntasks:\n  \
         hello: {operator: bash, bash_command: 'echo {{ ds }}', retries: 2, retry_delay: 30s}\n  \
         class: {operator: empty, trigger_rule: all_done, upstream: [hello]}\n",
    )
    .expect("it can be exported");
    for expected in [
        "from airflow.providers.standard.operators.bash import BashOperator",
        "schedule=\"0 6 * * *\"",
        "catchup=True",
        "tags=[\"a\", \"b\"]",
        "params={\"n\": Param(default=3, type=\"integer\")}",
        "bash_command=\"echo {{ ds }}\"",
        "retry_delay=timedelta(seconds=30)",
        "_class = EmptyOperator(",
        "trigger_rule=\"all_done\"",
        "hello >> _class",
        "load = TaskGroup(",
        "task_group=load,",
    ] {
        assert!(python.contains(expected), "{expected} is missing in\n{python}");
    }
}

#[test]
fn what_airflow_cannot_say_is_an_error() {
    #[track_caller]
    fn check(task: &str, expected: &str) {
        let yaml = format!("dag_id: d\nschedule: null\ntasks:\n  t: {task}\n");
        let error = exported(&yaml).expect_err(task);
        assert!(error.starts_with("d.t: ") && error.contains(expected), "{error}");
    }
    check("{operator: kafka_produce, topic: t, value: v, value_format: avro}", "avro");
    check("{operator: kafka_produce, topic: t, value: v, value_format: protobuf}", "protobuf");
    check("{operator: http, endpoint: 'http://x', response_check: 'true'}", "response_check");
}
