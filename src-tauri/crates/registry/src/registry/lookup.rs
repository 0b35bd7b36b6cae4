//! Reading: by id, by GUID, by subject and version, by content.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::{
    Inner, Registry,
    register::{SchemaRequest, fill_contract},
};
use crate::{
    RegistryError,
    contract::{Metadata, RuleSet},
    schema::{Guid, Reference, Schema, SchemaType},
    state::{Deleted, State, Stored, Version},
    subject::{Prefix, Subject},
};

/// A schema as answers show it. What an endpoint leaves out is `None`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SchemaView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) guid: Option<String>,
    /// Avro goes without saying.
    #[serde(skip_serializing_if = "SchemaType::is_avro")]
    pub(crate) schema_type: SchemaType,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) references: Vec<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metadata: Option<Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule_set: Option<RuleSet>,
    pub(crate) schema: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) deleted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_id: Option<i32>,
}

impl SchemaView {
    pub(super) fn new(subject: &Subject, number: i32, version: &Version) -> Self {
        Self {
            subject: Some(subject.to_string()),
            version: Some(number),
            id: Some(version.stored.id),
            deleted: version.deleted,
            ..Self::anonymous(&version.stored)
        }
    }

    /// Without subject, version and id.
    fn anonymous(stored: &Stored) -> Self {
        let schema = stored.schema.clone();
        Self {
            subject: None,
            version: None,
            id: None,
            guid: Some(stored.guid.to_string()),
            schema_type: schema.schema_type,
            references: schema.references,
            metadata: schema.metadata,
            rule_set: schema.rule_set,
            schema: schema.text,
            deleted: false,
            max_id: None,
        }
    }

    /// Without what tells where it is registered: clients that ask by id get
    /// back what they sent, and compare.
    pub(crate) fn bare(self) -> Self {
        Self { subject: None, version: None, id: None, guid: None, ..self }
    }

    /// A version by its number, or by -1 for the latest.
    pub(super) fn find(state: &State, subject: &Subject, number: i32, deleted: Deleted) -> Option<Self> {
        let (number, version) = match number {
            -1 => state.latest(subject)?,
            _ => (number, state.version(subject, number)?),
        };
        version.is_shown(deleted).then(|| Self::new(subject, number, version))
    }
}

/// A schema, and the version it was found under.
type FoundId<'s> = (&'s Arc<Stored>, Option<(&'s Subject, i32)>);

impl Inner {
    /// The schema of an id, and the version it was found under: `subject`'s,
    /// if it has one there or in another context, or any of the context's.
    pub(super) fn find_id<'s>(
        &self,
        state: &'s State,
        id: i32,
        subject: Option<&Subject>,
    ) -> Option<FoundId<'s>> {
        let under = |subject: &Subject| {
            let ids = state.ids(subject.context())?;
            let stored = ids.get(id)?;
            let mut uses = ids.newest_uses(id).into_iter();
            let found = if subject.is_context() { uses.next() } else { uses.find(|(of, _)| *of == subject) };
            found.map(|found| (stored, Some(found)))
        };
        let Some(subject) = subject else {
            return state.ids(Subject::global().context())?.get(id).map(|stored| (stored, None));
        };
        let found = under(subject);
        if found.is_some() || subject.is_context() || !subject.is_in_default_context() {
            return found;
        }
        let elsewhere =
            state.contexts().into_iter().skip(1).find_map(|context| under(&subject.moved_to(context)));
        elsewhere.or_else(|| under(&subject.own_context()))
    }
}

impl Registry {
    /// A schema by id.
    pub(crate) async fn schema_of_id(
        &self,
        id: i32,
        subject: Option<&Subject>,
    ) -> Result<SchemaView, RegistryError> {
        let find = || {
            let state = self.inner.state.read();
            self.inner.find_id(&state, id, subject).map(|(stored, found)| {
                let mut view = SchemaView::anonymous(stored);
                if let Some((subject, number)) = found {
                    view.subject = Some(subject.to_string());
                    view.version = Some(number);
                }
                view
            })
        };
        self.find_or_refresh(find).await?.ok_or_else(|| RegistryError::SchemaIdNotFound(id.to_string()))
    }

    /// The highest id in the context of `subject`.
    pub(crate) fn id_max(&self, subject: Option<&Subject>) -> i32 {
        let context = subject.map_or_else(Subject::global, Subject::own_context);
        self.inner.state.read().ids(context.context()).map_or(0, |ids| ids.id_max())
    }

