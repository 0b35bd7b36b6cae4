//! Configurations of topics, groups and the broker.

use wire::ErrorCode;
use wire::frame::FrameError;
use wire::messages::alter_configs::{self, AlterConfigsRequest, AlterConfigsResponse};
use wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResponse, DescribeConfigsResult,
};
use wire::messages::incremental_alter_configs::{
    self, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use wire::messages::list_config_resources::ListConfigResourcesResponse;

use super::{Look, Outcome, split};
use crate::handlers::access::Access;
use crate::security::acl::Operation;

/// Resource types of the configuration APIs.
const TOPIC: i8 = 2;
const GROUP: i8 = 32;

/// Whether a resource's configuration may be read or changed; else its error.
fn verdict(access: &Access, operation: Operation, kind: i8, name: &str) -> Result<(), ErrorCode> {
    let (allowed, code) = match kind {
        TOPIC => (access.topic(operation, name), ErrorCode::TopicAuthorizationFailed),
        GROUP => (access.group(operation, name), ErrorCode::GroupAuthorizationFailed),
        _ => (access.cluster(operation), ErrorCode::ClusterAuthorizationFailed),
    };
    if allowed { Ok(()) } else { Err(code) }
}

fn message(code: ErrorCode) -> Option<String> {
    Some(match code {
        ErrorCode::TopicAuthorizationFailed => "Topic authorization failed.".to_owned(),
        ErrorCode::GroupAuthorizationFailed => "Group authorization failed.".to_owned(),
        _ => "Cluster authorization failed.".to_owned(),
    })
}

pub(super) fn describe_configs(look: &Look<'_>) -> Result<Outcome, FrameError> {
    let mut request: DescribeConfigsRequest = look.read()?;
    let access = look.access.clone();
    let verdict = move |kind: i8, name: &str| verdict(&access, Operation::DescribeConfigs, kind, name);
    let (passing, denied) =
        split(request.resources, |one| verdict(one.resource_type, &one.resource_name).is_ok());
    if denied.is_empty() {
        return Ok(Outcome::Pass);
    }
    request.resources = passing;
    Ok(look.partly(&request, move |answer: &mut DescribeConfigsResponse| {
        answer.results.extend(denied.into_iter().filter_map(|one| {
            let code = verdict(one.resource_type, &one.resource_name).err()?;
            Some(DescribeConfigsResult {
                error_code: code.into(),
                error_message: message(code),
                resource_type: one.resource_type,
                resource_name: one.resource_name,
                configs: Vec::new(),
            })
        }));
    }))
}

macro_rules! altering {
    ($name:ident, $module:ident, $request:ident, $response:ident) => {
        pub(super) fn $name(look: &Look<'_>) -> Result<Outcome, FrameError> {
            let mut request: $request = look.read()?;
            let access = look.access.clone();
            let verdict = move |kind: i8, name: &str| verdict(&access, Operation::AlterConfigs, kind, name);
            let (passing, denied) =
                split(request.resources, |one| verdict(one.resource_type, &one.resource_name).is_ok());
            if denied.is_empty() {
                return Ok(Outcome::Pass);
            }
            request.resources = passing;
            Ok(look.partly(&request, move |answer: &mut $response| {
                answer.responses.extend(denied.into_iter().filter_map(|one| {
                    let code = verdict(one.resource_type, &one.resource_name).err()?;
                    Some($module::AlterConfigsResourceResponse {
                        error_code: code.into(),
                        error_message: message(code),
                        resource_type: one.resource_type,
                        resource_name: one.resource_name,
                    })
                }));
            }))
        }
    };
}

altering!(alter_configs, alter_configs, AlterConfigsRequest, AlterConfigsResponse);
altering!(
    incremental_alter_configs,
    incremental_alter_configs,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse
);

pub(super) fn list_config_resources(look: &Look<'_>) -> Result<Outcome, FrameError> {
    if look.access.cluster(Operation::DescribeConfigs) {
        return Ok(Outcome::Pass);
    }
    Ok(look.refuse(&ListConfigResourcesResponse {
        error_code: ErrorCode::ClusterAuthorizationFailed.into(),
        ..Default::default()
    }))
}
