//! README's 'your first own pipeline': a public data set, a stock client, a DAG,
//! a table; the figures are computed a second time here and compared.

use std::collections::BTreeMap;
use std::process::Command;

use api::dags::{DagPause, DagTrigger, DagsList, RunState, RunsList, TaskInstanceGet};
use serde_json::Value;

use crate::support::{Server, client, peer, run};

const DAG: &str = include_str!("../dags/flights.yaml");

/// Flights, of those late, minutes of delay, farthest.
type Figures = BTreeMap<String, [i64; 4]>;

#[tokio::test(flavor = "multi_thread")]
async fn flights_become_a_table_with_the_right_figures() {
    let node = peer!("PUMPHOUSE_PEER_NODE", "npm's vega-datasets");
    let python = peer!("PUMPHOUSE_PEER_PYTHON", "confluent-kafka");
    let data = node.join("node_modules/vega-datasets/data/flights-10k.json");
    let server = Server::start();
    let produced = run(
        "produce_flights.py",
        Command::new(python).arg(client("produce_flights.py")).arg(&server.kafka).arg(&data),
    );

    let flights: Vec<Value> =
        serde_json::from_slice(&std::fs::read(&data).expect("the data set")).expect("JSON");
    assert_eq!(produced.trim(), flights.len().to_string());
    let mut expected = Figures::new();
    for flight in &flights {
        let number = |name: &str| flight[name].as_i64().unwrap_or_else(|| panic!("{name} in {flight}"));
        let figures = expected.entry(flight["origin"].as_str().expect("an origin").to_owned()).or_default();
        figures[0] += 1;
        figures[1] += i64::from(number("delay") > 15);
        figures[2] += number("delay");
        figures[3] = figures[3].max(number("distance"));
    }

    std::fs::write(server.data_dir().join("dags").join("flights.yaml"), DAG).expect("the DAG is written");
    server.rpc_until(&DagsList {}, |list| list.dags.iter().any(|dag| dag.dag_id == "flights")).await;
    server.rpc(&DagPause { dag_id: "flights".into(), paused: false }).await.expect("unpaused");
    let trigger = DagTrigger { dag_id: "flights".into(), conf: None, logical_date_ms: None };
    let triggered = server.rpc(&trigger).await.expect("triggered");
    let runs = RunsList { dag_id: Some("flights".into()), state: None, limit: 5 };
    let ended = |state| matches!(state, RunState::Success | RunState::Failed);
    let runs =
        server.rpc_until(&runs, |runs| runs.iter().all(|run| ended(run.state)) && !runs.is_empty()).await;
    assert_eq!(runs[0].state, RunState::Success, "{runs:?}; log: {}", server.log());

    let report = TaskInstanceGet {
        dag_id: "flights".into(),
        run_id: triggered.run_id,
        task_id: "report".into(),
        map_index: -1,
    };
    let detail = server.rpc(&report).await.expect("the task");
    let value = detail.xcoms.iter().find(|xcom| xcom.key == "return_value").expect("its result");
    let rows: Vec<(String, i64, i64, i64, i64)> = serde_json::from_str(&value.value).expect("rows");
    let found: Figures = rows.into_iter().map(|(origin, a, b, c, d)| (origin, [a, b, c, d])).collect();
    assert_eq!(found, expected);
}

/// README shows the very file that is tested.
#[test]
fn readme_shows_the_tested_dag() {
    let readme = include_str!("../../README.md");
    assert!(readme.contains(DAG.trim_end()), "README.md's DAG differs from tests/dags/flights.yaml");
}
