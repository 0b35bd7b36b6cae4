//! The log's records in Confluent's own format: JSON keys with a `keytype` and
//! a magic number, JSON values.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Mode,
    contract::{Metadata, RuleSet},
    schema::{Reference, Schema, SchemaType},
    settings::Settings,
    subject::Subject,
};

/// One change to the registry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Record {
    /// `None`: the version is gone for good.
    Schema {
        subject: Subject,
        version: i32,
        value: Option<Box<SchemaVersion>>,
    },
    Config {
        subject: Subject,
        value: Option<Box<Settings>>,
    },
    Mode {
        subject: Subject,
        value: Option<Mode>,
    },
    Context {
        context: String,
        is_gone: bool,
    },
    /// Versions up to this one are softly deleted.
    DeleteSubject {
        subject: Subject,
        version: Option<i32>,
    },
    /// Softly deleted versions are forgotten.
    ClearSubject {
        subject: Subject,
    },
    /// Marks a place in the log and changes nothing.
    Noop,
}

/// The value of a schema record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SchemaVersion {
    pub(crate) id: i32,
    pub(crate) schema: Schema,
    pub(crate) deleted: bool,
}

/// A record that is not in the format; the log goes on without it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadRecord {
    #[error("the key is not a registry key: {0}")]
    Key(String),
    #[error("keytype {0} is not known")]
    Keytype(String),
    #[error("magic {found} does not belong to keytype {keytype}, which has {expected}")]
    Magic { keytype: String, found: i64, expected: i64 },
    #[error("the value does not fit keytype {keytype}: {reason}")]
    Value { keytype: String, reason: String },
}

#[derive(Deserialize)]
struct Key {
    keytype: String,
    #[serde(default)]
    magic: i64,
    subject: Option<String>,
    version: Option<i32>,
    context: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SchemaValue {
    subject: Option<String>,
    version: i32,
    id: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    md5: Option<String>,
    #[serde(default)]
    schema_type: Option<SchemaType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    references: Option<Vec<Reference>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule_set: Option<RuleSet>,
    schema: String,
    #[serde(default)]
    deleted: bool,
}

#[derive(Deserialize)]
struct ModeValue {
    mode: Mode,
}

#[derive(Deserialize)]
struct DeleteSubjectValue {
    version: Option<i32>,
}

const SCHEMA_MAGIC: i64 = 1;
const OTHER_MAGIC: i64 = 0;

impl Record {
    /// Reads a record; `Ok(None)` for keys of features this registry lacks.
    pub(crate) fn parse(key: &[u8], value: Option<&[u8]>) -> Result<Option<Self>, BadRecord> {
        let key: Key = serde_json::from_slice(key).map_err(|error| BadRecord::Key(error.to_string()))?;
        let expected = if key.keytype == "SCHEMA" { SCHEMA_MAGIC } else { OTHER_MAGIC };
        // A schema key of magic 0 is from before schemas had deletion.
        if key.magic != expected && key.magic != OTHER_MAGIC {
            return Err(BadRecord::Magic { keytype: key.keytype, found: key.magic, expected });
        }
        let bad = |reason: String| BadRecord::Value { keytype: key.keytype.clone(), reason };
        let subject = || Subject::parse(key.subject.as_deref().unwrap_or_default());
        let record = match key.keytype.as_str() {
            "SCHEMA" => {
                let version =
                    key.version.ok_or_else(|| BadRecord::Key("a schema's key needs a version".into()))?;
                let value = parse_value::<SchemaValue>(value).map_err(bad)?;
                let value = value.map(|value| {
                    Box::new(SchemaVersion {
                        id: value.id,
                        deleted: value.deleted,
                        schema: Schema {
                            schema_type: value.schema_type.unwrap_or_default(),
                            text: value.schema,
                            references: value.references.unwrap_or_default(),
                            metadata: value.metadata,
                            rule_set: value.rule_set,
                        },
                    })
                });
                Self::Schema { subject: subject(), version, value }
            }
            "CONFIG" => {
                Self::Config { subject: subject(), value: parse_value(value).map_err(bad)?.map(Box::new) }
            }
            "MODE" => {
                let value = parse_value::<ModeValue>(value).map_err(bad)?;
                Self::Mode { subject: subject(), value: value.map(|value| value.mode) }
            }
            "DELETE_SUBJECT" => match parse_value::<DeleteSubjectValue>(value).map_err(bad)? {
                Some(value) => Self::DeleteSubject { subject: subject(), version: value.version },
                None => return Ok(None),
            },
            "CLEAR_SUBJECT" if value.is_some() => Self::ClearSubject { subject: subject() },
            "CLEAR_SUBJECT" => return Ok(None),
            "CONTEXT" => {
                let context =
                    key.context.ok_or_else(|| BadRecord::Key("a context's key names none".into()))?;
                Self::Context { context, is_gone: value.is_none() }
            }
            "NOOP" => Self::Noop,
            "ASSOC" => return Ok(None),
            other => return Err(BadRecord::Keytype(other.into())),
        };
        Ok(Some(record))
    }

