//! Subjects, versions, compatibility.

use api::ApiError;
use api::commands::Done;
use api::schemas::*;
use cluster::Reference;

use super::count;
use crate::error::{invalid, of_cluster};
use crate::platform::Services;

pub(super) async fn list(it: &Services, params: SubjectsList) -> Result<Vec<SubjectRow>, ApiError> {
    let cluster = it.clusters.get(&params.cluster)?;
    let rows = cluster.schemas().map_err(of_cluster)?.subjects().await.map_err(of_cluster)?;
    Ok(rows
        .into_iter()
        .map(|row| SubjectRow {
            subject: row.subject,
            schema_type: row.schema_type,
            latest_version: row.latest_version,
            latest_id: row.latest_id,
            versions: count(row.versions),
            compatibility: row.level.name,
            compatibility_inherited: row.level.inherited,
        })
        .collect())
}

pub(super) async fn get(it: &Services, params: SubjectGet) -> Result<SubjectDetail, ApiError> {
    let cluster = it.clusters.get(&params.cluster)?;
    let schemas = cluster.schemas().map_err(of_cluster)?;
    let (versions, level) =
        tokio::try_join!(schemas.versions(&params.subject), schemas.level(&params.subject))
            .map_err(of_cluster)?;
    let latest = versions.last().ok_or_else(|| {
        ApiError::new(api::ErrorCode::NotFound, format!("Subject '{}' has no versions", params.subject))
    })?;
    let row = SubjectRow {
        subject: params.subject.clone(),
        schema_type: latest.schema_type.clone(),
        latest_version: latest.version,
        latest_id: latest.id,
        versions: count(versions.len()),
        compatibility: level.name,
        compatibility_inherited: level.inherited,
    };
    let versions = versions
        .into_iter()
        .map(|version| SchemaVersion {
            version: version.version,
            id: version.id,
            schema: pretty(&version.schema_type, &version.schema),
            schema_type: version.schema_type,
            references: version
                .references
                .into_iter()
                .map(|it| SchemaReference { name: it.name, subject: it.subject, version: it.version })
                .collect(),
        })
        .collect();
    let messages = match row.schema_type.as_str() {
        "PROTOBUF" => schemas.messages(row.latest_id).await,
        _ => Vec::new(),
    };
    Ok(SubjectDetail { row, versions, messages })
}

/// Protobuf is no JSON and stays as written.
fn pretty(schema_type: &str, schema: &str) -> String {
    if schema_type == "PROTOBUF" { schema.to_owned() } else { payload::pretty(schema) }
}

pub(super) async fn check(it: &Services, params: SchemaCheck) -> Result<SchemaVerdict, ApiError> {
    let cluster = it.clusters.get(&params.cluster)?;
    let SchemaCheck { subject, schema_type, schema, references, .. } = params;
    named(&subject)?;
    let schemas = cluster.schemas().map_err(of_cluster)?;
    let verdict = schemas
        .check(&subject, &schema_type, &schema, &references_in(references))
        .await
        .map_err(of_cluster)?;
    Ok(SchemaVerdict { compatible: verdict.compatible, messages: verdict.messages })
}

pub(super) async fn register(it: &Services, params: SchemaRegister) -> Result<SchemaRegistered, ApiError> {
    let cluster = it.clusters.writable(&params.cluster)?;
    let SchemaRegister { subject, schema_type, schema, references, .. } = params;
    named(&subject)?;
    let schemas = cluster.schemas().map_err(of_cluster)?;
    let registered = schemas
        .register(&subject, &schema_type, &schema, &references_in(references))
        .await
        .map_err(of_cluster)?;
    Ok(SchemaRegistered { id: registered.id, version: registered.version })
}

pub(super) async fn delete(it: &Services, params: SubjectDelete) -> Result<Done, ApiError> {
    let cluster = it.clusters.writable(&params.cluster)?;
    named(&params.subject)?;
    let schemas = cluster.schemas().map_err(of_cluster)?;
    schemas.delete_subject(&params.subject, params.permanent).await.map_err(of_cluster)?;
    Ok(Done {})
}

pub(super) async fn compatibility_set(it: &Services, params: CompatibilitySet) -> Result<Done, ApiError> {
    let cluster = it.clusters.writable(&params.cluster)?;
    let schemas = cluster.schemas().map_err(of_cluster)?;
    schemas.set_level(params.subject.as_deref(), params.level.as_deref()).await.map_err(of_cluster)?;
    Ok(Done {})
}

fn references_in(references: Vec<SchemaReference>) -> Vec<Reference> {
    references
        .into_iter()
        .map(|it| Reference { name: it.name, subject: it.subject, version: it.version })
        .collect()
}

fn named(subject: &str) -> Result<(), ApiError> {
    if subject.is_empty() { Err(invalid("subject: the name is empty")) } else { Ok(()) }
}
