//! A Confluent-compatible schema registry, seen as a client.
//!
//! [`rest`] speaks the protocol; [`cache`] keeps parsed schemas by id and GUID,
//! which never change once registered.

mod cache;
mod rest;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use parking_lot::Mutex;
use payload::{ParsedSchema, SchemaId, SchemaKey};

pub use rest::{Level, Reference, RegisteredSchema, SchemaUse, SubjectVersion, Verdict};

use crate::config::RegistryConfig;
use crate::error::{ClusterError, Result};
use cache::Cache;
use rest::Rest;

/// Requests under way at once, where a list needs one per subject.
const PARALLEL: usize = 16;
/// The list of subjects is asked for at most this often.
const SUBJECTS_AGE_MAX: Duration = Duration::from_secs(5);
/// A subject's latest schema is believed to be the latest for this long.
const LATEST_AGE_MAX: Duration = Duration::from_secs(2);
/// Subjects remembered of one schema.
const USES_MAX: usize = 100;
/// References a schema may pull in, directly or not.
const REFERENCES_MAX: usize = 200;

/// One line of the list of subjects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRow {
    pub subject: String,
    pub schema_type: String,
    pub latest_version: i32,
    pub latest_id: u32,
    pub versions: usize,
    pub level: Level,
}

/// A schema ready for use, and where it is registered.
#[derive(Debug)]
pub(crate) struct Known {
    /// None where the registry does not say it.
    pub(crate) id: Option<u32>,
    pub(crate) parsed: ParsedSchema,
    /// Subjects and versions that have it, some of them.
    pub(crate) uses: Vec<SchemaUse>,
}

/// The registry of one cluster. Cheap to clone.
#[derive(Clone)]
pub struct Schemas {
    inner: Arc<Inner>,
}

struct Inner {
    rest: Rest,
    cache: Cache,
    subjects: Mutex<Option<(Instant, Arc<Vec<String>>)>>,
    latest: Mutex<BTreeMap<String, (Instant, u32)>>,
}