    /// The key and value to append.
    pub(crate) fn to_bytes(&self) -> (Bytes, Option<Bytes>) {
        let named = |subject: &Subject| (!subject.is_global()).then(|| subject.to_string());
        // The whole registry goes without a subject: records that replace each
        // other must have the same key, byte by byte.
        let key = |keytype: &str, subject: &Subject| match named(subject) {
            Some(name) => json!({"keytype": keytype, "subject": name, "magic": OTHER_MAGIC}),
            None => json!({"keytype": keytype, "magic": OTHER_MAGIC}),
        };
        let (key, value) = match self {
            Self::Schema { subject, version, value } => {
                let key = json!({"keytype": "SCHEMA", "subject": subject.to_string(), "version": version, "magic": SCHEMA_MAGIC});
                let value = value.as_ref().map(|value| {
                    let schema = &value.schema;
                    json!(SchemaValue {
                        subject: Some(subject.to_string()),
                        version: *version,
                        id: value.id,
                        md5: Some(BASE64_STANDARD.encode(schema.guid().0)),
                        schema_type: Some(schema.schema_type),
                        references: (!schema.references.is_empty()).then(|| schema.references.clone()),
                        metadata: schema.metadata.clone(),
                        rule_set: schema.rule_set.clone(),
                        schema: schema.text.clone(),
                        deleted: value.deleted,
                    })
                });
                (key, value)
            }
            Self::Config { subject, value } => {
                let value = value.as_ref().map(|settings| {
                    let mut fields = json!(settings);
                    if let (Some(fields), Some(name)) = (fields.as_object_mut(), named(subject)) {
                        fields.insert("subject".into(), name.into());
                    }
                    fields
                });
                (key("CONFIG", subject), value)
            }
            Self::Mode { subject, value } => {
                let value = value.map(|mode| match named(subject) {
                    Some(name) => json!({"subject": name, "mode": mode}),
                    None => json!({"mode": mode}),
                });
                (key("MODE", subject), value)
            }
            Self::Context { context, is_gone } => (
                json!({"keytype": "CONTEXT", "tenant": "default", "context": context, "magic": OTHER_MAGIC}),
                (!is_gone).then(|| json!({"tenant": "default", "context": context})),
            ),
            Self::DeleteSubject { subject, version } => (
                key("DELETE_SUBJECT", subject),
                Some(json!({"subject": subject.to_string(), "version": version})),
            ),
            Self::ClearSubject { subject } => {
                (key("CLEAR_SUBJECT", subject), Some(json!({"subject": subject.to_string()})))
            }
            Self::Noop => (json!({"keytype": "NOOP", "magic": OTHER_MAGIC}), None),
        };
        (key.to_string().into(), value.map(|value| value.to_string().into()))
    }
}

fn parse_value<'v, T: Deserialize<'v>>(value: Option<&'v [u8]>) -> Result<Option<T>, String> {
    value.map(serde_json::from_slice).transpose().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, value: Option<&str>, expected: Record) {
        let parsed = Record::parse(key.as_bytes(), value.map(str::as_bytes));
        let record = parsed.expect("the record is in the format").expect("the record has a meaning");
        assert_eq!(record, expected);
        let (key, value) = record.to_bytes();
        let again = Record::parse(&key, value.as_deref());
        assert_eq!(again.expect("our own format").expect("our own record"), expected);
    }

    fn version(id: i32, text: &str) -> SchemaVersion {
        SchemaVersion { id, schema: Schema { text: text.into(), ..Schema::default() }, deleted: false }
    }

