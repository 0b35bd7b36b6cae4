//! Configurations of groups, set and seen.

use std::time::Duration;

use wire::ApiKey;
use wire::messages::*;

use super::side::Side;
use super::tree::Node;

const GROUP: i8 = 32;
const SET: i8 = 0;

impl Side {
    /// Sets a group's configuration and waits until the broker tells it: Kafka's learn of it a moment later.
    pub(super) async fn configure_group(&mut self, group: &str, name: &str, value: &str) -> Node {
        use incremental_alter_configs as alter;
        let request = alter::IncrementalAlterConfigsRequest {
            resources: vec![alter::AlterConfigsResource {
                resource_type: GROUP,
                resource_name: self.name(group),
                configs: vec![alter::AlterableConfig {
                    name: name.into(),
                    config_operation: SET,
                    value: Some(value.into()),
                }],
            }],
            validate_only: false,
        };
        let api = ApiKey::IncrementalAlterConfigs;
        let (_, node): (alter::IncrementalAlterConfigsResponse, _) = self.ask(api, 1, &request).await;
        let request = describe_configs::DescribeConfigsRequest {
            resources: vec![describe_configs::DescribeConfigsResource {
                resource_type: GROUP,
                resource_name: self.name(group),
                configuration_keys: Some(vec![name.into()]),
            }],
            ..Default::default()
        };
        for _ in 0..200 {
            let (answer, _): (describe_configs::DescribeConfigsResponse, _) =
                self.ask(ApiKey::DescribeConfigs, 4, &request).await;
            let told = answer.results.first().and_then(|result| result.configs.first());
            if told.is_some_and(|config| config.value.as_deref() == Some(value)) {
                return node;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Node::Leaf(format!("{name} of {group} is not {value} after it was set"))
    }
}
