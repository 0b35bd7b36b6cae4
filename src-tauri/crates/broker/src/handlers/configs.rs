//! DescribeConfigs, AlterConfigs, IncrementalAlterConfigs, ListConfigResources.

use std::collections::{BTreeMap, BTreeSet};

use wire::ErrorCode;
use wire::messages::alter_configs::{self, AlterConfigsRequest, AlterConfigsResponse};
use wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult, DescribeConfigsResponse,
    DescribeConfigsResult, DescribeConfigsSynonym,
};
use wire::messages::incremental_alter_configs::{
    self, AlterableConfig, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use wire::messages::list_config_resources::{
    ConfigResource, ListConfigResourcesRequest, ListConfigResourcesResponse,
};

use crate::Broker;
use crate::configs::{
    BROKER_KEYS, CLIENT_METRICS_KEYS, ConfigError, Definition, GROUP_KEYS, Kind, Resolved, Source, TOPIC_KEYS,
};
use crate::security::telemetry;

/// Resource types of the protocol.
const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const BROKER_LOGGER: i8 = 8;
const CLIENT_METRICS: i8 = 16;
const GROUP: i8 = 32;

/// Operations of IncrementalAlterConfigs.
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

/// Why a resource was not described or altered.
#[derive(Debug, thiserror::Error)]
enum ResourceError {
    #[error("This server does not host this topic-partition.")]
    NoTopic(ErrorCode),
    #[error("Unexpected broker id, expected {expected} or empty string, but received {asked}")]
    OtherBroker { expected: i32, asked: String },
    #[error("Default group resources are not allowed.")]
    DefaultGroup,
    #[error("Unexpected resource type {0}: topics, groups and brokers have a configuration here")]
    Kind(i8),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("Cannot {action} {name}: its type is not a list")]
    NotAList { action: &'static str, name: String },
    #[error("Unknown operation {0}")]
    Operation(i8),
    #[error("Null value is not allowed for {0}")]
    Null(String),
    #[error("{0} is named twice")]
    Twice(String),
    #[error("{0}")]
    Subscription(String),
    #[error("{0}")]
    Storage(String),
}

impl ResourceError {
    fn code(&self) -> ErrorCode {
        match self {
            ResourceError::NoTopic(code) => *code,
            ResourceError::Config(_) | ResourceError::NotAList { .. } => ErrorCode::InvalidConfig,
            ResourceError::OtherBroker { .. }
            | ResourceError::DefaultGroup
            | ResourceError::Subscription(_)
            | ResourceError::Kind(_)
            | ResourceError::Operation(_)
            | ResourceError::Null(_)
            | ResourceError::Twice(_) => ErrorCode::InvalidRequest,
            ResourceError::Storage(_) => ErrorCode::KafkaStorageError,
        }
    }
}

pub(super) fn describe_configs(broker: &Broker, request: DescribeConfigsRequest) -> DescribeConfigsResponse {
    let results = request.resources.into_iter().map(|resource| {
        let described = describe(broker, &resource, request.include_synonyms, request.include_documentation);
        let (error_code, error_message, configs) = match described {
            // Kafka says so with an empty message.
            Ok(configs) => (ErrorCode::None, Some(String::new()), configs),
            Err(error) => (error.code(), Some(error.to_string()), Vec::new()),
        };
        DescribeConfigsResult {
            error_code: error_code.into(),
            error_message,
            resource_type: resource.resource_type,
            resource_name: resource.resource_name,
            configs,
        }
    });
    DescribeConfigsResponse { results: results.collect(), ..Default::default() }
}

fn describe(
    broker: &Broker,
    resource: &DescribeConfigsResource,
    synonyms: bool,
    documentation: bool,
) -> Result<Vec<DescribeConfigsResourceResult>, ResourceError> {
    let settings = broker.settings();
    let wanted = |key: &&Definition| match &resource.configuration_keys {
        None => true,
        Some(keys) => keys.is_empty() || keys.iter().any(|name| name == key.name),
    };
    let shown = |key: &Definition, values: Vec<Resolved>, read_only: bool| {
        let told = |value: &Resolved| resource.resource_type != TOPIC || is_told(key, value);
        let source = values[0].source as i8;
        let sensitive = key.kind == Kind::Password;
        DescribeConfigsResourceResult {
            name: key.name.to_owned(),
            value: (!sensitive).then(|| values[0].value.clone()),
            is_sensitive: sensitive,
            read_only,
            config_source: source,
            synonyms: if synonyms {
                let all = values.into_iter().filter(told).map(|value| DescribeConfigsSynonym {
                    name: value.name.to_owned(),
                    value: (!sensitive).then_some(value.value),
                    source: value.source as i8,
                });
                all.collect()
            } else {
                Vec::new()
            },
            config_type: key.kind as i8,
            documentation: documentation.then(|| key.doc.to_owned()),
            ..Default::default()
        }
    };
    match resource.resource_type {
        TOPIC => {
            let topic = broker.topic(&resource.resource_name).map_err(ResourceError::NoTopic)?;
            let configs = topic.configs();
            let keys = TOPIC_KEYS.iter().filter(wanted);
            Ok(keys.map(|key| shown(key, settings.topic_values(&configs, key), false)).collect())
        }
        BROKER => {
            // The empty name is the default of all brokers: what was changed for them, and nothing else.
            let default = check_broker(broker, &resource.resource_name)?;
            let keys = BROKER_KEYS.iter().filter(wanted);
            let keys = keys.filter(|key| !default || settings.dynamic().contains_key(key.name));
            Ok(keys.map(|key| shown(key, settings.broker_values(key), !key.dynamic)).collect())
        }
        BROKER_LOGGER => {
            check_broker(broker, &resource.resource_name)?;
            Ok(Vec::new())
        }
        GROUP => {
            let configs = broker.state().group_configs(check_group_name(&resource.resource_name)?);
            let keys = GROUP_KEYS.iter().filter(wanted);
            Ok(keys.map(|key| shown(key, settings.group_values(&configs, key), false)).collect())
        }
        CLIENT_METRICS => {
            let current = broker.security().current();
            let set = current.content.client_metrics.get(check_subscription(&resource.resource_name)?);
            let keys = CLIENT_METRICS_KEYS.iter().filter(wanted);
            Ok(keys
                .map(|key| {
                    let own = set.and_then(|set| set.get(key.name)).map(|value| Resolved {
                        value: value.clone(),
                        source: Source::ClientMetrics,
                        name: key.name,
                    });
                    let default =
                        Resolved { value: key.default.to_owned(), source: Source::Default, name: key.name };
                    let mut shown = shown(key, vec![own.unwrap_or(default)], false);
                    shown.synonyms.clear();
                    shown
                })
                .collect())
        }
        other => Err(ResourceError::Kind(other)),
    }
}

/// Whether a topic's value is among its synonyms: defaults of the broker's are, where the broker has the key
/// and Kafka gives it a default.
fn is_told(key: &Definition, value: &Resolved) -> bool {
    const WITHOUT_DEFAULT: [&str; 4] =
        ["log.flush.interval.ms", "log.retention.ms", "log.roll.jitter.ms", "log.roll.ms"];
    match value.source {
        Source::Default => key.synonym.is_some() && !WITHOUT_DEFAULT.contains(&value.name),
        _ => true,
    }
}

fn check_broker(broker: &Broker, name: &str) -> Result<bool, ResourceError> {
    if name.is_empty() || name == broker.node_id().to_string() {
        return Ok(name.is_empty());
    }
    Err(ResourceError::OtherBroker { expected: broker.node_id(), asked: name.to_owned() })
}

fn check_subscription(name: &str) -> Result<&str, ResourceError> {
    if name.is_empty() {
        Err(ResourceError::Subscription("Subscription name can't be empty".into()))
    } else {
        Ok(name)
    }
}

fn check_group_name(name: &str) -> Result<&str, ResourceError> {
    if name.is_empty() { Err(ResourceError::DefaultGroup) } else { Ok(name) }
}

pub(super) fn alter_configs(broker: &Broker, request: AlterConfigsRequest) -> AlterConfigsResponse {
    let responses = request.resources.into_iter().map(|resource| {
        let once = each_once(resource.configs.iter().map(|config| &config.name));
        let values = resource
            .configs
            .iter()
            .map(|config| match &config.value {
                Some(value) => Ok((config.name.clone(), value.clone())),
                None => Err(ResourceError::Null(config.name.clone())),
            })
            .collect::<Result<BTreeMap<_, _>, _>>();
        let done = once.and(values).and_then(|configs| {
            let (kind, name) = (resource.resource_type, &resource.resource_name);
            change(broker, kind, name, request.validate_only, |_, _| Ok(configs))
        });
        let (error_code, error_message) = outcome(done);
        alter_configs::AlterConfigsResourceResponse {
            error_code,
            error_message,
            resource_type: resource.resource_type,
            resource_name: resource.resource_name,
        }
    });
    AlterConfigsResponse { responses: responses.collect(), ..Default::default() }
}

pub(super) fn incremental_alter_configs(
    broker: &Broker,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let responses = request.resources.into_iter().map(|resource| {
        let (kind, name) = (resource.resource_type, &resource.resource_name);
        let names = resource.configs.iter().map(|config| &config.name);
        let without_value = resource
            .configs
            .iter()
            .find(|config| config.value.is_none() && config.config_operation != DELETE)
            .map_or(Ok(()), |config| Err(ResourceError::Null(config.name.clone())));
        let done = without_value.and_then(|()| each_once(names)).and_then(|()| {
            change(broker, kind, name, request.validate_only, |mut configs, keys| {
                for operation in &resource.configs {
                    apply(&mut configs, operation, keys, &broker.settings())?;
                }
                Ok(configs)
            })
        });
        let (error_code, error_message) = outcome(done);
        incremental_alter_configs::AlterConfigsResourceResponse {
            error_code,
            error_message,
            resource_type: resource.resource_type,
            resource_name: resource.resource_name,
        }
    });
    IncrementalAlterConfigsResponse { responses: responses.collect(), ..Default::default() }
}

/// Refuses a request that names a configuration twice.
fn each_once<'a>(names: impl Iterator<Item = &'a String>) -> Result<(), ResourceError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(ResourceError::Twice(name.clone()));
        }
    }
    Ok(())
}

