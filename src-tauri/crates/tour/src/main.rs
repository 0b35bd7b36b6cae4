//! Walks through the real window with the quickstart running, keeps a picture
//! of each page, and ends with 0 only if the pipeline really ran.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use api::cluster::{LOCAL, ServiceState, StatusGet};
use api::consumers::GroupGet;
use api::dags::{RunDetail, RunGet, RunState, RunsList, TaskState};
use api::quickstart::{Quickstart, QuickstartGet, QuickstartState};
use api::topics::{TopicGet, TopicRow};
use clap::Parser;
use tour::{Options, Theme, Window, port_flags};

/// The DAG is triggered as soon as a few samples are there; a cold machine is slow.
const PIPELINE_LIMIT: Duration = Duration::from_secs(180);

#[derive(Parser)]
struct Args {
    /// The app's binary.
    #[arg(long)]
    app: PathBuf,
    /// tauri-driver.
    #[arg(long)]
    driver: PathBuf,
    /// Where the pictures go.
    #[arg(long)]
    screens: PathBuf,
    /// Keep the data here instead of in a temporary directory.
    #[arg(long)]
    data_dir: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let scratch = tempfile::tempdir()?;
    let options = Options {
        app: args.app,
        driver: args.driver,
        data_dir: args.data_dir.unwrap_or_else(|| scratch.path().join("data")),
        args: port_flags()?,
        screens: args.screens,
    };
    let window = Window::open(&options).await?;
    let outcome = tour(&window).await;
    if outcome.is_err() {
        // What was on the screen says more than the error.
        window.screenshot("failure").await.ok();
    }
    window.close().await.ok();
    outcome
}

async fn tour(window: &Window) -> anyhow::Result<()> {
    say("the window is open; waiting for the quickstart's first successful run");
    let quickstart = window.rpc(&QuickstartGet {}).await?;
    if quickstart.state != QuickstartState::Running {
        bail!("the quickstart is {:?}, not running: {:?}", quickstart.state, quickstart.error);
    }
    let run = first_success(window, &quickstart).await?;
    let pages = pages(&quickstart, &run);
    for (theme, width, height) in [
        (Theme::Dark, 1280, 800),
        (Theme::Light, 1280, 800),
        (Theme::Dark, 1920, 1080),
        (Theme::Light, 1920, 1080),
    ] {
        window.set_size(width, height).await?;
        window.set_theme(theme).await?;
        for page in &pages {
            window.goto(&page.path).await?;
            window.find_css(page.ready).await.with_context(|| format!("page {}", page.name))?;
            // Charts and graphs draw a moment after their data.
            tokio::time::sleep(Duration::from_millis(900)).await;
            let path = window.screenshot(&format!("{}-{width}x{height}-{}", page.name, theme.name())).await?;
            say(&format!("saved {}", path.display()));
        }
    }
    summary(window, &quickstart, &run).await
}

struct Page {
    name: &'static str,
    path: String,
    /// It shows its data once this matches.
    ready: &'static str,
}

fn pages(quickstart: &Quickstart, run: &RunDetail) -> Vec<Page> {
    let page = |name, path: String, ready| Page { name, path, ready };
    let (topic, group, dag) = (&quickstart.source_topic, &quickstart.group, &quickstart.dag_id);
    let run_id = run.run.run_id.replace(':', "%3A").replace('+', "%2B");
    let task = run.tasks.first().map_or("", |task| task.task_id.as_str());
    vec![
        page("overview", "/".into(), ".uplot canvas"),
        page("brokers", "/brokers".into(), "[data-testid^='broker-row-']"),
        page("topics", "/topics".into(), "[data-testid^='topic-row-']"),
        page("topic", format!("/topics/{topic}"), "[data-testid='topic-stats']"),
        page("messages", format!("/topics/{topic}?tab=messages&at=0%3A3"), "[data-testid='message-detail']"),
        page("consumers", "/consumers".into(), "[data-testid^='group-row-']"),
        page("consumer", format!("/consumers/{group}"), "[data-testid='group-stats']"),
        page("schemas", "/schemas".into(), "[data-testid^='subject-row-']"),
        page("schema", format!("/schemas/{topic}-value"), ".cm-content"),
        page("dags", "/dags".into(), "[data-testid^='dag-row-']"),
        page("dag", format!("/dags/{dag}?run={run_id}"), "[data-testid^='task-node-']"),
        page("grid", format!("/dags/{dag}?tab=grid&run={run_id}"), "[data-testid='page-dag'], main"),
        page("task", format!("/dags/{dag}?run={run_id}&task={task}"), "[data-testid='task-log']"),
        page("runs", "/runs".into(), "[data-testid^='run-row-']"),
        page("settings", "/settings".into(), "[data-testid='settings-form']"),
    ]
}

