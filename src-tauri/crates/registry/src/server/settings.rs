//! `/config` and `/mode`.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    params::{Body, Params},
    reply::Reply,
    whole::whole,
};
use crate::{Mode, Registry, RegistryError, Settings, subject::Subject};

pub(super) async fn get_global(State(registry): State<Registry>, params: Params) -> Reply<Json<Settings>> {
    Ok(Json(registry.settings(&Subject::global(), params.flag("defaultToGlobal"))?))
}

pub(super) async fn get(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
) -> Reply<Json<Settings>> {
    Ok(Json(registry.settings(&Subject::parse(&subject), params.flag("defaultToGlobal"))?))
}

pub(super) async fn put_global(
    State(registry): State<Registry>,
    Body(patch): Body<Map<String, Value>>,
) -> Reply<Json<Value>> {
    put_for(registry, Subject::global(), patch).await
}

pub(super) async fn put(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    Body(patch): Body<Map<String, Value>>,
) -> Reply<Json<Value>> {
    put_for(registry, Subject::parse(&subject), patch).await
}

async fn put_for(registry: Registry, subject: Subject, patch: Map<String, Value>) -> Reply<Json<Value>> {
    let settings = whole(async move { registry.update_settings(&subject, patch).await }).await?;
    Ok(Json(settings.as_update()))
}

pub(super) async fn delete_global(State(registry): State<Registry>) -> Reply<Json<Settings>> {
    delete_for(registry, Subject::global()).await
}

pub(super) async fn delete(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
) -> Reply<Json<Settings>> {
    delete_for(registry, Subject::parse(&subject)).await
}

async fn delete_for(registry: Registry, subject: Subject) -> Reply<Json<Settings>> {
    Ok(Json(whole(async move { registry.delete_settings(&subject).await }).await?))
}

/// The body of a `PUT /mode`.
#[derive(Debug, Deserialize)]
pub(super) struct ModeRequest {
    mode: Option<String>,
}

impl ModeRequest {
    fn parse(&self) -> Result<Option<Mode>, RegistryError> {
        let Some(name) = &self.mode else { return Ok(None) };
        Mode::parse(name).map(Some).ok_or(RegistryError::InvalidMode)
    }
}

pub(super) async fn mode_global(State(registry): State<Registry>, params: Params) -> Reply<Json<Value>> {
    answer(registry.mode(&Subject::global(), params.flag("defaultToGlobal")).map(Some))
}

pub(super) async fn mode(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
) -> Reply<Json<Value>> {
    answer(registry.mode(&Subject::parse(&subject), params.flag("defaultToGlobal")).map(Some))
}

pub(super) async fn set_mode_global(
    State(registry): State<Registry>,
    params: Params,
    Body(request): Body<ModeRequest>,
) -> Reply<Json<Value>> {
    set_mode_for(registry, Subject::global(), &params, &request).await
}

pub(super) async fn set_mode(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    Body(request): Body<ModeRequest>,
) -> Reply<Json<Value>> {
    set_mode_for(registry, Subject::parse(&subject), &params, &request).await
}

async fn set_mode_for(
    registry: Registry,
    subject: Subject,
    params: &Params,
    request: &ModeRequest,
) -> Reply<Json<Value>> {
    let (mode, force) = (request.parse()?, params.flag("force"));
    whole(async move { registry.set_mode(&subject, mode, force).await }).await?;
    Ok(Json(json!({"mode": mode})))
}

pub(super) async fn delete_mode_global(
    State(registry): State<Registry>,
    params: Params,
) -> Reply<Json<Value>> {
    delete_mode_for(registry, Subject::global(), &params).await
}

pub(super) async fn delete_mode(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
) -> Reply<Json<Value>> {
    delete_mode_for(registry, Subject::parse(&subject), &params).await
}

async fn delete_mode_for(registry: Registry, subject: Subject, params: &Params) -> Reply<Json<Value>> {
    let recursive = params.flag("recursive");
    answer(whole(async move { registry.delete_mode(&subject, recursive).await }).await)
}

fn answer(mode: Result<Option<Mode>, RegistryError>) -> Reply<Json<Value>> {
    let mode = mode?;
    Ok(Json(mode.map_or_else(|| json!({}), |mode| json!({"mode": mode}))))
}
