//! The five bytes before a payload that say which schema wrote it.

/// A schema's number in its registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(pub u32);

impl std::fmt::Display for SchemaId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One magic byte and the id.
pub const FRAME_BYTES: usize = 5;

const MAGIC_ID: u8 = 0;
const MAGIC_GUID: u8 = 1;

/// The schema id in front of `bytes`, if they begin with Confluent's frame:
/// a zero byte and a big-endian number that is a possible id.
///
/// Any bytes can look like this by chance, so an id nobody knows is no proof
/// of damage.
pub fn framing(bytes: &[u8]) -> Option<SchemaId> {
    let (&magic, rest) = bytes.split_first()?;
    let id = u32::from_be_bytes(*rest.first_chunk()?);
    // Ids are positive Java ints.
    (magic == MAGIC_ID && id <= i32::MAX as u32).then_some(SchemaId(id))
}

/// `body` behind the frame of `id`.
pub fn frame(id: SchemaId, body: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(FRAME_BYTES + body.len());
    framed.push(MAGIC_ID);
    framed.extend_from_slice(&id.0.to_be_bytes());
    framed.extend_from_slice(body);
    framed
}

/// The schema's GUID in a record header `__key_schema_id` or
/// `__value_schema_id`, which newer clients write in place of the frame. The
/// payload is then a bare body: see [`crate::decode_body`].
pub fn guid_of_header(value: &[u8]) -> Option<[u8; 16]> {
    let (&magic, rest) = value.split_first()?;
    (magic == MAGIC_GUID).then(|| rest.try_into().ok()).flatten()
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
    fn a_guid_is_a_one_byte_and_sixteen_more() {
        let mut header = vec![1];
        header.extend(0..16);
        assert_eq!(guid_of_header(&header), Some(std::array::from_fn(|i| i as u8)));
        header.push(0);
        assert_eq!(guid_of_header(&header), None);
        assert_eq!(guid_of_header(&[0; 17]), None);
    }
}
