//! Values that do not fit their schema, and how to say so.

use crate::{EncodeError, json::Json, path::Path};

/// A value that does not fit, and where.
#[derive(Debug)]
pub(crate) struct Mismatch {
    pub(crate) path: Path,
    pub(crate) reason: String,
}

impl Mismatch {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { path: Path::default(), reason: reason.into() }
    }

    pub(crate) fn expected(what: &str, found: &Json) -> Self {
        Self::new(format!("expected {what}, found {}", describe(found)))
    }

    pub(crate) fn in_name(self, name: &str) -> Self {
        Self { path: self.path.in_name(name), ..self }
    }

    pub(crate) fn in_index(self, index: usize) -> Self {
        Self { path: self.path.in_index(index), ..self }
    }
}

impl From<Mismatch> for EncodeError {
    fn from(Mismatch { path, reason }: Mismatch) -> Self {
        Self::Mismatch { path: path.to_string(), reason }
    }
}

pub(crate) fn real(json: &Json) -> Option<f64> {
    match json {
        Json::Number(number) => number.parse().ok(),
        Json::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

pub(crate) fn text_of<'j>(json: &'j Json, what: &str) -> Result<&'j str, Mismatch> {
    json.as_str().ok_or_else(|| Mismatch::expected(what, json))
}

pub(crate) fn describe(json: &Json) -> String {
    match json {
        Json::Null => "null".into(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => format!("the number {number}"),
        Json::String(text) => format!("the string \"{}\"", cut(text)),
        Json::Array(_) => "an array".into(),
        Json::Object(_) => "an object".into(),
    }
}

/// Long names would bury the message.
pub(crate) fn cut(text: &str) -> String {
    const SHOWN_CHARS: usize = 40;
    if text.chars().count() <= SHOWN_CHARS {
        return text.to_owned();
    }
    text.chars().take(SHOWN_CHARS).chain(['…']).collect()
}

pub(crate) fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const SHOWN: usize = 20;
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let shown = names.get(..SHOWN).unwrap_or(&names).join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 if names.is_empty() => "none".into(),
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
