//! JSON Schema: what it demands is asked when a payload is written.

use std::sync::{Arc, OnceLock};

use jsonschema::{PatternOptions, Retrieve, Uri, Validator};
use serde_json::Value;

use crate::{EncodeError, Reference, path::Path};

/// Steps one regular expression may take over one text.
const BACKTRACK_MAX: usize = 100_000;
/// Compiled size of one regular expression.
const REGEX_BYTES_MAX: usize = 1024 * 1024;
/// Faults named at once.
const FAULTS_MAX: usize = 5;

/// A JSON Schema. Reading needs only to know that the body is JSON, so the
/// schema is compiled at the first writing.
#[derive(Debug, Clone)]
pub struct JsonSchema {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    schema: String,
    references: Vec<Reference>,
    validator: OnceLock<Result<Validator, String>>,
}

impl JsonSchema {
    pub(crate) fn new(schema: &str, references: &[Reference]) -> Self {
        let inner =
            Inner { schema: schema.to_owned(), references: references.to_vec(), validator: OnceLock::new() };
        Self { inner: Arc::new(inner) }
    }

    /// Whether `text` is what the schema asks for.
    pub(crate) fn check(&self, text: &str) -> Result<(), EncodeError> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| EncodeError::NotJson(error.to_string()))?;
        let validator = self.inner.validator.get_or_init(|| compile(&self.inner));
        let validator = validator.as_ref().map_err(|reason| EncodeError::Schema(reason.clone()))?;
        let mut faults = Vec::new();
        for error in validator.iter_errors(&value).take(FAULTS_MAX) {
            let mut steps: Vec<_> = error.instance_path().segments().collect();
            let mut path = Path::default();
            while let Some(step) = steps.pop() {
                path = match step {
                    jsonschema::paths::LocationSegment::Property(name) => path.in_name(&name),
                    jsonschema::paths::LocationSegment::Index(index) => path.in_index(index),
                };
            }
            faults.push((path.to_string(), error.to_string()));
        }
        let mut faults = faults.into_iter();
        let Some((path, first)) = faults.next() else { return Ok(()) };
        let reason = faults.fold(first, |all, (path, reason)| format!("{all}; {path}: {reason}"));
        Err(EncodeError::Mismatch { path, reason })
    }
}

fn compile(inner: &Inner) -> Result<Validator, String> {
    let schema: Value = serde_json::from_str(&inner.schema).map_err(|error| error.to_string())?;
    let patterns = PatternOptions::fancy_regex()
        .backtrack_limit(BACKTRACK_MAX)
        .size_limit(REGEX_BYTES_MAX)
        .dfa_size_limit(REGEX_BYTES_MAX);
    jsonschema::options()
        .with_retriever(Registered { references: inner.references.clone() })
        .with_pattern_options(patterns)
        .build(&schema)
        .map_err(|error| error.to_string())
}

/// What a `$ref` may lead to: the schemas registered as references, and nothing else.
struct Registered {
    references: Vec<Reference>,
}

/// What the validator puts before a relative reference.
const BASE: &str = "json-schema:///";

impl Retrieve for Registered {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let uri = uri.as_str().trim_end_matches('#');
        let bare = uri.strip_prefix(BASE).unwrap_or(uri);
        let is_last_part = |name: &str| uri.strip_suffix(name).is_some_and(|before| before.ends_with('/'));
        let named = |it: &&Reference| it.name == uri || it.name == bare;
        let found = self.references.iter().find(named);
        let by_id = || self.references.iter().find(|it| id_of(&it.schema).is_some_and(|id| id == uri));
        // A relative name, resolved against the schema's own `$id`.
        let by_end = || self.references.iter().find(|it| is_last_part(&it.name));
        match found.or_else(by_id).or_else(by_end) {
            Some(reference) => Ok(serde_json::from_str(&reference.schema)?),
            None => Err(format!("`{bare}` is none of the schema's references").into()),
        }
    }
}

fn id_of(schema: &str) -> Option<String> {
    let value: Value = serde_json::from_str(schema).ok()?;
    let id = value.get("$id").or_else(|| value.get("id"))?.as_str()?;
    Some(id.trim_end_matches('#').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(schema: &str, references: &[(&str, &str)], text: &str, expected: Result<(), &str>) {
        let references: Vec<Reference> = references
            .iter()
            .map(|(name, schema)| Reference { name: (*name).into(), schema: (*schema).into() })
            .collect();
        let found = JsonSchema::new(schema, &references).check(text).map_err(|error| error.to_string());
        match (found, expected) {
            (Ok(()), Ok(())) => {}
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
            (found, _) => panic!("{found:?}"),
        }
    }

    const PERSON: &str = r#"{"$schema":"http://json-schema.org/draft-07/schema#","type":"object",
        "properties":{"age":{"type":"integer","minimum":0},"tags":{"type":"array","items":{"type":"string"}}},
        "required":["age"],"additionalProperties":false}"#;

    #[test]
    fn faults_have_paths() {
        check(PERSON, &[], r#"{"age": 3, "tags": ["a"]}"#, Ok(()));
        check(PERSON, &[], r#"{"age": -1}"#, Err("$.age: -1 is less than the minimum of 0"));
        check(PERSON, &[], r#"{"age": 1, "tags": ["a", 2]}"#, Err("$.tags[1]: 2 is not of type \"string\""));
        check(PERSON, &[], "{}", Err("$: \"age\" is a required property"));
        check(PERSON, &[], "{", Err("the text is not JSON"));
        check("{\"type\": 7}", &[], "1", Err("the schema cannot be used"));
    }

    #[test]
    fn references_are_found_by_name_and_by_id() {
        let int = r#"{"$id":"http://example.com/int.json","type":"integer"}"#;
        for name in ["int.json", "http://example.com/int.json", "anything"] {
            let by = if name == "anything" { "http://example.com/int.json" } else { name };
            let schema = format!(r#"{{"properties":{{"a":{{"$ref":"{by}"}}}}}}"#);
            check(&schema, &[(name, int)], r#"{"a": 1}"#, Ok(()));
            check(&schema, &[(name, int)], r#"{"a": "x"}"#, Err("$.a: \"x\" is not of type \"integer\""));
        }
        let schema = r#"{"$id":"http://example.com/root.json","properties":{"a":{"$ref":"int.json"}}}"#;
        check(schema, &[("int.json", r#"{"type":"integer"}"#)], r#"{"a": "x"}"#, Err("$.a"));
        check(r#"{"$ref":"http://elsewhere/x.json"}"#, &[], "1", Err("none of the schema's references"));
    }

    #[test]
    fn hostile_patterns_end() {
        let schema = r#"{"type":"string","pattern":"^(a+)+$(?=x)"}"#;
        check(schema, &[], &format!("\"{}!\"", "a".repeat(200)), Err("$"));
        check(r#"{"type":"string","pattern":"^(?!x)a+$"}"#, &[], "\"aa\"", Ok(()));
    }
}
