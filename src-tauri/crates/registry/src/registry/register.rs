//! Registering a schema under a subject.

use serde::Deserialize;
use tracing::info;

use super::{Registry, Writer, check::Candidate};
use crate::{
    Mode, RegistryError,
    contract::{Metadata, RuleSet},
    record::{Record, SchemaVersion},
    registry::SchemaView,
    schema::{Reference, Schema, SchemaType},
    settings::Settings,
    state::{Deleted, State},
    subject::Subject,
};

/// The body of a registration, a look-up or a compatibility check.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SchemaRequest {
    schema: Option<String>,
    schema_type: Option<String>,
    references: Option<Vec<Reference>>,
    metadata: Option<Metadata>,
    rule_set: Option<RuleSet>,
    version: Option<i32>,
    id: Option<i32>,
}

impl SchemaRequest {
    /// The schema as sent, not yet judged.
    pub(super) fn to_schema(&self) -> Result<Schema, RegistryError> {
        let schema_type = match self.schema_type.as_deref() {
            None | Some("") => SchemaType::Avro,
            Some(name) => {
                SchemaType::parse(name).ok_or_else(|| RegistryError::UnknownSchemaType(name.to_owned()))?
            }
        };
        Ok(Schema {
            schema_type,
            text: self.schema.clone().unwrap_or_default(),
            references: self.references.clone().unwrap_or_default(),
            metadata: self.metadata.clone(),
            rule_set: self.rule_set.clone(),
        })
    }

    /// The format the schema was sent in, where that is another than text.
    /// Clients that send descriptors remember the answer to read data with.
    pub(crate) fn format(&self) -> Option<&'static str> {
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        let is_serialized = self.schema_type.as_deref() == Some(SchemaType::Protobuf.as_str())
            && self.schema.as_deref().is_some_and(|text| text.trim().bytes().all(is_base64));
        is_serialized.then_some("serialized")
    }

    /// 0: the next one.
    fn version(&self) -> i32 {
        self.version.unwrap_or(0)
    }

    fn id(&self) -> Option<i32> {
        self.id.filter(|id| *id >= 0)
    }
}

impl Registry {
    /// Registers a schema, or finds that it is registered already.
    pub(crate) async fn register(
        &self,
        subject: &Subject,
        request: &SchemaRequest,
        normalize: bool,
    ) -> Result<SchemaView, RegistryError> {
        if !subject.is_valid() {
            return Err(RegistryError::InvalidSubject(subject.to_string()));
        }
        if let Some(rules) = &request.rule_set {
            rules.validate().map_err(RegistryError::InvalidRuleSet)?;
        }
        let mut schema = request.to_schema()?;
        let mut writer = self.inner.writer.lock().await;
        self.catch_up(&mut writer).await?;

        let (settings, mode, number) = {
            let state = self.inner.state.read();
            let (settings, mode) = (state.settings(subject), state.mode(subject));
            permit(subject, mode, request.id().is_some())?;
            let number = next_version(&state, subject);
            if !is_import(mode) {
                fill(&state, subject, &settings, &mut schema, request.version(), number)?;
            }
            (settings, mode, number)
        };
        if schema.text.trim().is_empty() {
            return Err(RegistryError::InvalidSchema("Empty schema".into()));
        }
        let is_new = request.id().is_none() && settings.validate_new_schemas != Some(false);
        let normalize = normalize && !is_import(mode);
        let candidate = self.candidate(subject, schema, is_new, normalize).await?;

        if let Some(known) = self.known(subject, &candidate, request)? {
            return Ok(known);
        }
        if !is_import(mode) {
            let messages = self.check_candidate(subject, &settings, &candidate, None)?;
            if !messages.is_empty() {
                return Err(RegistryError::Incompatible { subject: subject.to_string(), messages });
            }
        }
        let number = match request.version() {
            ..=0 => number,
            wanted if wanted == number || is_import(mode) => wanted,
            _ => {
                return Err(RegistryError::InvalidSchema(
                    "Version is not one more than previous version".into(),
                ));
            }
        };
        let id = self.choose_id(subject, &candidate, request.id())?;
        self.write_version(&mut writer, subject, number, id, candidate.schema).await?;
        info!(%subject, version = number, id, "schema registered");
        let state = self.inner.state.read();
        SchemaView::find(&state, subject, number, Deleted::Hide)
            .ok_or(RegistryError::Internal("a schema just registered is not there"))
    }

    /// The version that is this schema already, unless a version was asked for.
    fn known(
        &self,
        subject: &Subject,
        candidate: &Candidate,
        request: &SchemaRequest,
    ) -> Result<Option<SchemaView>, RegistryError> {
        if request.version() != 0 {
            return Ok(None);
        }
        let state = self.inner.state.read();
        let number = self.inner.version_of(&state, subject, candidate, Deleted::Hide)?;
        let view = number.and_then(|number| SchemaView::find(&state, subject, number, Deleted::Hide));
        Ok(view.filter(|view| request.id().is_none() || request.id() == view.id))
    }

