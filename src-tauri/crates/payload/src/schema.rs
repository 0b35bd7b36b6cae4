//! Schemas ready for use: parsed once, applied to many payloads.

use std::sync::Arc;

use crate::{avro::Graph, json_schema::JsonSchema, proto};

/// A schema a payload can be read and written by. Cheap to clone.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ParsedSchema {
    Avro(AvroSchema),
    Json(JsonSchema),
    Protobuf(ProtobufSchema),
}

/// A schema another one names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What the other one calls it: a file to import, a `$ref`, an Avro name.
    pub name: String,
    pub schema: String,
}

/// An Avro schema with all its names resolved.
#[derive(Debug, Clone)]
pub struct AvroSchema {
    pub(crate) graph: Arc<Graph>,
}

/// A Protobuf file with all its imports.
#[derive(Debug, Clone)]
pub struct ProtobufSchema {
    pub(crate) graph: Arc<proto::Graph>,
}

/// The schema itself cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    #[error("the Avro schema cannot be read: {0}")]
    Invalid(String),
    #[error("the Avro schema names `{0}`, which neither it nor its references define")]
    Unresolved(String),
    #[error("the Avro schema nests deeper than {0} levels")]
    TooDeep(usize),
    #[error("the Protobuf schema cannot be read: {0}")]
    Protobuf(String),
}

impl ParsedSchema {
    /// Parses an Avro schema. `references` are the schemas it names, and those
    /// they name, in any order.
    pub fn avro(schema: &str, references: &[Reference]) -> Result<Self, SchemaError> {
        let graph = Graph::parse(schema, references)?;
        Ok(Self::Avro(AvroSchema { graph: Arc::new(graph) }))
    }

    /// A JSON Schema, draft 4 to 2020-12. `references` are the schemas its
    /// `$ref`s name, and those they name. One that cannot be used says so when
    /// something is encoded; reading does without.
    pub fn json(schema: &str, references: &[Reference]) -> Self {
        Self::Json(JsonSchema::new(schema, references))
    }

    /// Parses a `.proto` file, or a serialized file descriptor in base64.
    /// `references` are the files it imports, and those they import; Google's
    /// and Confluent's common ones are known.
    pub fn protobuf(schema: &str, references: &[Reference]) -> Result<Self, SchemaError> {
        let graph = proto::Graph::parse(schema, references).map_err(SchemaError::Protobuf)?;
        Ok(Self::Protobuf(ProtobufSchema { graph: Arc::new(graph) }))
    }

    /// The full names of a Protobuf file's messages, nested ones behind their
    /// parents; none for other schemas.
    pub fn messages(&self) -> Vec<&str> {
        match self {
            Self::Protobuf(schema) => schema.graph.messages(),
            Self::Avro(_) | Self::Json(_) => Vec::new(),
        }
    }
}
