//! Apache Kafka's own command-line tools, unmodified.

use std::path::Path;
use std::process::Command;

use crate::support::{Server, peer, run, run_failing, run_with_input};

pub(crate) struct Tools<'a> {
    pub(crate) jars: &'a Path,
    pub(crate) server: &'a Server,
}

impl Tools<'_> {
    pub(crate) fn command(&self, class: &str, address_flag: &str, args: &[&str]) -> Command {
        let mut command = self.offline(class, args);
        command.args([address_flag, &self.server.kafka]);
        command
    }

    pub(crate) fn offline(&self, class: &str, args: &[&str]) -> Command {
        let mut command = Command::new("java");
        // Small, quick to start: a dozen of these run one after the other.
        command.args([
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dslf4j.internal.verbosity=ERROR",
            "-cp",
        ]);
        command.arg(format!("{}/*", self.jars.display())).arg(class).args(args);
        command
    }

    pub(crate) fn run(&self, class: &str, args: &[&str]) -> String {
        run(class, &mut self.command(class, "--bootstrap-server", args))
    }

    /// This one wants the address before its own command.
    fn transactions(&self, args: &[&str]) -> String {
        let args = [&["--bootstrap-server", &self.server.kafka], args].concat();
        run(TRANSACTIONS, &mut self.offline(TRANSACTIONS, &args))
    }
}

const TOPICS: &str = "org.apache.kafka.tools.TopicCommand";
pub(crate) const PRODUCER: &str = "org.apache.kafka.tools.ConsoleProducer";
const CONSUMER: &str = "org.apache.kafka.tools.consumer.ConsoleConsumer";
const GROUPS: &str = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
pub(crate) const CONFIGS: &str = "kafka.admin.ConfigCommand";
const OFFSETS: &str = "org.apache.kafka.tools.GetOffsetShell";
const DELETE_RECORDS: &str = "org.apache.kafka.tools.DeleteRecordsCommand";
const LOG_DIRS: &str = "org.apache.kafka.tools.LogDirsCommand";
const VERIFIABLE_PRODUCER: &str = "org.apache.kafka.tools.VerifiableProducer";
const VERIFIABLE_CONSUMER: &str = "org.apache.kafka.tools.VerifiableConsumer";
const PRODUCER_PERFORMANCE: &str = "org.apache.kafka.tools.ProducerPerformance";
const TRANSACTIONS: &str = "org.apache.kafka.tools.TransactionsCommand";
const COPIER: &str = "org.apache.kafka.tools.TransactionalMessageCopier";
pub(crate) const DUMP_LOG: &str = "org.apache.kafka.tools.DumpLogSegments";

#[test]
fn topics_and_configs() {
    let jars = peer!("PUMPHOUSE_PEER_KAFKA", "Apache Kafka's tools");
    let server = Server::start();
    let tools = Tools { jars: &jars, server: &server };
    let create =
        ["--create", "--topic", "java.orders", "--partitions", "3", "--config", "retention.ms=3600000"];
    let said = tools.run(TOPICS, &create);
    assert!(said.contains("Created topic java.orders"), "{said}");
    let described = tools.run(TOPICS, &["--describe", "--topic", "java.orders"]);
    assert!(
        described.contains("PartitionCount: 3") && described.contains("retention.ms=3600000"),
        "{described}"
    );
    assert!(tools.run(TOPICS, &["--list"]).lines().any(|line| line == "java.orders"));

    let alter = [
        "--alter",
        "--entity-type",
        "topics",
        "--entity-name",
        "java.orders",
        "--add-config",
        "max.message.bytes=2048",
    ];
    tools.run(CONFIGS, &alter);
    let shown =
        tools.run(CONFIGS, &["--describe", "--entity-type", "topics", "--entity-name", "java.orders"]);
    assert!(shown.contains("max.message.bytes=2048") && shown.contains("retention.ms=3600000"), "{shown}");
    let refused = [
        "--alter",
        "--entity-type",
        "topics",
        "--entity-name",
        "java.orders",
        "--add-config",
        "retention.ms=soon",
    ];
    let (_, said) = run_failing(CONFIGS, &mut tools.command(CONFIGS, "--bootstrap-server", &refused));
    assert!(said.contains("retention.ms"), "{said}");

    tools.run(TOPICS, &["--alter", "--topic", "java.orders", "--partitions", "5"]);
    assert!(tools.run(TOPICS, &["--describe", "--topic", "java.orders"]).contains("PartitionCount: 5"));
    tools.run(TOPICS, &["--delete", "--topic", "java.orders"]);
    assert!(!tools.run(TOPICS, &["--list"]).contains("java.orders"));
}

