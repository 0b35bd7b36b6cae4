//! Whether records follow a registered schema: Confluent's broker-side validation.
//!
//! The broker knows neither schemas nor where they are kept. It asks a [`SchemaCheck`], and only for topics
//! that are configured so; for all others nothing is unpacked.

use wire::batch::{Batch, BatchError, Record};

use crate::configs::TopicSettings;

/// The header that names the schema of a record's key.
const KEY_HEADER: &[u8] = b"__key_schema_id";
/// The same for its value.
const VALUE_HEADER: &[u8] = b"__value_schema_id";
/// Records named in one answer; a client sends those that are not named again.
const FAULTS_MAX: usize = 1000;

/// How a schema's subject is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectNames {
    /// `<topic>-key`, `<topic>-value`.
    Topic,
    /// The full name of the record type.
    Record,
    /// `<topic>-<full name of the record type>`.
    TopicRecord,
}

impl SubjectNames {
    /// Confluent's names of its strategies, as topics are configured with them.
    pub const NAMES: &'static [&'static str] = &[
        "io.confluent.kafka.serializers.subject.TopicNameStrategy",
        "io.confluent.kafka.serializers.subject.RecordNameStrategy",
        "io.confluent.kafka.serializers.subject.TopicRecordNameStrategy",
    ];

    pub(crate) fn parse(name: &str) -> Self {
        match Self::NAMES.iter().position(|known| *known == name) {
            Some(1) => Self::Record,
            Some(2) => Self::TopicRecord,
            _ => Self::Topic,
        }
    }
}

/// A key or value that asks to be written.
#[derive(Debug, Clone, Copy)]
pub struct SchemaQuestion<'a> {
    pub topic: &'a str,
    pub is_key: bool,
    pub names: SubjectNames,
    pub bytes: &'a [u8],
    /// The record header that names the schema, if there is one.
    pub header: Option<&'a [u8]>,
}

/// Who knows the registered schemas. Asked while a batch is appended, so it answers from memory.
pub trait SchemaCheck: Send + Sync + 'static {
    /// The error says why the record is refused.
    fn check(&self, question: SchemaQuestion<'_>) -> Result<(), String>;
}

/// What a topic asks of its records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SchemaRule {
    /// None: keys are not looked at.
    pub key: Option<SubjectNames>,
    pub value: Option<SubjectNames>,
}

impl SchemaRule {
    pub(crate) fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// Records at fault by their index in the batch, each with its reason.
pub(crate) type Faults = Vec<(i32, String)>;

/// Looks into every record of a batch.
pub(crate) fn faults(
    batch: &Batch<'_>,
    topic: &str,
    settings: &TopicSettings,
    check: &dyn SchemaCheck,
    unpacked_bytes_max: usize,
) -> Result<Faults, BatchError> {
    let records = batch.records(unpacked_bytes_max)?;
    let mut faults = Faults::new();
    for (record, index) in records.iter().zip(0..) {
        let record = record?;
        if let Err(reason) = check_record(&record, topic, settings.schemas, check) {
            faults.push((index, reason));
            if faults.len() >= FAULTS_MAX {
                break;
            }
        }
    }
    Ok(faults)
}

fn check_record(
    record: &Record<'_>,
    topic: &str,
    rule: SchemaRule,
    check: &dyn SchemaCheck,
) -> Result<(), String> {
    let parts = [(true, rule.key, record.key, KEY_HEADER), (false, rule.value, record.value, VALUE_HEADER)];
    for (is_key, names, bytes, header_name) in parts {
        // No key and no value, a tombstone, have no schema.
        let (Some(names), Some(bytes)) = (names, bytes) else { continue };
        let header = record.headers.clone().find(|header| header.key == header_name);
        let header = header.and_then(|header| header.value);
        check.check(SchemaQuestion { topic, is_key, names, bytes, header })?;
    }
    Ok(())
}
