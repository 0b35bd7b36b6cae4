//! `broker-loggers`: levels listed and set.

use std::sync::{Arc, Mutex};

use broker::Loggers;
use testkit::TempDir;
use wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResponse,
};
use wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use wire::{ApiKey, ErrorCode};

use crate::client::Client;
use crate::server::Server;

const BROKER_LOGGER: i8 = 8;
const SET: i8 = 0;
const DELETE: i8 = 1;

async fn levels(client: &mut Client, name: &str) -> (i16, Option<String>, Vec<String>) {
    let request = DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: BROKER_LOGGER,
            resource_name: name.into(),
            configuration_keys: None,
        }],
        ..Default::default()
    };
    let answer: DescribeConfigsResponse = client.call(ApiKey::DescribeConfigs, 4, &request).await;
    let found = answer.results.into_iter().next().unwrap();
    let shown = found.configs.iter().map(|one| {
        assert!(!one.read_only && one.config_source == 6);
        format!("{}={}", one.name, one.value.clone().unwrap())
    });
    (found.error_code, found.error_message, shown.collect())
}

async fn alter(
    client: &mut Client,
    resource: &str,
    (operation, name, value): (i8, &str, Option<&str>),
) -> (i16, Option<String>) {
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: BROKER_LOGGER,
            resource_name: resource.into(),
            configs: vec![AlterableConfig {
                name: name.into(),
                config_operation: operation,
                value: value.map(str::to_owned),
            }],
        }],
        ..Default::default()
    };
    let answer: IncrementalAlterConfigsResponse =
        client.call(ApiKey::IncrementalAlterConfigs, 1, &request).await;
    let answer = answer.responses.into_iter().next().unwrap();
    (answer.error_code, answer.error_message)
}

#[tokio::test]
async fn levels_are_set_while_the_broker_runs_and_refused_in_kafkas_words() {
    let dir = TempDir::new();
    let server = Server::start(dir.path()).await;
    let mut client = server.client().await;
    let applied = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&applied);
    server.broker.log_by(Arc::new(Loggers::new(["broker", "broker.server"], "warn", move |filter| {
        kept.lock().unwrap().push(filter.to_owned());
        Ok(())
    })));
    let told =
        |levels: &[&str]| (0, Some(String::new()), levels.iter().map(|one| (*one).to_owned()).collect());
    assert_eq!(levels(&mut client, "1").await, told(&["broker=WARN", "broker.server=WARN", "root=WARN"]));
    assert_eq!(alter(&mut client, "1", (SET, "broker.server", Some("DEBUG"))).await, (0, None));
    assert_eq!(levels(&mut client, "1").await, told(&["broker=WARN", "broker.server=DEBUG", "root=WARN"]));
    assert_eq!(alter(&mut client, "1", (DELETE, "broker.server", None)).await, (0, None));
    assert_eq!(*applied.lock().unwrap(), ["warn,broker::server=debug", "warn"]);

    let (config, request) = (ErrorCode::InvalidConfig, ErrorCode::InvalidRequest);
    let level = "Cannot set the log level of root to LOUD as it is not a supported log level. Valid log levels are \
                 DEBUG, ERROR, FATAL, INFO, TRACE, WARN";
    for (resource, change, code, message) in [
        ("1", (SET, "nosuch", Some("DEBUG")), config, "Logger nosuch does not exist!"),
        ("1", (SET, "root", Some("LOUD")), config, level),
        ("1", (DELETE, "root", None), request, "Removing the log level of the root logger is not allowed"),
        (
            "1",
            (2, "root", Some("INFO")),
            request,
            "APPEND operation is not allowed for the BROKER_LOGGER resource",
        ),
        ("", (SET, "root", Some("INFO")), request, "Node id must be an integer, but it is: "),
    ] {
        let refused = alter(&mut client, resource, change).await;
        assert_eq!(refused, (code.number(), Some(message.to_owned())), "{change:?}");
    }
    let refused = (request.number(), Some("Broker id must not be empty".to_owned()), Vec::new());
    assert_eq!(levels(&mut client, "").await, refused);
    server.stop().await;
}
