//! Which message of the file a payload is: the indexes Confluent's serializers
//! write before it, counted from the outside in.

use super::graph::{Graph, MessageId, Tree};
use super::wire::{Cursor, Span, WireError, put_varint, unzigzag, zigzag};

/// Messages nest no deeper than the compiler allows.
const INDEXES_MAX: i64 = 100;

/// The indexes at the beginning of `bytes`, and how long they are there.
pub(super) fn read(bytes: &[u8]) -> Result<(Vec<usize>, usize), WireError> {
    let mut cursor = Cursor::new(bytes, Span { start: 0, end: bytes.len() });
    let count = unzigzag(cursor.varint()?);
    // The first message is so common that it is written as no index at all.
    if count == 0 {
        return Ok((vec![0], cursor.at));
    }
    if !(1..=INDEXES_MAX).contains(&count) {
        return Err(WireError { at: 0, reason: format!("a message cannot have {count} indexes") });
    }
    let mut indexes = Vec::new();
    for _ in 0..count {
        let at = cursor.at;
        let index = unzigzag(cursor.varint()?);
        let index = usize::try_from(index)
            .map_err(|_| WireError { at, reason: format!("{index} is no index of a message") })?;
        indexes.push(index);
    }
    Ok((indexes, cursor.at))
}

pub(super) fn write(indexes: &[usize], out: &mut Vec<u8>) {
    if indexes == [0] {
        return out.push(0);
    }
    put_varint(out, zigzag(indexes.len() as i64));
    for index in indexes {
        put_varint(out, zigzag(*index as i64));
    }
}

impl Graph {
    /// The message at `indexes`. Confluent's Java serializer does not count the
    /// entries of maps, those that work by descriptors do: what the first way
    /// does not find, the second may.
    pub(super) fn at_indexes(&self, indexes: &[usize]) -> Option<MessageId> {
        find_any(&self.roots, indexes).copied()
    }

    /// The indexes of a message of the file, entries of maps not counted.
    pub(super) fn indexes_of(&self, message: MessageId) -> Option<Vec<usize>> {
        let mut indexes = Vec::new();
        path_to(&self.roots, message, &mut indexes).then_some(indexes)
    }
}

/// The message name at the indexes at the beginning of `rest`; without indexes
/// it is the first, where they may be missing.
pub(crate) fn name_at(trees: &[Tree<String>], rest: &[u8], may_be_missing: bool) -> Option<String> {
    let indexes = match rest {
        [] if may_be_missing => vec![0],
        rest => read(rest).ok()?.0,
    };
    find_any(trees, &indexes).cloned()
}

fn find_any<'t, T>(trees: &'t [Tree<T>], indexes: &[usize]) -> Option<&'t T> {
    find(trees, indexes, false).or_else(|| find(trees, indexes, true))
}

fn find<'t, T>(trees: &'t [Tree<T>], indexes: &[usize], counts_entries: bool) -> Option<&'t T> {
    let (first, rest) = indexes.split_first()?;
    let tree = trees.iter().filter(|tree| counts_entries || !tree.is_map_entry).nth(*first)?;
    if rest.is_empty() {
        return (!tree.is_map_entry).then_some(&tree.message);
    }
    find(&tree.nested, rest, counts_entries)
}

fn path_to(trees: &[Tree<MessageId>], message: MessageId, indexes: &mut Vec<usize>) -> bool {
    for (index, tree) in trees.iter().filter(|tree| !tree.is_map_entry).enumerate() {
        indexes.push(index);
        if tree.message == message || path_to(&tree.nested, message, indexes) {
            return true;
        }
        indexes.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(indexes: &[usize], bytes: &[u8]) {
        let mut written = Vec::new();
        write(indexes, &mut written);
        assert_eq!(written, bytes);
        assert_eq!(read(bytes), Ok((indexes.to_vec(), bytes.len())));
    }

    #[test]
    fn indexes_are_zigzag_numbers_behind_their_count() {
        check(&[0], &[0]);
        check(&[1], &[2, 2]);
        check(&[1, 0, 100], &[6, 2, 0, 0xc8, 1]);
        assert!(read(&[]).is_err());
        assert!(read(&[1]).is_err());
        assert!(read(&[2, 1]).is_err());
        assert!(read(&[0xff, 0xff, 0xff, 0xff, 0x0f]).is_err());
    }

    #[test]
    fn entries_of_maps_count_only_where_they_must() {
        let graph = Graph::parse(
            r#"syntax = "proto3";
               message A { map<string, int32> m = 1; message X {} message Y { message Z {} } }
               message B {}"#,
            &[],
        )
        .expect("a schema");
        let name = |indexes: &[usize]| graph.at_indexes(indexes).map(|id| graph.message(id).name.as_str());
        assert_eq!(name(&[0, 0]), Some("A.X"));
        assert_eq!(name(&[0, 1]), Some("A.Y"));
        // Out of range unless the entry counts.
        assert_eq!(name(&[0, 2]), Some("A.Y"));
        assert_eq!(name(&[0, 1, 0]), Some("A.Y.Z"));
        assert_eq!(name(&[1]), Some("B"));
        assert_eq!(name(&[2]), None);
        assert_eq!(name(&[]), None);
        for indexes in [&[0][..], &[0, 1], &[0, 1, 0], &[1]] {
            let id = graph.at_indexes(indexes).expect("a message");
            assert_eq!(graph.indexes_of(id).as_deref(), Some(indexes));
        }
    }
}
