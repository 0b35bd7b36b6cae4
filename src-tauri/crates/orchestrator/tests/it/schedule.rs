//! Scheduled runs on a clock that is moved by hand.

use std::sync::Arc;

use dag::RunState::Success;
use orchestrator::{ManualClock, RunFilter};

use crate::support::Bench;

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

fn bench(text: &str, now: &str) -> (Bench, ManualClock) {
    let mut bench = Bench::new(&[("d.yaml", text)]);
    let clock = ManualClock::at(at(now));
    bench.clock = Arc::new(clock.clone());
    (bench, clock)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_created_when_it_is_due() {
    let text = r#"{dag_id: d, schedule: "0 * * * *", start_date: 2026-01-01, tasks: {t: {operator: empty}}}"#;
    let (bench, clock) = bench(text, "2026-01-05T10:30:00Z");
    let live = bench.start().await;
    // Without catchup the last tick runs, and none before it.
    let runs = live.until_runs("d", |runs| runs.iter().any(|run| run.state == Success)).await;
    let ids: Vec<_> = runs.iter().map(|run| run.key.run_id.as_str()).collect();
    assert_eq!(ids, ["scheduled__2026-01-05T10:00:00+00:00"]);
    let entry = &live.orchestrator.list_dags().await.unwrap()[0];
    assert_eq!(entry.next_run_at, Some(at("2026-01-05T11:00:00Z")));
    clock.set(at("2026-01-05T11:00:00Z"));
    let runs = live.until_runs("d", |runs| runs.len() == 2 && runs[0].state == Success).await;
    assert_eq!(runs[0].logical_date, Some(at("2026-01-05T11:00:00Z")));
    assert_eq!(runs[0].started_at, Some(at("2026-01-05T11:00:00Z")));
    live.stop().await;

    // The schedule goes on where it was, also after a restart.
    clock.set(at("2026-01-05T12:10:00Z"));
    let live = bench.start().await;
    let runs = live.until_runs("d", |runs| runs.len() == 3 && runs[0].state == Success).await;
    assert_eq!(runs[0].logical_date, Some(at("2026-01-05T12:00:00Z")));
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn catchup_makes_up_for_what_was_missed() {
    let text = "dag_id: d\nschedule: '@daily'\nstart_date: 2026-01-01\ncatchup: true\nmax_active_runs: 2\n\
                tasks: {t: {operator: bash, bash_command: 'true', depends_on_past: true}}";
    let (bench, _clock) = bench(text, "2026-01-06T12:00:00Z");
    let live = bench.start().await;
    let runs =
        live.until_runs("d", |runs| runs.len() == 6 && runs.iter().all(|run| run.state == Success)).await;
    assert_eq!(runs.last().unwrap().key.run_id, "scheduled__2026-01-01T00:00:00+00:00");
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_dag_creates_nothing() {
    let text = "dag_id: d\nschedule: '@hourly'\nstart_date: 2026-01-01\nis_paused_upon_creation: true\n\
                tasks: {t: {operator: empty}}";
    let (bench, clock) = bench(text, "2026-01-06T12:30:00Z");
    let live = bench.start().await;
    clock.set(at("2026-01-06T15:30:00Z"));
    live.orchestrator.reload().await.unwrap();
    let filter = RunFilter::default();
    assert_eq!(live.orchestrator.runs(&filter, 10).await.unwrap(), []);
    live.orchestrator.set_paused("d", false).await.unwrap();
    let runs = live.until_runs("d", |runs| runs.iter().any(|run| run.state == Success)).await;
    // What was missed meanwhile stays missed.
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].logical_date, Some(at("2026-01-06T15:00:00Z")));
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_and_continuous() {
    let (bench, clock) = bench(
        "dag_id: once\nschedule: '@once'\ntasks: {t: {operator: empty}}\n---\n\
         dag_id: again\nschedule: '@continuous'\nmax_active_runs: 1\nstart_date: 2026-01-01\ntasks: {t: {operator: bash, bash_command: 'true'}}\n",
        "2026-01-06T12:30:00Z",
    );
    let live = bench.start().await;
    assert_eq!(live.orchestrator.import_errors().await.unwrap(), []);
    live.until_runs("once", |runs| runs.len() == 1 && runs[0].state == Success).await;
    for _ in 0..3 {
        clock.advance(std::time::Duration::from_secs(1));
        let known = live
            .orchestrator
            .runs(&RunFilter { dag_id: Some("again".into()), state: None }, 100)
            .await
            .unwrap()
            .len();
        live.until_runs("again", |runs| runs.len() >= known.max(1)).await;
    }
    live.stop().await;
}
