//! What can go wrong between a client and a cluster.

use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

pub type Result<T, E = ClusterError> = std::result::Result<T, E>;

/// One sentence each, naming the thing. The window's error codes are mapped from the variant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterError {
    #[error("{what} does not exist")]
    NotFound { what: String },
    #[error("{what} exists already")]
    Exists { what: String },
    /// The thing's state forbids this now.
    #[error("{what}: {reason}")]
    Conflict { what: String, reason: String },
    /// The parameters make no sense.
    #[error("{0}")]
    Invalid(String),
    /// The broker or registry understood and said no.
    #[error("{what}: {reason}")]
    Refused { what: String, reason: String },
    #[error("{what} does not answer: {reason}")]
    Unavailable { what: String, reason: String },
    #[error("{what} took longer than {} s", limit.as_secs_f32())]
    Timeout { what: String, limit: Duration },
    #[error("{what}: this cluster can't do that: {reason}")]
    Unsupported { what: String, reason: String },
    #[error("{0}")]
    Internal(String),
}

impl ClusterError {
    pub(crate) fn topic_missing(topic: &str) -> Self {
        Self::NotFound { what: format!("topic '{topic}'") }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(message.into())
    }

    /// A librdkafka error on `what` (`topic 'orders'`, `group 'etl'`, `create topic 'x'`).
    pub(crate) fn from_code(what: impl Into<String>, code: Code, text: Option<String>) -> Self {
        let what = what.into();
        let reason = text.filter(|text| !text.is_empty()).unwrap_or_else(|| code.to_string());
        match code {
            Code::UnknownTopicOrPartition
            | Code::UnknownTopic
            | Code::UnknownPartition
            | Code::GroupIdNotFound => Self::NotFound { what },
            Code::TopicAlreadyExists => Self::Exists { what },
            Code::NonEmptyGroup
            | Code::UnknownMemberId
            | Code::IllegalGeneration
            | Code::RebalanceInProgress => {
                Self::Conflict { what, reason: "the group has members; stop its consumers first".to_owned() }
            }
            Code::BrokerTransportFailure
            | Code::AllBrokersDown
            | Code::Resolve
            | Code::BrokerNotAvailable
            | Code::CoordinatorNotAvailable
            | Code::CoordinatorLoadInProgress
            | Code::NotCoordinator
            | Code::LeaderNotAvailable
            | Code::NotLeaderForPartition => Self::Unavailable { what, reason },
            Code::OperationTimedOut | Code::MessageTimedOut | Code::RequestTimedOut => {
                Self::Unavailable { what, reason: "no reply in time".to_owned() }
            }
            Code::UnsupportedVersion | Code::UnsupportedFeature | Code::NotImplemented => {
                Self::Unsupported { what, reason }
            }
            Code::InvalidArgument
            | Code::InvalidTopic
            | Code::InvalidPartitions
            | Code::InvalidReplicationFactor
            | Code::InvalidConfig
            | Code::InvalidRequest => Self::Invalid(format!("{what}: {reason}")),
            _ => Self::Refused { what, reason },
        }
    }

    pub(crate) fn from_kafka(what: impl Into<String>, error: &KafkaError) -> Self {
        match error.rdkafka_error_code() {
            Some(code) => Self::from_code(what, code, None),
            None => match error {
                KafkaError::ClientConfig(_, reason, key, value) => {
                    Self::Invalid(format!("client property {key} = '{value}': {reason}"))
                }
                KafkaError::ClientCreation(reason) => {
                    Self::Invalid(format!("the Kafka client can't be made: {reason}"))
                }
                KafkaError::Nul(_) => Self::Invalid(format!("{}: contains a NUL character", what.into())),
                other => Self::Internal(format!("{}: {other}", what.into())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: Code, expected: &str) {
        assert_eq!(ClusterError::from_code("topic 'orders'", code, None).to_string(), expected);
    }

    #[test]
    fn codes_become_sentences() {
        check(Code::UnknownTopicOrPartition, "topic 'orders' does not exist");
        check(Code::TopicAlreadyExists, "topic 'orders' exists already");
        check(Code::OperationTimedOut, "topic 'orders' does not answer: no reply in time");
        check(Code::NonEmptyGroup, "topic 'orders': the group has members; stop its consumers first");
    }
}
