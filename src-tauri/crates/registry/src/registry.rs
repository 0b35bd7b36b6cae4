//! The registry's operations: one writer, many readers, one log.

mod check;
mod delete;
mod lookup;
mod references;
mod register;
mod settings;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use parking_lot::RwLock;
use tracing::{info, warn};

pub(crate) use lookup::SchemaView;
pub(crate) use register::SchemaRequest;

use crate::{
    Config, Guid, RegistryError, SchemaLog, SchemaLogError, SchemaType,
    parsed::{Parsed, ParsedCache, Resolved},
    record::Record,
    schema::Schema,
    state::State,
    subject::{DEFAULT_CONTEXT, Subject},
};

/// A schema registry. Cheap to clone: every clone is the same registry.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    log: Arc<dyn SchemaLog>,
    config: Config,
    state: RwLock<State>,
    /// Held from before an id is chosen until its record is in the state.
    writer: tokio::sync::Mutex<Writer>,
    parsed: ParsedCache,
    records_bad: AtomicU64,
}

struct Writer {
    /// The offset after the last record in the state.
    next: i64,
}

/// Why the registry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the registry cannot start: {0}")]
    Log(#[from] SchemaLogError),
}

impl Registry {
    /// Rebuilds the registry from `log`. Bad records are reported and skipped.
    pub async fn open(log: Arc<dyn SchemaLog>, config: Config) -> Result<Self, OpenError> {
        let registry = Self {
            inner: Arc::new(Inner {
                log,
                config,
                state: RwLock::default(),
                writer: tokio::sync::Mutex::new(Writer { next: 0 }),
                parsed: ParsedCache::default(),
                records_bad: AtomicU64::new(0),
            }),
        };
        let mut writer = registry.inner.writer.lock().await;
        registry.catch_up(&mut writer).await?;
        info!(offset = writer.next, bad = registry.records_bad(), "schema log read");
        drop(writer);
        Ok(registry)
    }

    /// The limits and defaults it was opened with.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Records of the log that could not be understood.
    pub fn records_bad(&self) -> u64 {
        self.inner.records_bad.load(Ordering::Relaxed)
    }

    /// Whether a schema of this id exists: in the default context, or in the
    /// one `subject` is in.
    pub fn has_schema_id(&self, id: i32, subject: Option<&str>) -> bool {
        let subject = subject.map(crate::subject::Subject::parse);
        self.inner.find_id(&self.inner.state.read(), id, subject.as_ref()).is_some()
    }

    /// The language and text of a schema of the default context.
    pub fn schema_text(&self, id: i32) -> Option<(SchemaType, String)> {
        let state = self.inner.state.read();
        let stored = state.ids(DEFAULT_CONTEXT)?.get(id)?;
        Some((stored.schema.schema_type, stored.schema.text.clone()))
    }

    /// The id of a GUID's schema in the default context.
    pub fn id_of_guid(&self, guid: [u8; 16]) -> Option<i32> {
        self.inner.state.read().ids(DEFAULT_CONTEXT)?.id_of(Guid(guid))
    }

    /// Whether a version of `subject` that is not deleted has the schema `id`.
    pub fn is_registered_under(&self, id: i32, subject: &str) -> bool {
        let subject = Subject::parse(subject);
        let state = self.inner.state.read();
        let Some(versions) = state.versions(&subject) else { return false };
        versions.values().any(|version| version.stored.id == id && !version.deleted)
    }

    /// Reads what others may have written to the log since.
    async fn refresh(&self) -> Result<(), RegistryError> {
        let mut writer = self.inner.writer.lock().await;
        Ok(self.catch_up(&mut writer).await?)
    }

    /// Takes over the log up to its end.
    async fn catch_up(&self, writer: &mut Writer) -> Result<(), SchemaLogError> {
        loop {
            let chunk = self.inner.log.read_from(writer.next).await?;
            let Some(last) = chunk.last() else { return Ok(()) };
            let next = last.offset.saturating_add(1);
            if next <= writer.next {
                return Err(SchemaLogError::Read(format!("offset {} came again", last.offset)));
            }
            let mut records = Vec::with_capacity(chunk.len());
            for record in &chunk {
                match Record::parse(&record.key, record.value.as_deref()) {
                    Ok(parsed) => records.extend(parsed),
                    Err(error) => {
                        self.inner.records_bad.fetch_add(1, Ordering::Relaxed);
                        warn!(offset = record.offset, %error, "schema record skipped");
                    }
                }
            }
            // What a reference leads to can change when versions go.
            if records.iter().any(|record| {
                matches!(record, Record::Schema { value: None, .. } | Record::ClearSubject { .. })
            }) {
                self.inner.parsed.clear();
            }
            let mut state = self.inner.state.write();
            records.into_iter().for_each(|record| state.apply(record));
            drop(state);
            writer.next = next;
        }
    }

    /// Appends a record and takes it over, so that the next decision knows it.
    async fn append(&self, writer: &mut Writer, record: &Record) -> Result<(), RegistryError> {
        let (key, value) = record.to_bytes();
        let offset = self.inner.log.append(key, value).await?;
        self.catch_up(writer).await?;
        if writer.next <= offset {
            return Err(RegistryError::StoreTimeout);
        }
        Ok(())
    }

    /// Parses on a thread that may take its time: a large schema takes longer
    /// than other requests should wait.
    async fn parse(
        &self,
        schema: Schema,
        references: Vec<Resolved>,
        is_new: bool,
    ) -> Result<(Schema, Parsed), RegistryError> {
        let (bytes, bytes_max) = (schema.text.len(), self.inner.config.schema_bytes_max);
        if bytes > bytes_max {
            return Err(RegistryError::SchemaTooLarge { bytes, bytes_max });
        }
        /// Below this a thread change costs more than the parsing.
        const QUICK_BYTES: usize = 16 * 1024;
        if bytes < QUICK_BYTES && references.is_empty() {
            let parsed = Parsed::parse(&schema, &references, is_new)?;
            return Ok((schema, parsed));
        }
        tokio::task::spawn_blocking(move || {
            let parsed = Parsed::parse(&schema, &references, is_new)?;
            Ok((schema, parsed))
        })
        .await
        .map_err(|_| RegistryError::Internal("the parser stopped"))?
    }
}
