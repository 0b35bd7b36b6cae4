//! A schema that is not registered yet: what it is, whether it is known, and
//! whether it agrees with the versions before it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Inner, Registry, register::SchemaRequest};
use crate::{
    CompatibilityLevel, RegistryError, compat,
    contract::Metadata,
    parsed::Parsed,
    schema::{Reference, Schema},
    settings::Settings,
    state::{Deleted, State, Version},
    subject::Subject,
};

/// A schema as it would be registered.
pub(super) struct Candidate {
    pub(super) schema: Schema,
    pub(super) parsed: Arc<Parsed>,
}

/// Metadata that names the fields a schema may never have again.
const RESERVED_PROPERTY: &str = "confluent:reserved";

impl Registry {
    /// Parses a schema and puts it into the form it is stored in.
    pub(super) async fn candidate(
        &self,
        subject: &Subject,
        mut schema: Schema,
        is_new: bool,
        normalize: bool,
    ) -> Result<Candidate, RegistryError> {
        let (own, references) = {
            let state = self.inner.state.read();
            self.inner.resolve(&state, subject, &schema.references, is_new)?
        };
        schema.references = own;
        let (mut schema, parsed) = self.parse(schema, references, is_new).await?;
        if normalize {
            schema.text = parsed.normalized();
            schema.references =
                schema.references.into_iter().collect::<BTreeSet<Reference>>().into_iter().collect();
        } else {
            schema.text = parsed.canonical();
        }
        Ok(Candidate { schema, parsed: Arc::new(parsed) })
    }

    /// Whether a schema could be registered: after all versions its level asks
    /// for, or after one.
    pub(crate) async fn check(
        &self,
        subject: &Subject,
        version: Option<i32>,
        request: &SchemaRequest,
        normalize: bool,
    ) -> Result<Vec<String>, RegistryError> {
        let only = {
            let state = self.inner.state.read();
            match version {
                Some(-1) => Some(state.latest(subject).map(|(number, _)| number)),
                Some(number) => match state.version(subject, number) {
                    Some(version) if !version.deleted => Some(Some(number)),
                    _ => return Err(RegistryError::VersionNotFound(number)),
                },
                None => None,
            }
        };
        let schema = request.to_schema()?;
        if schema.text.trim().is_empty() {
            return Err(RegistryError::InvalidSchema("Empty schema".into()));
        }
        let settings = self.inner.state.read().settings(subject);
        let is_new = settings.validate_new_schemas != Some(false);
        let candidate = self.candidate(subject, schema, is_new, normalize).await?;
        self.check_candidate(subject, &settings, &candidate, only)
    }

    /// What is wrong with a candidate. `only`: after this version alone, or
    /// after none.
    pub(super) fn check_candidate(
        &self,
        subject: &Subject,
        settings: &Settings,
        candidate: &Candidate,
        only: Option<Option<i32>>,
    ) -> Result<Vec<String>, RegistryError> {
        let state = self.inner.state.read();
        let level = settings.compatibility_level.unwrap_or(self.inner.config.compatibility);
        let policy = match settings.compatibility_policy.as_deref() {
            Some("LENIENT") => compat::json::Policy::Lenient,
            _ => compat::json::Policy::Strict,
        };
        let versions = state.versions(subject).into_iter().flatten();
        let mut earlier: Vec<(i32, &Version)> = versions
            .filter(|(number, version)| !version.deleted && only.is_none_or(|only| only == Some(**number)))
            .map(|(number, version)| (*number, version))
            .collect();
        earlier.reverse();
        let mut messages = Vec::new();
        if settings.validate_fields == Some(true) {
            messages.extend(reserved_fields(
                candidate,
                earlier.first().map(|(_, version)| &version.stored.schema),
            ));
        }
        if let Some(group) = &settings.compatibility_group {
            let own = property(&candidate.schema, group);
            earlier.retain(|(_, version)| property(&version.stored.schema, group) == own);
        }
        if !level.is_transitive() {
            earlier.truncate(1);
        }
        if level == CompatibilityLevel::None {
            earlier.clear();
        }
        for (number, version) in earlier {
            let old = &version.stored.schema;
            if old.schema_type != candidate.schema.schema_type {
                messages.push(format!(
                    "Incompatible because of different schema type: {} after {}",
                    candidate.schema.schema_type, old.schema_type
                ));
            } else {
                messages.extend(compat::check(
                    level,
                    policy,
                    &candidate.parsed,
                    &*self.inner.parsed(&state, subject, version)?,
                ));
            }
            if !messages.is_empty() {
                messages.push(format!("{{oldSchemaVersion: {number}}}"));
                messages.push(format!("{{oldSchema: '{}'}}", old.text));
                break;
            }
        }
        if !messages.is_empty() {
            let fields = settings.validate_fields == Some(true);
            messages.push(format!("{{validateFields: '{fields}', compatibility: '{}'}}", level.as_str()));
        }
        Ok(messages)
    }
}

