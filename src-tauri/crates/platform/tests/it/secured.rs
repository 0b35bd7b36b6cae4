//! A broker whose clients must say who they are, and a window that still sees everything.

use api::cluster::{BrokersList, StatusGet};
use api::topics::{TopicCreate, TopicsList};
use platform::{Config, Flags, Platform};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use testkit::TempDir;

use crate::support::Running;

const CONFIG: &str = r#"
[broker]
listeners = "SASL_PLAINTEXT://127.0.0.1:0"
sasl.enabled.mechanisms = ["PLAIN", "SCRAM-SHA-512"]
authorizer.class.name = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
super.users = "User:alice"

[broker_users]
alice = "secret"
bob = "builder"
"#;

fn flags(dir: &TempDir) -> Flags {
    Flags {
        data_dir: Some(dir.path().to_path_buf()),
        kafka_port: Some(0),
        registry_port: Some(0),
        api_port: Some(0),
        ..Flags::default()
    }
}

/// The names of the topics a client sees, or why it sees none.
async fn topics_of(
    kafka: String,
    login: Option<(&'static str, &'static str, &'static str)>,
) -> Result<Vec<String>, String> {
    let look = move || {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", kafka);
        if let Some((mechanism, user, password)) = login {
            config
                .set("security.protocol", "SASL_PLAINTEXT")
                .set("sasl.mechanism", mechanism)
                .set("sasl.username", user)
                .set("sasl.password", password);
        }
        let client: BaseConsumer = config.create().map_err(|error| error.to_string())?;
        let metadata = client.fetch_metadata(None, std::time::Duration::from_secs(10));
        let metadata = metadata.map_err(|error| error.to_string())?;
        Ok(metadata.topics().iter().map(|topic| topic.name().to_owned()).collect())
    };
    tokio::task::spawn_blocking(look).await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_sees_what_strangers_do_not() {
    let dir = TempDir::new();
    std::fs::write(dir.join("config.toml"), CONFIG).expect("written");
    let platform =
        Platform::start(Config::load(flags(&dir)).expect("a configuration")).await.expect("it starts");
    let kafka = platform.addresses().kafka.clone();
    let it = Running { platform, dir };
    let status = it.call(&StatusGet {}).await.expect("a status");
    assert!(status.warnings.is_empty(), "{:?}", status.warnings);
    assert_eq!(status.services[0].address, kafka);
    let create = TopicCreate {
        cluster: api::cluster::LOCAL.to_owned(),
        topic: "orders".to_owned(),
        partitions: 1,
        replication_factor: 1,
        configs: Default::default(),
    };
    it.call(&create).await.expect("created");
    let list = TopicsList { cluster: api::cluster::LOCAL.to_owned() };
    it.until(&list, |topics| topics.iter().any(|topic| topic.name == "orders")).await;
    let brokers = it.call(&BrokersList { cluster: api::cluster::LOCAL.to_owned() }).await.expect("brokers");
    assert_eq!(brokers.len(), 1);

    for mechanism in ["PLAIN", "SCRAM-SHA-512"] {
        let seen = topics_of(kafka.clone(), Some((mechanism, "alice", "secret"))).await.expect("alice may");
        assert!(seen.contains(&"orders".to_owned()), "{seen:?}");
    }
    let hidden = topics_of(kafka.clone(), Some(("PLAIN", "bob", "builder"))).await.expect("bob is known");
    assert_eq!(hidden, Vec::<String>::new());
    assert!(topics_of(kafka.clone(), Some(("PLAIN", "bob", "secret"))).await.is_err());
    assert!(topics_of(kafka, None).await.is_err());
    it.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_doors_are_refused_or_shown() {
    let dir = TempDir::new();
    let open = Flags { host: Some("0.0.0.0".to_owned()), ..flags(&dir) };
    let refused = Platform::start(Config::load(open.clone()).expect("a configuration")).await;
    let said = refused.err().expect("refused").to_string();
    assert!(said.contains("--insecure-listen"), "{said}");
    let wanted = Flags { insecure_listen: true, ..open };
    let platform = Platform::start(Config::load(wanted).expect("a configuration")).await.expect("it starts");
    assert!(platform.addresses().kafka.starts_with("127.0.0.1:"), "{:?}", platform.addresses());
    let it = Running { platform, dir };
    let status = it.call(&StatusGet {}).await.expect("a status");
    assert_eq!(status.warnings.len(), 2, "{:?}", status.warnings);
    it.platform.stop().await;
}
