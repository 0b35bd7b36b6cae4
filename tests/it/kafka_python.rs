//! kafka-python, a client that shares no code with librdkafka.

use std::process::Command;

use crate::support::{Server, client, peer, run};

#[test]
fn produces_consumes_commits_and_administers() {
    let python = peer!("PUMPHOUSE_PEER_PYTHON", "kafka-python");
    let server = Server::start();
    let output = run(
        "kafka_python_client.py",
        Command::new(python).arg(client("kafka_python_client.py")).arg(&server.kafka),
    );
    assert!(output.ends_with("ok\n"), "{output}");
}
