//! Share groups (KIP-932) through Apache Kafka's own `KafkaShareConsumer` and tools, unmodified.

use crate::java_tools::{CONFIGS, DUMP_LOG, PRODUCER, Tools};
use crate::support::{Server, peer, run, run_with_input};

const CONSUMER: &str = "org.apache.kafka.tools.consumer.ConsoleShareConsumer";
const GROUPS: &str = "org.apache.kafka.tools.consumer.group.ShareGroupCommand";
const VERIFIABLE: &str = "org.apache.kafka.tools.VerifiableShareConsumer";
const PERFORMANCE: &str = "org.apache.kafka.tools.ShareConsumerPerformance";

/// Start offset and lag of a group in one partition, as `kafka-share-groups` shows them. The offset is where the group
/// stood before it said what it said last, as on Kafka: how much that was is the consumer's own matter.
fn standing(tools: &Tools<'_>, group: &str, topic: &str) -> (String, String) {
    let described = tools.run(GROUPS, &["--describe", "--group", group, "--offsets"]);
    let row = described.lines().find(|line| line.contains(topic)).unwrap_or_else(|| panic!("{described}"));
    let columns: Vec<&str> = row.split_whitespace().collect();
    (columns[3].to_owned(), columns[4].to_owned())
}

fn consume(tools: &Tools<'_>, group: &str, count: &str, more: &[&str]) -> Vec<String> {
    let mut args =
        vec!["--topic", "jobs", "--group", group, "--max-messages", count, "--timeout-ms", "30000"];
    args.extend(more);
    let mut lines: Vec<String> = tools.run(CONSUMER, &args).lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn records_are_shared_and_what_is_settled_outlives_a_kill() {
    let jars = peer!("PUMPHOUSE_PEER_KAFKA", "Apache Kafka's tools");
    let mut server = Server::start();
    let tools = Tools { jars: &jars, server: &server };
    let lines: Vec<String> = (100..200).map(|n| format!("job {n}")).collect();
    let mut produce = tools.command(PRODUCER, "--bootstrap-server", &["--topic", "jobs"]);
    run_with_input(PRODUCER, &mut produce, &(lines.join("\n") + "\n"));
    for group in ["workers", "refusers", "verifier"] {
        let begin = ["--alter", "--entity-type", "groups", "--entity-name", group];
        tools.run(CONFIGS, &[&begin[..], &["--add-config", "share.auto.offset.reset=earliest"]].concat());
    }
    assert_eq!(consume(&tools, "workers", "100", &[]), lines);
    assert_eq!(standing(&tools, "workers", "jobs").1, "0");
    // Released, then delivered for the second time.
    assert_eq!(consume(&tools, "refusers", "1", &["--release"]), lines[..1]);
    server.kill_and_restart();
    let tools = Tools { jars: &jars, server: &server };
    assert_eq!(standing(&tools, "workers", "jobs").1, "0");
    let again = consume(&tools, "refusers", "100", &["--formatter-property", "print.delivery=true"]);
    let mut again: Vec<(&str, &str)> = again.iter().filter_map(|line| line.split_once('\t')).collect();
    again.sort_by_key(|(_, value)| *value);
    assert_eq!(again.iter().map(|(_, value)| *value).collect::<Vec<_>>(), lines);
    assert_eq!(again[0], ("Delivery:2", "job 100"));
    assert_eq!(standing(&tools, "refusers", "jobs").1, "0");

    let verify = ["--topic", "jobs", "--group-id", "verifier", "--max-messages", "100"];
    let verified = tools.run(VERIFIABLE, &[&verify[..], &["--acknowledgement-mode", "sync"]].concat());
    assert!(
        verified.contains("\"offsets_acknowledged\"") && verified.contains("shutdown_complete"),
        "{verified}"
    );
    assert_eq!(standing(&tools, "verifier", "jobs").1, "0");
    server.terminate();
    let tools = Tools { jars: &jars, server: &server };
    let log = server.data_dir().join("kafka/__share_group_state-0/00000000000000000000.log");
    let log = log.to_str().expect("text");
    let dump = ["--deep-iteration", "--share-group-state-decoder", "--files", log];
    let said = run(DUMP_LOG, &mut tools.offline(DUMP_LOG, &dump));
    assert!(said.contains("\"groupId\":\"workers\"") && said.contains("\"deliveryState\":2"), "{said}");
    for complaint in ["Exception", "isvalid: false", "could not be decoded"] {
        assert!(!said.contains(complaint), "{said}");
    }
}

#[test]
fn share_groups_are_listed_moved_and_deleted() {
    let jars = peer!("PUMPHOUSE_PEER_KAFKA", "Apache Kafka's tools");
    let server = Server::start();
    let tools = Tools { jars: &jars, server: &server };
    let lines: Vec<String> = (0..50).map(|n| format!("{n}")).collect();
    let mut produce = tools.command(PRODUCER, "--bootstrap-server", &["--topic", "jobs"]);
    run_with_input(PRODUCER, &mut produce, &(lines.join("\n") + "\n"));
    let move_to = |flag: &str| {
        let reset = ["--reset-offsets", "--group", "movers", "--topic", "jobs", flag, "--execute"];
        tools.run(GROUPS, &reset)
    };
    move_to("--to-earliest");
    let load = ["--topic", "jobs", "--group", "movers", "--num-records", "50", "--timeout", "30000"];
    let said = tools.run(PERFORMANCE, &load);
    assert!(said.lines().any(|line| line.split(", ").nth(5) == Some("50")), "{said}");
    assert_eq!(standing(&tools, "movers", "jobs").1, "0");
    move_to("--to-earliest");
    assert_eq!(standing(&tools, "movers", "jobs"), ("0".into(), "50".into()));
    let listed = tools.run(GROUPS, &["--list", "--state"]);
    assert!(listed.contains("movers") && listed.contains("Empty"), "{listed}");
    tools.run(GROUPS, &["--delete-offsets", "--group", "movers", "--topic", "jobs"]);
    tools.run(GROUPS, &["--delete", "--group", "movers"]);
    assert!(!tools.run(GROUPS, &["--list"]).contains("movers"));
}
