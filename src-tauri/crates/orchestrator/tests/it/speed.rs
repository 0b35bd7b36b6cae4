//! Overhead between tasks. Limits are wide: they catch a wait, not a slow machine.

use std::time::{Duration, Instant};

use dag::RunState;
use serde_json::{Map, Value, json};

use crate::support::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_and_a_fan_are_quick() {
    let mut chain = Map::new();
    let mut fan = Map::new();
    for at in 0..40 {
        let upstream: Vec<String> = if at == 0 { vec![] } else { vec![format!("t{}", at - 1)] };
        chain.insert(
            format!("t{at}"),
            json!({ "operator": "bash", "bash_command": "true", "upstream": upstream }),
        );
    }
    for at in 0..100 {
        fan.insert(format!("t{at}"), json!({ "operator": "bash", "bash_command": "true" }));
    }
    let chain = json!({ "dag_id": "chain", "tasks": Value::Object(chain) }).to_string();
    let fan = json!({ "dag_id": "fan", "max_active_tasks": 32, "tasks": Value::Object(fan) }).to_string();
    let bench = Bench::new(&[("chain.yaml", &chain), ("fan.yaml", &fan)]);
    let live = bench.start().await;
    for (dag_id, limit) in [("chain", 8), ("fan", 12)] {
        let started = Instant::now();
        let run = live.run(dag_id).await;
        let took = started.elapsed();
        assert_eq!(run.detail.run.state, RunState::Success);
        eprintln!("{dag_id}: {took:?}");
        assert!(took < Duration::from_secs(limit), "{dag_id} took {took:?}");
    }
    live.stop().await;
}
