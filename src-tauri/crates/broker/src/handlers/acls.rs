//! DescribeAcls, CreateAcls, DeleteAcls.

use std::collections::BTreeMap;

use wire::ErrorCode;
use wire::messages::create_acls::{AclCreationResult, CreateAclsRequest, CreateAclsResponse};
use wire::messages::delete_acls::{
    DeleteAclsFilterResult, DeleteAclsMatchingAcl, DeleteAclsRequest, DeleteAclsResponse,
};
use wire::messages::describe_acls::{
    AclDescription, DescribeAclsRequest, DescribeAclsResource, DescribeAclsResponse,
};

use super::access::Access;
use crate::Broker;
use crate::security::acl::{Acl, AclFilter, AclNumbers, Operation};

/// Why nothing is done.
struct Refusal {
    code: ErrorCode,
    message: String,
}

fn admitted(broker: &Broker, access: &Access, operation: Operation, disabled: &str) -> Result<(), Refusal> {
    if !access.cluster(operation) {
        let message = "Cluster authorization failed.".to_owned();
        return Err(Refusal { code: ErrorCode::ClusterAuthorizationFailed, message });
    }
    if !broker.security().is_enforced() {
        return Err(Refusal { code: ErrorCode::SecurityDisabled, message: disabled.to_owned() });
    }
    Ok(())
}

pub(super) fn describe_acls(
    broker: &Broker,
    access: &Access,
    request: DescribeAclsRequest,
) -> DescribeAclsResponse {
    let refused = |Refusal { code, message }| DescribeAclsResponse {
        error_code: code.into(),
        error_message: Some(message),
        ..Default::default()
    };
    if let Err(refusal) =
        admitted(broker, access, Operation::Describe, "No Authorizer is configured on the broker")
    {
        return refused(refusal);
    }
    let filter = AclFilter::checked(AclNumbers {
        resource: request.resource_type_filter,
        name: request.resource_name_filter,
        pattern: request.pattern_type_filter,
        principal: request.principal_filter,
        host: request.host_filter,
        operation: request.operation,
        permission: request.permission_type,
    });
    let filter = match filter {
        Ok(filter) => filter,
        Err(message) => return refused(Refusal { code: ErrorCode::InvalidRequest, message }),
    };
    let mut by_resource: BTreeMap<(i8, String, i8), Vec<AclDescription>> = BTreeMap::new();
    let current = broker.security().current();
    for acl in current.content.acls.iter().filter(|acl| filter.finds(acl)) {
        let resource = (acl.resource as i8, acl.name.clone(), acl.pattern as i8);
        by_resource.entry(resource).or_default().push(AclDescription {
            principal: acl.principal.clone(),
            host: acl.host.clone(),
            operation: acl.operation as i8,
            permission_type: acl.permission as i8,
        });
    }
    let resources = by_resource.into_iter().map(|((resource_type, resource_name, pattern_type), acls)| {
        DescribeAclsResource { resource_type, resource_name, pattern_type, acls }
    });
    DescribeAclsResponse { resources: resources.collect(), ..Default::default() }
}

pub(super) fn create_acls(
    broker: &Broker,
    access: &Access,
    request: CreateAclsRequest,
) -> CreateAclsResponse {
    let failed = |code: ErrorCode, message: String| AclCreationResult {
        error_code: code.into(),
        error_message: Some(message),
    };
    if let Err(Refusal { code, message }) =
        admitted(broker, access, Operation::Alter, "No Authorizer is configured.")
    {
        let results = request.creations.iter().map(|_| failed(code, message.clone())).collect();
        return CreateAclsResponse { results, ..Default::default() };
    }
    let checked: Vec<Result<Acl, String>> = request
        .creations
        .into_iter()
        .map(|creation| {
            Acl::checked(AclNumbers {
                resource: creation.resource_type,
                name: Some(creation.resource_name),
                pattern: creation.resource_pattern_type,
                principal: Some(creation.principal),
                host: Some(creation.host),
                operation: creation.operation,
                permission: creation.permission_type,
            })
        })
        .collect();
    let stored = broker.security().change(|content| {
        let before = content.acls.len();
        content.acls.extend(checked.iter().flatten().cloned());
        (content.acls.len() > before).then_some(())
    });
    let results = checked.into_iter().map(|acl| match (acl, &stored) {
        (Ok(_), Ok(_)) => AclCreationResult::default(),
        (Ok(_), Err(error)) => failed(ErrorCode::KafkaStorageError, error.to_string()),
        (Err(message), _) => failed(ErrorCode::InvalidRequest, message),
    });
    CreateAclsResponse { results: results.collect(), ..Default::default() }
}

pub(super) fn delete_acls(
    broker: &Broker,
    access: &Access,
    request: DeleteAclsRequest,
) -> DeleteAclsResponse {
    let failed = |code: ErrorCode, message: String| DeleteAclsFilterResult {
        error_code: code.into(),
        error_message: Some(message),
        ..Default::default()
    };
    if let Err(Refusal { code, message }) =
        admitted(broker, access, Operation::Alter, "No Authorizer is configured.")
    {
        let filter_results = request.filters.iter().map(|_| failed(code, message.clone())).collect();
        return DeleteAclsResponse { filter_results, ..Default::default() };
    }
    let filters: Vec<Result<AclFilter, String>> = request
        .filters
        .into_iter()
        .map(|filter| {
            AclFilter::checked(AclNumbers {
                resource: filter.resource_type_filter,
                name: filter.resource_name_filter,
                pattern: filter.pattern_type_filter,
                principal: filter.principal_filter,
                host: filter.host_filter,
                operation: filter.operation,
                permission: filter.permission_type,
            })
        })
        .collect();
    let mut found: Vec<Vec<Acl>> = Vec::new();
    let stored = broker.security().change(|content| {
        found = filters
            .iter()
            .map(|filter| {
                let Ok(filter) = filter else { return Vec::new() };
                content.acls.iter().filter(|acl| filter.finds(acl)).cloned().collect()
            })
            .collect();
        let before = content.acls.len();
        content.acls.retain(|acl| !found.iter().any(|acls| acls.contains(acl)));
        (content.acls.len() < before).then_some(())
    });
    if let Err(error) = stored {
        let failed = || failed(ErrorCode::KafkaStorageError, error.to_string());
        let filter_results = filters.iter().map(|_| failed()).collect();
        return DeleteAclsResponse { filter_results, ..Default::default() };
    }
    let filter_results = filters.into_iter().zip(found).map(|(filter, acls)| match filter {
        Err(message) => failed(ErrorCode::InvalidRequest, message),
        Ok(_) => DeleteAclsFilterResult {
            matching_acls: acls.into_iter().map(deleted).collect(),
            ..Default::default()
        },
    });
    DeleteAclsResponse { filter_results: filter_results.collect(), ..Default::default() }
}

fn deleted(acl: Acl) -> DeleteAclsMatchingAcl {
    DeleteAclsMatchingAcl {
        resource_type: acl.resource as i8,
        resource_name: acl.name,
        pattern_type: acl.pattern as i8,
        principal: acl.principal,
        host: acl.host,
        operation: acl.operation as i8,
        permission_type: acl.permission as i8,
        ..Default::default()
    }
}
