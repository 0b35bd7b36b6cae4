//! The wire format into JSON text, within bounds.

use super::graph::{Field, Graph, Message, MessageId, Shape, Type};
use super::index;
use super::slots::{Slot, Slots, packed, slots};
use super::wire::{Cursor, Raw, Span, WireError, unzigzag};
use crate::{
    Limits,
    path::Path,
    schema::ProtobufSchema,
    text::{Full, Text},
};

/// The bytes are not what the schema says.
#[derive(Debug, thiserror::Error)]
#[error("{reason} (at byte {at} of the Protobuf data, {path})")]
pub(crate) struct ReadError {
    at: usize,
    path: Path,
    reason: String,
}

impl From<WireError> for ReadError {
    fn from(WireError { at, reason }: WireError) -> Self {
        Self { at, path: Path::default(), reason }
    }
}

/// A message as JSON text.
pub(crate) struct Readable {
    pub(crate) text: String,
    pub(crate) truncated: bool,
    /// Its full name.
    pub(crate) name: String,
}

/// Reads a payload behind its message indexes; those of a payload whose schema
/// stands in a header are there, too, and `apart` is the payload.
pub(crate) fn read_framed(
    schema: &ProtobufSchema,
    rest: &[u8],
    apart: Option<&[u8]>,
    limits: Limits,
) -> Result<Readable, ReadError> {
    let graph = &schema.graph;
    let (indexes, length) = match apart {
        Some(_) if rest.is_empty() => (vec![0], 0),
        _ => index::read(rest)?,
    };
    let message = graph.at_indexes(&indexes).ok_or_else(|| ReadError {
        at: 0,
        path: Path::default(),
        reason: format!("the schema has no message at the indexes {indexes:?}"),
    })?;
    read_message(graph, message, apart.unwrap_or(rest.get(length..).unwrap_or_default()), limits)
}

/// Reads a payload that is the file's first message.
pub(crate) fn read(schema: &ProtobufSchema, body: &[u8], limits: Limits) -> Result<Readable, ReadError> {
    let message = schema.graph.at_indexes(&[0]).ok_or_else(|| ReadError {
        at: 0,
        path: Path::default(),
        reason: "the schema has no message".into(),
    })?;
    read_message(&schema.graph, message, body, limits)
}

fn read_message(
    graph: &Graph,
    message: MessageId,
    bytes: &[u8],
    limits: Limits,
) -> Result<Readable, ReadError> {
    let values_max = limits.text_bytes_max;
    let text = Text::new(limits.text_bytes_max);
    let mut reader = Reader { graph, bytes, text, values_max, depth_max: limits.depth_max };
    let outcome = reader.message(message, &[Span { start: 0, end: bytes.len() }], 0);
    let name = graph.message(message).name.clone();
    match outcome {
        Ok(()) => Ok(Readable { text: reader.text.into_string(), truncated: false, name }),
        Err(Stop::Full) => Ok(Readable { text: reader.text.into_string(), truncated: true, name }),
        Err(Stop::Corrupt(error)) => Err(*error),
    }
}

pub(super) enum Stop {
    Full,
    Corrupt(Box<ReadError>),
}

impl From<Full> for Stop {
    fn from(Full: Full) -> Self {
        Self::Full
    }
}

impl From<WireError> for Stop {
    fn from(error: WireError) -> Self {
        Self::Corrupt(Box::new(error.into()))
    }
}

impl Stop {
    pub(super) fn inside(self, step: impl FnOnce(Path) -> Path) -> Self {
        match self {
            Self::Full => Self::Full,
            Self::Corrupt(mut error) => {
                error.path = step(std::mem::take(&mut error.path));
                Self::Corrupt(error)
            }
        }
    }
}

