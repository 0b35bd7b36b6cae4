//! Topics: seen, made, grown, deleted; and the quota on making and deleting them.

use wire::ErrorCode;
use wire::frame::FrameError;
use wire::messages::create_partitions::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopicResult,
};
use wire::messages::create_topics::{CreatableTopicResult, CreateTopicsRequest, CreateTopicsResponse};
use wire::messages::delete_topics::{DeletableTopicResult, DeleteTopicsRequest, DeleteTopicsResponse};
use wire::messages::describe_topic_partitions::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, DescribeTopicPartitionsResponseTopic,
    TopicRequest,
};
use wire::messages::metadata::{MetadataRequest, MetadataResponse, MetadataResponseTopic};
use wire::{ErrorCode as Code, Uuid};

use super::{Look, Outcome, cluster_operations, split};
use crate::handlers::access::Access;
use crate::security::acl::{Operation, ResourceType};

const REFUSED: &str = "Authorization failed.";
const THROTTLED: &str = "The throttling quota has been exceeded.";

pub(super) fn metadata(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: MetadataRequest = look.read()?;
    let version = look.header.version;
    let all = match &request.topics {
        None => true,
        Some(topics) => version == 0 && topics.is_empty(),
    };
    let access = look.access.clone();
    let may_create = version < 4 || request.allow_auto_topic_creation;
    let mut refused: Vec<MetadataResponseTopic> = Vec::new();
    if let Some(topics) = request.topics.as_mut().filter(|_| !all) {
        topics.retain(|topic| {
            let failed = |code: ErrorCode, name: Option<String>| MetadataResponseTopic {
                error_code: code.into(),
                name,
                topic_id: topic.topic_id,
                ..Default::default()
            };
            if !topic.topic_id.is_zero() {
                let known = access.broker().topics().by_id(topic.topic_id);
                let seen = known.is_none_or(|known| access.topic(Operation::Describe, &known.name));
                if !seen {
                    refused.push(failed(Code::UnknownTopicId, None));
                }
                return seen;
            }
            let name = topic.name.as_deref().unwrap_or_default();
            let seen = access.topic(Operation::Describe, name) && (!may_create || creatable(&access, name));
            if !seen {
                refused.push(failed(Code::TopicAuthorizationFailed, topic.name.clone()));
            }
            seen
        });
        // An empty list asks for everything at version 0.
        if version == 0 && topics.is_empty() {
            return Ok(look.refuse(&MetadataResponse { topics: refused, ..Default::default() }));
        }
    }
    let topic_operations = request.include_topic_authorized_operations;
    let of_cluster = request.include_cluster_authorized_operations.then(|| cluster_operations(&access));
    if !all && refused.is_empty() && !topic_operations && of_cluster.is_none() {
        return Ok(Outcome::Pass);
    }
    Ok(look.partly(&request, move |answer: &mut MetadataResponse| {
        let name = |topic: &MetadataResponseTopic| topic.name.clone().unwrap_or_default();
        if all {
            answer.topics.retain(|topic| access.topic(Operation::Describe, &name(topic)));
        }
        if topic_operations {
            for topic in answer.topics.iter_mut().filter(|topic| topic.error_code == 0) {
                topic.topic_authorized_operations = access.operations(ResourceType::Topic, &name(topic));
            }
        }
        if let Some(operations) = of_cluster {
            answer.cluster_authorized_operations = operations;
        }
        answer.topics.extend(refused);
    }))
}

/// Whether a topic is there, or may be made by being asked for.
fn creatable(access: &Access, name: &str) -> bool {
    access.broker().topics().get(name).is_some()
        || !access.broker().settings().flag("auto.create.topics.enable")
        || access.cluster(Operation::Create)
        || access.topic(Operation::Create, name)
}

