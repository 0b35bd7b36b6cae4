//! An [`AvroSchema`] as text: as registered, and in normal form.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value as Json, json};

use super::types::{AvroSchema, Field, Kind, Named, Order, TypeId};
use crate::sorted::sorted;

/// Whether types of other schemas are written out or named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Foreign {
    Named,
    Inline,
}

/// References chained deeper than this stay names: no reader could follow.
const INLINE_DEPTH_MAX: usize = 100;

impl AvroSchema {
    /// The text a schema is stored and answered as: its own order of
    /// attributes, Avro's own order of everything else, no white space.
    pub(crate) fn canonical(&self) -> String {
        self.write(Foreign::Named)
    }

    /// The same with the types of other schemas written out.
    pub(crate) fn resolved(&self) -> String {
        self.write(Foreign::Inline)
    }

    /// Full names, attributes sorted, nothing left that means nothing.
    pub(crate) fn normalized(&self) -> String {
        self.normal(Foreign::Named)
    }

    /// Two schemas with the same fingerprint mean the same, whether or not
    /// they say it by reference.
    pub(crate) fn fingerprint(&self) -> String {
        self.normal(Foreign::Inline)
    }

    fn write(&self, foreign: Foreign) -> String {
        let mut writer = Writer { schema: self, foreign, seen: HashSet::new() };
        writer.canonical(self.root(), "", 0).to_string()
    }

    fn normal(&self, foreign: Foreign) -> String {
        let mut writer = Writer { schema: self, foreign, seen: HashSet::new() };
        writer.normal(self.root(), 0).to_string()
    }
}

struct Writer<'s> {
    schema: &'s AvroSchema,
    foreign: Foreign,
    seen: HashSet<TypeId>,
}

