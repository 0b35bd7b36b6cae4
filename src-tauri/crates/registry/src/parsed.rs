//! A schema read and understood, in whichever language.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::{
    RegistryError,
    avro::{self, AvroSchema},
    json::JsonSchema,
    protobuf::ProtobufSchema,
    schema::{Guid, Schema, SchemaType},
};

/// A parsed schema.
#[derive(Debug)]
pub(crate) enum Parsed {
    Avro(AvroSchema),
    Json(JsonSchema),
    Protobuf(ProtobufSchema),
}

/// A schema another one refers to.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    /// The name it is referred to by.
    pub(crate) name: String,
    pub(crate) schema_type: SchemaType,
    pub(crate) text: String,
}

impl Parsed {
    /// Parses `schema`. `references` hold everything it builds on, each after
    /// what it builds on itself.
    pub(crate) fn parse(
        schema: &Schema,
        references: &[Resolved],
        is_new: bool,
    ) -> Result<Self, RegistryError> {
        let invalid = |reason: String| {
            RegistryError::InvalidSchema(format!("{} schema not understood: {reason}", schema.schema_type))
        };
        if let Some(other) = references.iter().find(|reference| reference.schema_type != schema.schema_type) {
            return Err(invalid(format!(
                "the reference \"{}\" is of type {}",
                other.name, other.schema_type
            )));
        }
        let named: Vec<(&str, &str)> =
            references.iter().map(|reference| (reference.name.as_str(), reference.text.as_str())).collect();
        match schema.schema_type {
            SchemaType::Avro => {
                let references: Vec<&str> = named.iter().map(|(_, text)| *text).collect();
                avro::parse(&schema.text, &references, is_new)
                    .map(Self::Avro)
                    .map_err(|error| invalid(error.to_string()))
            }
            SchemaType::Json => JsonSchema::parse(&schema.text, &named, is_new)
                .map(Self::Json)
                .map_err(|error| invalid(error.to_string())),
            SchemaType::Protobuf => ProtobufSchema::parse(&schema.text, &named)
                .map(Self::Protobuf)
                .map_err(|error| invalid(error.to_string())),
        }
    }

    /// The text to store and answer.
    pub(crate) fn canonical(&self) -> String {
        match self {
            Self::Avro(schema) => schema.canonical(),
            Self::Json(schema) => schema.canonical(),
            Self::Protobuf(schema) => schema.canonical(),
        }
    }

    /// The text in which schemas that mean the same are the same.
    pub(crate) fn normalized(&self) -> String {
        match self {
            Self::Avro(schema) => schema.normalized(),
            Self::Json(schema) => schema.normalized(),
            Self::Protobuf(schema) => schema.normalized(),
        }
    }

    /// The text in a format a client asks for; an unknown one is the canonical.
    pub(crate) fn formatted(&self, format: &str) -> String {
        match (self, format) {
            (Self::Avro(schema), "resolved") => schema.resolved(),
            (Self::Protobuf(schema), "serialized") => schema.serialized(),
            (Self::Protobuf(schema), "ignore_extensions") => schema.without_extensions(),
            _ => self.canonical(),
        }
    }

    /// Equal for schemas that differ only in what they say by reference.
    pub(crate) fn fingerprint(&self) -> String {
        match self {
            Self::Avro(schema) => schema.fingerprint(),
            Self::Json(schema) => schema.normalized(),
            Self::Protobuf(schema) => schema.normalized(),
        }
    }

    pub(crate) fn has_top_level_field(&self, name: &str) -> bool {
        match self {
            Self::Avro(schema) => schema.has_top_level_field(name),
            Self::Json(schema) => schema.has_top_level_field(name),
            Self::Protobuf(schema) => schema.has_top_level_field(name),
        }
    }
}

/// Parsed versions, so that a compatibility check need not parse them again.
#[derive(Debug, Default)]
pub(crate) struct ParsedCache {
    /// By context too: references are names within it.
    entries: Mutex<HashMap<(String, Guid), Arc<Parsed>>>,
}

/// A full cache is emptied: simple, and it fills again with what is in use.
const CACHED_MAX: usize = 500;

impl ParsedCache {
    pub(crate) fn get(&self, context: &str, guid: Guid) -> Option<Arc<Parsed>> {
        self.entries.lock().get(&(context.to_owned(), guid)).cloned()
    }

    pub(crate) fn put(&self, context: &str, guid: Guid, parsed: Arc<Parsed>) {
        let mut entries = self.entries.lock();
        if entries.len() >= CACHED_MAX {
            entries.clear();
        }
        entries.insert((context.to_owned(), guid), parsed);
    }

    pub(crate) fn clear(&self) {
        self.entries.lock().clear();
    }
}
