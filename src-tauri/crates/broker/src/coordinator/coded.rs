//! Keys and values as Kafka codes them: a version, then the fields.

use std::collections::HashSet;
use std::hash::Hash;

use bytes::Bytes;
use wire::codec::{self, Cx, Reader, Wire};

/// Values of groups with epochs are written at version 0, flexible.
const VALUE: i16 = 0;

/// A record to write. Without a value it is a tombstone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) key: Bytes,
    pub(crate) value: Option<Bytes>,
}

impl Stored {
    /// A record of a group with epochs; `kind` is the version of its key.
    pub(super) fn of_kind(kind: i16, key: &impl Wire, value: Option<impl Wire>) -> Self {
        Self { key: versioned(kind, key, false), value: value.map(|value| versioned(VALUE, &value, true)) }
    }
}

/// Its version, then the fields.
pub(super) fn versioned<T: Wire>(version: i16, body: &T, flexible: bool) -> Bytes {
    let body = codec::encode(body, Cx { version, flexible });
    [&version.to_be_bytes()[..], &body].concat().into()
}

/// A key, after its version.
pub(super) fn read_key<T: Wire>(reader: &mut Reader<'_>) -> Option<T> {
    T::read(reader, Cx { version: 0, flexible: false }).ok()
}

/// A value by its version. The outer None: it cannot be read. The inner one: a tombstone.
pub(super) fn read<T: Wire>(value: Option<(i16, &[u8])>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some((version, bytes)) => Some(Some(codec::decode(bytes, Cx { version, flexible: true }).ok()?)),
    }
}

/// Of what changed twice only the last, in order.
pub(super) fn latest<C: Eq + Hash>(changes: &[C]) -> Vec<&C> {
    let mut seen: HashSet<&C> = HashSet::new();
    let mut last: Vec<&C> = changes.iter().rev().filter(|change| seen.insert(change)).collect();
    last.reverse();
    last
}
