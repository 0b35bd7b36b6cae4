//! Values as Python prints them: what Jinja in Airflow would have written.

use std::fmt::Write;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, Output, State};

/// The formatter of `{{ … }}`.
pub(super) fn format(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let text = display(value);
    out.write_str(&text)?;
    Ok(())
}

/// Python's `str()`.
pub(super) fn display(value: &Value) -> String {
    match value.kind() {
        ValueKind::String => value.to_string(),
        _ => repr(value),
    }
}

/// Python's `repr()`.
fn repr(value: &Value) -> String {
    match value.kind() {
        ValueKind::None => "None".into(),
        ValueKind::Bool => if value.is_true() { "True" } else { "False" }.into(),
        ValueKind::String => quoted(value.as_str().unwrap_or_default()),
        ValueKind::Seq | ValueKind::Iterable => {
            let items: Vec<String> = value.try_iter().into_iter().flatten().map(|item| repr(&item)).collect();
            format!("[{}]", items.join(", "))
        }
        ValueKind::Map => {
            let entry = |key: Value| {
                let value = value.get_item(&key).unwrap_or_default();
                format!("{}: {}", repr(&key), repr(&value))
            };
            let entries: Vec<String> = value.try_iter().into_iter().flatten().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
        _ => value.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            // Writing to a String cannot fail.
            c if c.is_control() => drop(write!(out, "\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: serde_json::Value, expected: &str) {
        assert_eq!(display(&crate::template::from_json(json)), expected);
    }

    #[test]
    fn values_print_as_in_python() {
        use serde_json::json;
        check(json!(null), "None");
        check(json!(true), "True");
        check(json!(1.5), "1.5");
        check(json!("it's"), "it's");
        check(json!(["a", null, 1]), "['a', None, 1]");
        check(json!({"k": ["it's", "say \"hi\""]}), "{'k': [\"it's\", 'say \"hi\"']}");
        check(json!(["a\nb"]), "['a\\nb']");
    }
}
