//! One message's fields as they stand on the wire, put in order.

use std::collections::BTreeMap;

use super::graph::{Message, Shape, Type};
use super::wire::{Cursor, Raw, Span, WireError};

/// What the wire says about a field.
#[derive(Debug)]
pub(super) enum Slot {
    /// The last of a single value.
    One(Raw),
    /// All parts of a single message: they are merged, which for bytes is to
    /// read one after the other.
    Parts(Vec<Span>),
    /// Values of a list or entries of a map; packed ones as they come.
    Many(Vec<Raw>),
}

/// Fields by their place in the message.
pub(super) type Slots = BTreeMap<usize, Slot>;

/// Reads the fields of a message whose bytes are `spans`. Of lists `values_max`
/// are kept: the text is full long before.
pub(super) fn slots(
    message: &Message,
    bytes: &[u8],
    spans: &[Span],
    values_max: usize,
) -> Result<Slots, WireError> {
    let mut slots = Slots::new();
    let mut chosen: Vec<Option<usize>> = vec![None; message.oneofs.len()];
    for span in spans {
        let mut cursor = Cursor::new(bytes, *span);
        loop {
            let start = cursor.at;
            let Some((number, raw)) = cursor.field()? else { break };
            // Unknown: written by a newer schema, as Protobuf allows.
            let Some(&at) = message.by_number.get(&number) else { continue };
            let field = &message.fields[at];
            let is_packed =
                field.shape == Shape::List && matches!(raw, Raw::Bytes(_)) && field.ty.is_packable();
            if !is_packed && !field.ty.fits(raw) {
                let reason = format!("field `{}` is {} here", field.name, raw.name());
                return Err(WireError { at: start, reason });
            }
            if let Some(oneof) = field.oneof
                && let Some(other) = chosen[oneof].replace(at)
                && other != at
            {
                slots.remove(&other);
            }
            put(&mut slots, at, field.shape, field.ty, raw, values_max);
        }
    }
    Ok(slots)
}

fn put(slots: &mut Slots, at: usize, shape: Shape, ty: Type, raw: Raw, values_max: usize) {
    match (shape, ty, raw) {
        (Shape::List | Shape::Map, _, raw) => match slots.entry(at).or_insert_with(|| Slot::Many(Vec::new()))
        {
            Slot::Many(values) if values.len() <= values_max => values.push(raw),
            _ => {}
        },
        (_, Type::Message(_), Raw::Bytes(span) | Raw::Group(span)) => {
            match slots.entry(at).or_insert_with(|| Slot::Parts(Vec::new())) {
                Slot::Parts(parts) if !span.is_empty() => parts.push(span),
                _ => {}
            }
        }
        (_, _, raw) => drop(slots.insert(at, Slot::One(raw))),
    }
}

impl Type {
    /// Whether a value of this type may stand on the wire as `raw`.
    pub(super) fn fits(self, raw: Raw) -> bool {
        match self {
            Self::Int32
            | Self::Int64
            | Self::Uint32
            | Self::Uint64
            | Self::Sint32
            | Self::Sint64
            | Self::Bool
            | Self::Enum(_) => matches!(raw, Raw::Varint(_)),
            Self::Double | Self::Fixed64 | Self::Sfixed64 => matches!(raw, Raw::Fixed64(_)),
            Self::Float | Self::Fixed32 | Self::Sfixed32 => matches!(raw, Raw::Fixed32(_)),
            Self::String | Self::Bytes => matches!(raw, Raw::Bytes(_)),
            Self::Message(_) => matches!(raw, Raw::Bytes(_) | Raw::Group(_)),
        }
    }

    pub(super) fn is_packable(self) -> bool {
        !matches!(self, Self::String | Self::Bytes | Self::Message(_))
    }
}

/// One value of a packed run.
pub(super) fn packed(ty: Type, cursor: &mut Cursor<'_>) -> Result<Raw, WireError> {
    Ok(match ty {
        Type::Double | Type::Fixed64 | Type::Sfixed64 => Raw::Fixed64(u64::from_le_bytes(cursor.array()?)),
        Type::Float | Type::Fixed32 | Type::Sfixed32 => Raw::Fixed32(u32::from_le_bytes(cursor.array()?)),
        _ => Raw::Varint(cursor.varint()?),
    })
}
