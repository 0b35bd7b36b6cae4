//! A broker with TLS, SASL, rules and quotas, by stock clients.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::cli::pumphouse;
use crate::support::{Server, client, peer, run, run_failing, run_with_input, skip};

const CONFIGS: &str = "kafka.admin.ConfigCommand";
const ACLS: &str = "org.apache.kafka.tools.AclCommand";
const PRODUCER: &str = "org.apache.kafka.tools.ConsoleProducer";
const QUORUM: &str = "org.apache.kafka.tools.MetadataQuorumCommand";
const FEATURES: &str = "org.apache.kafka.tools.FeatureCommand";
const CLIENT_METRICS: &str = "org.apache.kafka.tools.ClientMetricsCommand";
const ELECTION: &str = "org.apache.kafka.tools.LeaderElectionCommand";

/// A broker that lets in `admin` (password `admin-secret`), who may do everything, over TLS.
struct Secured {
    server: Server,
    dir: TempDir,
}

impl Secured {
    fn start() -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let data = dir.path().join("data");
        std::fs::create_dir(&data).expect("created");
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        std::fs::write(dir.path().join("trust.pem"), &certificate).expect("written");
        let store = dir.path().join("store.pem");
        std::fs::write(&store, certificate + &key).expect("written");
        let config = format!(
            "[broker]\n\
             listeners = 'SECURE://127.0.0.1:0'\n\
             listener.security.protocol.map = 'SECURE:SASL_SSL'\n\
             ssl.keystore.location = '{}'\n\
             authorizer.class.name = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'\n\
             super.users = 'User:admin'\n\n\
             [broker_users]\n\
             admin = 'admin-secret'\n",
            store.display()
        );
        std::fs::write(data.join("config.toml"), config).expect("written");
        Self { server: Server::start_in(&data, &[]), dir }
    }

    fn trust(&self) -> String {
        self.dir.path().join("trust.pem").display().to_string()
    }

    fn kcat(&self, mechanism: &str, user: &str, password: &str, args: &[&str]) -> Command {
        let mut command = Command::new("kcat");
        command.args(["-b", &self.server.kafka, "-X", "security.protocol=SASL_SSL"]);
        for (name, value) in [
            ("ssl.ca.location", self.trust().as_str()),
            ("sasl.mechanism", mechanism),
            ("sasl.username", user),
            ("sasl.password", password),
        ] {
            command.args(["-X", &format!("{name}={value}")]);
        }
        command.args(args);
        command
    }

    /// Java's client properties of a user.
    fn properties(&self, module: &str, mechanism: &str, user: &str, password: &str) -> String {
        let path = self.dir.path().join(format!("{user}.properties"));
        let text = format!(
            "security.protocol=SASL_SSL\nssl.truststore.type=PEM\nssl.truststore.location={}\n\
             sasl.mechanism={mechanism}\n\
             sasl.jaas.config=org.apache.kafka.common.security.{module} required username=\"{user}\" \
             password=\"{password}\";\n",
            self.trust()
        );
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    }

    fn java(&self, jars: &Path, class: &str, properties: (&str, &str), args: &[&str]) -> Command {
        let mut command = Command::new("java");
        command.args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]);
        command.args(["-Dslf4j.internal.verbosity=ERROR", "-cp"]);
        command.arg(format!("{}/*", jars.display())).arg(class);
        command.args(["--bootstrap-server", &self.server.kafka, properties.0, properties.1]).args(args);
        command
    }
}

#[test]
fn kcat_by_plain_over_tls() {
    if Command::new("kcat").arg("-V").output().is_err() {
        return skip("kcat: not installed (Debian's package kcat)");
    }
    let secured = Secured::start();
    let produce = ["-P", "-t", "orders"];
    run_with_input("kcat -P", &mut secured.kcat("PLAIN", "admin", "admin-secret", &produce), "one\ntwo\n");
    // SCRAM is for clients that keep to its nonces, as Kafka since 3.7.2 asks: librdkafka does from 2.6.1 on, and
    // kcat may be built with an older one.
    let consume = ["-C", "-t", "orders", "-e", "-q"];
    let read = run("kcat -C", &mut secured.kcat("PLAIN", "admin", "admin-secret", &consume));
    assert_eq!(read, "one\ntwo\n");
    let list = ["-L", "-m", "5"];
    let (_, said) = run_failing("kcat -L", &mut secured.kcat("PLAIN", "admin", "wrong", &list));
    assert!(said.contains("Authentication failed"), "{said}");
    let mut plaintext = Command::new("kcat");
    run_failing("kcat -L", plaintext.args(["-b", &secured.server.kafka]).args(list));
}

#[test]
fn kafka_python_by_scram_over_tls() {
    let python = peer!("PUMPHOUSE_PEER_PYTHON", "kafka-python");
    let secured = Secured::start();
    let output = run(
        "kafka_python_sasl.py",
        Command::new(python).arg(client("kafka_python_sasl.py")).args([
            &secured.server.kafka,
            &secured.trust(),
            "admin",
            "admin-secret",
        ]),
    );
    assert!(output.ends_with("ok\n"), "{output}");
}