#[test]
fn console_clients_groups_and_offsets() {
    let jars = peer!("PUMPHOUSE_PEER_KAFKA", "Apache Kafka's tools");
    let server = Server::start();
    let tools = Tools { jars: &jars, server: &server };
    let input: String = (0..100).map(|n| format!("line {n}\n")).collect();
    // The Java producer is idempotent with acks=all by default.
    let mut produce = tools.command(PRODUCER, "--bootstrap-server", &["--topic", "lines"]);
    run_with_input(PRODUCER, &mut produce, &input);
    let consume = [
        "--topic",
        "lines",
        "--from-beginning",
        "--max-messages",
        "100",
        "--timeout-ms",
        "30000",
        "--group",
        "java-readers",
    ];
    assert_eq!(tools.run(CONSUMER, &consume), input);
    // The KIP-848 protocol is the consumer's choice; the classic one is the default.
    let described = tools.run(GROUPS, &["--describe", "--group", "java-readers"]);
    let row = described.lines().find(|line| line.contains("lines")).unwrap_or_else(|| panic!("{described}"));
    let columns: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(columns[3..6], ["100", "100", "0"], "current, end, lag: {described}");
    assert!(tools.run(GROUPS, &["--list", "--state"]).contains("java-readers"));

    let reset =
        ["--group", "java-readers", "--topic", "lines", "--reset-offsets", "--shift-by", "-40", "--execute"];
    let said = tools.run(GROUPS, &reset);
    assert!(said.contains("60"), "{said}");
    let again =
        ["--topic", "lines", "--max-messages", "40", "--timeout-ms", "30000", "--group", "java-readers"];
    let tail: String = (60..100).map(|n| format!("line {n}\n")).collect();
    assert_eq!(tools.run(CONSUMER, &again), tail);

    assert_eq!(tools.run(OFFSETS, &["--topic", "lines"]).trim(), "lines:0:100");
    let records = server.data_dir().join("delete.json");
    let upto = r#"{"partitions": [{"topic": "lines", "partition": 0, "offset": 30}], "version": 1}"#;
    std::fs::write(&records, upto).expect("written");
    tools.run(DELETE_RECORDS, &["--offset-json-file", records.to_str().expect("text")]);
    assert_eq!(tools.run(OFFSETS, &["--topic", "lines", "--time", "earliest"]).trim(), "lines:0:30");
    let dirs = tools.run(LOG_DIRS, &["--describe", "--topic-list", "lines"]);
    assert!(dirs.contains("\"partition\":\"lines-0\""), "{dirs}");
    tools.run(GROUPS, &["--delete", "--group", "java-readers"]);
    assert!(!tools.run(GROUPS, &["--list"]).contains("java-readers"));
}

#[test]
fn a_group_the_broker_assigns_is_read_described_reset_and_deleted() {
    let jars = peer!("PUMPHOUSE_PEER_KAFKA", "Apache Kafka's tools");
    let server = Server::start();
    let tools = Tools { jars: &jars, server: &server };
    tools.run(TOPICS, &["--create", "--topic", "java.modern", "--partitions", "2"]);
    let mut produce = tools.command(PRODUCER, "--bootstrap-server", &["--topic", "java.modern"]);
    run_with_input(PRODUCER, &mut produce, "one\ntwo\nthree\n");
    let consume = [
        "--include",
        "java\\.mod.*",
        "--group",
        "modern",
        "--from-beginning",
        "--max-messages",
        "3",
        "--timeout-ms",
        "60000",
        "--consumer-property",
        "group.protocol=consumer",
    ];
    let said = tools.run(CONSUMER, &consume);
    assert!(["one", "two", "three"].iter().all(|value| said.contains(value)), "{said}");
    let said = tools.run(GROUPS, &["--list", "--type", "consumer"]);
    assert!(said.contains("modern"), "{said}");
    let said = tools.run(GROUPS, &["--describe", "--group", "modern", "--state"]);
    assert!(said.contains("Empty") && said.contains("uniform"), "{said}");
    let reset =
        ["--group", "modern", "--reset-offsets", "--to-earliest", "--topic", "java.modern", "--execute"];
    let said = tools.run(GROUPS, &reset);
    assert!(said.contains("java.modern"), "{said}");
    let said = tools.run(GROUPS, &["--delete", "--group", "modern"]);
    assert!(said.contains("successful"), "{said}");
}

