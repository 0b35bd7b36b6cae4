//! AlterConfigs and IncrementalAlterConfigs.

use std::collections::{BTreeMap, BTreeSet};

use wire::ErrorCode;
use wire::messages::alter_configs::{self, AlterConfigsRequest, AlterConfigsResponse};
use wire::messages::incremental_alter_configs::{
    self, AlterableConfig, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};

use super::configs::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, ResourceError, TOPIC, check_broker};
use crate::Broker;
use crate::configs::{
    CLIENT_METRICS_KEYS, Definition, GROUP_KEYS, Kind, Settings, TOPIC_KEYS, any_broker_key, check_group,
    check_topic, list,
};
use crate::loggers::{LoggerChange, LoggerError};
use crate::security::telemetry::{self, SubscriptionError};

/// Operations of IncrementalAlterConfigs.
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

/// What a resource has set, by name.
type Values = BTreeMap<String, String>;

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
            .collect::<Result<Values, _>>();
        let done = once.and(values).and_then(|configs| {
            let (kind, name) = (resource.resource_type, &resource.resource_name);
            change(broker, kind, name, request.validate_only, |_| Ok(configs))
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
            if kind == BROKER_LOGGER {
                return change_loggers(broker, name, &resource.configs, request.validate_only);
            }
            change(broker, kind, name, request.validate_only, |mut configs| {
                for operation in &resource.configs {
                    apply(&mut configs, operation, kind, &broker.settings())?;
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
            return Err(ResourceError::Twice);
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
    next: impl FnOnce(Values) -> Result<Values, ResourceError>,
) -> Result<(), ResourceError> {
    let stored = |done: std::io::Result<()>| done.map_err(|error| ResourceError::Storage(error.to_string()));
    match kind {
        TOPIC => {
            let no_topic = |code| ResourceError::NoTopic { name: name.to_owned(), code };
            // What is to be set is looked at before whether there is such a topic.
            let topic = broker.topic(name).map_err(no_topic);
            let before = topic.as_ref().map_or_else(|_| BTreeMap::new(), |topic| topic.configs());
            let configs = next(before)?;
            check_topic(&configs).map_err(ResourceError::Config)?;
            let topic = topic?;
            if !validate_only {
                let done = broker.topics().set_configs(&topic, configs);
                done.map_err(|error| ResourceError::Storage(error.to_string()))?;
            }
            Ok(())
        }
        GROUP if name.is_empty() => Err(ResourceError::DefaultGroup),
        GROUP => {
            let configs = next(broker.state().group_configs(name))?;
            check_group(&broker.settings(), &configs).map_err(ResourceError::Config)?;
            if !validate_only {
                stored(broker.state().set_group_configs(name, configs))?;
            }
            Ok(())
        }
        BROKER => {
            let of_all = check_broker(broker, name)?;
            let _one_at_a_time = broker.changing_settings();
            let before = broker.settings();
            let settings = if of_all {
                before.with_cluster(next(before.dynamic().cluster.clone())?)
            } else {
                before.with_own(next(before.dynamic().own.clone())?)
            };
            let settings = settings.map_err(ResourceError::BrokerConfig)?;
            let settings = broker.check_settings(settings).map_err(ResourceError::Unusable)?;
            if !validate_only {
                stored(broker.set_settings(settings))?;
            }
            Ok(())
        }
        CLIENT_METRICS if name.is_empty() => {
            Err(ResourceError::Subscription("Subscription name can't be empty".to_owned()))
        }
        CLIENT_METRICS => {
            let before = broker.security().current().content.client_metrics.get(name).cloned();
            let values = next(before.unwrap_or_default())?;
            telemetry::check(&values).map_err(|error| match error {
                SubscriptionError::Value(error) => ResourceError::Config(error),
                SubscriptionError::Interval(_) | SubscriptionError::Unknown(_) => {
                    ResourceError::Subscription(error.to_string())
                }
            })?;
            if !validate_only {
                let done = broker.security().change(|content| {
                    if values.is_empty() {
                        content.client_metrics.remove(name);
                    } else {
                        content.client_metrics.insert(name.to_owned(), values);
                    }
                    Some(())
                });
                done.map_err(|error| ResourceError::Storage(error.to_string()))?;
            }
            Ok(())
        }
        other => Err(ResourceError::Kind(other)),
    }
}

/// Sets levels of loggers, which are kept until the process ends (KIP-412).
fn change_loggers(
    broker: &Broker,
    name: &str,
    operations: &[AlterableConfig],
    validate_only: bool,
) -> Result<(), ResourceError> {
    name.parse::<i32>().map_err(|_| ResourceError::NodeId(name.to_owned()))?;
    check_broker(broker, name)?;
    let change = |operation: &AlterableConfig| match (operation.config_operation, &operation.value) {
        (SET, Some(level)) => Ok((operation.name.clone(), Some(level.clone()))),
        (SET, None) => Err(ResourceError::Null(operation.name.clone())),
        (DELETE, _) => Ok((operation.name.clone(), None)),
        (APPEND, _) => Err(ResourceError::LoggerOperation { operation: "APPEND" }),
        (SUBTRACT, _) => Err(ResourceError::LoggerOperation { operation: "SUBTRACT" }),
        (other, _) => Err(ResourceError::UnknownLoggerOperation(other)),
    };
    let changes = operations.iter().map(change).collect::<Result<Vec<_>, _>>()?;
    let changes: Vec<_> = changes
        .iter()
        .map(|(name, level)| (name.as_str(), level.as_deref().map_or(LoggerChange::Unset, LoggerChange::Set)))
        .collect();
    match broker.loggers() {
        Some(loggers) => loggers.change(&changes, validate_only)?,
        None => {
            if let Some((name, _)) = changes.first() {
                return Err(LoggerError::Unknown((*name).to_owned()).into());
            }
        }
    }
    Ok(())
}

/// One operation of IncrementalAlterConfigs (KIP-339).
fn apply(
    configs: &mut Values,
    operation: &AlterableConfig,
    kind: i8,
    settings: &Settings,
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
            let key = list_key(kind, name, action)?;
            let now = match configs.get(name) {
                Some(now) => now.clone(),
                None if kind == BROKER => settings.text(name).to_owned(),
                None => settings.topic_value(configs, key).value.unwrap_or_default(),
            };
            let change = value()?;
            let mut words: Vec<&str> = list(&now).collect();
            for word in list(&change) {
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

/// The key of a list, the only kind that is added to and taken from.
fn list_key(kind: i8, name: &str, action: i8) -> Result<&'static Definition, ResourceError> {
    let of = |keys: &'static [Definition]| keys.iter().find(|key| key.name == name);
    let key = match kind {
        BROKER => any_broker_key(name),
        GROUP => of(GROUP_KEYS),
        CLIENT_METRICS => of(CLIENT_METRICS_KEYS),
        _ => of(TOPIC_KEYS),
    };
    let name = name.to_owned();
    match key {
        Some(key) if key.kind == Kind::List => Ok(key),
        None if kind == BROKER => Err(ResourceError::UnknownToAppend(name)),
        Some(_) if kind == BROKER => {
            let action = if action == APPEND { "append" } else { "subtract" };
            Err(ResourceError::NotAListOfBroker { action, name })
        }
        _ => {
            let action = if action == APPEND { "APPEND" } else { "SUBTRACT" };
            Err(ResourceError::NotAList { action, name })
        }
    }
}
