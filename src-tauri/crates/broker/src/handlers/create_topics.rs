//! CreateTopics and CreatePartitions.

use std::collections::{BTreeMap, HashMap};

use wire::ErrorCode;
use wire::messages::create_partitions::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopic, CreatePartitionsTopicResult,
};
use wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfigs, CreatableTopicResult, CreateTopicsRequest, CreateTopicsResponse,
};

use crate::Broker;
use crate::configs::{Resolved, TOPIC_KEYS};
use crate::topic::Topic;
use crate::topics::TopicError;

pub(super) fn create_topics(broker: &Broker, request: CreateTopicsRequest) -> CreateTopicsResponse {
    let mut times: HashMap<String, usize> = HashMap::new();
    for topic in &request.topics {
        *times.entry(topic.name.clone()).or_default() += 1;
    }
    let mut topics = Vec::new();
    for asked in request.topics {
        if times.get(&asked.name).is_some_and(|times| *times > 1) {
            // Named twice: answered once.
            if topics.iter().all(|topic: &CreatableTopicResult| topic.name != asked.name) {
                let error = TopicError::Request("Duplicate topic name.".into());
                topics.push(refused(asked.name, &error));
            }
            continue;
        }
        let name = asked.name.clone();
        topics.push(match create(broker, asked, request.validate_only) {
            Ok(result) => result,
            Err(error) => refused(name, &error),
        });
    }
    CreateTopicsResponse { topics, ..Default::default() }
}

fn refused(name: String, error: &TopicError) -> CreatableTopicResult {
    CreatableTopicResult {
        name,
        error_code: error.code().into(),
        error_message: Some(error.to_string()),
        configs: Some(Vec::new()),
        ..Default::default()
    }
}

fn create(
    broker: &Broker,
    asked: CreatableTopic,
    validate_only: bool,
) -> Result<CreatableTopicResult, TopicError> {
    // In Kafka's order: the name, the configuration, then the replicas and partitions.
    broker.topics().check_new_name(&asked.name)?;
    let mut configs = BTreeMap::new();
    for config in asked.configs {
        let value = config.value.ok_or_else(|| {
            TopicError::Config(crate::configs::ConfigError::Value {
                name: config.name.clone(),
                value: "null".into(),
                problem: "a value is needed".into(),
            })
        })?;
        configs.insert(config.name, value);
    }
    crate::configs::check_topic(&configs)?;
    let partitions = if asked.assignments.is_empty() {
        check_numbers(asked.replication_factor, asked.num_partitions)?;
        Some(asked.num_partitions).filter(|count| *count != -1)
    } else {
        if asked.num_partitions != -1 || asked.replication_factor != -1 {
            return Err(TopicError::Request(
                "A manual partition assignment was specified, but numPartitions or replicationFactor was not \
                 set to -1."
                    .into(),
            ));
        }
        let mut indexes: Vec<i32> = asked.assignments.iter().map(|one| one.partition_index).collect();
        indexes.sort_unstable();
        if indexes.iter().zip(0..).any(|(index, expected)| *index != expected) {
            return Err(TopicError::Assignment("partitions should be a consecutive 0-based sequence".into()));
        }
        for assignment in &asked.assignments {
            check_assignment(broker, &assignment.broker_ids)?;
        }
        Some(i32::try_from(asked.assignments.len()).unwrap_or(i32::MAX))
    };
    let plan = broker.plan_topic(&asked.name, partitions, configs)?;
    let count = plan.partitions;
    let resolved = broker.settings();
    let shown = TOPIC_KEYS
        .iter()
        .filter(|key| !key.hidden || plan.configs.contains_key(key.name))
        .map(|key| {
            let Resolved { value, source, .. } = resolved.topic_value(&plan.configs, key);
            CreatableTopicConfigs {
                name: key.name.to_owned(),
                value,
                config_source: source as i8,
                ..Default::default()
            }
        })
        .collect();
    let topic_id = if validate_only { Default::default() } else { broker.topics().create(plan)?.id };
    Ok(CreatableTopicResult {
        name: asked.name,
        topic_id,
        num_partitions: count,
        replication_factor: 1,
        configs: Some(shown),
        ..Default::default()
    })
}

