//! What has a configuration: topics, brokers, groups, subscriptions to clients' metrics; and ListConfigResources.

use wire::ErrorCode;
use wire::messages::list_config_resources::{
    ConfigResource, ListConfigResourcesRequest, ListConfigResourcesResponse,
};

use crate::Broker;
use crate::configs::ConfigError;
use crate::loggers::LoggerError;

/// Resource types of the protocol.
pub(super) const TOPIC: i8 = 2;
pub(super) const BROKER: i8 = 4;
pub(super) const BROKER_LOGGER: i8 = 8;
pub(super) const CLIENT_METRICS: i8 = 16;
pub(super) const GROUP: i8 = 32;

/// Why a resource was not described or altered, in Kafka's words.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResourceError {
    #[error("The topic '{name}' does not exist.")]
    NoTopic { name: String, code: ErrorCode },
    #[error("Unexpected broker id, expected {expected} or empty string, but received {asked}")]
    OtherBroker { expected: i32, asked: String },
    #[error("Default group resources are not allowed.")]
    DefaultGroup,
    #[error("Unexpected resource type {0}: topics, groups and brokers have a configuration here")]
    Kind(i8),
    #[error("{0}")]
    Config(ConfigError),
    /// The broker's own values are refused by another code than topics'.
    #[error("{0}")]
    BrokerConfig(ConfigError),
    /// Values that cannot be put in force.
    #[error("{0}")]
    Unusable(String),
    #[error("Can't {action} to key {name} because its type is not LIST.")]
    NotAList { action: &'static str, name: String },
    #[error("Config value {action} is not allowed for config key: {name}")]
    NotAListOfBroker { action: &'static str, name: String },
    #[error("Unknown config name: {0}")]
    UnknownToAppend(String),
    #[error("Unknown operation {0}")]
    Operation(i8),
    #[error("Null value not supported for : {0}")]
    Null(String),
    #[error("Error due to duplicate config keys")]
    Twice,
    #[error("{0}")]
    Subscription(String),
    #[error("{0}")]
    Logger(#[from] LoggerError),
    #[error("Broker id must not be empty")]
    NoBroker,
    #[error("Node id must be an integer, but it is: {0}")]
    NodeId(String),
    #[error("{operation} operation is not allowed for the BROKER_LOGGER resource")]
    LoggerOperation { operation: &'static str },
    #[error("Unknown operation type {0} is not allowed for the BROKER_LOGGER resource")]
    UnknownLoggerOperation(i8),
    #[error("{0}")]
    Storage(String),
}

impl ResourceError {
    pub(super) fn code(&self) -> ErrorCode {
        match self {
            ResourceError::NoTopic { code, .. } => *code,
            ResourceError::Config(_)
            | ResourceError::NotAList { .. }
            | ResourceError::NotAListOfBroker { .. }
            | ResourceError::Logger(LoggerError::Unknown(_) | LoggerError::Level { .. })
            | ResourceError::UnknownToAppend(_) => ErrorCode::InvalidConfig,
            ResourceError::OtherBroker { .. }
            | ResourceError::BrokerConfig(_)
            | ResourceError::Unusable(_)
            | ResourceError::DefaultGroup
            | ResourceError::Subscription(_)
            | ResourceError::Logger(LoggerError::Root)
            | ResourceError::NoBroker
            | ResourceError::NodeId(_)
            | ResourceError::LoggerOperation { .. }
            | ResourceError::UnknownLoggerOperation(_)
            | ResourceError::Kind(_)
            | ResourceError::Operation(_)
            | ResourceError::Null(_)
            | ResourceError::Twice => ErrorCode::InvalidRequest,
            ResourceError::Logger(LoggerError::Refused(_)) => ErrorCode::UnknownServerError,
            ResourceError::Storage(_) => ErrorCode::KafkaStorageError,
        }
    }
}

/// Whether the name is that of all brokers, the empty one.
pub(super) fn check_broker(broker: &Broker, name: &str) -> Result<bool, ResourceError> {
    if name.is_empty() || name == broker.node_id().to_string() {
        return Ok(name.is_empty());
    }
    Err(ResourceError::OtherBroker { expected: broker.node_id(), asked: name.to_owned() })
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