    /// The id a client brought, the one the schema has in this context, or the
    /// next.
    fn choose_id(
        &self,
        subject: &Subject,
        candidate: &Candidate,
        wanted: Option<i32>,
    ) -> Result<i32, RegistryError> {
        let state = self.inner.state.read();
        let ids = state.ids(subject.context());
        let guid = candidate.schema.guid();
        if let Some(wanted) = wanted {
            return match ids.and_then(|ids| ids.get(wanted)) {
                Some(stored) if stored.guid != guid => Err(RegistryError::NotPermitted(format!(
                    "Overwrite new schema with id {wanted} in context {} is not permitted.",
                    subject.own_context()
                ))),
                _ => Ok(wanted),
            };
        }
        if let Some(id) = ids.and_then(|ids| ids.id_of(guid)) {
            return Ok(id);
        }
        let id_max = ids.map_or(0, |ids| ids.id_max());
        id_max.checked_add(1).ok_or(RegistryError::Internal("all ids of this context are used"))
    }

    async fn write_version(
        &self,
        writer: &mut Writer,
        subject: &Subject,
        number: i32,
        id: i32,
        schema: Schema,
    ) -> Result<(), RegistryError> {
        let (is_new_context, replaced) = {
            let state = self.inner.state.read();
            (!state.contexts().contains(&subject.context()), replaced_by(&state, subject, number, id))
        };
        if is_new_context {
            let context = subject.context().to_owned();
            self.append(writer, &Record::Context { context, is_gone: false }).await?;
        }
        for version in replaced {
            self.append(writer, &Record::Schema { subject: subject.clone(), version, value: None }).await?;
        }
        let value = Some(Box::new(SchemaVersion { id, schema, deleted: false }));
        self.append(writer, &Record::Schema { subject: subject.clone(), version: number, value }).await
    }
}

/// Softly deleted versions of the same id, which the new one takes the place
/// of, unless a schema refers to them.
fn replaced_by(state: &State, subject: &Subject, number: i32, id: i32) -> Vec<i32> {
    let versions = state.versions(subject).into_iter().flatten();
    versions
        .filter(|(version, of)| **version < number && of.deleted && of.stored.id == id)
        .map(|(version, _)| *version)
        .filter(|version| state.referrers(subject, *version).next().is_none())
        .collect()
}

fn next_version(state: &State, subject: &Subject) -> i32 {
    let last = state.versions(subject).and_then(|versions| versions.keys().next_back().copied());
    last.unwrap_or(0).saturating_add(1)
}

pub(super) fn is_import(mode: Mode) -> bool {
    matches!(mode, Mode::Import | Mode::Forward)
}

fn permit(subject: &Subject, mode: Mode, brings_id: bool) -> Result<(), RegistryError> {
    let context = subject.own_context();
    let lacks = match mode {
        Mode::Readonly | Mode::ReadonlyOverride => "read-only mode",
        Mode::Readwrite if brings_id => "import mode",
        Mode::Import | Mode::Forward if !brings_id => "read-write mode",
        Mode::Readwrite | Mode::Import | Mode::Forward => return Ok(()),
    };
    let not = if lacks == "read-only mode" { "" } else { "not " };
    Err(RegistryError::NotPermitted(format!("Subject {subject} in context {context} is {not}in {lacks}")))
}

/// What a request leaves out comes from the version before it and from the
/// settings.
fn fill(
    state: &State,
    subject: &Subject,
    settings: &Settings,
    schema: &mut Schema,
    wanted: i32,
    number: i32,
) -> Result<(), RegistryError> {
    let previous = state.latest(subject).map(|(_, version)| &version.stored.schema);
    if schema.text.trim().is_empty() {
        let previous = previous.ok_or_else(|| RegistryError::InvalidSchema("Empty schema".into()))?;
        schema.text.clone_from(&previous.text);
        schema.schema_type = previous.schema_type;
        schema.references.clone_from(&previous.references);
    }
    fill_contract(schema, settings, previous);
    if wanted != 0 || schema.metadata.as_ref().is_some_and(|metadata| metadata.version().is_some()) {
        schema.metadata = Some(Metadata::with_version(schema.metadata.take(), number));
    }
    Ok(())
}

/// Metadata and rules: a request's own or the previous version's, between the
/// settings' defaults and overrides.
pub(super) fn fill_contract(schema: &mut Schema, settings: &Settings, previous: Option<&Schema>) {
    let metadata = schema.metadata.as_ref().or(previous.and_then(|previous| previous.metadata.as_ref()));
    let metadata = Metadata::merged(settings.default_metadata.as_ref(), metadata);
    schema.metadata = Metadata::merged(metadata.as_ref(), settings.override_metadata.as_ref());
    let rules = schema.rule_set.as_ref().or(previous.and_then(|previous| previous.rule_set.as_ref()));
    let rules = RuleSet::merged(settings.default_rule_set.as_ref(), rules);
    schema.rule_set = RuleSet::merged(rules.as_ref(), settings.override_rule_set.as_ref());
}