impl Writer<'_> {
    /// The type is to be named here, not defined.
    fn is_named_only(&mut self, id: TypeId, depth: usize) -> bool {
        let is_kept_out = self.schema.get(id).is_foreign && self.foreign == Foreign::Named;
        is_kept_out || depth > INLINE_DEPTH_MAX && self.schema.get(id).is_foreign || !self.seen.insert(id)
    }

    fn canonical(&mut self, id: TypeId, space: &str, depth: usize) -> Json {
        let schema = self.schema;
        let of = schema.get(id);
        if let Some(named) = of.kind.named()
            && self.is_named_only(id, depth)
        {
            return named.name.within(space).into();
        }
        let mut out = Map::new();
        out.insert("type".into(), of.kind.word().into());
        match &of.kind {
            Kind::Primitive(primitive) if of.attributes.is_empty() => return primitive.word().into(),
            Kind::Primitive(_) => {}
            Kind::Union(branches) => {
                return branches.iter().map(|branch| self.canonical(*branch, space, depth + 1)).collect();
            }
            Kind::Array(items) => drop(out.insert("items".into(), self.canonical(*items, space, depth + 1))),
            Kind::Map(values) => drop(out.insert("values".into(), self.canonical(*values, space, depth + 1))),
            Kind::Record { named, fields, .. } => {
                begin(&mut out, named, space);
                let inner = &named.name.space;
                let fields = fields.iter().map(|field| self.canonical_field(field, inner, depth));
                out.insert("fields".into(), fields.collect());
            }
            Kind::Enum { named, symbols, default } => {
                begin(&mut out, named, space);
                out.insert("symbols".into(), symbols.as_slice().into());
                if let Some(default) = default {
                    out.insert("default".into(), default.as_str().into());
                }
            }
            Kind::Fixed { named, size } => {
                begin(&mut out, named, space);
                out.insert("size".into(), (*size).into());
            }
        }
        out.extend(of.attributes.clone());
        if let Some(named) = of.kind.named().filter(|named| !named.aliases.is_empty()) {
            let aliases = named.aliases.iter().map(|alias| alias.within(&named.name.space));
            out.insert("aliases".into(), aliases.collect());
        }
        Json::Object(out)
    }

    fn canonical_field(&mut self, field: &Field, space: &str, depth: usize) -> Json {
        let mut out = Map::new();
        out.insert("name".into(), field.name.as_str().into());
        out.insert("type".into(), self.canonical(field.of, space, depth + 1));
        insert_some(&mut out, "doc", &field.doc);
        if let Some(default) = &field.default {
            out.insert("default".into(), default.clone());
        }
        if field.order != Order::Ascending {
            out.insert("order".into(), field.order.word().into());
        }
        if !field.aliases.is_empty() {
            out.insert("aliases".into(), field.aliases.as_slice().into());
        }
        out.extend(field.attributes.clone());
        Json::Object(out)
    }

    fn normal(&mut self, id: TypeId, depth: usize) -> Json {
        let schema = self.schema;
        let of = schema.get(id);
        if let Some(named) = of.kind.named()
            && self.is_named_only(id, depth)
        {
            return named.name.full().into();
        }
        let mut out = Map::new();
        match &of.kind {
            Kind::Primitive(primitive) if of.attributes.is_empty() => return primitive.word().into(),
            Kind::Primitive(primitive) => drop(out.insert("type".into(), primitive.word().into())),
            Kind::Union(branches) => {
                return branches.iter().map(|branch| self.normal(*branch, depth + 1)).collect();
            }
            Kind::Array(items) => {
                out.insert("type".into(), "array".into());
                out.insert("items".into(), self.normal(*items, depth + 1));
            }
            Kind::Map(values) => {
                out.insert("type".into(), "map".into());
                out.insert("values".into(), self.normal(*values, depth + 1));
            }
            Kind::Record { named, fields, .. } => {
                begin_normal(&mut out, named, of.kind.word());
                let fields = fields.iter().map(|field| self.normal_field(field, depth));
                out.insert("fields".into(), fields.collect());
            }
            Kind::Enum { named, symbols, .. } => {
                begin_normal(&mut out, named, "enum");
                out.insert("symbols".into(), symbols.as_slice().into());
            }
            Kind::Fixed { named, size } => {
                begin_normal(&mut out, named, "fixed");
                out.insert("size".into(), (*size).into());
            }
        }
        let mut attributes = of.attributes.clone();
        for name in ["logicalType", "precision", "scale"] {
            if let Some(value) =
                attributes.shift_remove(name).filter(|value| !(name == "scale" && *value == json!(0)))
            {
                out.insert(name.into(), value);
            }
        }
        if let Some(named) = of.kind.named() {
            if let Some(doc) = named.doc.as_ref().filter(|doc| !doc.is_empty()) {
                out.insert("doc".into(), doc.as_str().into());
            }
            let aliases = named.aliases.iter().map(|alias| alias.within(&named.name.space)).collect();
            insert_sorted(&mut out, "aliases", aliases);
        }
        if let Kind::Enum { default: Some(default), .. } = &of.kind {
            out.insert("default".into(), default.as_str().into());
        }
        extend_sorted(&mut out, &attributes);
        Json::Object(out)
    }

    fn normal_field(&mut self, field: &Field, depth: usize) -> Json {
        let mut out = Map::new();
        out.insert("name".into(), field.name.as_str().into());
        out.insert("type".into(), self.normal(field.of, depth + 1));
        out.insert("order".into(), field.order.word().into());
        insert_some(&mut out, "doc", &field.doc);
        insert_sorted(&mut out, "aliases", field.aliases.clone());
        if let Some(default) = &field.default {
            out.insert("default".into(), sorted(default));
        }
        extend_sorted(&mut out, &field.attributes);
        Json::Object(out)
    }
}

fn begin(out: &mut Map<String, Json>, named: &Named, space: &str) {
    out.insert("name".into(), named.name.simple.as_str().into());
    if named.name.space != space {
        out.insert("namespace".into(), named.name.space.as_str().into());
    }
    insert_some(out, "doc", &named.doc);
}

fn begin_normal(out: &mut Map<String, Json>, named: &Named, word: &str) {
    out.insert("name".into(), named.name.full().into());
    out.insert("type".into(), word.into());
}

fn insert_some(out: &mut Map<String, Json>, key: &str, value: &Option<String>) {
    if let Some(value) = value {
        out.insert(key.into(), value.as_str().into());
    }
}

fn insert_sorted(out: &mut Map<String, Json>, key: &str, mut values: Vec<String>) {
    if !values.is_empty() {
        values.sort();
        out.insert(key.into(), values.into());
    }
}