async fn first_success(window: &Window, quickstart: &Quickstart) -> anyhow::Result<RunDetail> {
    let started = Instant::now();
    let runs = RunsList { dag_id: Some(quickstart.dag_id.clone()), state: None, limit: 100 };
    loop {
        let found = window.rpc(&runs).await?;
        if let Some(run) = found.iter().find(|run| run.state == RunState::Success) {
            return window.rpc(&RunGet { dag_id: run.dag_id.clone(), run_id: run.run_id.clone() }).await;
        }
        if started.elapsed() > PIPELINE_LIMIT {
            bail!(
                "{} had no successful run in {} s; its runs: {found:?}",
                quickstart.dag_id,
                PIPELINE_LIMIT.as_secs()
            );
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn topic(window: &Window, name: &str) -> anyhow::Result<TopicRow> {
    Ok(window.rpc(&TopicGet { cluster: LOCAL.into(), topic: name.to_owned() }).await?.row)
}

/// What ran, from the services' own words; an error if something did not.
async fn summary(window: &Window, quickstart: &Quickstart, run: &RunDetail) -> anyhow::Result<()> {
    let group = window.rpc(&GroupGet { cluster: LOCAL.into(), group: quickstart.group.clone() }).await?;
    let status = window.rpc(&StatusGet {}).await?;
    let source = topic(window, &quickstart.source_topic).await?;
    let report = topic(window, &quickstart.report_topic).await?;
    let runs =
        window.rpc(&RunsList { dag_id: Some(quickstart.dag_id.clone()), state: None, limit: 1_000 }).await?;
    let count = |state| runs.iter().filter(|run| run.state == state).count();
    let read: i64 = group.partitions.iter().filter_map(|partition| partition.current_offset).sum();

    println!("\nWhat ran");
    for service in &status.services {
        println!(
            "  {:<13} {:?} at {}",
            format!("{:?}", service.name).to_lowercase(),
            service.state,
            service.address
        );
    }
    println!("  records in    {} in {} (samples of this computer)", source.messages, source.name);
    println!("  records read  {read} by group {}", quickstart.group);
    println!("  records out   {} in {}", report.messages, report.name);
    println!(
        "  runs of {}  {} success, {} running, {} failed",
        quickstart.dag_id,
        count(RunState::Success),
        count(RunState::Running) + count(RunState::Queued),
        count(RunState::Failed)
    );
    for task in &run.tasks {
        println!("    {:<12} {:?} after {} try", task.task_id, task.state, task.try_number);
    }
    println!("  memory        {} MiB resident", status.rss_bytes >> 20);

    if status.services.iter().any(|service| service.state != ServiceState::Up) {
        bail!("a service is not up");
    }
    if source.messages == 0 || read == 0 || report.messages == 0 {
        bail!("no data went through: {} in, {read} read, {} out", source.messages, report.messages);
    }
    if run.tasks.iter().any(|task| task.state != TaskState::Success) || count(RunState::Failed) > 0 {
        bail!("a run or a task did not succeed");
    }
    println!("\nThe pipeline ran.");
    Ok(())
}

fn say(line: &str) {
    println!("· {line}");
}
