//! Attaching clusters from the window.

use api::ErrorCode;
use api::cluster::*;

use crate::support::{Running, refused};

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_attached_used_and_detached() {
    let other = Running::start().await;
    let it = Running::start().await;
    let addresses = other.platform.addresses().clone();
    let settings = ClusterSettings {
        id: "other".to_owned(),
        name: Some("The other".to_owned()),
        color: Some("#b91c1c".to_owned()),
        bootstrap_servers: addresses.kafka.clone(),
        security_protocol: "PLAINTEXT".to_owned(),
        registry_url: Some(addresses.registry.clone()),
        registry_username: Some("me".to_owned()),
        registry_password: Secret::New { text: "secret-word".to_owned() },
        ..ClusterSettings::default()
    };
    let tried = it.call(&ClusterTry { settings: settings.clone() }).await.expect("tried");
    assert_eq!((tried.brokers, tried.subjects, tried.registry_error), (Some(1), Some(0), None));
    assert_eq!(it.call(&ClustersList {}).await.expect("clusters").len(), 1, "trying changes nothing");

    let row = it.call(&ClusterAttach { settings: settings.clone() }).await.expect("attached");
    assert_eq!((row.name.as_str(), row.read_only), ("The other", false));
    let create =
        api::topics::TopicCreate { cluster: "other".to_owned(), ..crate::topics::create("there", 1) };
    it.call(&create).await.expect("created there");

    let get = ClusterSettingsGet { id: "other".to_owned() };
    let shown = it.call(&get).await.expect("settings");
    assert!(matches!(shown.registry_password, Secret::Stored));
    assert!(!serde_json::to_string(&shown).expect("JSON").contains("secret-word"));
    // What is stored stays, and the change is in force at once.
    it.call(&ClusterAttach { settings: ClusterSettings { read_only: true, ..shown } })
        .await
        .expect("changed");
    let create = api::topics::TopicCreate { topic: "more".to_owned(), ..create };
    refused(it.call(&create).await, ErrorCode::Refused, "read-only");
    let file = std::fs::read_to_string(it.dir.path().join("config.toml")).expect("the file");
    assert!(
        file.contains("registry_password = \"secret-word\"") && file.contains("read_only = true"),
        "{file}"
    );

    let it = it.restart().await;
    assert_eq!(it.call(&ClustersList {}).await.expect("clusters").len(), 2);
    let wrong = ClusterSettings { id: "local".to_owned(), ..settings.clone() };
    refused(it.call(&ClusterAttach { settings: wrong }).await, ErrorCode::InvalidRequest, "id");
    let detach = ClusterDetach { id: "other".to_owned() };
    it.call(&detach).await.expect("detached");
    refused(it.call(&detach).await, ErrorCode::NotFound, "other");
    let file = std::fs::read_to_string(it.dir.path().join("config.toml")).expect("the file");
    assert!(!file.contains("other"), "{file}");
    it.platform.stop().await;
    other.platform.stop().await;
}