pub(super) struct Reader<'a> {
    pub(super) graph: &'a Graph,
    pub(super) bytes: &'a [u8],
    pub(super) text: Text,
    pub(super) values_max: usize,
    depth_max: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn message(&mut self, id: MessageId, spans: &[Span], depth: usize) -> Result<(), Stop> {
        let at = spans.first().map_or(0, |span| span.start);
        if depth > self.depth_max {
            return Err(corrupt(at, format!("the value nests deeper than {} levels", self.depth_max)));
        }
        let message = self.graph.message(id);
        let slots = slots(message, self.bytes, spans, self.values_max)?;
        if let Some(known) = message.known
            && self.known(known, message, &slots, depth)?
        {
            return Ok(());
        }
        self.text.push("{")?;
        self.fields(message, &slots, true, at, depth)?;
        Ok(self.text.push("}")?)
    }

    /// The fields between the braces: those on the wire, and those that are
    /// something even when they are not.
    pub(super) fn fields(
        &mut self,
        message: &Message,
        slots: &Slots,
        mut is_first: bool,
        at: usize,
        depth: usize,
    ) -> Result<(), Stop> {
        let mut present = slots.iter().peekable();
        let mut absent = message.always.iter().copied().peekable();
        loop {
            let next_present = present.peek().map(|(index, _)| **index);
            let (index, slot) = match (next_present, absent.peek().copied()) {
                (None, None) => return Ok(()),
                (Some(index), other) if other.is_none_or(|other| index <= other) => {
                    absent.next_if_eq(&index);
                    (index, present.next().map(|(_, slot)| slot))
                }
                (_, Some(index)) => {
                    absent.next();
                    (index, None)
                }
                (Some(_), None) => return Ok(()),
            };
            let field = &message.fields[index];
            if slot.is_none() && field.shape == Shape::Required {
                return Err(corrupt(at, format!("the required field `{}` is missing", field.name)));
            }
            if !std::mem::take(&mut is_first) {
                self.text.push(",")?;
            }
            self.text.push_string(&field.name)?;
            self.text.push(":")?;
            self.slot(field, slot, depth).map_err(|stop| stop.inside(|path| path.in_name(&field.name)))?;
        }
    }

    pub(super) fn slot(&mut self, field: &Field, slot: Option<&Slot>, depth: usize) -> Result<(), Stop> {
        match (field.shape, slot) {
            (Shape::Map, Some(Slot::Many(entries))) => self.map(field.ty, entries, depth),
            (Shape::Map, _) => Ok(self.text.push("{}")?),
            (Shape::List, Some(Slot::Many(values))) => self.list(field.ty, values, depth),
            (Shape::List, _) => Ok(self.text.push("[]")?),
            (_, Some(Slot::One(raw))) => self.value(field.ty, *raw, depth),
            (_, Some(Slot::Parts(spans))) => self.parts(field.ty, spans, depth),
            (_, Some(Slot::Many(_)) | None) => self.default(field.ty, depth),
        }
    }

    fn parts(&mut self, ty: Type, spans: &[Span], depth: usize) -> Result<(), Stop> {
        match ty {
            Type::Message(id) => self.message(id, spans, depth + 1),
            _ => self.default(ty, depth),
        }
    }

    fn list(&mut self, ty: Type, values: &[Raw], depth: usize) -> Result<(), Stop> {
        self.text.push("[")?;
        let mut index = 0;
        let mut one = |reader: &mut Self, raw: Raw| {
            if index > 0 {
                reader.text.push(",")?;
            }
            reader.value(ty, raw, depth).map_err(|stop| stop.inside(|path| path.in_index(index)))?;
            index += 1;
            Ok::<(), Stop>(())
        };
        for raw in values {
            match *raw {
                Raw::Bytes(span) if ty.is_packable() => {
                    let mut cursor = Cursor::new(self.bytes, span);
                    while !cursor.is_done() {
                        one(self, packed(ty, &mut cursor)?)?;
                    }
                }
                raw => one(self, raw)?,
            }
        }
        Ok(self.text.push("]")?)
    }

    pub(super) fn value(&mut self, ty: Type, raw: Raw, depth: usize) -> Result<(), Stop> {
        match (ty, raw) {
            (Type::Message(id), Raw::Bytes(span) | Raw::Group(span)) => self.message(id, &[span], depth + 1),
            (Type::String, Raw::Bytes(span)) => {
                let text = self.utf8(span)?;
                Ok(self.text.push_string(text)?)
            }
            (Type::Bytes, Raw::Bytes(span)) => {
                let bytes = self.bytes.get(span.start..span.end).unwrap_or_default();
                // Four characters for three bytes: what cannot be shown is not written out.
                let shown = bytes.get(..self.values_max).unwrap_or(bytes);
                self.text.push("\"")?;
                self.text.push(&super::base64::encode(shown))?;
                Ok(self.text.push("\"")?)
            }
            (Type::Double, Raw::Fixed64(bits)) => {
                let number = f64::from_bits(bits);
                self.float(number.is_finite(), &format!("{number:?}"))
            }
            (Type::Float, Raw::Fixed32(bits)) => {
                let number = f32::from_bits(bits);
                self.float(number.is_finite(), &format!("{number:?}"))
            }
            (Type::Bool, Raw::Varint(value)) => {
                Ok(self.text.push(if value == 0 { "false" } else { "true" })?)
            }
            (Type::Enum(id), Raw::Varint(value)) => {
                let number = value as i32;
                match self.graph.enumeration(id) {
                    it if it.is_null() => Ok(self.text.push("null")?),
                    it => match it.name_of(number) {
                        Some(name) => Ok(self.text.push_string(name)?),
                        None => Ok(self.text.push(&number.to_string())?),
                    },
                }
            }
            (ty, raw) => match whole(ty, raw) {
                // As protobuf has it: what a JSON number may not hold is a string.
                Some(Whole::Long(text)) => Ok(self.text.push(&format!("\"{text}\""))?),
                Some(Whole::Int(text)) => Ok(self.text.push(&text)?),
                None => self.default(ty, depth),
            },
        }
    }

    fn float(&mut self, is_finite: bool, text: &str) -> Result<(), Stop> {
        let text = match text {
            _ if is_finite => text,
            "inf" => "\"Infinity\"",
            "-inf" => "\"-Infinity\"",
            _ => "\"NaN\"",
        };
        Ok(self.text.push(text)?)
    }

    fn default(&mut self, ty: Type, depth: usize) -> Result<(), Stop> {
        match ty {
            Type::Message(id) => self.message(id, &[], depth + 1),
            Type::String | Type::Bytes => Ok(self.text.push("\"\"")?),
            Type::Bool => Ok(self.text.push("false")?),
            Type::Double | Type::Float => Ok(self.text.push("0.0")?),
            Type::Int64 | Type::Uint64 | Type::Sint64 | Type::Fixed64 | Type::Sfixed64 => {
                Ok(self.text.push("\"0\"")?)
            }
            Type::Int32 | Type::Uint32 | Type::Sint32 | Type::Fixed32 | Type::Sfixed32 => {
                Ok(self.text.push("0")?)
            }
            Type::Enum(id) => {
                let first = self.graph.enumeration(id).values.first().map_or(0, |(_, number)| *number);
                self.value(ty, Raw::Varint(i64::from(first) as u64), depth)
            }
        }
    }

    pub(super) fn utf8(&self, span: Span) -> Result<&'a str, Stop> {
        let bytes = self.bytes.get(span.start..span.end).unwrap_or_default();
        std::str::from_utf8(bytes)
            .map_err(|error| corrupt(span.start, format!("a string is not UTF-8: {error}")))
    }
}