#[test]
fn verifiable_and_performance_clients() {
    let jars = peer!("PUMPHOUSE_PEER_KAFKA", "Apache Kafka's tools");
    let server = Server::start();
    let tools = Tools { jars: &jars, server: &server };
    let produced =
        tools.run(VERIFIABLE_PRODUCER, &["--topic", "verified", "--max-messages", "500", "--acks", "-1"]);
    assert!(produced.contains("\"acked\":500"), "{produced}");
    let consume = [
        "--topic",
        "verified",
        "--group-id",
        "verifier",
        "--max-messages",
        "500",
        "--reset-policy",
        "earliest",
    ];
    let consumed = tools.run(VERIFIABLE_CONSUMER, &consume);
    assert!(consumed.contains("records_consumed"), "{consumed}");
    let load = ["--topic", "load", "--num-records", "20000", "--record-size", "1024", "--throughput", "-1"];
    let said = tools.run(PRODUCER_PERFORMANCE, &load);
    assert!(said.contains("20000 records sent"), "{said}");
}

#[test]
fn kafkas_own_reader_accepts_every_file_of_the_log() {
    let jars = peer!("PUMPHOUSE_PEER_KAFKA", "Apache Kafka's tools");
    let mut server = Server::start();
    let tools = Tools { jars: &jars, server: &server };
    let load = ["--topic", "dumped", "--num-records", "20000", "--record-size", "300", "--throughput", "-1"];
    tools.run(PRODUCER_PERFORMANCE, &load);
    let read = [
        "--topic",
        "dumped",
        "--from-beginning",
        "--max-messages",
        "10",
        "--timeout-ms",
        "30000",
        "--group",
        "dumpers",
    ];
    tools.run(CONSUMER, &read);
    server.terminate();
    let tools = Tools { jars: &jars, server: &server };
    let logs = server.data_dir().join("kafka");
    let mut dumped = 0;
    for entry in std::fs::read_dir(&logs).expect("the log directory") {
        let partition = entry.expect("an entry").path();
        let name = partition.file_name().expect("a name").to_string_lossy().into_owned();
        if !partition.is_dir() {
            continue;
        }
        let mut files = Vec::new();
        for file in std::fs::read_dir(&partition).expect("a partition") {
            let file = file.expect("a file").path();
            if file
                .extension()
                .is_some_and(|extension| ["log", "index", "timeindex"].iter().any(|it| extension == *it))
            {
                files.push(file.to_str().expect("text").to_owned());
            }
        }
        files.sort();
        let files = files.join(",");
        let mut args = vec!["--deep-iteration", "--index-sanity-check", "--files", &files];
        if name.starts_with("__consumer_offsets") {
            args.push("--offsets-decoder");
        }
        let said = run(DUMP_LOG, &mut tools.offline(DUMP_LOG, &args));
        for complaint in
            ["mismatch", "Mismatch", "not valid", "isvalid: false", "Exception", "Found timestamp", "corrupt"]
        {
            assert!(!said.contains(complaint), "{name}: {said}");
        }
        dumped += 1;
    }
    assert!(dumped >= 2, "the topic and __consumer_offsets at least, not {dumped}");
}

