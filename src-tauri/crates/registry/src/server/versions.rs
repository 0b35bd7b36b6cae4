//! `/subjects/{subject}/versions`.

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};

use super::{
    params::{self, Body, Params},
    reply::{self, Reply},
    subjects::{format, format_or, shown},
    whole::whole,
};
use crate::{
    Registry,
    registry::{SchemaRequest, SchemaView},
    subject::Subject,
};

pub(super) async fn list(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
) -> Reply<Json<Vec<i32>>> {
    let subject = registry.resolve_alias(Subject::parse(&subject));
    let versions = registry.versions(&subject, params.deleted()).await?;
    Ok(Json(params.page(versions)?))
}

pub(super) async fn register(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    Body(request): Body<SchemaRequest>,
) -> Reply<Json<SchemaView>> {
    let subject = registry.resolve_alias(Subject::parse(&subject));
    let normalize = params.flag("normalize") || registry.normalizes(&subject);
    let writer = registry.clone();
    let own_format = request.format();
    let mut view = whole(async move { writer.register(&subject, &request, normalize).await }).await?;
    format_or(own_format, &registry, &params, &mut view)?;
    view.subject = None;
    Ok(Json(view))
}

pub(super) async fn get(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    params: Params,
) -> Reply<Json<SchemaView>> {
    Ok(Json(view(&registry, &subject, &version, &params).await?))
}

pub(super) async fn text(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    params: Params,
) -> Reply<Response> {
    Ok(reply::text(view(&registry, &subject, &version, &params).await?.schema))
}

pub(super) async fn referenced_by(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    params: Params,
) -> Reply<Json<Vec<i32>>> {
    let subject = registry.resolve_alias(Subject::parse(&subject));
    let ids = registry.referenced_by(&subject, params::version(&version)?, shown(&params)).await?;
    Ok(Json(params.page(ids)?))
}

pub(super) async fn delete(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    params: Params,
) -> Reply<Json<i32>> {
    let subject = registry.resolve_alias(Subject::parse(&subject));
    let number = params::version(&version)?;
    let permanent = params.flag("permanent");
    Ok(Json(whole(async move { registry.delete_version(&subject, number, permanent).await }).await?))
}

async fn view(registry: &Registry, subject: &str, version: &str, params: &Params) -> Reply<SchemaView> {
    let subject = registry.resolve_alias(Subject::parse(subject));
    let mut view = registry.version(&subject, params::version(version)?, shown(params)).await?;
    format(registry, params, &mut view)?;
    Ok(view)
}
