//! The configuration Pumphouse tells of itself beside what a real Apache Kafka tells of itself: every key's type,
//! default, synonyms, and whether it may change; and what either says to values that cannot be.
//!
//! `kafka-4.3.1.tsv` is what Kafka answered to DescribeConfigs; `PUMPHOUSE_PEER_BROKER` is the address of a Kafka
//! that is asked again, so that an upgrade shows.

mod facts;
mod refusals;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use broker::BrokerConfig;
use testkit::TempDir;
use wire::ApiKey;
use wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};

use crate::client::Client;
use crate::server::Server;
use facts::{Fact, ask, checked_in};
use refusals::REFUSALS;

/// Defaults that differ on purpose.
const OURS: &[(&str, &str, &str)] = &[
    ("consumer.assignment.interval.ms", "0", "one computer gains nothing by waiting for more members"),
    ("controller.listener.names", "", "the controller is in the process and listens nowhere"),
    ("group.consumer.assignment.interval.ms", "0", "one computer gains nothing by waiting for more members"),
    ("group.initial.rebalance.delay.ms", "0", "one computer gains nothing by waiting for more members"),
    ("group.share.assignment.interval.ms", "0", "one computer gains nothing by waiting for more members"),
    ("group.streams.assignment.interval.ms", "0", "one computer gains nothing by waiting for more members"),
    (
        "group.streams.initial.rebalance.delay.ms",
        "0",
        "one computer gains nothing by waiting for more members",
    ),
    ("listeners", "\\N", "what is really listened on is told"),
    ("log.dir", "", "where the data really is is told"),
    ("node.id", "1", "there is one"),
    ("offsets.topic.num.partitions", "1", "one broker needs no more"),
    ("offsets.topic.replication.factor", "1", "one broker holds one"),
    ("process.roles", "broker,controller", "there is one process"),
    ("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512", "Kerberos is not spoken"),
    ("share.assignment.interval.ms", "0", "one computer gains nothing by waiting for more members"),
    ("share.coordinator.state.topic.min.isr", "1", "one broker holds one"),
    ("share.coordinator.state.topic.num.partitions", "1", "one broker needs no more"),
    ("share.coordinator.state.topic.replication.factor", "1", "one broker holds one"),
    ("ssl.keystore.type", "PEM", "Java's own stores are not read"),
    ("ssl.truststore.type", "PEM", "Java's own stores are not read"),
    ("streams.assignment.interval.ms", "0", "one computer gains nothing by waiting for more members"),
    ("streams.initial.rebalance.delay.ms", "0", "one computer gains nothing by waiting for more members"),
    ("transaction.state.log.min.isr", "1", "one broker holds one"),
    ("transaction.state.log.num.partitions", "1", "one broker needs no more"),
    ("transaction.state.log.replication.factor", "1", "one broker holds one"),
];

/// Not one of Kafka's documented keys: told only where it is set, as it is in a Kafka that answers are compared with.
const TOLD_WHERE_SET: &str = "log.initial.task.delay.ms";

#[tokio::test]
async fn every_key_is_told_as_kafka_tells_it() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let told = ask(&mut client, "t").await;
    let expected: BTreeMap<_, _> =
        checked_in().into_iter().map(|(name, fact)| (name.clone(), on_purpose(&name.1, fact))).collect();
    let faults = differences(&told, &expected);
    assert!(faults.is_empty(), "Pumphouse ≠ Kafka 4.3.1:\n{}", faults.join("\n"));
    server.stop().await;
}

/// The fact with the default that Pumphouse has on purpose.
fn on_purpose(name: &str, fact: Fact) -> Fact {
    match OURS.iter().find(|(ours, ..)| *ours == name) {
        None => fact,
        Some((_, default, _)) => {
            assert_ne!(fact.default, *default, "{name} does not differ");
            let synonyms = match (fact.synonyms.first(), *default) {
                (_, "\\N") => Vec::new(),
                (Some(synonym), default) => {
                    let key = synonym.split_once('=').map_or(name, |(key, _)| key);
                    vec![format!("{key}={default}")]
                }
                (None, default) => vec![format!("{name}={default}")],
            };
            Fact { default: (*default).to_owned(), synonyms, ..fact }
        }
    }
}

fn differences(
    told: &BTreeMap<(String, String), Fact>,
    expected: &BTreeMap<(String, String), Fact>,
) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, fact) in expected {
        match told.get(name) {
            None => faults.push(format!("{name:?} is missing")),
            Some(found) if found != fact => faults.push(format!("{name:?}:\n  {found:?}\n≠ {fact:?}")),
            Some(_) => {}
        }
    }
    let more = told.keys().filter(|name| !expected.contains_key(*name));
    faults.extend(more.map(|name| format!("{name:?} is none of Kafka's")));
    faults
}

#[tokio::test]
async fn impossible_values_are_refused_in_kafkas_words() {
    let dir = TempDir::new();
    let server = Server::with_system_clock(BrokerConfig::new(dir.path())).await;
    let mut client = server.client().await;
    client.create("t", 1, &[]).await;
    let faults = refused(&mut client, "t").await;
    assert!(faults.is_empty(), "Pumphouse ≠ Kafka 4.3.1:\n{}", faults.join("\n"));
    server.stop().await;
}

#[tokio::test]
async fn a_running_kafka_still_is_what_is_checked_in() {
    let Ok(peer) = std::env::var("PUMPHOUSE_PEER_BROKER") else {
        crate::differential::skip("config parity: a real Apache Kafka (PUMPHOUSE_PEER_BROKER is not set)");
        return;
    };
    let peer: SocketAddr = peer.parse().expect("PUMPHOUSE_PEER_BROKER is an address");
    let mut client = Client::connect(peer).await;
    let topic = format!("parity-{}", std::process::id());
    client.create(&topic, 1, &[]).await;
    let mut told = ask(&mut client, &topic).await;
    told.remove(&("broker".to_owned(), TOLD_WHERE_SET.to_owned()));
    let mut faults = differences(&told, &checked_in());
    faults.extend(refused(&mut client, &topic).await);
    assert!(faults.is_empty(), "this Kafka ≠ Kafka 4.3.1:\n{}", faults.join("\n"));
}

/// Asks for what is to be refused, without changing anything. Returns what is answered otherwise.
async fn refused(client: &mut Client, topic: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (kind, name, operation, values, code, message) in REFUSALS {
        let request = IncrementalAlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type: *kind,
                resource_name: if *name == "TOPIC" { topic.to_owned() } else { (*name).to_owned() },
                configs: values
                    .iter()
                    .map(|(key, value)| AlterableConfig {
                        name: (*key).to_owned(),
                        config_operation: *operation,
                        value: Some((*value).to_owned()),
                    })
                    .collect(),
            }],
            validate_only: true,
        };
        let answer: IncrementalAlterConfigsResponse =
            client.call(ApiKey::IncrementalAlterConfigs, 1, &request).await;
        let found = &answer.responses[0];
        let said = found.error_message.as_deref().unwrap_or("");
        if (found.error_code, said) != (*code, *message) {
            faults.push(format!(
                "{kind} {name} {values:?}:\n  {} {said}\n≠ {code} {message}",
                found.error_code
            ));
        }
    }
    faults
}
