//! JSON text into framed bytes.

use crate::{ParsedSchema, SchemaId, avro, frame, json::Json};

/// The text does not fit the schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    #[error("the text is not JSON: {0}")]
    NotJson(String),
    /// `path` is a JSON path: `$.user.tags[3]`.
    #[error("{path}: {reason}")]
    Mismatch { path: String, reason: String },
}

/// Encodes JSON `text` by `schema`, behind the frame of `id`.
///
/// A field the text leaves out takes the schema's default; one the schema does
/// not have is an error.
pub fn encode(text: &str, schema: &ParsedSchema, id: SchemaId) -> Result<Vec<u8>, EncodeError> {
    match schema {
        ParsedSchema::Avro(schema) => {
            let json = Json::parse(text).map_err(EncodeError::NotJson)?;
            Ok(frame(id, &avro::write(schema, &json)?))
        }
        ParsedSchema::Json => {
            serde_json::from_str::<serde::de::IgnoredAny>(text)
                .map_err(|error| EncodeError::NotJson(error.to_string()))?;
            Ok(frame(id, text.as_bytes()))
        }
    }
}
