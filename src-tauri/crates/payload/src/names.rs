//! Names of types, without whatever the schema refers to: what subjects may be
//! called after.

use crate::{Framing, json::Json, proto};

/// The name or names a schema gives to what it describes.
#[derive(Debug)]
pub struct TypeNames {
    inner: Names,
}

#[derive(Debug)]
enum Names {
    One(Option<String>),
    /// A Protobuf file: the payload says which message it is.
    Messages(Vec<proto::Tree<String>>),
}

impl TypeNames {
    /// `schema_type` is `AVRO`, `JSON` or `PROTOBUF`; a schema that cannot be
    /// read has no names.
    pub fn parse(schema_type: &str, schema: &str) -> Self {
        let inner = match schema_type {
            "PROTOBUF" => Names::Messages(proto::message_names(schema)),
            "JSON" => Names::One(Json::parse(schema).ok().and_then(|json| text(&json, "title"))),
            _ => Names::One(Json::parse(schema).ok().and_then(|json| avro_name(&json))),
        };
        Self { inner }
    }

    /// The full name of the Avro type or Protobuf message, or the JSON Schema's
    /// title.
    pub fn of(&self, framing: &Framing<'_>) -> Option<String> {
        match &self.inner {
            Names::One(name) => name.clone(),
            Names::Messages(trees) => proto::name_at(trees, framing.rest, framing.apart.is_some()),
        }
    }
}

fn text(json: &Json, key: &str) -> Option<String> {
    json.get(key).and_then(Json::as_str).map(str::to_owned)
}

fn avro_name(json: &Json) -> Option<String> {
    if let Json::String(primitive) = json {
        return Some(primitive.clone());
    }
    let Some(name) = text(json, "name") else { return text(json, "type") };
    match text(json, "namespace") {
        Some(space) if !name.contains('.') && !space.is_empty() => Some(format!("{space}.{name}")),
        _ => Some(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(schema_type: &str, schema: &str, payload: &[u8], expected: Option<&str>) {
        let framing = Framing::of(payload, None).expect("a frame");
        assert_eq!(TypeNames::parse(schema_type, schema).of(&framing).as_deref(), expected);
    }

    #[test]
    fn subjects_are_called_after_types() {
        let frame = [0, 0, 0, 0, 1];
        check("AVRO", r#"{"type":"record","name":"R","namespace":"a.b","fields":[]}"#, &frame, Some("a.b.R"));
        check("AVRO", r#"{"type":"record","name":"c.R","namespace":"a.b","fields":[]}"#, &frame, Some("c.R"));
        check("AVRO", "\"string\"", &frame, Some("string"));
        check("AVRO", r#"{"type":"long"}"#, &frame, Some("long"));
        check("JSON", r#"{"title":"Click"}"#, &frame, Some("Click"));
        check("JSON", "{}", &frame, None);
        let proto = r#"syntax = "proto3"; package p; import "elsewhere.proto";
            message A { map<string, q.Q> m = 1; message B {} } message C {}"#;
        check("PROTOBUF", proto, &[0, 0, 0, 0, 1, 0], Some("p.A"));
        check("PROTOBUF", proto, &[0, 0, 0, 0, 1, 4, 0, 0], Some("p.A.B"));
        check("PROTOBUF", proto, &[0, 0, 0, 0, 1, 2, 2], Some("p.C"));
        check("PROTOBUF", proto, &[0, 0, 0, 0, 1, 2, 4], None);
        check("PROTOBUF", "nonsense", &[0, 0, 0, 0, 1, 0], None);
    }
}
