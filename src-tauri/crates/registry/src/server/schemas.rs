//! `/schemas`.

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use serde_json::{Value, json};

use super::{
    params::{self, Params},
    reply::{self, Reply},
    subjects::{format, shown},
};
use crate::{
    Registry,
    registry::SchemaView,
    schema::SchemaType,
    subject::{Prefix, Subject},
};

pub(super) async fn list(State(registry): State<Registry>, params: Params) -> Reply<Json<Vec<SchemaView>>> {
    let prefix = Prefix::parse(params.text("subjectPrefix").unwrap_or_default());
    let mut views = registry.schemas(&prefix, shown(&params), params.flag("latestOnly"));
    if let Some(rule_type) = params.text("ruleType") {
        views.retain(|view| view.rule_set.as_ref().is_some_and(|rules| rules.has_type(rule_type)));
    }
    Ok(Json(params.page(views)?))
}

pub(super) async fn types() -> Json<Vec<SchemaType>> {
    Json(vec![SchemaType::Json, SchemaType::Protobuf, SchemaType::Avro])
}

pub(super) async fn by_id(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
) -> Reply<Json<SchemaView>> {
    let id = params::id(&id)?;
    let subject = subject(&registry, &params);
    let mut view = registry.schema_of_id(id, subject.as_ref()).await?;
    format(&registry, &params, &mut view)?;
    if params.flag("fetchMaxId") {
        view.max_id = Some(registry.id_max(subject.as_ref()));
    }
    Ok(Json(view.bare()))
}

pub(super) async fn text_by_id(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
) -> Reply<Response> {
    let mut view = registry.schema_of_id(params::id(&id)?, subject(&registry, &params).as_ref()).await?;
    format(&registry, &params, &mut view)?;
    Ok(reply::text(view.schema))
}

pub(super) async fn subjects_of_id(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
) -> Reply<Json<Vec<String>>> {
    let subject = subject(&registry, &params);
    let versions = registry.versions_of_id(params::id(&id)?, subject.as_ref(), shown(&params)).await?;
    Ok(Json(params.page(versions.into_iter().map(|(subject, _)| subject).collect())?))
}

pub(super) async fn versions_of_id(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
) -> Reply<Json<Vec<Value>>> {
    let subject = subject(&registry, &params);
    let versions = registry.versions_of_id(params::id(&id)?, subject.as_ref(), shown(&params)).await?;
    let versions =
        versions.into_iter().map(|(subject, version)| json!({"subject": subject, "version": version}));
    Ok(Json(params.page(versions.collect())?))
}

pub(super) async fn by_guid(
    State(registry): State<Registry>,
    Path(guid): Path<String>,
    params: Params,
) -> Reply<Json<SchemaView>> {
    let mut view = registry.schema_of_guid(&guid).await?;
    format(&registry, &params, &mut view)?;
    view.subject = None;
    Ok(Json(view))
}

pub(super) async fn ids_of_guid(
    State(registry): State<Registry>,
    Path(guid): Path<String>,
) -> Json<Vec<Value>> {
    let ids = registry.ids_of_guid(&guid).into_iter();
    Json(ids.map(|(context, id)| json!({"context": context, "id": id})).collect())
}

fn subject(registry: &Registry, params: &Params) -> Option<Subject> {
    params.subject().map(|subject| registry.resolve_alias(subject))
}