impl Inner {
    /// The version of a subject that is this schema: by its id, or because it
    /// means the same.
    pub(super) fn version_of(
        &self,
        state: &State,
        subject: &Subject,
        candidate: &Candidate,
        deleted: Deleted,
    ) -> Result<Option<i32>, RegistryError> {
        let Some(versions) = state.versions(subject) else { return Ok(None) };
        let shown = |number: &i32| versions.get(number).is_some_and(|version| version.is_shown(deleted));
        let ids = state.ids(subject.context());
        let by_id = ids.and_then(|ids| {
            let uses = ids.uses(ids.id_of(candidate.schema.guid())?);
            uses.filter(|(of, number)| *of == subject && shown(number)).map(|(_, number)| number).max()
        });
        if by_id.is_some() {
            return Ok(by_id);
        }
        let mut fingerprint = None;
        for (number, version) in versions.iter().rev().filter(|(number, _)| shown(number)) {
            if !may_mean_the_same(&candidate.schema, &version.stored.schema, *number) {
                continue;
            }
            let own = fingerprint.get_or_insert_with(|| candidate.parsed.fingerprint());
            if self.parsed(state, subject, version).is_ok_and(|parsed| parsed.fingerprint() == *own) {
                return Ok(Some(*number));
            }
        }
        Ok(None)
    }
}

/// All but the texts: they agree in everything a look-up does not forgive.
/// Forgiven are references written out, and a version in the metadata of one.
fn may_mean_the_same(new: &Schema, old: &Schema, number: i32) -> bool {
    let references_agree = new.references == old.references || new.references.is_empty();
    let version_of =
        |schema: &Schema| schema.metadata.as_ref().and_then(|of| of.version().map(str::to_owned));
    let metadata_agrees = match (version_of(new), version_of(old)) {
        (None, Some(_)) => {
            new.metadata.clone().filter(|of| *of != Metadata::default())
                == Metadata::without_version(old.metadata.as_ref())
        }
        (Some(wanted), None) => {
            wanted == number.to_string()
                && Metadata::without_version(new.metadata.as_ref())
                    == old.metadata.clone().filter(|of| *of != Metadata::default())
        }
        _ => new.metadata == old.metadata,
    };
    new.schema_type == old.schema_type && references_agree && metadata_agrees && new.rule_set == old.rule_set
}

fn property<'s>(schema: &'s Schema, name: &str) -> Option<&'s String> {
    schema.metadata.as_ref()?.properties.as_ref()?.get(name)
}

fn reserved_fields(candidate: &Candidate, previous: Option<&Schema>) -> Vec<String> {
    let reserved = |schema: &Schema| -> BTreeSet<String> {
        let names = property(schema, RESERVED_PROPERTY).map_or("", String::as_str).split(',');
        names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    };
    let (now, before) = (reserved(&candidate.schema), previous.map(reserved).unwrap_or_default());
    let removed = before.difference(&now).map(|name| {
        format!("{{errorType:'RESERVED_FIELD_REMOVED', description:'the reserved field {name} of the latest version is reserved no longer'}}")
    });
    let conflicts = now.iter().filter(|name| candidate.parsed.has_top_level_field(name)).map(|name| {
        format!("{{errorType:'FIELD_CONFLICTS_WITH_RESERVED_FIELD', description:'the schema has a field {name}, which is reserved'}}")
    });
    removed.chain(conflicts).collect()
}
