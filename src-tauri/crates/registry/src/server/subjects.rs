//! `/subjects`.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
};

use super::{
    params::{Body, Params},
    reply::Reply,
    whole::whole,
};
use crate::{
    Registry,
    registry::{SchemaRequest, SchemaView},
    state::Deleted,
    subject::{Prefix, Subject},
};

pub(super) async fn list(State(registry): State<Registry>, params: Params) -> Reply<Json<Vec<String>>> {
    let prefix = Prefix::parse(params.text("subjectPrefix").unwrap_or(":*:"));
    Ok(Json(params.page(registry.subjects(&prefix, params.deleted()))?))
}

pub(super) async fn lookup(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    Body(request): Body<SchemaRequest>,
) -> Reply<Json<SchemaView>> {
    let subject = registry.resolve_alias(Subject::parse(&subject));
    let normalize = params.flag("normalize") || registry.normalizes(&subject);
    let mut view = registry.lookup(&subject, &request, normalize, shown(&params)).await?;
    format_or(request.format(), &registry, &params, &mut view)?;
    Ok(Json(view))
}

pub(super) async fn latest_with_metadata(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
) -> Reply<Json<SchemaView>> {
    let subject = registry.resolve_alias(Subject::parse(&subject));
    let pairs = params.all("key").zip(params.all("value"));
    let properties: BTreeMap<String, String> = pairs.map(|(key, value)| (key.into(), value.into())).collect();
    let mut view = registry.latest_with(&subject, &properties, shown(&params))?;
    format(&registry, &params, &mut view)?;
    Ok(Json(view))
}

pub(super) async fn delete(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
) -> Reply<Json<Vec<i32>>> {
    let subject = registry.resolve_alias(Subject::parse(&subject));
    let permanent = params.flag("permanent");
    Ok(Json(whole(async move { registry.delete_subject(&subject, permanent).await }).await?))
}

/// Whether a single schema is found though it is softly deleted.
pub(super) fn shown(params: &Params) -> Deleted {
    if params.flag("deleted") { Deleted::Show } else { Deleted::Hide }
}

/// Rewrites the text in the format the client asks for.
pub(super) fn format(registry: &Registry, params: &Params, view: &mut SchemaView) -> Reply<()> {
    format_or(None, registry, params, view)
}

/// The same where the client's own schema says which format it wants.
pub(super) fn format_or(
    default: Option<&str>,
    registry: &Registry,
    params: &Params,
    view: &mut SchemaView,
) -> Reply<()> {
    if let Some(format) = params.text("format").or(default) {
        view.schema = registry.formatted(view, format)?;
    }
    if params.text("referenceFormat") == Some("qualified")
        && let Some(subject) = view.subject.as_deref().map(Subject::parse)
        && !subject.is_in_default_context()
    {
        for reference in &mut view.references {
            reference.subject = subject.sibling(&reference.subject).to_string();
        }
    }
    Ok(())
}
