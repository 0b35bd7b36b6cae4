//! Bytes made readable, whatever they are.

use crate::{Framing, ParsedSchema, avro, guess, proto, text};

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
    /// JSON, written from Protobuf.
    Protobuf,
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
    /// The full name of the Avro type or Protobuf message it is.
    pub type_name: Option<String>,
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
    pub(crate) fn new(encoding: Encoding, text: String, truncated: bool) -> Self {
        Self { encoding, text, truncated, type_name: None, error: None }
    }

    /// The same, with the reason why no schema was applied: for a caller that
    /// could not find the schema of the id in the frame.
    pub fn with_error(self, error: impl Into<String>) -> Self {
        Self { error: Some(error.into()), ..self }
    }
}

/// Makes `bytes` readable: by `schema`, after the frame if there is one;
/// without a schema by a guess among JSON, text and hex.
pub fn decode(bytes: Option<&[u8]>, schema: Option<&ParsedSchema>) -> Decoded {
    Decoded::within(bytes, schema, Limits::default())
}

/// Makes a payload readable by the schema its framing names.
pub fn decode_framed(framing: &Framing<'_>, schema: &ParsedSchema, limits: Limits) -> Decoded {
    let read = match schema {
        ParsedSchema::Protobuf(schema) => proto::read_framed(schema, framing.rest, framing.apart, limits),
        ParsedSchema::Avro(_) | ParsedSchema::Json(_) => {
            return by_schema(framing.whole, framing.body(), schema, limits);
        }
    };
    protobuf(read, framing.whole, limits)
}

/// Makes bytes readable that are known to have no frame in front. Of a Protobuf
/// file's messages it is the first.
pub fn decode_body(body: &[u8], schema: &ParsedSchema, limits: Limits) -> Decoded {
    by_schema(body, body, schema, limits)
}

impl Decoded {
    /// As [`decode`], within other bounds.
    pub fn within(bytes: Option<&[u8]>, schema: Option<&ParsedSchema>, limits: Limits) -> Self {
        match (bytes, schema) {
            (Some(bytes), Some(schema)) if !bytes.is_empty() => match Framing::of(bytes, None) {
                Some(framing) => decode_framed(&framing, schema, limits),
                None => by_schema(bytes, bytes, schema, limits),
            },
            (bytes, _) => guess::guess(bytes, limits),
        }
    }
}

/// `raw` is what is shown when `body` does not fit `schema`.
fn by_schema(raw: &[u8], body: &[u8], schema: &ParsedSchema, limits: Limits) -> Decoded {
    match schema {
        ParsedSchema::Avro(schema) => match avro::read(schema, body, limits) {
            Ok((text, truncated)) => Decoded {
                type_name: schema.graph.name().map(str::to_owned),
                ..Decoded::new(Encoding::Avro, text, truncated)
            },
            Err(error) => failed(raw, error.to_string(), limits),
        },
        ParsedSchema::Json(_) => {
            let plain = guess::guess(Some(body), limits);
            match plain.encoding {
                Encoding::Json => Decoded { encoding: Encoding::JsonSchema, ..plain },
                _ => failed(raw, "the payload is not JSON, as its schema says it should be".into(), limits),
            }
        }
        ParsedSchema::Protobuf(schema) => protobuf(proto::read(schema, body, limits), raw, limits),
    }
}

fn protobuf(read: Result<proto::Readable, proto::ReadError>, raw: &[u8], limits: Limits) -> Decoded {
    match read {
        Ok(proto::Readable { text, truncated, name }) => {
            Decoded { type_name: Some(name), ..Decoded::new(Encoding::Protobuf, text, truncated) }
        }
        Err(error) => failed(raw, error.to_string(), limits),
    }
}

fn failed(raw: &[u8], error: String, limits: Limits) -> Decoded {
    let (text, truncated) = text::hex(raw, limits.text_bytes_max);
    Decoded { error: Some(error), ..Decoded::new(Encoding::Hex, text, truncated) }
}
