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
    Ok(Json(registry.update_settings(&Subject::global(), patch).await?.as_update()))
}

pub(super) async fn put(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    Body(patch): Body<Map<String, Value>>,
) -> Reply<Json<Value>> {
    Ok(Json(registry.update_settings(&Subject::parse(&subject), patch).await?.as_update()))
}

pub(super) async fn delete_global(State(registry): State<Registry>) -> Reply<Json<Settings>> {
    Ok(Json(registry.delete_settings(&Subject::global()).await?))
}

pub(super) async fn delete(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
) -> Reply<Json<Settings>> {
    Ok(Json(registry.delete_settings(&Subject::parse(&subject)).await?))
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
    let mode = request.parse()?;
    registry.set_mode(&Subject::global(), mode, params.flag("force")).await?;
    Ok(Json(json!({"mode": mode})))
}

pub(super) async fn set_mode(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    Body(request): Body<ModeRequest>,
) -> Reply<Json<Value>> {
    let mode = request.parse()?;
    registry.set_mode(&Subject::parse(&subject), mode, params.flag("force")).await?;
    Ok(Json(json!({"mode": mode})))
}

pub(super) async fn delete_mode_global(
    State(registry): State<Registry>,
    params: Params,
) -> Reply<Json<Value>> {
    answer(registry.delete_mode(&Subject::global(), params.flag("recursive")).await)
}

pub(super) async fn delete_mode(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
) -> Reply<Json<Value>> {
    answer(registry.delete_mode(&Subject::parse(&subject), params.flag("recursive")).await)
}

fn answer(mode: Result<Option<Mode>, RegistryError>) -> Reply<Json<Value>> {
    let mode = mode?;
    Ok(Json(mode.map_or_else(|| json!({}), |mode| json!({"mode": mode}))))
}