    /// Subjects and versions that have an id.
    pub(crate) async fn versions_of_id(
        &self,
        id: i32,
        subject: Option<&Subject>,
        deleted: Deleted,
    ) -> Result<Vec<(String, i32)>, RegistryError> {
        let find = || {
            let state = self.inner.state.read();
            let (_, found) = self.inner.find_id(&state, id, subject)?;
            let context = found.map_or_else(Subject::global, |(subject, _)| subject.own_context());
            let uses = state.ids(context.context())?.newest_uses(id).into_iter();
            let shown = uses.filter(|(subject, number)| {
                state.version(subject, *number).is_some_and(|version| version.is_shown(deleted))
            });
            Some(shown.map(|(subject, number)| (subject.to_string(), number)).collect())
        };
        self.find_or_refresh(find).await?.ok_or(RegistryError::SchemaNotFound)
    }

    /// A schema by its GUID, its subject the context it was found in.
    pub(crate) async fn schema_of_guid(&self, text: &str) -> Result<SchemaView, RegistryError> {
        let guid = Guid::parse(text);
        let find = || {
            let state = self.inner.state.read();
            let (context, id) = *state.ids_of_guid(guid?).first()?;
            let subject = Some(Subject::context_wide(context).to_string());
            state.ids(context)?.get(id).map(|stored| SchemaView { subject, ..SchemaView::anonymous(stored) })
        };
        self.find_or_refresh(find).await?.ok_or_else(|| RegistryError::SchemaIdNotFound(text.to_owned()))
    }

    /// Contexts and ids of a GUID.
    pub(crate) fn ids_of_guid(&self, text: &str) -> Vec<(String, i32)> {
        let state = self.inner.state.read();
        let found = Guid::parse(text).map(|guid| state.ids_of_guid(guid)).unwrap_or_default();
        found.into_iter().map(|(context, id)| (context.to_owned(), id)).collect()
    }

    /// A version of a subject, in other contexts too if the subject names none.
    pub(crate) async fn version(
        &self,
        subject: &Subject,
        number: i32,
        deleted: Deleted,
    ) -> Result<SchemaView, RegistryError> {
        let find = || {
            let state = self.inner.state.read();
            SchemaView::find(&state, subject, number, deleted).or_else(|| {
                let others = if subject.is_in_default_context() { state.contexts() } else { Vec::new() };
                others
                    .into_iter()
                    .skip(1)
                    .find_map(|context| SchemaView::find(&state, &subject.moved_to(context), number, deleted))
            })
        };
        if let Some(view) = self.find_or_refresh(find).await? {
            return Ok(view);
        }
        self.require(subject, deleted)?;
        Err(RegistryError::VersionNotFound(number))
    }

    /// The numbers of a subject's versions, oldest first.
    pub(crate) async fn versions(
        &self,
        subject: &Subject,
        deleted: Deleted,
    ) -> Result<Vec<i32>, RegistryError> {
        let exists = || {
            let state = self.inner.state.read();
            let also = if deleted == Deleted::Hide || deleted == Deleted::Negative {
                Deleted::Hide
            } else {
                Deleted::Show
            };
            state.has(subject, also).then_some(())
        };
        if self.find_or_refresh(exists).await?.is_none() {
            return Err(RegistryError::SubjectNotFound(subject.to_string()));
        }
        let state = self.inner.state.read();
        let versions =
            state.versions(subject).into_iter().flatten().filter(|(_, version)| version.is_shown(deleted));
        let is_negative = |version: &Version| deleted == Deleted::Negative && version.deleted;
        Ok(versions.map(|(number, version)| if is_negative(version) { -number } else { *number }).collect())
    }

    /// Names of subjects.
    pub(crate) fn subjects(&self, prefix: &Prefix, deleted: Deleted) -> Vec<String> {
        let state = self.inner.state.read();
        let is_shown = |versions: &BTreeMap<i32, Version>| {
            let gone = versions.values().all(|version| version.deleted);
            match deleted {
                Deleted::Hide => !gone,
                Deleted::Show | Deleted::Negative => true,
                Deleted::Only => gone,
            }
        };
        let found = state.subjects(prefix).into_iter().filter(|(_, versions)| is_shown(versions));
        found.map(|(subject, _)| subject.to_string()).collect()
    }

    /// Versions of all subjects that match.
    pub(crate) fn schemas(&self, prefix: &Prefix, deleted: Deleted, latest_only: bool) -> Vec<SchemaView> {
        let state = self.inner.state.read();
        let mut views = Vec::new();
        for (subject, versions) in state.subjects(prefix) {
            let mut shown = versions.iter().filter(|(_, version)| version.is_shown(deleted));
            let view = |(number, version): (&i32, &Version)| SchemaView::new(subject, *number, version);
            if latest_only {
                views.extend(shown.next_back().map(view));
            } else {
                views.extend(shown.map(view));
            }
        }
        views
    }

