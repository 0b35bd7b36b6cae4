//! `/compatibility`.

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::{
    params::{self, Body, Params},
    reply::Reply,
};
use crate::{Registry, RegistryError, registry::SchemaRequest, subject::Subject};

pub(super) async fn with_all(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    Body(request): Body<SchemaRequest>,
) -> Reply<Json<Value>> {
    check(&registry, &subject, None, &params, &request).await
}

pub(super) async fn with_version(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    params: Params,
    Body(request): Body<SchemaRequest>,
) -> Reply<Json<Value>> {
    check(&registry, &subject, Some(params::version(&version)?), &params, &request).await
}

async fn check(
    registry: &Registry,
    subject: &str,
    version: Option<i32>,
    params: &Params,
    request: &SchemaRequest,
) -> Reply<Json<Value>> {
    let subject = registry.resolve_alias(Subject::parse(subject));
    let normalize = params.flag("normalize") || registry.normalizes(&subject);
    let verbose = params.flag("verbose");
    let messages = match registry.check(&subject, version, request, normalize).await {
        Ok(messages) => messages,
        // Asked for reasons, a schema that is none is one.
        Err(error @ RegistryError::InvalidSchema(_)) if verbose => vec![error.to_string()],
        Err(error) => return Err(error.into()),
    };
    let mut answer = json!({"is_compatible": messages.is_empty()});
    if verbose {
        answer["messages"] = messages.into();
    }
    Ok(Json(answer))
}
