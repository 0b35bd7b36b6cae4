//! Where a payload says which schema wrote it: in the bytes before it, or in a
//! record header.

/// A schema's number in its registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(pub u32);

impl std::fmt::Display for SchemaId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A schema's name in any registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Guid(pub [u8; 16]);

impl std::fmt::Display for Guid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hyphenated(&self.0))
    }
}

/// Sixteen bytes as `8-4-4-4-12` hex digits.
pub(crate) fn hyphenated(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// How a payload names its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SchemaKey {
    Id(SchemaId),
    Guid(Guid),
}

impl std::fmt::Display for SchemaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => write!(f, "schema id {id}"),
            Self::Guid(guid) => write!(f, "schema {guid}"),
        }
    }
}

/// The header that names the schema of a record's key, as Confluent's newer clients write it.
pub const KEY_HEADER: &str = "__key_schema_id";
/// The same for its value.
pub const VALUE_HEADER: &str = "__value_schema_id";

/// One magic byte and the id.
pub const FRAME_BYTES: usize = 5;

const MAGIC_ID: u8 = 0;
const MAGIC_GUID: u8 = 1;

/// A payload taken apart: which schema, and what is left for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Framing<'b> {
    pub key: SchemaKey,
    /// What is shown when the schema does not fit.
    pub(crate) whole: &'b [u8],
    /// Behind the key: the payload, where the key is in front of it; for
    /// Protobuf the message indexes come first.
    pub(crate) rest: &'b [u8],
    /// The payload, where the key is in a header.
    pub(crate) apart: Option<&'b [u8]>,
}

impl<'b> Framing<'b> {
    /// By the record header of [`KEY_HEADER`] or [`VALUE_HEADER`] if there is
    /// one, else by what stands in front of `bytes`.
    ///
    /// Any bytes can look like a frame by chance, so an id nobody knows is no
    /// proof of damage.
    pub fn of(bytes: &'b [u8], header: Option<&'b [u8]>) -> Option<Self> {
        if let Some((key, rest)) = header.and_then(key_of_header) {
            return Some(Self { key, whole: bytes, rest, apart: Some(bytes) });
        }
        let id = framing(bytes)?;
        Some(Self { key: SchemaKey::Id(id), whole: bytes, rest: bytes.get(FRAME_BYTES..)?, apart: None })
    }

    /// The payload alone, without what Protobuf puts before it.
    pub(crate) fn body(&self) -> &'b [u8] {
        self.apart.unwrap_or(self.rest)
    }
}

/// The schema id in front of `bytes`, if they begin with Confluent's frame:
/// a zero byte and a big-endian number that is a possible id.
pub fn framing(bytes: &[u8]) -> Option<SchemaId> {
    let (&magic, rest) = bytes.split_first()?;
    let id = u32::from_be_bytes(*rest.first_chunk()?);
    // Ids are positive Java ints.
    (magic == MAGIC_ID && id <= i32::MAX as u32).then_some(SchemaId(id))
}

/// A header's schema, and what follows it.
fn key_of_header(value: &[u8]) -> Option<(SchemaKey, &[u8])> {
    if let Some(id) = framing(value) {
        return Some((SchemaKey::Id(id), value.get(FRAME_BYTES..)?));
    }
    let (&magic, rest) = value.split_first()?;
    let (guid, rest) = rest.split_first_chunk()?;
    (magic == MAGIC_GUID).then_some((SchemaKey::Guid(Guid(*guid)), rest))
}

/// `body` behind the frame of `id`.
pub fn frame(id: SchemaId, body: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(FRAME_BYTES + body.len());
    framed.push(MAGIC_ID);
    framed.extend_from_slice(&id.0.to_be_bytes());
    framed.extend_from_slice(body);
    framed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Option<u32>) {
        assert_eq!(framing(bytes), expected.map(SchemaId));
    }

    #[test]
    fn a_frame_is_a_zero_byte_and_an_id() {
        check(&[], None);
        check(&[0, 0, 0, 1], None);
        check(&[0, 0, 0, 1, 2], Some(258));
        check(&[0, 0, 0, 1, 2, 9, 9], Some(258));
        check(&[1, 0, 0, 1, 2], None);
        check(&[0, 0x80, 0, 0, 0], None);
        check(&frame(SchemaId(77), b"body"), Some(77));
    }

    #[test]
    fn a_header_goes_before_the_frame() {
        let framed = frame(SchemaId(7), b"x");
        let by_frame = Framing::of(&framed, None).expect("a frame");
        assert_eq!((by_frame.key, by_frame.body()), (SchemaKey::Id(SchemaId(7)), &b"x"[..]));
        let mut header = vec![1];
        header.extend(0..16);
        let by_header = Framing::of(&framed, Some(&header)).expect("a header");
        let guid = Guid(std::array::from_fn(|i| i as u8));
        assert_eq!((by_header.key, by_header.body()), (SchemaKey::Guid(guid), &framed[..]));
        assert_eq!(guid.to_string(), "00010203-0405-0607-0809-0a0b0c0d0e0f");
        // A header that is none of ours leaves the frame in force.
        assert_eq!(Framing::of(&framed, Some(b"mine")), Some(by_frame));
        assert_eq!(Framing::of(b"x", Some(&header[..16])), None);
        // Protobuf's message indexes follow the GUID.
        header.extend([4, 2, 0]);
        assert_eq!(Framing::of(b"x", Some(&header)).expect("a header").rest, [4, 2, 0]);
    }
}
