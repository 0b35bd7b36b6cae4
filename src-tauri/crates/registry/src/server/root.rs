//! What is about the registry itself, and what is not there.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::{Value, json};

use super::{
    params::Params,
    reply::{Failure, Reply},
    whole::whole,
};
use crate::{Registry, subject::Subject};

/// `/`: clients ask it to see whether the registry is there.
pub(super) async fn empty() -> Json<Value> {
    Json(json!({}))
}

pub(super) async fn contexts(State(registry): State<Registry>, params: Params) -> Reply<Json<Vec<String>>> {
    let prefix = params.text("contextPrefix").unwrap_or_default();
    let contexts = registry.contexts().into_iter().filter(|context| context.starts_with(prefix)).collect();
    Ok(Json(params.page(contexts)?))
}

pub(super) async fn delete_context(
    State(registry): State<Registry>,
    Path(context): Path<String>,
) -> Reply<StatusCode> {
    let context =
        if context.starts_with(':') { Subject::parse(&context) } else { Subject::context_wide(&context) };
    whole(async move { registry.delete_context(&context.own_context()).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn metadata_id(State(registry): State<Registry>) -> Json<Value> {
    let cluster = &registry.config().kafka_cluster_id;
    let clusters = json!({"kafka-cluster": cluster, "schema-registry-cluster": "schema-registry"});
    Json(json!({"id": "", "scope": {"path": [], "clusters": clusters}}))
}

pub(super) async fn metadata_version() -> Json<Value> {
    Json(json!({"version": env!("CARGO_PKG_VERSION"), "commitId": ""}))
}

pub(super) async fn not_found() -> Failure {
    Failure { status: 404, code: 404, message: "HTTP 404 Not Found".into() }
}

pub(super) async fn method_not_allowed() -> Failure {
    Failure { status: 405, code: 405, message: "HTTP 405 Method Not Allowed".into() }
}
