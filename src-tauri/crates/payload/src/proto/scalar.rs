//! Single values on their way to the wire.

use super::base64;
use super::graph::{Graph, Type};
use super::wire::{put_bytes, put_varint, zigzag};
use crate::{
    json::Json,
    mismatch::{Mismatch, cut, list, real, text_of},
};

/// A value, ready to be written.
#[derive(Debug, PartialEq)]
pub(super) enum Scalar {
    Varint(u64),
    Fixed64([u8; 8]),
    Fixed32([u8; 4]),
    Bytes(Vec<u8>),
}

impl Scalar {
    pub(super) fn wire_type(&self) -> u8 {
        match self {
            Self::Varint(_) => 0,
            Self::Fixed64(_) => 1,
            Self::Bytes(_) => 2,
            Self::Fixed32(_) => 5,
        }
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Varint(value) => put_varint(out, *value),
            Self::Fixed64(bytes) => out.extend_from_slice(bytes),
            Self::Fixed32(bytes) => out.extend_from_slice(bytes),
            Self::Bytes(bytes) => put_bytes(out, bytes),
        }
    }

    /// All bits are zero: `-0.0` is something.
    pub(super) fn is_default(&self) -> bool {
        match self {
            Self::Varint(value) => *value == 0,
            Self::Fixed64(bytes) => *bytes == [0; 8],
            Self::Fixed32(bytes) => *bytes == [0; 4],
            Self::Bytes(bytes) => bytes.is_empty(),
        }
    }
}

/// `json` as a value of `ty`, which is no message.
pub(super) fn write(graph: &Graph, ty: Type, json: &Json) -> Result<Scalar, Mismatch> {
    let signed = |low: i64, high: i64, what: &str| -> Result<i64, Mismatch> {
        let number = whole(json).ok_or_else(|| Mismatch::expected(what, json))?;
        match i64::try_from(number) {
            Ok(number) if (low..=high).contains(&number) => Ok(number),
            _ => Err(Mismatch::new(format!("{number} does not fit {what}"))),
        }
    };
    let int = || signed(i32::MIN.into(), i32::MAX.into(), "a whole number of 32 bits");
    let uint = || signed(0, u32::MAX.into(), "a whole number from 0 to 4294967295");
    let long = || signed(i64::MIN, i64::MAX, "a whole number of 64 bits");
    let ulong = || -> Result<u64, Mismatch> {
        let what = "a whole number from 0 to 18446744073709551615";
        let number = whole(json).ok_or_else(|| Mismatch::expected(what, json))?;
        u64::try_from(number).map_err(|_| Mismatch::new(format!("{number} does not fit {what}")))
    };
    Ok(match ty {
        // A negative number of 32 bits is written as one of 64.
        Type::Int32 => Scalar::Varint(int()? as u64),
        Type::Uint32 => Scalar::Varint(uint()? as u64),
        Type::Sint32 => Scalar::Varint(zigzag(int()?) & u64::from(u32::MAX)),
        Type::Fixed32 => Scalar::Fixed32((uint()? as u32).to_le_bytes()),
        Type::Sfixed32 => Scalar::Fixed32((int()? as i32).to_le_bytes()),
        Type::Int64 => Scalar::Varint(long()? as u64),
        Type::Uint64 => Scalar::Varint(ulong()?),
        Type::Sint64 => Scalar::Varint(zigzag(long()?)),
        Type::Fixed64 => Scalar::Fixed64(ulong()?.to_le_bytes()),
        Type::Sfixed64 => Scalar::Fixed64(long()?.to_le_bytes()),
        Type::Double => {
            let double = number(json).ok_or_else(|| Mismatch::expected("a double", json))?;
            Scalar::Fixed64(double.to_le_bytes())
        }
        Type::Float => {
            let double = number(json).ok_or_else(|| Mismatch::expected("a float", json))?;
            let float = double as f32;
            if float.is_infinite() && double.is_finite() {
                return Err(Mismatch::new(format!("{double} does not fit a float")));
            }
            Scalar::Fixed32(float.to_le_bytes())
        }
        Type::Bool => match json {
            Json::Bool(value) => Scalar::Varint(u64::from(*value)),
            _ => return Err(Mismatch::expected("true or false", json)),
        },
        Type::String => Scalar::Bytes(text_of(json, "a string")?.as_bytes().to_vec()),
        Type::Bytes => {
            let text = text_of(json, "bytes in base64")?;
            let bytes = base64::decode(text).ok_or_else(|| Mismatch::expected("bytes in base64", json))?;
            Scalar::Bytes(bytes)
        }
        Type::Enum(id) => {
            let it = graph.enumeration(id);
            let named = match json {
                Json::Null if it.is_null() => Some(0),
                Json::String(name) => {
                    it.values.iter().find(|(known, _)| known == name).map(|(_, number)| *number)
                }
                // A number a newer schema may have a name for.
                _ => whole(json).and_then(|number| i32::try_from(number).ok()),
            };
            let number = named.ok_or_else(|| {
                let names = list(it.values.iter().map(|(name, _)| name.as_str()));
                let found = match json {
                    Json::String(text) => format!("`{}` is no value", cut(text)),
                    _ => "this is no value".to_owned(),
                };
                Mismatch::new(format!("{found} of the enum `{}`; it has {names}", it.name))
            })?;
            Scalar::Varint(i64::from(number) as u64)
        }
        Type::Message(_) => return Err(Mismatch::expected("a message", json)),
    })
}

/// A number, or a string of one.
fn number(json: &Json) -> Option<f64> {
    let given = real(json).or_else(|| json.as_str().filter(|text| is_number(text))?.parse().ok())?;
    // Infinity is said in words; a number that becomes it is too large.
    let in_words = matches!(json, Json::String(text) if !is_number(text));
    (in_words || given.is_finite()).then_some(given)
}

fn is_number(text: &str) -> bool {
    matches!(Json::parse(text), Ok(Json::Number(_)))
}

/// A whole number, or a string of one; `1.0` and `1e3` are whole, too.
fn whole(json: &Json) -> Option<i128> {
    /// Beyond this a float no longer says which whole number was meant.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    let text = match json {
        Json::Number(text) => text,
        Json::String(text) if is_number(text) => text,
        _ => return None,
    };
    text.parse().ok().or_else(|| {
        let float: f64 = text.parse().ok()?;
        (float.fract() == 0.0 && float.abs() <= EXACT_MAX).then_some(float as i128)
    })
}
