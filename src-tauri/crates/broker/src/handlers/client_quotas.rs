//! DescribeClientQuotas, AlterClientQuotas (KIP-546).

use std::collections::BTreeMap;

use wire::ErrorCode;
use wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, AlterClientQuotasResponse, RequestEntryData, ResponseEntityData,
    ResponseEntryData,
};
use wire::messages::describe_client_quotas::{
    DescribeClientQuotasRequest, DescribeClientQuotasResponse, EntityData, EntryData, ValueData,
};

use super::access::Access;
use crate::Broker;
use crate::security::acl::Operation;
use crate::security::quota::{CLIENT_ID, Entity, IP, Limits, Name, USER, check_entity, check_limit};

/// What a part of an entity must be: the name, the default, or anything.
enum Wanted {
    Name(Name),
    Any,
}

pub(super) fn describe_client_quotas(
    broker: &Broker,
    access: &Access,
    request: DescribeClientQuotasRequest,
) -> DescribeClientQuotasResponse {
    let failed = |code: ErrorCode, message: &str| DescribeClientQuotasResponse {
        error_code: code.into(),
        error_message: Some(message.to_owned()),
        ..Default::default()
    };
    if !access.cluster(Operation::DescribeConfigs) {
        return failed(ErrorCode::ClusterAuthorizationFailed, "Cluster authorization failed.");
    }
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    for component in request.components {
        let kind = component.entity_type;
        let part = match (component.match_type, component.matched) {
            (0, Some(name)) => Wanted::Name(Name::Named(name)),
            (1, None) => Wanted::Name(Name::Default),
            (2, None) => Wanted::Any,
            (0, None) => {
                return failed(
                    ErrorCode::InvalidRequest,
                    "Request specified MATCH_TYPE_EXACT, but set match string to null.",
                );
            }
            (1, Some(_)) => {
                return failed(
                    ErrorCode::InvalidRequest,
                    "Request specified MATCH_TYPE_DEFAULT, but also specified a match string.",
                );
            }
            (2, Some(_)) => {
                return failed(
                    ErrorCode::InvalidRequest,
                    "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.",
                );
            }
            (other, _) => return failed(ErrorCode::InvalidRequest, &format!("Unknown match type {other}")),
        };
        if ![USER, CLIENT_ID, IP].contains(&kind.as_str()) {
            return failed(
                ErrorCode::UnsupportedVersion,
                &format!("Custom entity type '{kind}' not supported"),
            );
        }
        if wanted.insert(kind.clone(), part).is_some() {
            return failed(
                ErrorCode::InvalidRequest,
                &format!("Entity type {kind} cannot appear more than once in the filter."),
            );
        }
    }
    if wanted.contains_key(IP) && wanted.len() > 1 {
        let message = "Invalid entity filter component combination, IP filter component should not be used with \
                       user or clientId filter component.";
        return failed(ErrorCode::InvalidRequest, message);
    }
    let finds = |entity: &Entity| {
        let parts = wanted.iter().all(|(kind, wanted)| match (entity.get(kind), wanted) {
            (None, _) => false,
            (Some(_), Wanted::Any) => true,
            (Some(name), Wanted::Name(wanted)) => name == wanted,
        });
        parts && !(request.strict && entity.keys().any(|kind| !wanted.contains_key(kind)))
    };
    let current = broker.security().current();
    let entries =
        current.content.quotas.iter().filter(|(entity, _)| finds(entity)).map(|(entity, limits)| EntryData {
            entity: entity
                .iter()
                .map(|(kind, name)| EntityData { entity_type: kind.clone(), entity_name: name.to_request() })
                .collect(),
            values: limits.iter().map(|(key, value)| ValueData { key: key.clone(), value: *value }).collect(),
        });
    DescribeClientQuotasResponse { entries: Some(entries.collect()), ..Default::default() }
}

pub(super) fn alter_client_quotas(
    broker: &Broker,
    access: &Access,
    request: AlterClientQuotasRequest,
) -> AlterClientQuotasResponse {
    let validate_only = request.validate_only;
    let entries = request.entries.into_iter().map(|entry| {
        let entity = entry
            .entity
            .iter()
            .map(|part| ResponseEntityData {
                entity_type: part.entity_type.clone(),
                entity_name: part.entity_name.clone(),
            })
            .collect();
        let done = if access.cluster(Operation::AlterConfigs) {
            alter(broker, entry, validate_only)
        } else {
            Err((ErrorCode::ClusterAuthorizationFailed, "Cluster authorization failed.".to_owned()))
        };
        let (code, error_message) = match done {
            Ok(()) => (ErrorCode::None, None),
            Err((code, message)) => (code, Some(message)),
        };
        ResponseEntryData { error_code: code.into(), error_message, entity }
    });
    AlterClientQuotasResponse { entries: entries.collect(), ..Default::default() }
}

fn alter(broker: &Broker, entry: RequestEntryData, validate_only: bool) -> Result<(), (ErrorCode, String)> {
    let invalid = |message: String| (ErrorCode::InvalidRequest, message);
    let parts: Vec<(String, Name)> = entry
        .entity
        .into_iter()
        .map(|part| (part.entity_type, Name::from_request(part.entity_name)))
        .collect();
    let entity = check_entity(&parts).map_err(invalid)?;
    for operation in entry.ops.iter().filter(|operation| !operation.remove) {
        check_limit(&entity, &operation.key, operation.value).map_err(invalid)?;
    }
    if validate_only {
        return Ok(());
    }
    let stored = broker.security().change_quotas(|quotas| {
        let at = quotas.iter().position(|(known, _)| *known == entity);
        let mut limits = at.map_or_else(Limits::new, |at| quotas.swap_remove(at).1);
        for operation in entry.ops {
            if operation.remove {
                limits.remove(&operation.key);
            } else {
                limits.insert(operation.key, operation.value);
            }
        }
        if !limits.is_empty() {
            quotas.push((entity, limits));
        }
    });
    stored.map_err(|error| (ErrorCode::KafkaStorageError, error.to_string()))
}