fn outcome(done: Result<(), ResourceError>) -> (i16, Option<String>) {
    match done {
        Ok(()) => (ErrorCode::None.into(), None),
        Err(error) => (error.code().into(), Some(error.to_string())),
    }
}

/// Changes what a resource has set, by a function of what it had.
fn change(
    broker: &Broker,
    kind: i8,
    name: &str,
    validate_only: bool,
    next: impl FnOnce(
        BTreeMap<String, String>,
        &'static [Definition],
    ) -> Result<BTreeMap<String, String>, ResourceError>,
) -> Result<(), ResourceError> {
    match kind {
        TOPIC => {
            // What is to be set is looked at before whether there is such a topic.
            let topic = broker.topic(name).map_err(ResourceError::NoTopic);
            let before = topic.as_ref().map_or_else(|_| BTreeMap::new(), |topic| topic.configs());
            let configs = next(before, TOPIC_KEYS)?;
            crate::configs::check_topic(&configs)?;
            let topic = topic?;
            if !validate_only {
                let stored = broker.topics().set_configs(&topic, configs);
                stored.map_err(|error| ResourceError::Storage(error.to_string()))?;
            }
            Ok(())
        }
        GROUP => {
            let configs = next(broker.state().group_configs(check_group_name(name)?), GROUP_KEYS)?;
            crate::configs::check_group(&broker.settings(), &configs)?;
            if !validate_only {
                let stored = broker.state().set_group_configs(name, configs);
                stored.map_err(|error| ResourceError::Storage(error.to_string()))?;
            }
            Ok(())
        }
        BROKER => {
            check_broker(broker, name)?;
            let dynamic = next(broker.settings().dynamic().clone(), BROKER_KEYS)?;
            let settings = broker.settings().with_dynamic(dynamic)?;
            if !validate_only {
                let stored = broker.set_settings(settings);
                stored.map_err(|error| ResourceError::Storage(error.to_string()))?;
            }
            Ok(())
        }
        CLIENT_METRICS => {
            let before =
                broker.security().current().content.client_metrics.get(check_subscription(name)?).cloned();
            let values = next(before.unwrap_or_default(), CLIENT_METRICS_KEYS)?;
            telemetry::check(&values).map_err(ResourceError::Subscription)?;
            if !validate_only {
                let stored = broker.security().change(|content| {
                    if values.is_empty() {
                        content.client_metrics.remove(name);
                    } else {
                        content.client_metrics.insert(name.to_owned(), values);
                    }
                    Some(())
                });
                stored.map_err(|error| ResourceError::Storage(error.to_string()))?;
            }
            Ok(())
        }
        other => Err(ResourceError::Kind(other)),
    }
}

