//! Bytes made readable, whatever they are.

use crate::{FRAME_BYTES, ParsedSchema, avro, framing, guess, text};

/// What the text of a [`Decoded`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// No bytes at all: a tombstone. The text is empty.
    Null,
    /// Zero bytes. The text is empty.
    Empty,
    /// UTF-8 as it is.
    Text,
    /// JSON as it was sent.
    Json,
    /// JSON, written from Avro.
    Avro,
    /// JSON as it was sent, behind the id of a JSON Schema.
    JsonSchema,
    /// Hex digits, two a byte.
    Hex,
}

/// Bytes made readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    pub encoding: Encoding,
    pub text: String,
    /// `text` was cut at the limit.
    pub truncated: bool,
    /// Why the schema could not be applied; the text then is the raw bytes.
    pub error: Option<String>,
}

/// Bounds of one decoding.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longer text is cut there, at a character.
    pub text_bytes_max: usize,
    /// Deeper values are an error.
    pub depth_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { text_bytes_max: 1024 * 1024, depth_max: 100 }
    }
}

impl Limits {
    /// The default depth, and text of at most `text_bytes_max`.
    pub fn text(text_bytes_max: usize) -> Self {
        Self { text_bytes_max, ..Self::default() }
    }
}

impl Decoded {
    /// The same, with the reason why no schema was applied: for a caller that
    /// could not find the schema of the id in the frame.
    pub fn with_error(self, error: impl Into<String>) -> Self {
        Self { error: Some(error.into()), ..self }
    }
}

/// Makes `bytes` readable: by `schema`, after the frame if there is one;
/// without a schema by a guess among JSON, text and hex.
pub fn decode(bytes: Option<&[u8]>, schema: Option<&ParsedSchema>) -> Decoded {
    decode_within(bytes, schema, Limits::default())
}

/// As [`decode`], for bytes that are known to have no frame in front.
pub fn decode_body(body: &[u8], schema: &ParsedSchema, limits: Limits) -> Decoded {
    by_schema(body, body, schema, limits)
}

impl Decoded {
    /// As [`decode`], within other bounds.
    pub fn within(bytes: Option<&[u8]>, schema: Option<&ParsedSchema>, limits: Limits) -> Self {
        decode_within(bytes, schema, limits)
    }
}

fn decode_within(bytes: Option<&[u8]>, schema: Option<&ParsedSchema>, limits: Limits) -> Decoded {
    match (bytes, schema) {
        (Some(bytes), Some(schema)) if !bytes.is_empty() => {
            let body =
                if framing(bytes).is_some() { bytes.get(FRAME_BYTES..).unwrap_or_default() } else { bytes };
            by_schema(bytes, body, schema, limits)
        }
        (bytes, _) => guess::guess(bytes, limits),
    }
}

/// `raw` is what is shown when `body` does not fit `schema`.
fn by_schema(raw: &[u8], body: &[u8], schema: &ParsedSchema, limits: Limits) -> Decoded {
    let failed = |error: String| {
        let (text, truncated) = text::hex(raw, limits.text_bytes_max);
        Decoded { encoding: Encoding::Hex, text, truncated, error: Some(error) }
    };
    match schema {
        ParsedSchema::Avro(schema) => match avro::read(schema, body, limits) {
            Ok((text, truncated)) => Decoded { encoding: Encoding::Avro, text, truncated, error: None },
            Err(error) => failed(error.to_string()),
        },
        ParsedSchema::Json => {
            let plain = guess::guess(Some(body), limits);
            match plain.encoding {
                Encoding::Json => Decoded { encoding: Encoding::JsonSchema, ..plain },
                _ => failed("the payload is not JSON, as its schema says it should be".into()),
            }
        }
    }
}
