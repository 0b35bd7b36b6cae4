//! A Confluent-compatible schema registry, seen as a client.
//!
//! [`rest`] speaks the protocol; [`cache`] keeps parsed schemas by id, which
//! never change once registered.

mod cache;
mod rest;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use parking_lot::Mutex;
use payload::ParsedSchema;

pub use rest::{Level, Reference, RegisteredSchema, SubjectVersion, Verdict};

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
    pub async fn parsed(&self, id: u32) -> Result<ParsedSchema, String> {
        if let Some(known) = self.inner.cache.get(id) {
            return known;
        }
        let parsed = self.parse_by_id(id).await;
        self.inner.cache.put(id, parsed.clone());
        parsed
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
        let parsed = self.parsed(id).await.map_err(ClusterError::Invalid)?;
        Ok((id, parsed))
    }

    async fn parse_by_id(&self, id: u32) -> Result<ParsedSchema, String> {
        let found = self.inner.rest.schema(id).await.map_err(|error| match error {
            ClusterError::NotFound { .. } => format!("schema {id} is not in the registry"),
            other => format!("schema {id}: {other}"),
        })?;
        match found.schema_type.as_str() {
            "AVRO" => {
                let references =
                    self.references(found.references).await.map_err(|error| error.to_string())?;
                ParsedSchema::avro(&found.schema, &references)
                    .map_err(|error| format!("schema {id}: {error}"))
            }
            "JSON" => Ok(ParsedSchema::json()),
            other => Err(format!("schema {id} is {other}, which is not decoded yet")),
        }
    }

    /// The texts of all schemas referred to, directly or not.
    async fn references(&self, direct: Vec<Reference>) -> Result<Vec<String>> {
        let mut waiting = direct;
        let mut seen = std::collections::BTreeSet::new();
        let mut texts = Vec::new();
        while let Some(reference) = waiting.pop() {
            if !seen.insert((reference.subject.clone(), reference.version)) {
                continue;
            }
            if seen.len() > REFERENCES_MAX {
                return Err(ClusterError::Invalid(format!("more than {REFERENCES_MAX} schema references")));
            }
            let version = self.inner.rest.version(&reference.subject, reference.version).await?;
            waiting.extend(version.references);
            texts.push(version.schema);
        }
        Ok(texts)
    }
}