/// One operation of IncrementalAlterConfigs (KIP-339).
fn apply(
    configs: &mut BTreeMap<String, String>,
    operation: &AlterableConfig,
    keys: &'static [Definition],
    settings: &crate::configs::Settings,
) -> Result<(), ResourceError> {
    let name = &operation.name;
    let value = || operation.value.clone().ok_or_else(|| ResourceError::Null(name.clone()));
    match operation.config_operation {
        SET => {
            configs.insert(name.clone(), value()?);
        }
        DELETE => {
            configs.remove(name);
        }
        action @ (APPEND | SUBTRACT) => {
            let Some(key) = keys.iter().find(|key| key.name == *name) else {
                return Err(ConfigError::UnknownTopicKey(name.clone()).into());
            };
            if key.kind != Kind::List {
                let action = if action == APPEND { "append to" } else { "subtract from" };
                return Err(ResourceError::NotAList { action, name: name.clone() });
            }
            let now = match configs.get(name) {
                Some(now) => now.clone(),
                None => settings.topic_values(configs, key).swap_remove(0).value,
            };
            let change = value()?;
            let mut words: Vec<&str> = crate::configs::list(&now).collect();
            for word in crate::configs::list(&change) {
                if action == SUBTRACT {
                    words.retain(|known| *known != word);
                } else if !words.contains(&word) {
                    words.push(word);
                }
            }
            configs.insert(name.clone(), words.join(","));
        }
        other => return Err(ResourceError::Operation(other)),
    }
    Ok(())
}

