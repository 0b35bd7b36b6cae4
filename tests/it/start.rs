//! One instance per data directory, taken ports, a graceful stop, who may connect.

use std::net::TcpListener;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Server, run_failing};

fn serve(data_dir: &std::path::Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pumphouse"));
    command.args(["serve", "--data-dir"]).arg(data_dir).args(more);
    command
}

const ANY_PORTS: [&str; 6] = ["--kafka-port", "0", "--registry-port", "0", "--api-port", "0"];

#[test]
fn a_second_instance_is_told_who_holds_the_directory() {
    let server = Server::start();
    let (code, said) = run_failing("a second serve", &mut serve(server.data_dir(), &ANY_PORTS));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&server.pid().to_string()), "it names the process: {said}");
    assert!(said.contains("--data-dir"), "it names the way out: {said}");
}

#[test]
fn a_taken_port_is_named_with_its_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for flag in ["--kafka-port", "--registry-port", "--api-port"] {
        let dir = TempDir::new().expect("a temporary directory");
        let mut flags = ANY_PORTS.to_vec();
        let at = flags.iter().position(|it| *it == flag).expect("the flag");
        flags[at + 1] = &port;
        let (code, said) = run_failing("serve on a taken port", &mut serve(&dir.path().join("data"), &flags));
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(&port) && said.contains(flag), "{said}");
        #[cfg(target_os = "linux")]
        assert!(said.contains(&std::process::id().to_string()), "it names who holds it: {said}");
    }
}

#[test]
fn a_stop_is_graceful_and_the_directory_is_free_again() {
    let mut server = Server::start();
    server.stop_and_restart();
    assert!(server.is_running());
    server.terminate();
    assert!(
        server.data_dir().join("kafka").join(".kafka_cleanshutdown").exists(),
        "the log was closed cleanly"
    );
}

#[test]
fn services_listen_on_loopback_only() {
    let server = Server::start();
    for address in [&server.kafka, &server.registry, &server.api] {
        assert!(address.contains("127.0.0.1:"), "{address}");
    }
}

#[tokio::test]
async fn a_page_of_another_site_can_not_reach_the_api() {
    let server = Server::start();
    let client = reqwest::Client::new();
    let url = format!("{}/rpc/status", server.api);
    let post = |origin: &'static str, content_type: &'static str| {
        client.post(&url).header("origin", origin).header("content-type", content_type).body("{}").send()
    };
    assert_eq!(post("https://evil.example", "application/json").await.expect("an answer").status(), 403);
    assert_eq!(post("http://localhost:5173", "text/plain").await.expect("an answer").status(), 415);
    assert_eq!(post("http://localhost:5173", "application/json").await.expect("an answer").status(), 200);
    let rebound = client.post(&url).header("host", "evil.example").json(&serde_json::json!({})).send().await;
    assert_eq!(rebound.expect("an answer").status(), 403);
}

#[test]
fn an_unknown_key_in_the_configuration_is_named() {
    let dir = TempDir::new().expect("a temporary directory");
    let data_dir = dir.path().join("data");
    std::fs::create_dir_all(&data_dir).expect("made");
    std::fs::write(data_dir.join("config.toml"), "num_partitons = 3\n").expect("written");
    let (code, said) = run_failing("serve", &mut serve(&data_dir, &ANY_PORTS));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("num_partitons") && said.contains("config.toml"), "{said}");
}
