//! What `cargo xtask fuzz schema` feeds with anything at all; `fuzz/regressions` holds what it once failed on.

use crate::compat::{self, json::Policy};
use crate::level::CompatibilityLevel;
use crate::parsed::Parsed;
use crate::record::Record;
use crate::schema::{Schema, SchemaType};

/// The text of a schema behind a byte that says of which language: read, written, read again and compared with
/// itself; or a record of `_schemas`.
pub fn schema(data: &[u8]) {
    let Some((&kind, text)) = data.split_first() else { return };
    let schema_type = match kind % 4 {
        0 => SchemaType::Avro,
        1 => SchemaType::Json,
        2 => SchemaType::Protobuf,
        _ => return record(text),
    };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let parse =
        |text: String, is_new| Parsed::parse(&Schema { schema_type, text, ..Schema::default() }, &[], is_new);
    let is_new = kind & 4 > 0;
    let Ok(parsed) = parse(text.to_owned(), is_new) else { return };
    let canonical = parsed.canonical();
    let _ = (parsed.fingerprint(), parsed.formatted("resolved"), parsed.formatted("serialized"));
    let again = parse(canonical.clone(), false).expect("what was written can be read");
    assert_eq!(again.canonical(), canonical, "written twice, it is the same");
    let normalized = parse(parsed.normalized(), false).expect("what was normalised can be read");
    assert_eq!(normalized.normalized(), parsed.normalized(), "normalised twice, it is the same");
    let _ = compat::check(CompatibilityLevel::Full, Policy::Strict, &parsed, &again);
}

fn record(text: &[u8]) {
    let (key, value) = match text.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let Ok(Some(record)) = Record::parse(key, value) else { return };
    let (key, value) = record.to_bytes();
    let again = Record::parse(&key, value.as_deref());
    assert_eq!(again.expect("what was written can be read"), Some(record));
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_once_failed() {
        let folder = format!("{}/../../../fuzz/regressions/schema", env!("CARGO_MANIFEST_DIR"));
        // There is no folder as long as nothing failed.
        for file in std::fs::read_dir(folder).into_iter().flatten() {
            super::schema(&std::fs::read(file.expect("a file").path()).expect("reads"));
        }
    }
}