pub(super) fn list_config_resources(
    broker: &Broker,
    version: i16,
    request: ListConfigResourcesRequest,
) -> ListConfigResourcesResponse {
    // Version 0 asks for client metrics alone.
    let wanted = |kind: i8| {
        version >= 1 && (request.resource_types.is_empty() || request.resource_types.contains(&kind))
    };
    let mut config_resources = Vec::new();
    if version == 0 || wanted(CLIENT_METRICS) {
        for name in broker.security().current().content.client_metrics.keys() {
            let resource_name = name.clone();
            config_resources.push(ConfigResource { resource_name, resource_type: CLIENT_METRICS });
        }
    }
    if wanted(TOPIC) {
        for topic in broker.topics().all() {
            config_resources.push(ConfigResource { resource_name: topic.name.clone(), resource_type: TOPIC });
        }
    }
    if wanted(GROUP) {
        for resource_name in broker.state().configured_groups() {
            config_resources.push(ConfigResource { resource_name, resource_type: GROUP });
        }
    }
    for kind in [BROKER, BROKER_LOGGER] {
        if wanted(kind) {
            let resource_name = broker.node_id().to_string();
            config_resources.push(ConfigResource { resource_name, resource_type: kind });
        }
    }
    ListConfigResourcesResponse { config_resources, ..Default::default() }
}