enum Whole {
    Int(String),
    Long(String),
}

/// A whole number's text. A longer varint than the type has bits is cut, as
/// every implementation does.
fn whole(ty: Type, raw: Raw) -> Option<Whole> {
    Some(match (ty, raw) {
        (Type::Int32, Raw::Varint(value)) => Whole::Int((value as i32).to_string()),
        (Type::Uint32, Raw::Varint(value)) => Whole::Int((value as u32).to_string()),
        (Type::Sint32, Raw::Varint(value)) => {
            Whole::Int((unzigzag(u64::from(value as u32)) as i32).to_string())
        }
        (Type::Fixed32, Raw::Fixed32(value)) => Whole::Int(value.to_string()),
        (Type::Sfixed32, Raw::Fixed32(value)) => Whole::Int((value as i32).to_string()),
        (Type::Int64, Raw::Varint(value)) => Whole::Long((value as i64).to_string()),
        (Type::Uint64, Raw::Varint(value)) => Whole::Long(value.to_string()),
        (Type::Sint64, Raw::Varint(value)) => Whole::Long(unzigzag(value).to_string()),
        (Type::Fixed64, Raw::Fixed64(value)) => Whole::Long(value.to_string()),
        (Type::Sfixed64, Raw::Fixed64(value)) => Whole::Long((value as i64).to_string()),
        _ => return None,
    })
}

pub(super) fn corrupt(at: usize, reason: String) -> Stop {
    Stop::Corrupt(Box::new(ReadError { at, path: Path::default(), reason }))
}
