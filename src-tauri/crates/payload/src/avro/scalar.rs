//! Single values: what JSON says they are, and how to say that they do not fit.

use super::{decimal::ParseError, union::Kind};
use crate::{
    json::Json,
    mismatch::{Mismatch, cut, list, text_of},
};

/// A whole number, or a string of one.
pub(super) fn whole(json: &Json) -> Option<i64> {
    /// Beyond this a float no longer says which whole number was meant.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    match json {
        Json::Number(number) => number.parse().ok().or_else(|| {
            let float: f64 = number.parse().ok()?;
            (float.fract() == 0.0 && float.abs() <= EXACT_MAX).then_some(float as i64)
        }),
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A string of the characters U+0000 to U+00FF, as bytes.
pub(super) fn bytes_of(json: &Json) -> Result<Vec<u8>, Mismatch> {
    let text = text_of(json, "a string of bytes")?;
    text.chars()
        .map(|c| {
            u8::try_from(c).map_err(|_| {
                Mismatch::new(format!(
                    "`{c}` is no byte; bytes are written as the characters \\u0000 to \\u00ff"
                ))
            })
        })
        .collect()
}

pub(super) fn decimal_text(json: &Json) -> Result<String, Mismatch> {
    match json {
        Json::String(text) | Json::Number(text) => Ok(text.clone()),
        _ => Err(Mismatch::expected("a decimal as a string, such as \"12.30\"", json)),
    }
}

pub(super) fn not_a_decimal(error: &ParseError, text: &str, scale: Option<usize>) -> Mismatch {
    let text = cut(text);
    Mismatch::new(match (error, scale) {
        (ParseError::TooManyPlaces(places), Some(scale)) => {
            format!("{text} has {places} decimal places; the schema has {scale}")
        }
        (ParseError::TooLong, _) => "the decimal is too long".to_owned(),
        (ParseError::NotDecimal | ParseError::TooManyPlaces(_), _) => {
            format!("expected a decimal such as \"12.30\", found \"{text}\"")
        }
    })
}

pub(super) fn not_a_symbol(name: &str, symbols: &[String], default: Option<&str>, text: &str) -> Mismatch {
    let symbols = list(symbols.iter().map(String::as_str));
    let hint = default.map(|default| format!(" (readers take `{default}` for what they do not know)"));
    Mismatch::new(format!(
        "`{}` is no symbol of the enum `{name}`; it has {symbols}{}",
        cut(text),
        hint.unwrap_or_default()
    ))
}

pub(super) fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text.bytes().filter(|&byte| byte != b'-').collect();
    if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

pub(super) fn kind_of(json: &Json) -> Kind {
    match json {
        Json::Null => Kind::Null,
        Json::Bool(_) => Kind::Boolean,
        Json::Number(_) => Kind::Number,
        Json::String(_) => Kind::String,
        Json::Array(_) => Kind::Array,
        Json::Object(_) => Kind::Object,
    }
}
