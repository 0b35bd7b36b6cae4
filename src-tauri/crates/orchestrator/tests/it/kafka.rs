//! The Kafka operators, against a topic in memory.

use std::sync::Arc;

use dag::RunState::{Failed as RunFailed, Success as RunSuccess};
use dag::TaskState::{Failed, Success};
use orchestrator::ports::{OutRecord, ValueFormat};
use serde_json::{Value, json};

use crate::fakes::{Book, Topic, ports};
use crate::support::{Bench, run_one};

#[tokio::test(flavor = "multi_thread")]
async fn records_go_through_a_topic() {
    let topic = Arc::new(Topic::default());
    let mut bench = Bench::new(&[(
        "d.yaml",
        r#"
dag_id: d
tasks:
  one: {operator: kafka_produce, topic: t, key: k, value: {n: 1, day: "{{ ds }}"}}
  many:
    operator: kafka_produce
    topic: t
    records:
      - {key: a, value: {n: 2}, headers: {h: x}}
      - {n: 3}
      - plain
    upstream: one
  consume: {operator: kafka_consume, topics: t, poll_timeout: 1s, upstream: many}
  again: {operator: kafka_consume, topics: [t], group_id: d.consume, poll_timeout: 1s, upstream: consume}
  sums: {operator: kafka_produce, topic: t, records: "{{ ti.xcom_pull('consume') | map(attribute='offset') | list }}", upstream: again}
"#,
    )]);
    bench.ports = ports(topic.clone(), Book::default());
    let live = bench.start().await;
    assert_eq!(live.orchestrator.import_errors().await.unwrap(), []);
    let run = live.run("d").await;
    run.expect(
        RunSuccess,
        &[("one", Success), ("many", Success), ("consume", Success), ("again", Success), ("sums", Success)],
    );
    let consumed = run.xcom("consume").await;
    let values: Vec<&Value> = consumed.as_array().unwrap().iter().map(|record| &record["value"]).collect();
    let day = run.detail.run.logical_date.unwrap().strftime("%Y-%m-%d").to_string();
    assert_eq!(values, [&json!({"n": 1, "day": day}), &json!({"n": 2}), &json!({"n": 3}), &json!("plain")]);
    assert_eq!(consumed[1]["headers"], json!({"h": "x"}));
    // Committed: nothing is new.
    assert_eq!(run.xcom("again").await, json!([]));
    let last: Vec<Option<Value>> =
        topic.records.lock()[4..].iter().map(|record| record.value.clone()).collect();
    assert_eq!(last, [Some(json!(0)), Some(json!(1)), Some(json!(2)), Some(json!(3))]);
    live.stop().await;
}

fn numbers(count: usize) -> Arc<Topic> {
    let topic = Topic::default();
    *topic.records.lock() = (0..count)
        .map(|n| OutRecord {
            key: None,
            value: Some(json!(n)),
            headers: Vec::new(),
            value_format: ValueFormat::Json,
            subject: None,
            message: None,
        })
        .collect();
    Arc::new(topic)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_for_xcom_goes_to_a_file() {
    let topic = numbers(12_000);
    let fields = json!({ "operator": "kafka_consume", "topics": "t" });
    let run = run_one(ports(topic.clone(), Book::default()), fields).await;
    let value = run.xcom("t").await;
    assert_eq!((&value["records"], &value["format"]), (&json!(12_000), &json!("ndjson")));
    let text = std::fs::read_to_string(value["path"].as_str().unwrap()).unwrap();
    assert_eq!(text.lines().count(), 12_000);
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last["value"], 11_999);
    assert_eq!(topic.committed.lock()["d.t"], 12_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn max_messages_and_never_commit() {
    let topic = numbers(10);
    let fields = json!({ "operator": "kafka_consume", "topics": "t", "max_messages": 4, "max_batch_size": 3, "commit_cadence": "never" });
    let run = run_one(ports(topic.clone(), Book::default()), fields).await;
    assert_eq!(run.xcom("t").await.as_array().unwrap().len(), 4);
    assert!(topic.committed.lock().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_topic_fails_the_task() {
    let fields = json!({ "operator": "kafka_produce", "topic": "forbidden", "value": 1 });
    let run = run_one(ports(Arc::default(), Book::default()), fields).await;
    run.expect(RunFailed, &[("t", Failed)]);
    assert_eq!(run.task("t").note.as_deref(), Some("topic forbidden: not authorised"));
}
