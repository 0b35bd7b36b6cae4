//! confluent-kafka with its Avro serializer, and KafkaJS' registry client.

use std::process::Command;

use crate::support::{Server, client, peer, run};

#[test]
fn the_python_avro_serializer_works_unmodified() {
    let python = peer!("PUMPHOUSE_PEER_PYTHON", "confluent-kafka");
    let server = Server::start();
    let output = run(
        "confluent_avro.py",
        Command::new(python).arg(client("confluent_avro.py")).arg(&server.kafka).arg(&server.registry),
    );
    assert!(output.ends_with("ok\n"), "{output}");
}

#[test]
fn schemas_and_ids_survive_a_kill() {
    let python = peer!("PUMPHOUSE_PEER_PYTHON", "confluent-kafka");
    let mut server = Server::start();
    let script = client("confluent_avro.py");
    let avro = |server: &Server| {
        run(
            "confluent_avro.py",
            Command::new(&python).arg(&script).arg(&server.kafka).arg(&server.registry).arg("ids"),
        )
    };
    let before = avro(&server);
    server.kill_and_restart();
    assert_eq!(avro(&server), before, "the same schemas keep their ids");
}

#[test]
fn the_kafkajs_registry_client_works_unmodified() {
    let node = peer!("PUMPHOUSE_PEER_NODE", "@kafkajs/confluent-schema-registry");
    let server = Server::start();
    let output = run(
        "kafkajs_registry.cjs",
        Command::new("node")
            .arg(client("kafkajs_registry.cjs"))
            .arg(&server.registry)
            .env("NODE_PATH", node.join("node_modules")),
    );
    assert!(output.ends_with("ok\n"), "{output}");
}
