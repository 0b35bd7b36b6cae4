//! Messages made readable.

use payload::{Decoded, Encoding, Framing, Limits, SchemaId, SchemaKey};
use rdkafka::message::{BorrowedMessage, Headers, Message as _};
use tokio::runtime::Handle;

use crate::schemas::Schemas;

/// A payload's text in a list of messages.
pub(crate) const PREVIEW_BYTES_MAX: usize = 4 * 1024;
/// A payload's text on its own page.
pub(crate) const WHOLE_TEXT_BYTES_MAX: usize = 1024 * 1024;
/// Raw bytes shown as hex on a message's own page.
const WHOLE_HEX_BYTES_MAX: usize = 64 * 1024;
/// Headers shown of one message.
const HEADERS_MAX: usize = 100;
/// A header's text.
const HEADER_TEXT_BYTES_MAX: usize = 1024;

/// Bytes made readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    pub encoding: Encoding,
    pub text: String,
    pub truncated: bool,
    pub size_bytes: u64,
    /// The raw bytes, where asked for.
    pub hex: Option<String>,
    /// What the payload says about its schema.
    pub schema: Option<PayloadSchema>,
    pub error: Option<String>,
}

/// The schema a payload names, and what the registry knows of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PayloadSchema {
    pub id: Option<u32>,
    /// Where a record header names it so.
    pub guid: Option<String>,
    /// Of the subjects that have it, the topic's own if that is one.
    pub subject: Option<String>,
    pub version: Option<i32>,
    /// The full name of the Avro type or Protobuf message.
    pub type_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub partition: i32,
    pub offset: i64,
    pub timestamp_ms: Option<i64>,
    pub key: Payload,
    pub value: Payload,
    pub headers: Vec<(String, Payload)>,
    /// Key, value and headers.
    pub size_bytes: u64,
}

/// How much of each payload is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    Preview,
    /// The text whole.
    Text,
    /// The text whole, and the raw bytes.
    Whole,
}

impl Detail {
    fn limits(self) -> Limits {
        match self {
            Self::Preview => Limits::text(PREVIEW_BYTES_MAX),
            Self::Text | Self::Whole => Limits::text(WHOLE_TEXT_BYTES_MAX),
        }
    }
}

/// Decodes on a blocking thread: an unknown schema is waited for.
pub(crate) struct Decoder {
    pub(crate) schemas: Option<Schemas>,
    pub(crate) runtime: Handle,
}

impl Decoder {
    pub(crate) fn message(&self, native: &BorrowedMessage<'_>, detail: Detail) -> Message {
        let headers = headers(native);
        Message {
            partition: native.partition(),
            offset: native.offset(),
            timestamp_ms: native.timestamp().to_millis(),
            key: self.payload(native, Part::Key, detail),
            value: self.payload(native, Part::Value, detail),
            size_bytes: size_bytes(native),
            headers,
        }
    }

    fn payload(&self, native: &BorrowedMessage<'_>, part: Part, detail: Detail) -> Payload {
        let bytes = part.bytes(native);
        let (schema, decoded) = self.decode(native, part, detail.limits());
        let raw = bytes.unwrap_or_default();
        Payload {
            encoding: decoded.encoding,
            text: decoded.text,
            truncated: decoded.truncated,
            size_bytes: raw.len() as u64,
            hex: (detail == Detail::Whole).then(|| hex(&raw[..raw.len().min(WHOLE_HEX_BYTES_MAX)])),
            schema,
            error: decoded.error,
        }
    }

    /// The decoded key or value contains `needle`.
    pub(crate) fn contains(&self, native: &BorrowedMessage<'_>, needle: &str) -> bool {
        [Part::Key, Part::Value].into_iter().any(|part| {
            let Some(bytes) = part.bytes(native) else { return false };
            // Text and JSON are shown as they were sent: no need to decode them.
            if Framing::of(bytes, part.header(native)).is_none()
                && let Ok(text) = std::str::from_utf8(bytes)
            {
                return text.contains(needle);
            }
            self.decode(native, part, Limits::text(WHOLE_TEXT_BYTES_MAX)).1.text.contains(needle)
        })
    }

    fn decode(
        &self,
        native: &BorrowedMessage<'_>,
        part: Part,
        limits: Limits,
    ) -> (Option<PayloadSchema>, Decoded) {
        let bytes = part.bytes(native);
        let framing = bytes.and_then(|bytes| Framing::of(bytes, part.header(native)));
        let (Some(framing), Some(schemas)) = (framing, &self.schemas) else {
            return (None, Decoded::within(bytes, None, limits));
        };
        let mut schema = PayloadSchema::default();
        match framing.key {
            SchemaKey::Id(SchemaId(id)) => schema.id = Some(id),
            SchemaKey::Guid(guid) => schema.guid = Some(guid.to_string()),
        }
        match self.runtime.block_on(schemas.known(framing.key)) {
            Ok(known) => {
                let decoded = payload::decode_framed(&framing, &known.parsed, limits);
                let own = format!("{}-{}", native.topic(), part.name());
                let used = known.uses.iter().find(|it| it.subject == own).or_else(|| known.uses.first());
                schema.id = known.id;
                schema.subject = used.map(|it| it.subject.clone());
                schema.version = used.map(|it| it.version);
                schema.type_name = decoded.type_name.clone();
                (Some(schema), decoded)
            }
            Err(reason) => (Some(schema), Decoded::within(bytes, None, limits).with_error(reason)),
        }
    }
}

/// The two payloads of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Key,
    Value,
}

impl Part {
    fn bytes<'m>(self, native: &'m BorrowedMessage<'_>) -> Option<&'m [u8]> {
        match self {
            Self::Key => native.key(),
            Self::Value => native.payload(),
        }
    }

    /// The header that names its schema, if there is one.
    fn header<'m>(self, native: &'m BorrowedMessage<'_>) -> Option<&'m [u8]> {
        let name = match self {
            Self::Key => payload::KEY_HEADER,
            Self::Value => payload::VALUE_HEADER,
        };
        native.headers()?.iter().find(|header| header.key == name)?.value
    }

    fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Value => "value",
        }
    }
}

/// Key, value and headers.
pub(crate) fn size_bytes(native: &BorrowedMessage<'_>) -> u64 {
    let headers: usize = native.headers().map_or(0, |headers| {
        headers.iter().map(|header| header.key.len() + header.value.map_or(0, <[u8]>::len)).sum()
    });
    (native.key_len() + native.payload_len() + headers) as u64
}

fn headers(native: &BorrowedMessage<'_>) -> Vec<(String, Payload)> {
    let Some(headers) = native.headers() else { return Vec::new() };
    headers
        .iter()
        .take(HEADERS_MAX)
        .map(|header| {
            let decoded = Decoded::within(header.value, None, Limits::text(HEADER_TEXT_BYTES_MAX));
            let payload = Payload {
                encoding: decoded.encoding,
                text: decoded.text,
                truncated: decoded.truncated,
                size_bytes: header.value.map_or(0, <[u8]>::len) as u64,
                hex: None,
                schema: None,
                error: decoded.error,
            };
            (header.key.to_owned(), payload)
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(hex(bytes), expected);
    }

    #[test]
    fn bytes_become_hex() {
        check(b"", "");
        check(&[0, 0x0f, 0xff], "000fff");
    }
}