pub(super) fn describe_topic_partitions(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: DescribeTopicPartitionsRequest = look.read()?;
    let access = look.access.clone();
    let mut refused = Vec::new();
    if request.topics.is_empty() {
        // All that may be seen, so that pages are full.
        let seen = access.broker().topics().all();
        let seen = seen.iter().filter(|topic| access.topic(Operation::Describe, &topic.name));
        request.topics = seen.map(|topic| TopicRequest { name: topic.name.clone() }).collect();
        if request.topics.is_empty() {
            return Ok(look.refuse(&DescribeTopicPartitionsResponse::default()));
        }
    } else {
        let (seen, hidden) = split(request.topics, |topic| access.topic(Operation::Describe, &topic.name));
        request.topics = seen;
        refused = hidden
            .into_iter()
            .map(|topic| DescribeTopicPartitionsResponseTopic {
                error_code: Code::TopicAuthorizationFailed.into(),
                name: Some(topic.name),
                ..Default::default()
            })
            .collect();
        if request.topics.is_empty() {
            let answer = DescribeTopicPartitionsResponse { topics: refused, ..Default::default() };
            return Ok(look.refuse(&answer));
        }
    }
    Ok(look.partly(&request, move |answer: &mut DescribeTopicPartitionsResponse| {
        for topic in answer.topics.iter_mut().filter(|topic| topic.error_code == 0) {
            let name = topic.name.clone().unwrap_or_default();
            topic.topic_authorized_operations = access.operations(ResourceType::Topic, &name);
        }
        answer.topics.extend(refused);
    }))
}

/// Whether so many partitions may be made or deleted; how long the client is to wait, in milliseconds. From
/// version `strict_from` on what is over the quota is refused (KIP-599).
fn quota(look: &Look<'_>, count: i64, strict_from: i16) -> (bool, i32) {
    let access = look.access;
    let quotas = access.broker().security().quotas();
    if !quotas.is_active() || count == 0 {
        return (true, 0);
    }
    let client_id = look.header.client_id.as_deref().unwrap_or_default();
    let strict = look.header.version >= strict_from;
    let now_ms = access.broker().now_ms();
    let (done, wait_ms) = quotas.mutate((access.user(), client_id), count as f64, strict, now_ms);
    (done, i32::try_from(wait_ms).unwrap_or(i32::MAX))
}

pub(super) fn create_topics(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: CreateTopicsRequest = look.read()?;
    let access = look.access.clone();
    let failed = |name: String, code: ErrorCode, message: &str| CreatableTopicResult {
        name,
        error_code: code.into(),
        error_message: Some(message.to_owned()),
        ..Default::default()
    };
    let everywhere = access.cluster(Operation::Create);
    let (made, denied) =
        split(request.topics, |topic| everywhere || access.topic(Operation::Create, &topic.name));
    request.topics = made;
    let mut refused: Vec<CreatableTopicResult> =
        denied.into_iter().map(|topic| failed(topic.name, Code::TopicAuthorizationFailed, REFUSED)).collect();
    let default = access.broker().settings().number("num.partitions");
    let count = |topic: &wire::messages::create_topics::CreatableTopic| match topic.num_partitions {
        _ if !topic.assignments.is_empty() => topic.assignments.len() as i64,
        ..=0 => default,
        count => i64::from(count),
    };
    let count = if request.validate_only { 0 } else { request.topics.iter().map(count).sum() };
    let (within, wait_ms) = quota(look, count, 6);
    if !within {
        let over = std::mem::take(&mut request.topics);
        refused.extend(
            over.into_iter().map(|topic| failed(topic.name, Code::ThrottlingQuotaExceeded, THROTTLED)),
        );
    }
    Ok(look.partly(&request, move |answer: &mut CreateTopicsResponse| {
        answer.throttle_time_ms = answer.throttle_time_ms.max(wait_ms);
        for topic in answer.topics.iter_mut().filter(|topic| topic.error_code == 0) {
            if !access.topic(Operation::DescribeConfigs, &topic.name) {
                topic.topic_config_error_code = Code::TopicAuthorizationFailed.into();
                (topic.num_partitions, topic.replication_factor) = (-1, -1);
                topic.configs = Some(Vec::new());
            }
        }
        answer.topics.extend(refused);
    }))
}

