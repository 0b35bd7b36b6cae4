//! Templates, as a task sees them.

use std::collections::HashMap;
use std::sync::Arc;

use dag::RunState;
use orchestrator::{LogicalDate, Trigger};
use serde_json::{Value, json};

use crate::fakes::{Book, ports};
use crate::support::Bench;

/// Renders every expression in one run of 2026-02-03 04:05:06 UTC.
async fn rendered(expressions: &[&str]) -> Vec<Result<String, String>> {
    let mut tasks = serde_json::Map::new();
    tasks.insert("up".into(), json!({ "operator": "bash", "bash_command": "echo pulled" }));
    for (at, expression) in expressions.iter().enumerate() {
        let env = json!({ "X": expression });
        let task = json!({ "operator": "bash", "bash_command": "true", "env": env, "upstream": "up" });
        tasks.insert(format!("t{at}"), task);
    }
    let dag = json!({
        "dag_id": "d", "tags": ["a", "b"], "owner": "me",
        "params": { "n": 5, "list": [1, "two", null] }, "tasks": tasks, "max_active_tasks": 64,
    });
    let mut bench = Bench::new(&[("d.yaml", &dag.to_string())]);
    let book = Book {
        variables: HashMap::from([("v".into(), "text".into()), ("j".into(), r#"{"k": [1]}"#.into())]),
        connections: vec![orchestrator::Connection {
            conn_id: "c".into(),
            host: Some("h".into()),
            extra: json!({"e": 1}),
            ..Default::default()
        }],
    };
    bench.ports = ports(Arc::default(), book);
    let live = bench.start().await;
    assert_eq!(live.orchestrator.import_errors().await.unwrap(), []);
    let trigger = Trigger {
        dag_id: "d".into(),
        logical_date: LogicalDate::At("2026-02-03T04:05:06Z".parse().unwrap()),
        conf: json!({ "given": {"x": 1} }).as_object().unwrap().clone(),
        ..Trigger::default()
    };
    let run = live.orchestrator.trigger(trigger).await.unwrap();
    let run = live.finish(&run.key).await;
    let mut found = Vec::new();
    for at in 0..expressions.len() {
        let task = format!("t{at}");
        found.push(match run.task(&task).state {
            dag::TaskState::Success => {
                let env: Value = serde_json::from_str(&run.rendered(&task, "env").await).unwrap();
                Ok(env["X"].as_str().unwrap().to_owned())
            }
            _ => Err(run.task(&task).note.clone().unwrap_or_default()),
        });
    }
    live.stop().await;
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_context_is_airflows() {
    let table = [
        ("{{ ds }} {{ ds_nodash }}", "2026-02-03 20260203"),
        (
            "{{ ts }} {{ ts_nodash }} {{ ts_nodash_with_tz }}",
            "2026-02-03T04:05:06+00:00 20260203T040506 20260203T040506+0000",
        ),
        ("{{ logical_date }}", "2026-02-03 04:05:06+00:00"),
        ("{{ logical_date.strftime('%d.%m.%Y %H:%M:%S.%f') }}", "03.02.2026 04:05:06.000000"),
        (
            "{{ logical_date.isoformat() }} {{ logical_date.timestamp() }}",
            "2026-02-03T04:05:06+00:00 1770091506.0",
        ),
        ("{{ logical_date.year }}-{{ logical_date.month }} {{ logical_date.weekday() }}", "2026-2 1"),
        ("{{ logical_date.add(days=1, hours=-4) }}", "2026-02-04 00:05:06+00:00"),
        ("{{ logical_date.subtract(months=1).to_date_string() }}", "2026-01-03"),
        ("{{ (logical_date - macros.timedelta(days=3)).strftime('%Y-%m-%d') }}", "2026-01-31"),
        ("{{ logical_date + macros.timedelta(hours=20) }}", "2026-02-04 00:05:06+00:00"),
        ("{{ (data_interval_end - data_interval_start).total_seconds() }}", "0.0"),
        ("{{ logical_date.in_timezone('Europe/Berlin') }}", "2026-02-03 05:05:06+01:00"),
        (
            "{{ logical_date.start_of('month') | ds }} {{ logical_date.end_of('month').to_datetime_string() }}",
            "2026-02-01 2026-02-28 23:59:59",
        ),
        ("{{ logical_date.format('DD/MM/YYYY [at] HH:mm') }}", "03/02/2026 at 04:05"),
        ("{{ logical_date.replace(day=1, hour=0) }}", "2026-02-01 00:05:06+00:00"),
        (
            "{{ data_interval_start | ts_nodash }} {{ '2026-01-01T00:00:00Z' | ds_nodash }}",
            "20260203T040506 20260101",
        ),
        ("{{ logical_date < data_interval_end }} {{ logical_date == data_interval_end }}", "False True"),
        ("{{ prev_data_interval_start_success }}", "None"),
        ("{{ macros.ds_add(ds, -5) }} {{ macros.ds_format(ds, '%Y-%m-%d', '%d/%m') }}", "2026-01-29 03/02"),
        (
            "{{ macros.datetime(2026, 1, 2).strftime('%j') }} {{ macros.timedelta(days=1, hours=2) }}",
            "002 1 day, 2:00:00",
        ),
        ("{{ macros.datetime_diff_for_humans(logical_date, macros.datetime(2026, 2, 1)) }}", "2 days after"),
        (
            "{{ macros.json.dumps(params.list) }} {{ params.list | tojson }}",
            "[1, \"two\", null] [1, \"two\", null]",
        ),
        ("{{ params.n + 1 }} {{ params['n'] * 2 }} {{ params.list }}", "6 10 [1, 'two', None]"),
        ("{{ dag.dag_id }} {{ dag.tags }} {{ dag.owner }}", "d ['a', 'b'] me"),
        (
            "{{ dag_run.conf['given'] }} {{ dag_run.conf.get('none', 'dflt') }} {{ dag_run.run_type }}",
            "{'x': 1} dflt manual",
        ),
        ("{{ run_id }}", "manual__2026-02-03T04:05:06+00:00"),
        (
            "{{ task.task_id }} {{ ti.task_id }} {{ task_instance.try_number }} {{ try_number }}",
            "t26 t26 1 1",
        ),
        (
            "{{ ti.xcom_pull('up') }} {{ ti.xcom_pull(task_ids=['up', 'none'], key='return_value') }}",
            "pulled ['pulled', None]",
        ),
        ("{{ ti.xcom_pull('none', default='d') }} {{ ti.xcom_pull(task_ids='up').upper() }}", "d PULLED"),
        ("{{ var.value.v }} {{ var.json.j.k[0] }} {{ var.value.get('w', 'fallback') }}", "text 1 fallback"),
        ("{{ conn.c.host }} {{ conn.c.extra_dejson.e }}", "h 1"),
        ("{% for n in params.list if n %}{{ loop.index }}{% endfor %}", "12"),
        ("{% if params.n - 1 > 3 %}yes{% endif %}{# gone #}", "yes"),
        ("{{ 'a-b'.replace('-', '_') }} {{ ds.split('-')[0] }}", "a_b 2026"),
        ("no - tags + here", "no - tags + here"),
    ];
    let expressions: Vec<&str> = table.iter().map(|(expression, _)| *expression).collect();
    let found = rendered(&expressions).await;
    for ((expression, expected), found) in table.iter().zip(found) {
        assert_eq!(found.as_deref(), Ok(*expected), "{expression}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_undefined_fails_the_task() {
    let table = [
        ("{{ nothing }}", "env.X: undefined value"),
        ("{{ params.nothing }}", "env.X: undefined value"),
        ("{{ var.value.nothing }}", "env.X: undefined value"),
        ("{{ logical_date.nothing() }}", "has no method named nothing"),
        ("{{ ds", "env.X: syntax error"),
        ("{{ ds | nofilter }}", "unknown filter"),
    ];
    let expressions: Vec<&str> = table.iter().map(|(expression, _)| *expression).collect();
    for ((expression, expected), found) in table.iter().zip(rendered(&expressions).await) {
        let note = found.expect_err(expression);
        assert!(note.contains(expected), "{expression}: {note}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_date_has_no_ds() {
    let bench = Bench::new(&[(
        "d.yaml",
        r#"{dag_id: d, tasks: {t: {operator: bash, bash_command: "echo {{ ds }}"}}}"#,
    )]);
    let live = bench.start().await;
    let trigger = Trigger { dag_id: "d".into(), logical_date: LogicalDate::None, ..Trigger::default() };
    let run = live.orchestrator.trigger(trigger).await.unwrap();
    let run = live.finish(&run.key).await;
    assert_eq!(run.detail.run.state, RunState::Failed);
    assert!(run.task("t").note.clone().unwrap().contains("this run has no logical date"));
    live.stop().await;
}