    /// Ids of the schemas that refer to a version, in order.
    pub(crate) async fn referenced_by(
        &self,
        subject: &Subject,
        number: i32,
        deleted: Deleted,
    ) -> Result<Vec<i32>, RegistryError> {
        let view = self.version(subject, number, Deleted::Show).await?;
        let subject = view.subject.as_deref().map_or_else(|| subject.clone(), Subject::parse);
        let state = self.inner.state.read();
        let referrers = state.referrers(&subject, view.version.unwrap_or(number));
        let shown = referrers.filter(|(context, id)| is_used(&state, context, *id, deleted));
        Ok(shown.map(|(_, id)| id).collect())
    }

    /// The version that is a schema.
    pub(crate) async fn lookup(
        &self,
        subject: &Subject,
        request: &SchemaRequest,
        normalize: bool,
        deleted: Deleted,
    ) -> Result<SchemaView, RegistryError> {
        let schema = request.to_schema()?;
        if let Some(view) = self.lookup_in(subject, &schema, normalize, deleted).await? {
            return Ok(view);
        }
        if subject.is_in_default_context() {
            let others: Vec<String> =
                self.inner.state.read().contexts().into_iter().skip(1).map(str::to_owned).collect();
            for context in others {
                let found = self.lookup_in(&subject.moved_to(&context), &schema, normalize, deleted).await;
                match found {
                    Ok(Some(view)) => return Ok(view),
                    // References of this context may not exist in that one.
                    Ok(None) | Err(RegistryError::InvalidSchema(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        self.require(subject, deleted)?;
        Err(RegistryError::SchemaNotFound)
    }

    async fn lookup_in(
        &self,
        subject: &Subject,
        schema: &Schema,
        normalize: bool,
        deleted: Deleted,
    ) -> Result<Option<SchemaView>, RegistryError> {
        if schema.text.trim().is_empty() {
            return Ok(None);
        }
        let mut candidate = self.candidate(subject, schema.clone(), false, normalize).await?;
        let state = self.inner.state.read();
        let mut number = self.inner.version_of(&state, subject, &candidate, deleted)?;
        if number.is_none() {
            // As registering would have done, with the contract it would get.
            let previous = state.latest(subject).map(|(_, version)| &version.stored.schema);
            fill_contract(&mut candidate.schema, &state.settings(subject), previous);
            number = self.inner.version_of(&state, subject, &candidate, deleted)?;
        }
        Ok(number.and_then(|number| SchemaView::find(&state, subject, number, deleted)))
    }

    /// The newest version whose metadata has all of `properties`.
    pub(crate) fn latest_with(
        &self,
        subject: &Subject,
        properties: &BTreeMap<String, String>,
        deleted: Deleted,
    ) -> Result<SchemaView, RegistryError> {
        self.require(subject, deleted)?;
        let state = self.inner.state.read();
        let versions = state.versions(subject).into_iter().flatten().rev();
        let mut shown = versions.filter(|(_, version)| version.is_shown(deleted));
        let found = shown.find(|(_, version)| {
            let metadata = version.stored.schema.metadata.as_ref();
            let own = metadata.and_then(|metadata| metadata.properties.as_ref());
            own.is_some_and(|own| properties.iter().all(|(key, value)| own.get(key) == Some(value)))
        });
        found
            .map(|(number, version)| SchemaView::new(subject, *number, version))
            .ok_or(RegistryError::SchemaNotFound)
    }

    /// A version's text in a format other than the stored one.
    pub(crate) fn formatted(&self, view: &SchemaView, format: &str) -> Result<String, RegistryError> {
        let subject = view.subject.as_deref().map_or_else(Subject::global, Subject::parse);
        let schema = Schema {
            schema_type: view.schema_type,
            text: view.schema.clone(),
            references: view.references.clone(),
            ..Schema::default()
        };
        let state = self.inner.state.read();
        Ok(self.inner.parse_stored(&state, &subject, &schema)?.formatted(format))
    }

    pub(crate) fn contexts(&self) -> Vec<String> {
        self.inner.state.read().contexts().into_iter().map(str::to_owned).collect()
    }

    fn require(&self, subject: &Subject, deleted: Deleted) -> Result<(), RegistryError> {
        if self.inner.state.read().has(subject, deleted) {
            return Ok(());
        }
        Err(RegistryError::SubjectNotFound(subject.to_string()))
    }

    /// What is not there may have been written by another, so the log is read
    /// before saying so.
    async fn find_or_refresh<T>(&self, find: impl Fn() -> Option<T>) -> Result<Option<T>, RegistryError> {
        if let Some(found) = find() {
            return Ok(Some(found));
        }
        self.refresh().await?;
        Ok(find())
    }
}

/// The schema of an id has a version that is shown.
pub(super) fn is_used(state: &State, context: &str, id: i32, deleted: Deleted) -> bool {
    let uses = state.ids(context).into_iter().flat_map(|ids| ids.uses(id));
    uses.into_iter().any(|(subject, number)| {
        state.version(subject, number).is_some_and(|version| version.is_shown(deleted))
    })
}
