//! Start, stop, and who may come in.

use api::ErrorCode;
use api::cluster::{ClustersList, ServiceState, StatusGet};
use api::messages::{MessagesBrowse, Seek};
use api::settings::{SettingsGet, SettingsSet};
use platform::{Config, Flags, Platform, QuickstartStart};
use serde_json::json;
use testkit::TempDir;

use crate::messages::produce;
use crate::support::{Running, config, local, refused};
use crate::topics::create;

#[tokio::test(flavor = "multi_thread")]
async fn everything_survives_a_restart() {
    let it = Running::start().await;
    it.call(&create("orders", 1)).await.expect("created");
    it.call(&produce("orders", None, "k", r#"{"n":1}"#)).await.expect("produced");
    let it = it.restart().await;
    let browse = MessagesBrowse {
        cluster: local(),
        topic: "orders".to_owned(),
        partitions: None,
        seek: Seek::Oldest,
        positions: None,
        limit: 10,
        contains: None,
    };
    let page = it.call(&browse).await.expect("a page");
    assert_eq!(page.messages[0].value.text, r#"{"n":1}"#);
    let started = std::time::Instant::now();
    it.platform.stop().await;
    assert!(started.elapsed() < std::time::Duration::from_secs(5), "{:?}", started.elapsed());
    it.platform.stop().await;
    assert!(it.dir.join("kafka").join(".kafka_cleanshutdown").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_instance_is_refused() {
    let it = Running::start().await;
    let second = Platform::start(config(it.dir.path(), QuickstartStart::Never)).await;
    let said = second.err().expect("an error").to_string();
    assert!(said.contains(&std::process::id().to_string()) && said.contains("--data-dir"), "{said}");
    it.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_leaves_the_directory_free() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let dir = TempDir::new();
    let flags = Flags {
        data_dir: Some(dir.path().to_path_buf()),
        host: None,
        kafka_port: Some(0),
        registry_port: Some(port),
        api_port: Some(0),
        quickstart: QuickstartStart::Never,
        ..Flags::default()
    };
    let said = Platform::start(Config::load(flags).expect("a configuration")).await.err().expect("an error");
    assert!(said.to_string().contains("--registry-port"), "{said}");
    let platform = Platform::start(config(dir.path(), QuickstartStart::Never)).await.expect("free");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn status_settings_and_attached_clusters() {
    let dir = TempDir::new();
    let file =
        "# mine\nparallelism = 4\n\n[clusters.prod]\nbootstrap_servers = \"127.0.0.1:1\"\nread_only = true\n";
    std::fs::write(dir.join("config.toml"), file).expect("written");
    let platform = Platform::start(config(dir.path(), QuickstartStart::Never)).await.expect("it starts");
    let it = Running { platform, dir };

    let status = it.call(&StatusGet {}).await.expect("a status");
    assert!(status.services.iter().all(|service| service.state == ServiceState::Up), "{status:?}");
    assert!(status.rss_bytes > 1_000_000);
    let clusters = it.call(&ClustersList {}).await.expect("clusters");
    assert_eq!(clusters.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["local", "prod"]);
    let forbidden = api::topics::TopicCreate { cluster: "prod".to_owned(), ..create("x", 1) };
    refused(it.call(&forbidden).await, ErrorCode::Refused, "'prod' is read-only");

    let mut settings = it.call(&SettingsGet {}).await.expect("settings");
    assert_eq!(settings.editable.parallelism, 4);
    settings.editable.parallelism = 8;
    settings.editable.metrics_retention_days = 7;
    let saved = it.call(&SettingsSet { editable: settings.editable.clone() }).await.expect("saved");
    assert_eq!(saved.restart_needed, ["parallelism"]);
    let text = std::fs::read_to_string(it.dir.join("config.toml")).expect("the file");
    assert!(text.contains("# mine\nparallelism = 8\n") && text.contains("[clusters.prod]"), "{text}");
    settings.editable.parallelism = 0;
    let bad = it.call(&SettingsSet { editable: settings.editable }).await;
    refused(bad, ErrorCode::InvalidRequest, "parallelism must be");
    let it = it.restart().await;
    assert_eq!(it.call(&SettingsGet {}).await.expect("settings").editable.parallelism, 8);

    let unknown = it.platform.dispatch("no_such", json!({})).await;
    refused(unknown, ErrorCode::NotFound, "no_such");
    let wrong = it.platform.dispatch("topic", json!({ "topic": 5 })).await;
    refused(wrong, ErrorCode::InvalidRequest, "'topic' are wrong");
    it.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http_answers_as_dispatch_does() {
    let it = Running::start().await;
    let api = it.platform.addresses().api.clone();
    let client = reqwest::Client::new();
    let post = |command: &str, body: &'static str| {
        client.post(format!("{api}/rpc/{command}")).header("content-type", "application/json").body(body)
    };
    let ok = post("topics_list", "{}").send().await.expect("an answer");
    assert_eq!(ok.status(), 200);
    let missing = post("topic", r#"{"topic":"none"}"#).send().await.expect("an answer");
    assert_eq!(missing.status(), 404);
    let error: api::ApiError = missing.json().await.expect("an error");
    assert_eq!(error.code, ErrorCode::NotFound);
    assert_eq!(post("topic", "{").send().await.expect("an answer").status(), 400);
    let foreign =
        post("status", "{}").header("origin", "https://evil.example").send().await.expect("an answer");
    assert_eq!(foreign.status(), 403);
    let health = client.get(format!("{api}/health")).send().await.expect("an answer");
    assert_eq!(health.status(), 200);
    let dags = client.get(format!("{api}/api/v2/dags")).send().await.expect("an answer");
    assert_eq!(dags.status(), 200);
    it.platform.stop().await;
}