#[test]
fn transactions() {
    let jars = peer!("PUMPHOUSE_PEER_KAFKA", "Apache Kafka's tools");
    let mut server = Server::start();
    let address = server.kafka.clone();
    let tools = Tools { jars: &jars, server: &server };
    for topic in ["tx.in", "tx.out"] {
        tools.run(TOPICS, &["--create", "--topic", topic, "--partitions", "1"]);
    }
    let bootstrap = format!("bootstrap.servers={address}");
    let produce = ["--topic", "tx.in", "--num-records", "1000", "--record-size", "50", "--throughput", "-1"];
    let transactional =
        ["--transactional-id", "perf", "--transaction-duration-ms", "10", "--producer-props", &bootstrap];
    let said = run(
        PRODUCER_PERFORMANCE,
        &mut tools.offline(PRODUCER_PERFORMANCE, &[&produce[..], &transactional].concat()),
    );
    assert!(said.contains("1000 records sent"), "{said}");

    // Reads, writes and commits its position in one transaction; aborts some of them at random.
    let copy = [
        "--transactional-id",
        "copier",
        "--consumer-group",
        "copiers",
        "--input-topic",
        "tx.in",
        "--input-partition",
        "0",
        "--output-topic",
        "tx.out",
        "--max-messages",
        "1000",
        "--transaction-size",
        "50",
        "--transaction-timeout",
        "30000",
        "--enable-random-aborts",
    ];
    let said = run(COPIER, &mut tools.command(COPIER, "--broker-list", &copy));
    assert!(said.contains(r#""totalProcessed":1000"#), "{said}");
    let read = ["--topic", "tx.out", "--from-beginning", "--max-messages", "1000", "--timeout-ms", "60000"];
    let committed = ["--isolation-level", "read_committed"];
    let said = tools.run(CONSUMER, &[&read[..], &committed].concat());
    assert_eq!(said.lines().count(), 1000);
    let offsets = tools.run(GROUPS, &["--describe", "--group", "copiers", "--offsets"]);
    assert!(offsets.contains("tx.in"), "{offsets}");

    let listed = tools.transactions(&["list"]);
    for id in ["copier", "perf"] {
        assert!(
            listed.lines().any(|line| line.starts_with(id) && line.contains("CompleteCommit")),
            "{listed}"
        );
    }
    let described = tools.transactions(&["describe", "--transactional-id", "copier"]);
    assert!(described.contains("CompleteCommit") && described.contains("30000"), "{described}");
    let producers = tools.transactions(&["describe-producers", "--topic", "tx.out", "--partition", "0"]);
    assert!(producers.lines().count() == 2 && producers.contains("None"), "{producers}");
    let hanging = tools.transactions(&["find-hanging", "--broker-id", "1"]);
    assert_eq!(hanging.lines().count(), 1, "{hanging}");

    server.terminate();
    let kafka = server.data_dir().join("kafka");
    let dump = |partition: &str, options: &[&str]| {
        let dir = kafka.join(partition);
        let mut files: Vec<String> = std::fs::read_dir(&dir)
            .expect("a partition")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| {
                let dumped = ["log", "index", "timeindex", "txnindex", "snapshot"];
                path.extension().is_some_and(|is| dumped.iter().any(|known| is == *known))
            })
            .map(|path| path.display().to_string())
            .collect();
        files.sort();
        let files = files.join(",");
        let args = [options, &["--deep-iteration", "--files", &files]].concat();
        let tools = Tools { jars: &jars, server: &server };
        let said = run(DUMP_LOG, &mut tools.offline(DUMP_LOG, &args));
        for complaint in ["ismatch", "xception", "isvalid: false", "Error", "Could not", "Found"] {
            assert!(!said.contains(complaint), "{complaint} in {partition}:\n{said}");
        }
        said
    };
    let out = dump("tx.out-0", &[]);
    assert!(out.contains("isControl: true") && out.contains("endTxnMarker: COMMIT"), "{out}");
    assert!(out.contains("currentTxnFirstOffset: OptionalLong.empty"), "the snapshot reads\n{out}");
    assert!(dump("__consumer_offsets-0", &["--offsets-decoder"]).contains("copiers"));
    let states = dump("__transaction_state-0", &["--transaction-log-decoder"]);
    assert!(states.contains(r#""transactionalId":"copier""#), "{states}");
}
