//! Verdicts against the truth: what is written by an old schema, a compatible
//! new one reads, and no known field is lost.

use std::cell::Cell;

use proptest::{prelude::*, test_runner::TestRunner};
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value, prost::Message as _,
};

use super::super::Sides;
use crate::protobuf::ProtobufSchema;

/// A field as text: its type, and whether it repeats, may be absent or is in
/// the oneof.
type Field = (&'static str, u8);

const TYPES: [&str; 20] = [
    "int32",
    "int64",
    "uint32",
    "uint64",
    "bool",
    "sint32",
    "sint64",
    "string",
    "bytes",
    "fixed32",
    "sfixed32",
    "fixed64",
    "sfixed64",
    "float",
    "double",
    "E",
    "A",
    "B",
    "map<string, int32>",
    "map<int32, A>",
];

fn schema(fields: &[Option<Field>]) -> ProtobufSchema {
    let (mut plain, mut chosen) = (String::new(), String::new());
    for (index, field) in fields.iter().enumerate() {
        let Some((of, how)) = field else { continue };
        let (name, number) = (format!("f{index}"), index + 1);
        match how % 4 {
            _ if of.starts_with("map") => plain.push_str(&format!("{of} {name} = {number};")),
            1 => plain.push_str(&format!("repeated {of} {name} = {number};")),
            2 => plain.push_str(&format!("optional {of} {name} = {number};")),
            3 => chosen.push_str(&format!("{of} {name} = {number};")),
            _ => plain.push_str(&format!("{of} {name} = {number};")),
        }
    }
    let oneof = if chosen.is_empty() { String::new() } else { format!("oneof choice {{ {chosen} }}") };
    let text = format!(
        "syntax = \"proto3\"; message M {{ {plain} {oneof} }} enum E {{ ZERO = 0; ONE = 1; }} message A {{ int32 n = 1; }} message B {{ string s = 1; }}"
    );
    ProtobufSchema::parse(&text, &[]).expect(&text)
}

/// Something that is not the default, the same for alike kinds.
fn value(kind: &Kind) -> Value {
    match kind {
        Kind::Double => Value::F64(1.5),
        Kind::Float => Value::F32(1.5),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(1),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(1),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(1),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(1),
        Kind::Bool => Value::Bool(true),
        Kind::String => Value::String("text".into()),
        Kind::Bytes => Value::Bytes(b"text".as_slice().into()),
        Kind::Enum(_) => Value::EnumNumber(1),
        Kind::Message(of) => Value::Message(filled(of, 0)),
    }
}

fn field_value(field: &FieldDescriptor) -> Value {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => {
            let key = match entry.map_entry_key_field().kind() {
                Kind::String => MapKey::String("k".into()),
                _ => MapKey::I32(1),
            };
            Value::Map([(key, value(&entry.map_entry_value_field().kind()))].into_iter().collect())
        }
        kind if field.is_list() => Value::List(vec![value(&kind), value(&kind)]),
        kind => value(&kind),
    }
}

/// A message with all fields set; of a oneof, the one whose turn it is.
fn filled(of: &MessageDescriptor, turn: usize) -> DynamicMessage {
    let mut message = DynamicMessage::new(of.clone());
    for field in of.fields() {
        let chosen = field.containing_oneof().filter(|oneof| !oneof.is_synthetic());
        let is_out = chosen.is_some_and(|oneof| {
            let count = oneof.fields().len().max(1);
            oneof.fields().nth(turn % count).is_none_or(|other| other.number() != field.number())
        });
        if !is_out {
            message.set_field(&field, field_value(&field));
        }
    }
    message
}

/// Reads what `old` wrote by `new`.
fn reads(new: &ProtobufSchema, old: &ProtobufSchema) -> Result<(), String> {
    let message = |schema: &ProtobufSchema| schema.file().messages().find(|of| of.name() == "M").expect("M");
    let (new, old) = (message(new), message(old));
    for turn in 0..3 {
        let written = filled(&old, turn);
        let bytes = written.encode_to_vec();
        let read =
            DynamicMessage::decode(new.clone(), bytes.as_slice()).map_err(|error| error.to_string())?;
        for field in new.fields() {
            let was_set = old.get_field(field.number()).is_some_and(|of| written.has_field(&of));
            let is_whole = !was_set || read.has_field(&field);
            if !is_whole {
                return Err(format!("turn {turn}: {} was written and is not there", field.name()));
            }
            let is_alike = old
                .get_field(field.number())
                .is_none_or(|of| of.kind() != field.kind() || of.is_list() != field.is_list());
            if was_set && !is_alike && *read.get_field(&field) != field_value(&field) {
                return Err(format!("turn {turn}: {} is not what was written", field.name()));
            }
        }
    }
    Ok(())
}

#[test]
fn a_compatible_reader_reads() {
    let field = || prop::option::weighted(0.8, (prop::sample::select(TYPES.to_vec()), any::<u8>()));
    let fields = prop::collection::vec(field(), 4);
    let edits = prop::collection::vec((0..4_usize, field(), any::<bool>()), 0..3);
    let (compatible, refused) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(1000));
    runner
        .run(&(fields, edits), |(fields, edits)| {
            let mut later = fields.clone();
            for (place, other, keeps_type) in edits {
                // Often only the label changes.
                later[place] = match (keeps_type, fields[place], other) {
                    (true, Some((of, _)), Some((_, how))) => Some((of, how)),
                    (_, _, other) => other,
                };
            }
            let (old, new) = (schema(&fields), schema(&later));
            let sides = Sides { reader: "new", writer: "old" };
            let own = super::check(&old, &old, sides);
            prop_assert!(own.is_empty(), "{} disagrees with itself: {own:?}", old.canonical());
            if super::check(&new, &old, sides).is_empty() {
                compatible.set(compatible.get() + usize::from(later != fields));
                if let Err(error) = reads(&new, &old) {
                    let texts = format!("old {}, new {}", old.canonical(), new.canonical());
                    return Err(TestCaseError::fail(format!("{texts}: {error}")));
                }
            } else {
                refused.set(refused.get() + 1);
            }
            Ok(())
        })
        .expect("every verdict holds");
    assert!(compatible.get() > 100, "only {} compatible pairs were tried", compatible.get());
    assert!(refused.get() > 50, "only {} pairs were refused", refused.get());
}

#[test]
fn reading_finds_what_the_verdicts_are_about() {
    // The proof of the proof: these are refused, and reading them goes wrong.
    for (old, new) in [
        (("int32", 0), ("string", 0)),
        (("string", 0), ("int64", 0)),
        (("fixed32", 0), ("fixed64", 0)),
        (("A", 0), ("int32", 0)),
        (("int32", 1), ("int32", 0)),
    ] {
        let (old, new) = (schema(&[Some(old)]), schema(&[Some(new)]));
        assert!(!super::check(&new, &old, Sides { reader: "new", writer: "old" }).is_empty());
        assert!(reads(&new, &old).is_err(), "{} read as {}", old.canonical(), new.canonical());
    }
}