impl Schemas {
    pub(crate) fn new(config: RegistryConfig) -> Self {
        let inner = Inner {
            rest: Rest::new(config),
            cache: Cache::default(),
            subjects: Mutex::default(),
            latest: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Names, a few seconds old at most; empty when the registry does not answer.
    pub async fn known_subjects(&self) -> Arc<Vec<String>> {
        if let Some((taken, subjects)) = &*self.inner.subjects.lock()
            && taken.elapsed() < SUBJECTS_AGE_MAX
        {
            return subjects.clone();
        }
        let fresh = Arc::new(self.inner.rest.subjects().await.unwrap_or_default());
        *self.inner.subjects.lock() = Some((Instant::now(), fresh.clone()));
        fresh
    }

    /// Names of all subjects.
    pub async fn subject_names(&self) -> Result<Vec<String>> {
        self.inner.rest.subjects().await
    }

    /// Every subject with its latest version and level.
    pub async fn subjects(&self) -> Result<Vec<SubjectRow>> {
        let rest = &self.inner.rest;
        let global = rest.global_level().await?;
        let mut by_subject: BTreeMap<String, (SubjectVersion, usize)> = BTreeMap::new();
        for version in self.all_versions().await? {
            let known = by_subject.entry(version.subject.clone()).or_insert_with(|| (version.clone(), 0));
            known.1 += 1;
            if version.version > known.0.version {
                known.0 = version;
            }
        }
        let global = &global;
        stream::iter(by_subject.into_iter().map(|(subject, (latest, versions))| async move {
            let own = rest.subject_level(&subject).await?;
            Ok(SubjectRow {
                schema_type: latest.schema_type,
                latest_version: latest.version,
                latest_id: latest.id,
                versions,
                level: own.unwrap_or_else(|| Level { name: global.clone(), inherited: true }),
                subject,
            })
        }))
        .buffered(PARALLEL)
        .try_collect()
        .await
    }

    async fn all_versions(&self) -> Result<Vec<SubjectVersion>> {
        match self.inner.rest.all_versions().await {
            // Smaller registries lack the one request that answers all.
            Err(ClusterError::NotFound { .. } | ClusterError::Unsupported { .. }) => {
                let subjects = self.inner.rest.subjects().await?;
                let each: Vec<Vec<SubjectVersion>> = stream::iter(
                    subjects.into_iter().map(|subject| async move { self.versions(&subject).await }),
                )
                .buffered(PARALLEL)
                .try_collect()
                .await?;
                Ok(each.into_iter().flatten().collect())
            }
            outcome => outcome,
        }
    }

    /// Oldest first.
    pub async fn versions(&self, subject: &str) -> Result<Vec<SubjectVersion>> {
        let rest = &self.inner.rest;
        let numbers = rest.versions(subject).await?;
        stream::iter(numbers.into_iter().map(|version| rest.version(subject, version)))
            .buffered(PARALLEL)
            .try_collect()
            .await
    }

    /// The level in force.
    pub async fn level(&self, subject: &str) -> Result<Level> {
        match self.inner.rest.subject_level(subject).await? {
            Some(level) => Ok(level),
            None => Ok(Level { name: self.inner.rest.global_level().await?, inherited: true }),
        }
    }

    /// None as subject: the global level. None as level: back to the global one.
    pub async fn set_level(&self, subject: Option<&str>, level: Option<&str>) -> Result<()> {
        self.inner.rest.set_level(subject, level).await
    }

    /// Against the versions the level asks for; a new subject is compatible with nothing to break.
    pub async fn check(
        &self,
        subject: &str,
        schema_type: &str,
        schema: &str,
        references: &[Reference],
    ) -> Result<Verdict> {
        self.inner.rest.check(subject, schema_type, schema, references).await
    }

    pub async fn register(
        &self,
        subject: &str,
        schema_type: &str,
        schema: &str,
        references: &[Reference],
    ) -> Result<RegisteredSchema> {
        let registered = self.inner.rest.register(subject, schema_type, schema, references).await?;
        self.forget_subjects();
        Ok(registered)
    }

    /// `permanent` also forgets the versions, after the soft deletion Confluent asks for first.
    pub async fn delete_subject(&self, subject: &str, permanent: bool) -> Result<()> {
        match self.inner.rest.delete_subject(subject, false).await {
            // Deleted softly before: permanent deletion is what is left to do.
            Err(ClusterError::NotFound { .. }) if permanent => {}
            outcome => outcome?,
        }
        if permanent {
            self.inner.rest.delete_subject(subject, true).await?;
        }
        self.forget_subjects();
        Ok(())
    }

    fn forget_subjects(&self) {
        *self.inner.subjects.lock() = None;
        self.inner.latest.lock().clear();
    }

    /// Ready for decoding; the error is a sentence for the payload it concerns.
    pub(crate) async fn known(&self, key: SchemaKey) -> Result<Arc<Known>, String> {
        if let Some(known) = self.inner.cache.get(key) {
            return known;
        }
        let outcome = self.look_up(key).await.map(Arc::new);
        self.inner.cache.put(key, outcome.clone());
        outcome
    }

    /// The subject's latest schema, for encoding; it may be a moment old.
    pub async fn latest_parsed(&self, subject: &str) -> Result<(u32, ParsedSchema)> {
        let known = self.inner.latest.lock().get(subject).copied();
        let id = match known {
            Some((taken, id)) if taken.elapsed() < LATEST_AGE_MAX => id,
            _ => {
                let id = self.inner.rest.latest(subject).await?.id;
                let mut latest = self.inner.latest.lock();
                latest.retain(|_, (taken, _)| taken.elapsed() < LATEST_AGE_MAX);
                latest.insert(subject.to_owned(), (Instant::now(), id));
                id
            }
        };
        let known = self.known(SchemaKey::Id(SchemaId(id))).await.map_err(ClusterError::Invalid)?;
        Ok((id, known.parsed.clone()))
    }

    /// Full names of a Protobuf schema's messages; none where it can't be had.
    pub async fn messages(&self, id: u32) -> Vec<String> {
        let known = self.known(SchemaKey::Id(SchemaId(id))).await;
        known.map_or_else(|_| Vec::new(), |it| it.parsed.messages().into_iter().map(str::to_owned).collect())
    }

    async fn look_up(&self, key: SchemaKey) -> Result<Known, String> {
        let rest = &self.inner.rest;
        let found = rest.schema(key).await.map_err(|error| match error {
            ClusterError::NotFound { .. } => format!("{key} is not in the registry"),
            other => format!("{key}: {other}"),
        })?;
        // Registries that don't know these requests are no reason to show bytes.
        let id = match key {
            SchemaKey::Id(SchemaId(id)) => Some(id),
            SchemaKey::Guid(guid) => rest.id_of_guid(guid).await.ok().flatten(),
        };
        let mut uses = match id {
            Some(id) => rest.uses(id).await.unwrap_or_default(),
            None => Vec::new(),
        };
        uses.truncate(USES_MAX);
        let references = self.references(found.references).await.map_err(|error| format!("{key}: {error}"));
        let parsed = parse(found.schema_type, found.schema, references?).await;
        Ok(Known { id, parsed: parsed.map_err(|error| format!("{key}: {error}"))?, uses })
    }

    /// All schemas referred to, directly or not, by the names they are referred to.
    async fn references(&self, direct: Vec<Reference>) -> Result<Vec<payload::Reference>> {
        let mut waiting = direct;
        let mut seen = std::collections::BTreeSet::new();
        let mut all = Vec::new();
        let mut texts: BTreeMap<(String, i32), String> = BTreeMap::new();
        while let Some(Reference { name, subject, version }) = waiting.pop() {
            if !seen.insert((name.clone(), subject.clone(), version)) {
                continue;
            }
            if seen.len() > REFERENCES_MAX {
                return Err(ClusterError::Invalid(format!("more than {REFERENCES_MAX} schema references")));
            }
            let at = (subject, version);
            if !texts.contains_key(&at) {
                let found = self.inner.rest.version(&at.0, at.1).await?;
                waiting.extend(found.references);
                texts.insert(at.clone(), found.schema);
            }
            let schema = texts.get(&at).cloned().unwrap_or_default();
            all.push(payload::Reference { name, schema });
        }
        Ok(all)
    }
}

/// On a thread of its own: a large schema takes its time.
async fn parse(
    schema_type: String,
    schema: String,
    references: Vec<payload::Reference>,
) -> Result<ParsedSchema, String> {
    let parsing = tokio::task::spawn_blocking(move || match schema_type.as_str() {
        "AVRO" => ParsedSchema::avro(&schema, &references).map_err(|error| error.to_string()),
        "JSON" => Ok(ParsedSchema::json(&schema, &references)),
        "PROTOBUF" => ParsedSchema::protobuf(&schema, &references).map_err(|error| error.to_string()),
        other => Err(format!("schemas of type {other} are not known")),
    });
    parsing.await.unwrap_or_else(|error| Err(format!("it can't be parsed: {error}")))
}
