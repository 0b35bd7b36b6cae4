//! The quickstart pipeline: from nothing to a green run, and away again.

use api::dags::*;
use api::messages::{Encoding, MessagesBrowse, Seek};
use api::overview::MetricsGet;
use api::quickstart::*;
use api::schemas::SubjectsList;
use api::topics::TopicsList;
use platform::QuickstartStart as Asked;

use crate::support::{Running, local};

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_sees_it_run_and_can_remove_it() {
    let it = Running::start_with(Asked::OnFirstStart).await;
    let started = std::time::Instant::now();
    let success =
        RunsList { dag_id: Some("host_report".to_owned()), state: Some(RunState::Success), limit: 5 };
    let runs = it.until(&success, |runs| !runs.is_empty()).await;
    eprintln!("first green run after {:?}", started.elapsed());
    let quickstart = it.call(&QuickstartGet {}).await.expect("the quickstart");
    assert_eq!((quickstart.state, &quickstart.error), (QuickstartState::Running, &None), "{quickstart:?}");
    assert!(quickstart.produced >= 1);
    let detail = RunGet { dag_id: runs[0].dag_id.clone(), run_id: runs[0].run_id.clone() };
    let detail = it.call(&detail).await.expect("the run");
    assert!(detail.tasks.iter().all(|task| task.state == TaskState::Success), "{detail:?}");

    let browse = |topic: &str| MessagesBrowse {
        cluster: local(),
        topic: topic.to_owned(),
        partitions: None,
        seek: Seek::Newest,
        positions: None,
        limit: 5,
        contains: None,
    };
    let report = it.until(&browse("host.report"), |page| !page.messages.is_empty()).await;
    assert_eq!(report.messages[0].value.encoding, Encoding::Avro, "{report:?}");
    assert!(report.messages[0].value.text.contains("\"samples\":"), "{report:?}");
    let metrics = MetricsGet {
        cluster: local(),
        series: vec![
            "messages_in".to_owned(),
            "topic_in:host.metrics".to_owned(),
            "group_lag:host_report".to_owned(),
        ],
        from_ms: jiff::Timestamp::now().as_millisecond() - 60_000,
        to_ms: jiff::Timestamp::now().as_millisecond() + 30_000,
        points_max: 200,
    };
    let metrics = it
        .until(&metrics, |reply| reply.series.iter().all(|series| series.values.iter().any(Option::is_some)))
        .await;
    assert!(metrics.series[1].values.iter().flatten().any(|rate| *rate > 0.0), "{metrics:?}");

    // What was stopped stays stopped at the next start.
    let stopped = it.call(&QuickstartStop {}).await.expect("stopped");
    assert_eq!(stopped.state, QuickstartState::Stopped);
    let it = it.restart().await;
    assert_eq!(it.call(&QuickstartGet {}).await.expect("it").state, QuickstartState::Stopped);
    let dags = it.call(&DagsList {}).await.expect("DAGs");
    assert!(dags.dags.iter().all(|dag| dag.paused), "{dags:?}");

    let removed = it.call(&QuickstartRemove {}).await.expect("removed");
    assert_eq!(removed.state, QuickstartState::Absent);
    let topics = it.call(&TopicsList { cluster: local() }).await.expect("topics");
    assert!(topics.iter().all(|topic| !topic.name.starts_with("host.")), "{topics:?}");
    assert_eq!(it.call(&SubjectsList { cluster: local() }).await.expect("subjects").len(), 0);
    assert_eq!(it.call(&DagsList {}).await.expect("DAGs").dags.len(), 0);
    let again = it.call(&QuickstartStart {}).await.expect("started again");
    assert_eq!(again.state, QuickstartState::Running);
    it.until(&browse("host.metrics"), |page| !page.messages.is_empty()).await;
    it.platform.stop().await;
}