fn extend_sorted(out: &mut Map<String, Json>, attributes: &Map<String, Json>) {
    let attributes: BTreeMap<&String, &Json> = attributes.iter().collect();
    out.extend(attributes.into_iter().map(|(key, value)| (key.clone(), sorted(value))));
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[track_caller]
    fn check(text: &str, canonical: &str, normalized: &str) {
        let schema = parse(text, &[], true).expect("a schema");
        assert_eq!(schema.canonical(), canonical);
        assert_eq!(schema.normalized(), normalized);
        let again = parse(canonical, &[], true).expect("our own text");
        assert_eq!(again.canonical(), canonical);
        let again = parse(normalized, &[], true).expect("our own text");
        assert_eq!(again.normalized(), normalized);
    }

    #[test]
    fn canonical_text_keeps_attributes_and_normal_form_sorts_them() {
        check("\"string\"", "\"string\"", "\"string\"");
        check(r#" { "type" : "string" } "#, "\"string\"", "\"string\"");
        check("string", "\"string\"", "\"string\"");
        check(
            r#"{"z":1,"type":"string","a":{"y":1,"x":2}}"#,
            r#"{"type":"string","z":1,"a":{"y":1,"x":2}}"#,
            r#"{"type":"string","a":{"x":2,"y":1},"z":1}"#,
        );
        check(
            r#"{"fields":[{"type":["null","long"],"name":"n","default":null}],"doc":"d","namespace":"a.b","name":"R","type":"record"}"#,
            r#"{"type":"record","name":"R","namespace":"a.b","doc":"d","fields":[{"name":"n","type":["null","long"],"default":null}]}"#,
            r#"{"name":"a.b.R","type":"record","fields":[{"name":"n","type":["null","long"],"order":"ascending","default":null}],"doc":"d"}"#,
        );
        check(
            r#"{"type":"enum","name":"a.E","symbols":["B","A"],"default":"A","aliases":["Z","Y"]}"#,
            r#"{"type":"enum","name":"E","namespace":"a","symbols":["B","A"],"default":"A","aliases":["Z","Y"]}"#,
            r#"{"name":"a.E","type":"enum","symbols":["B","A"],"aliases":["Y","Z"],"default":"A"}"#,
        );
        check(
            r#"{"type":"bytes","scale":0,"precision":4,"logicalType":"decimal"}"#,
            r#"{"type":"bytes","scale":0,"precision":4,"logicalType":"decimal"}"#,
            r#"{"type":"bytes","logicalType":"decimal","precision":4}"#,
        );
    }

    #[test]
    fn a_type_is_defined_once_and_named_after() {
        check(
            r#"{"type":"record","name":"a.L","fields":[{"name":"next","type":["null","a.L"]},{"name":"f","type":{"type":"fixed","name":"F","size":2}},{"name":"g","type":"a.F"}]}"#,
            r#"{"type":"record","name":"L","namespace":"a","fields":[{"name":"next","type":["null","L"]},{"name":"f","type":{"type":"fixed","name":"F","size":2}},{"name":"g","type":"F"}]}"#,
            r#"{"name":"a.L","type":"record","fields":[{"name":"next","type":["null","a.L"],"order":"ascending"},{"name":"f","type":{"name":"a.F","type":"fixed","size":2},"order":"ascending"},{"name":"g","type":"a.F","order":"ascending"}]}"#,
        );
    }

    #[test]
    fn foreign_types_are_named_or_written_out() {
        let address = r#"{"type":"record","name":"com.Address","fields":[{"name":"city","type":"string"}]}"#;
        let person =
            r#"{"type":"record","name":"com.Person","fields":[{"name":"home","type":"com.Address"}]}"#;
        let schema = parse(person, &[address], true).expect("a schema");
        assert_eq!(
            schema.canonical(),
            r#"{"type":"record","name":"Person","namespace":"com","fields":[{"name":"home","type":"Address"}]}"#
        );
        let resolved = schema.resolved();
        assert!(resolved.contains(r#""type":{"type":"record","name":"Address","fields""#), "{resolved}");
        let inline = parse(&resolved, &[], true).expect("a schema");
        assert_eq!(schema.fingerprint(), inline.fingerprint());
    }
}