pub(super) fn create_partitions(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: CreatePartitionsRequest = look.read()?;
    let access = look.access;
    let failed = |name: String, code: ErrorCode, message: &str| CreatePartitionsTopicResult {
        name,
        error_code: code.into(),
        error_message: Some(message.to_owned()),
    };
    let (grown, denied) = split(request.topics, |topic| access.topic(Operation::Alter, &topic.name));
    request.topics = grown;
    let mut refused: Vec<CreatePartitionsTopicResult> =
        denied.into_iter().map(|topic| failed(topic.name, Code::TopicAuthorizationFailed, REFUSED)).collect();
    let more = |topic: &wire::messages::create_partitions::CreatePartitionsTopic| {
        let known = access.broker().topics().get(&topic.name);
        known.map_or(0, |known| i64::from(topic.count) - known.partitions().len() as i64).max(0)
    };
    let count = if request.validate_only { 0 } else { request.topics.iter().map(more).sum() };
    let (within, wait_ms) = quota(look, count, 3);
    if !within {
        let over = std::mem::take(&mut request.topics);
        refused.extend(
            over.into_iter().map(|topic| failed(topic.name, Code::ThrottlingQuotaExceeded, THROTTLED)),
        );
    }
    Ok(look.partly(&request, move |answer: &mut CreatePartitionsResponse| {
        answer.throttle_time_ms = answer.throttle_time_ms.max(wait_ms);
        answer.results.extend(refused);
    }))
}

pub(super) fn delete_topics(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: DeleteTopicsRequest = look.read()?;
    let access = look.access;
    let topics = access.broker().topics();
    let failed = |name: Option<String>, topic_id: Uuid, code: ErrorCode| DeletableTopicResult {
        name,
        topic_id,
        error_code: code.into(),
        error_message: Some(
            if code == Code::ThrottlingQuotaExceeded { THROTTLED } else { REFUSED }.to_owned(),
        ),
    };
    let may = |name: &str| access.topic(Operation::Delete, name);
    let (names, denied) = split(request.topic_names, |name| may(name));
    request.topic_names = names;
    let mut refused: Vec<DeletableTopicResult> = denied
        .into_iter()
        .map(|name| failed(Some(name), Uuid::ZERO, Code::TopicAuthorizationFailed))
        .collect();
    let mut count = 0;
    request.topics.retain(|topic| {
        let by_id = !topic.topic_id.is_zero();
        let name = match &topic.name {
            Some(name) => Some(name.clone()),
            None => topics.by_id(topic.topic_id).map(|known| known.name.clone()),
        };
        // What is unknown is for the handler to say.
        let Some(name) = name else { return true };
        if may(&name) {
            return true;
        }
        refused.push(if !by_id {
            failed(Some(name), Uuid::ZERO, Code::TopicAuthorizationFailed)
        } else if access.topic(Operation::Describe, &name) {
            failed(Some(name), topic.topic_id, Code::TopicAuthorizationFailed)
        } else {
            failed(None, topic.topic_id, Code::UnknownTopicId)
        });
        false
    });
    let named = request.topic_names.iter().filter_map(|name| topics.get(name));
    let stated = request.topics.iter().filter_map(|topic| match &topic.name {
        Some(name) => topics.get(name),
        None => topics.by_id(topic.topic_id),
    });
    count += named.chain(stated).map(|topic| topic.partitions().len() as i64).sum::<i64>();
    let (within, wait_ms) = quota(look, count, 5);
    if !within {
        let code = Code::ThrottlingQuotaExceeded;
        let names = std::mem::take(&mut request.topic_names);
        refused.extend(names.into_iter().map(|name| failed(Some(name), Uuid::ZERO, code)));
        let states = std::mem::take(&mut request.topics);
        refused.extend(states.into_iter().map(|topic| failed(topic.name, topic.topic_id, code)));
    }
    Ok(look.partly(&request, move |answer: &mut DeleteTopicsResponse| {
        answer.throttle_time_ms = answer.throttle_time_ms.max(wait_ms);
        answer.responses.extend(refused);
    }))
}