    #[test]
    fn records_of_a_real_registry_are_read_and_written() {
        let orders = Subject::parse("orders-value");
        check(
            r#"{"keytype":"SCHEMA","subject":"orders-value","version":1,"magic":1}"#,
            Some(r#"{"subject":"orders-value","version":1,"id":7,"schema":"\"string\"","deleted":false}"#),
            Record::Schema {
                subject: orders.clone(),
                version: 1,
                value: Some(Box::new(version(7, "\"string\""))),
            },
        );
        check(
            r#"{"keytype":"SCHEMA","subject":"orders-value","version":1,"magic":1}"#,
            None,
            Record::Schema { subject: orders.clone(), version: 1, value: None },
        );
        check(
            r#"{"keytype":"CONFIG","subject":null,"magic":0}"#,
            Some(r#"{"compatibilityLevel":"FULL"}"#),
            Record::Config {
                subject: Subject::global(),
                value: Some(Box::new(Settings {
                    compatibility_level: Some(crate::CompatibilityLevel::Full),
                    ..Settings::default()
                })),
            },
        );
        check(
            r#"{"keytype":"MODE","subject":"orders-value","magic":0}"#,
            Some(r#"{"subject":"orders-value","mode":"READONLY"}"#),
            Record::Mode { subject: orders.clone(), value: Some(Mode::Readonly) },
        );
        check(
            r#"{"keytype":"DELETE_SUBJECT","subject":"orders-value","magic":0}"#,
            Some(r#"{"subject":"orders-value","version":3}"#),
            Record::DeleteSubject { subject: orders.clone(), version: Some(3) },
        );
        check(
            r#"{"keytype":"CLEAR_SUBJECT","subject":"orders-value","magic":0}"#,
            Some(r#"{"subject":"orders-value"}"#),
            Record::ClearSubject { subject: orders },
        );
        check(r#"{"keytype":"NOOP","magic":0}"#, None, Record::Noop);
    }

    /// Byte by byte as Confluent's registry 8 writes them.
    #[test]
    fn records_are_written_as_a_real_registry_does() {
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).expect("JSON is text");
        let orders = Subject::parse("orders-value");
        let schema = Schema {
            schema_type: SchemaType::Protobuf,
            text: "message M {}".into(),
            references: vec![Reference { name: "n".into(), subject: "s".into(), version: 2 }],
            ..Schema::default()
        };
        let value = Some(Box::new(SchemaVersion { id: 7, schema, deleted: false }));
        let version = Record::Schema { subject: orders.clone(), version: 1, value };
        let mode = |subject: Subject| Record::Mode { subject, value: Some(Mode::Readonly) };
        for (record, key, value) in [
            (
                version,
                r#"{"keytype":"SCHEMA","subject":"orders-value","version":1,"magic":1}"#,
                Some(
                    r#"{"subject":"orders-value","version":1,"id":7,"md5":"ViptAjHWepAxb4EFiNNtkQ==","schemaType":"PROTOBUF","references":[{"name":"n","subject":"s","version":2}],"schema":"message M {}","deleted":false}"#,
                ),
            ),
            (mode(Subject::global()), r#"{"keytype":"MODE","magic":0}"#, Some(r#"{"mode":"READONLY"}"#)),
            (
                mode(orders.clone()),
                r#"{"keytype":"MODE","subject":"orders-value","magic":0}"#,
                Some(r#"{"subject":"orders-value","mode":"READONLY"}"#),
            ),
            (
                Record::Config { subject: Subject::global(), value: None },
                r#"{"keytype":"CONFIG","magic":0}"#,
                None,
            ),
            (
                Record::Context { context: ".eu".into(), is_gone: false },
                r#"{"keytype":"CONTEXT","tenant":"default","context":".eu","magic":0}"#,
                Some(r#"{"tenant":"default","context":".eu"}"#),
            ),
            (
                Record::DeleteSubject { subject: orders.clone(), version: Some(3) },
                r#"{"keytype":"DELETE_SUBJECT","subject":"orders-value","magic":0}"#,
                Some(r#"{"subject":"orders-value","version":3}"#),
            ),
            (
                Record::ClearSubject { subject: orders },
                r#"{"keytype":"CLEAR_SUBJECT","subject":"orders-value","magic":0}"#,
                Some(r#"{"subject":"orders-value"}"#),
            ),
        ] {
            let (own_key, own_value) = record.to_bytes();
            assert_eq!(text(own_key), key);
            assert_eq!(own_value.map(text).as_deref(), value, "{key}");
        }
    }

    #[test]
    fn anything_else_is_named() {
        for (key, value, expected) in [
            ("not json", None, "not a registry key"),
            (r#"{"keytype":"WAT","magic":0}"#, None, "keytype WAT"),
            (r#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":9}"#, None, "magic 9"),
            (r#"{"keytype":"SCHEMA","subject":"s","magic":1}"#, None, "needs a version"),
            (r#"{"keytype":"MODE","magic":0}"#, Some(r#"{"mode":"SIDEWAYS"}"#), "does not fit keytype MODE"),
        ] {
            let error = Record::parse(key.as_bytes(), value.map(str::as_bytes)).expect_err(key).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