#[test]
fn kafkas_tools_make_users_rules_and_quotas() {
    let jars = peer!("PUMPHOUSE_PEER_KAFKA", "Apache Kafka's tools");
    let secured = Secured::start();
    let admin = secured.properties("plain.PlainLoginModule", "PLAIN", "admin", "admin-secret");
    let tool = |class: &str, args: &[&str]| {
        run(class, &mut secured.java(&jars, class, ("--command-config", &admin), args))
    };
    let carol = ["--entity-type", "users", "--entity-name", "carol"];
    let alter = |config: &str| tool(CONFIGS, &[&["--alter", "--add-config", config], &carol[..]].concat());
    alter("SCRAM-SHA-512=[iterations=8192,password=sesame]");
    alter("producer_byte_rate=1048576,request_percentage=200");
    let shown = tool(CONFIGS, &[&["--describe"], &carol[..]].concat());
    assert!(shown.contains("SCRAM-SHA-512=iterations=8192"), "{shown}");
    assert!(
        shown.contains("producer_byte_rate=1048576") && shown.contains("request_percentage=200"),
        "{shown}"
    );

    let scram = secured.properties("scram.ScramLoginModule", "SCRAM-SHA-512", "carol", "sesame");
    let produce = |words: &str| {
        let args = ["--topic", "orders", "--request-timeout-ms", "5000"];
        let mut command = secured.java(&jars, PRODUCER, ("--command-config", &scram), &args);
        run_with_input(PRODUCER, &mut command, words)
    };
    // The console producer ends with 0 either way: the offset below says that nothing came of this one.
    produce("refused\n");
    let rules = ["--add", "--allow-principal", "User:carol", "--producer", "--topic", "orders"];
    let said = tool(ACLS, &rules);
    assert!(said.contains("Adding ACLs"), "{said}");
    let listed = tool(ACLS, &["--list", "--topic", "orders"]);
    assert!(listed.contains("principal=User:carol") && listed.contains("operation=WRITE"), "{listed}");
    produce("allowed\n");
    let offsets = run(
        "kafka-get-offsets",
        &mut secured.java(
            &jars,
            "org.apache.kafka.tools.GetOffsetShell",
            ("--command-config", &admin),
            &["--topic", "orders"],
        ),
    );
    assert!(offsets.contains("orders:0:1"), "{offsets}");
    tool(ACLS, &["--remove", "--force", "--topic", "orders"]);
    assert!(!tool(ACLS, &["--list", "--topic", "orders"]).contains("carol"));
}

#[test]
fn kafkas_tools_ask_about_a_cluster_of_one() {
    let jars = peer!("PUMPHOUSE_PEER_KAFKA", "Apache Kafka's tools");
    let secured = Secured::start();
    let admin = secured.properties("plain.PlainLoginModule", "PLAIN", "admin", "admin-secret");
    let run_tool = |class: &str, flag: &str, args: &[&str]| {
        run(class, &mut secured.java(&jars, class, (flag, &admin), args))
    };
    let quorum = run_tool(QUORUM, "--command-config", &["describe", "--status"]);
    assert!(quorum.contains("LeaderId:") && quorum.contains("CurrentVoters:"), "{quorum}");
    let features = run_tool(FEATURES, "--command-config", &["describe"]);
    assert!(features.contains("transaction.version") && features.contains("metadata.version"), "{features}");
    let downgrade = ["downgrade", "--feature", "transaction.version=1"];
    let said = run_tool(FEATURES, "--command-config", &downgrade);
    assert!(said.contains("transaction.version was downgraded to 1"), "{said}");
    let metrics = ["--alter", "--name", "basic", "--metrics", "org.apache.kafka.", "--interval", "1000"];
    run_tool(CLIENT_METRICS, "--command-config", &metrics);
    let shown = run_tool(CLIENT_METRICS, "--command-config", &["--describe", "--name", "basic"]);
    assert!(shown.contains("interval.ms=1000") && shown.contains("org.apache.kafka."), "{shown}");
    run_tool("org.apache.kafka.tools.TopicCommand", "--command-config", &["--create", "--topic", "t"]);
    let election = ["--election-type", "preferred", "--topic", "t", "--partition", "0"];
    let said = run_tool(ELECTION, "--admin.config", &election);
    assert!(said.contains("Valid replica already elected") || said.contains("not needed"), "{said}");
}

/// The commands of this computer's user come in by themselves; elsewhere by the properties Kafka's tools take.
#[test]
fn pumphouses_own_commands_log_in() {
    let secured = Secured::start();
    let data = secured.server.data_dir().display().to_string();
    let here = |args: &[&str]| {
        let mut command = pumphouse(args);
        command.args(["--data-dir", &data]);
        command
    };
    run("topic create", &mut here(&["topic", "create", "own.topic"]));
    let properties = secured.properties("plain.PlainLoginModule", "PLAIN", "admin", "admin-secret");
    let there = |args: &[&str], properties: Option<&str>| {
        let mut command = pumphouse(args);
        command.args(["--bootstrap-server", &secured.server.kafka]);
        command.args(properties.iter().flat_map(|path| ["--command-config", path]));
        command
    };
    let listed = run("topic list", &mut there(&["topic", "list"], Some(&properties)));
    assert!(listed.contains("own.topic"), "{listed}");
    let wrong = secured.properties("plain.PlainLoginModule", "PLAIN", "stranger", "wrong");
    run_failing("topic list", &mut there(&["topic", "list"], Some(&wrong)));
    let (_, said) = run_failing("group list", &mut there(&["group", "list"], None));
    assert!(said.contains("--command-config"), "{said}");

    let dag = secured.dir.path().join("produce.yaml");
    let text = "dag_id: writes\nschedule: null\ntasks:\n  write: {operator: kafka_produce, topic: own.topic, value: one}\n";
    std::fs::write(&dag, text).expect("written");
    let dag = dag.display().to_string();
    run("dag run", &mut here(&["dag", "run", &dag]));
    let described = run("topic describe", &mut here(&["topic", "describe", "own.topic", "--json"]));
    let described: serde_json::Value = serde_json::from_str(&described).expect("JSON");
    assert_eq!(described["partitions"][0]["end_offset"], 1, "{described}");
}
