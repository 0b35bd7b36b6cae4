//! One journey in the real window: a newcomer's first minutes.

use std::path::PathBuf;

use api::cluster::LOCAL;
use api::dags::{RunState, RunsList};
use api::quickstart::QuickstartGet;
use api::topics::TopicsList;
use tempfile::TempDir;
use tour::{Options, Window, port_flags};

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomers_first_minutes() {
    let Some(driver) = std::env::var_os("PUMPHOUSE_TAURI_DRIVER") else {
        assert!(std::env::var_os("CI").is_none(), "PUMPHOUSE_TAURI_DRIVER is not set");
        eprintln!("skipped: PUMPHOUSE_TAURI_DRIVER is not set; cargo xtask test sets it");
        return;
    };
    let dir = TempDir::new().expect("a temporary directory");
    let screens =
        std::env::var_os("PUMPHOUSE_SCREENS").map_or_else(|| dir.path().join("screens"), PathBuf::from);
    let options = Options {
        app: env!("CARGO_BIN_EXE_pumphouse").into(),
        driver: driver.into(),
        data_dir: dir.path().join("data"),
        args: port_flags().expect("free ports"),
        screens,
    };
    let window = Window::open(&options).await.expect("the window opens");
    let outcome = journey(&window).await;
    if let Err(error) = outcome {
        let shown = window.screenshot("journey-failure").await;
        panic!("{error:#}; the screen: {shown:?}");
    }
    window.close().await.expect("it closes");
}

async fn journey(window: &Window) -> anyhow::Result<()> {
    window.set_size(1280, 800).await?;
    let quickstart = window.rpc(&QuickstartGet {}).await?;

    // Quickstart data arrives: the topic is in the list, its messages show.
    window.click("nav-topics").await?;
    window.click(&format!("topic-row-{}", quickstart.source_topic)).await?;
    window.click("tab-messages").await?;
    window.click("message-row").await?;

    // A record is opened and read: this computer's memory, decoded from Avro.
    window.wait_text("message-detail", |text| text.contains("memory_total_bytes")).await?;

    // A topic is created by the form.
    window.click("nav-topics").await?;
    window.click("create-topic").await?;
    window.fill("topic-name-input", "first.steps").await?;
    window.click("create-topic-submit").await?;
    window.find("partition-row-0").await?;
    window.click("nav-topics").await?;
    window.find("topic-row-first.steps").await?;
    let topics = window.rpc(&TopicsList { cluster: LOCAL.into() }).await?;
    anyhow::ensure!(topics.iter().any(|topic| topic.name == "first.steps"), "the broker has the topic");

    // The DAG is triggered, and its new run turns to success.
    window.click("nav-dags").await?;
    window.click(&format!("dag-row-{}", quickstart.dag_id)).await?;
    let runs = RunsList { dag_id: Some(quickstart.dag_id.clone()), state: None, limit: 100 };
    let before = window.rpc(&runs).await?;
    window.click("dag-trigger").await?;
    window.click("trigger-submit").await?;
    let started = std::time::Instant::now();
    let run = loop {
        let now = window.rpc(&runs).await?;
        let fresh = now.iter().find(|run| {
            run.run_id.starts_with("manual__") && !before.iter().any(|old| old.run_id == run.run_id)
        });
        match fresh {
            Some(run) if run.state == RunState::Success => break run.clone(),
            Some(run) if run.state == RunState::Failed => anyhow::bail!("{} failed", run.run_id),
            _ if started.elapsed().as_secs() > 90 => anyhow::bail!("the run never ended: {now:?}"),
            _ => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
        }
    };

    // The window shows it green, and a task's log can be read.
    let encoded = run.run_id.replace(':', "%3A").replace('+', "%2B");
    window.goto(&format!("/dags/{}?run={encoded}", quickstart.dag_id)).await?;
    window.wait_text("run-state", |text| text.to_lowercase().contains("success")).await?;
    window.click("task-node-consume").await?;
    window.wait_text("task-log", |text| text.contains(&quickstart.source_topic)).await?;
    window.screenshot("journey-end").await?;
    Ok(())
}
