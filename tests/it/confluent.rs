//! The registry's clients: confluent-kafka with its three serializers, KafkaJS'
//! registry client, and Confluent's own for Node with the specs it ships.

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
fn the_python_serializers_evolve_under_every_level() {
    let python = peer!("PUMPHOUSE_PEER_PYTHON", "confluent-kafka");
    let server = Server::start();
    let output = run(
        "confluent_formats.py",
        Command::new(python).arg(client("confluent_formats.py")).arg(&server.kafka).arg(&server.registry),
    );
    assert!(output.ends_with("ok\n"), "{output}");
}

#[test]
fn the_broker_refuses_what_no_serializer_wrote() {
    let python = peer!("PUMPHOUSE_PEER_PYTHON", "confluent-kafka");
    let server = Server::start();
    let output = run(
        "schema_validation.py",
        Command::new(python).arg(client("schema_validation.py")).arg(&server.kafka).arg(&server.registry),
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

#[test]
fn confluents_node_client_works_unmodified() {
    let node = peer!("PUMPHOUSE_PEER_NODE", "@confluentinc/schemaregistry");
    let server = Server::start();
    let output = run(
        "confluent_node.cjs",
        Command::new("node")
            .arg(client("confluent_node.cjs"))
            .arg(&server.kafka)
            .arg(&server.registry)
            .env("NODE_PATH", node.join("node_modules")),
    );
    assert!(output.ends_with("ok\n"), "{output}");
}

#[test]
fn the_specs_that_ship_with_confluents_node_client_pass() {
    let node = peer!("PUMPHOUSE_PEER_NODE", "@confluentinc/schemaregistry");
    let server = Server::start();
    let modules = node.join("node_modules");
    run(
        "the specs of @confluentinc/schemaregistry",
        Command::new("node")
            .arg(modules.join("jest").join("bin").join("jest.js"))
            .arg("--config")
            .arg(client("confluent_specs").join("jest.config.cjs"))
            .args(["--ci", "--runInBand", "--forceExit"])
            .env("NODE_PATH", &modules)
            .env("PUMPHOUSE_KAFKA", &server.kafka)
            .env("PUMPHOUSE_REGISTRY", &server.registry),
    );
}
