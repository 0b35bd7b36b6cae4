//! The quickstart: this computer's figures flow through every service.

use api::cluster::LOCAL;
use api::consumers::GroupGet;
use api::dags::{DagsList, RunGet, RunState, RunsList, TaskLogGet, TaskState};
use api::messages::{Encoding, MessagesBrowse, Seek};
use api::quickstart::{QuickstartGet, QuickstartRemove, QuickstartStart, QuickstartState, QuickstartStop};
use api::topics::TopicsList;
use serde_json::Value;

use crate::support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_stops_and_leaves_nothing_behind() {
    let server = Server::start();
    let absent = server.rpc(&QuickstartGet {}).await.expect("an answer");
    assert_eq!(absent.state, QuickstartState::Absent, "serve starts it only when asked");
    let quickstart = server.rpc(&QuickstartStart {}).await.expect("it starts");
    assert_eq!(quickstart.state, QuickstartState::Running);

    // Samples of this computer, Avro, with figures that make sense.
    let newest = MessagesBrowse {
        cluster: LOCAL.into(),
        topic: quickstart.source_topic.clone(),
        partitions: None,
        seek: Seek::Newest,
        limit: 5,
        positions: None,
        contains: None,
    };
    let page = server.rpc_until(&newest, |page| page.messages.len() >= 3).await;
    for message in &page.messages {
        assert_eq!(message.value.encoding, Encoding::Avro, "{:?}", message.value);
        let sample: Value = serde_json::from_str(&message.value.text).expect("JSON");
        let total = sample["memory_total_bytes"].as_f64().expect("memory");
        assert!(total > 1e8 && sample["memory_used_bytes"].as_f64().expect("memory") <= total, "{sample}");
        assert!((0.0..=100.0).contains(&sample["cpu_percent"].as_f64().expect("cpu")), "{sample}");
    }

    // The DAG turns green without waiting for its schedule.
    let runs =
        RunsList { dag_id: Some(quickstart.dag_id.clone()), state: Some(RunState::Success), limit: 10 };
    let runs = server.rpc_until(&runs, |runs| !runs.is_empty()).await;
    let run = runs.last().expect("a run");
    let detail = server
        .rpc(&RunGet { dag_id: run.dag_id.clone(), run_id: run.run_id.clone() })
        .await
        .expect("the run");
    assert!(
        detail.tasks.len() >= 4 && detail.tasks.iter().all(|task| task.state == TaskState::Success),
        "{detail:?}"
    );
    for task in &detail.tasks {
        let log = server
            .rpc(&TaskLogGet {
                dag_id: run.dag_id.clone(),
                run_id: run.run_id.clone(),
                task_id: task.task_id.clone(),
                map_index: -1,
                try_number: None,
                offset_bytes: 0,
                wait_ms: 0,
            })
            .await
            .expect("its log");
        assert!(!log.text.is_empty(), "{} says what it did", task.task_id);
    }

    // What it read is committed; what it summed up is published.
    let group = server
        .rpc(&GroupGet { cluster: LOCAL.into(), group: quickstart.group.clone() })
        .await
        .expect("the group");
    assert!(
        group.partitions.iter().any(|partition| partition.current_offset.is_some_and(|offset| offset > 0)),
        "{group:?}"
    );
    let report = MessagesBrowse { topic: quickstart.report_topic.clone(), ..newest };
    let report = server.rpc_until(&report, |page| !page.messages.is_empty()).await;
    let summary: Value = serde_json::from_str(&report.messages[0].value.text).expect("JSON");
    assert!(summary["samples"].as_f64().is_some_and(|samples| samples >= 1.0), "{summary}");

    let stopped = server.rpc(&QuickstartStop {}).await.expect("it stops");
    assert_eq!(stopped.state, QuickstartState::Stopped);
    let removed = server.rpc(&QuickstartRemove {}).await.expect("it is removed");
    assert_eq!(removed.state, QuickstartState::Absent);
    let topics = server.rpc(&TopicsList { cluster: LOCAL.into() }).await.expect("topics");
    assert!(topics.iter().all(|topic| !topic.name.starts_with("host.")), "{topics:?}");
    let dags = server.rpc_until(&DagsList {}, |list| list.dags.is_empty()).await;
    assert!(dags.import_errors.is_empty(), "{dags:?}");
}