fn check_numbers(factor: i16, partitions: i32) -> Result<(), TopicError> {
    match (factor, partitions) {
        (..=-2 | 0, _) => Err(TopicError::Replication(
            "Replication factor must be larger than 0, or -1 to use the default value.".into(),
        )),
        (_, ..=-2 | 0) => Err(TopicError::Partitions(
            "Number of partitions was set to an invalid non-positive value.".into(),
        )),
        (-1 | 1, _) => Ok(()),
        (factor, _) => Err(TopicError::Replication(format!(
            "Unable to replicate the partition {factor} time(s): The target replication factor of {factor} \
             cannot be reached because only 1 broker(s) are registered or some brokers have all their log \
             directories cordoned."
        ))),
    }
}

fn check_assignment(broker: &Broker, replicas: &[i32]) -> Result<(), TopicError> {
    let only = broker.node_id();
    let refused = match replicas {
        [] => "The manual partition assignment includes an empty replica list.".to_owned(),
        _ => match replicas.iter().find(|replica| **replica != only) {
            Some(other) => format!(
                "The manual partition assignment includes broker {other}, but no such broker is registered."
            ),
            None if replicas.len() == 1 => return Ok(()),
            None => {
                format!("The manual partition assignment includes the broker {only} more than once.")
            }
        },
    };
    Err(TopicError::Assignment(refused))
}

pub(super) fn create_partitions(
    broker: &Broker,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let results = request
        .topics
        .into_iter()
        .map(|asked| {
            let grown = broker
                .topic(&asked.name)
                .map_err(|_| TopicError::Unknown(asked.name.clone()))
                .and_then(|topic| grow(broker, &topic, &asked, request.validate_only));
            match grown {
                Ok(()) => CreatePartitionsTopicResult { name: asked.name, ..Default::default() },
                Err(error) => CreatePartitionsTopicResult {
                    name: asked.name,
                    error_code: error.code().into(),
                    // For this one Kafka leaves it to the client to find words.
                    error_message: (!matches!(error, TopicError::Unknown(_))).then(|| error.to_string()),
                },
            }
        })
        .collect();
    CreatePartitionsResponse { results, ..Default::default() }
}

fn grow(
    broker: &Broker,
    topic: &Topic,
    asked: &CreatePartitionsTopic,
    validate_only: bool,
) -> Result<(), TopicError> {
    let has = topic.partitions().len();
    let count = usize::try_from(asked.count).unwrap_or(0);
    if count <= has {
        return Err(TopicError::Partitions(if count == has {
            format!("Topic already has {has} partition(s).")
        } else {
            format!(
                "The topic {} currently has {has} partition(s); {} would not be an increase.",
                topic.name, asked.count
            )
        }));
    }
    if let Some(assignments) = &asked.assignments {
        if assignments.len() != count - has {
            return Err(TopicError::Assignment(format!(
                "Attempted to add {} additional partition(s), but only {} assignment(s) were specified.",
                count - has,
                assignments.len()
            )));
        }
        for assignment in assignments {
            check_assignment(broker, &assignment.broker_ids)?;
        }
    }
    if validate_only { Ok(()) } else { broker.topics().grow(topic, asked.count) }
}

impl TopicError {
    /// The code a client is answered with.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            TopicError::Name { .. } | TopicError::Collides { .. } => ErrorCode::InvalidTopicException,
            TopicError::Exists(_) => ErrorCode::TopicAlreadyExists,
            TopicError::Unknown(_) => ErrorCode::UnknownTopicOrPartition,
            TopicError::Partitions(_) => ErrorCode::InvalidPartitions,
            TopicError::Replication(_) => ErrorCode::InvalidReplicationFactor,
            TopicError::Assignment(_) => ErrorCode::InvalidReplicaAssignment,
            TopicError::Config(_) => ErrorCode::InvalidConfig,
            TopicError::Request(_) => ErrorCode::InvalidRequest,
            TopicError::Internal(_) => ErrorCode::InvalidTopicException,
            TopicError::Storage(_) => ErrorCode::KafkaStorageError,
        }
    }
}
