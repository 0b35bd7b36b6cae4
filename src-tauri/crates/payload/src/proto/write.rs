//! JSON into the wire format, naming the path that does not fit.

use super::any::name_of;
use super::base64;
use super::graph::{Field, Graph, Message, MessageId, Shape, Type};
use super::index;
use super::known::{self, Known, has_own_form};
use super::map::{KEY, VALUE};
use super::scalar;
use super::wire::{put_bytes, put_varint};
use crate::{
    EncodeError,
    json::Json,
    mismatch::{Mismatch, list, text_of},
    schema::ProtobufSchema,
};

/// Deeper values other readers would refuse.
const DEPTH_MAX: usize = 100;

/// Appends the message indexes and `json` as that message: the one of this full
/// name, or the file's first.
pub(crate) fn write(
    schema: &ProtobufSchema,
    name: Option<&str>,
    json: &Json,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let graph = &schema.graph;
    let found = match name {
        Some(name) => graph.named(name),
        None => graph.at_indexes(&[0]),
    };
    let found = found.and_then(|message| Some((message, graph.indexes_of(message)?)));
    let Some((message, indexes)) = found else {
        return Err(EncodeError::NoMessage {
            name: name.unwrap_or_default().to_owned(),
            known: list(graph.messages().into_iter()),
        });
    };
    index::write(&indexes, out);
    Ok(Writer { graph }.message(message, json, out, 0)?)
}

pub(super) struct Writer<'g> {
    graph: &'g Graph,
}

impl Writer<'_> {
    fn message(&self, id: MessageId, json: &Json, out: &mut Vec<u8>, depth: usize) -> Result<(), Mismatch> {
        if depth > DEPTH_MAX {
            return Err(Mismatch::new(format!("the value nests deeper than {DEPTH_MAX} levels")));
        }
        let message = self.graph.message(id);
        match (message.known, json) {
            (Some(known), json) => self.known(known, message, json, out, depth),
            (None, Json::Object(entries)) => self.fields(message, entries.iter().map(pair), out, depth),
            (None, _) => {
                Err(Mismatch::expected(&format!("an object (the message `{}`)", message.name), json))
            }
        }
    }

    fn fields<'j>(
        &self,
        message: &Message,
        entries: impl Iterator<Item = (&'j str, &'j Json)>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Mismatch> {
        // Of a key that comes twice the last counts.
        let mut given = std::collections::BTreeMap::new();
        for (name, value) in entries {
            let at = message.named(name).ok_or_else(|| {
                let names = list(message.fields.iter().map(|field| field.name.as_str()));
                Mismatch::new(format!("the message `{}` has no such field; it has {names}", message.name))
                    .in_name(name)
            })?;
            let field = &message.fields[at];
            given.insert(field.number, (field, value));
        }
        for at in &message.always {
            let field = &message.fields[*at];
            if field.shape == Shape::Required
                && !given.get(&field.number).is_some_and(|it| *it.1 != Json::Null)
            {
                return Err(Mismatch::new("this field is required and missing").in_name(&field.name));
            }
        }
        let mut chosen: Vec<Option<&str>> = vec![None; message.oneofs.len()];
        for (field, value) in given.into_values() {
            if let Some(oneof) = field.oneof
                && !self.is_absent(field, value)
                && let Some(other) = chosen[oneof].replace(&field.name)
            {
                let reason =
                    format!("of `{}` only one is there, and `{other}` is, too", message.oneofs[oneof]);
                return Err(Mismatch::new(reason).in_name(&field.name));
            }
            self.field(field, value, out, depth).map_err(|error| error.in_name(&field.name))?;
        }
        Ok(())
    }

    /// `null` is no value, unless the type has one for it.
    fn is_absent(&self, field: &Field, value: &Json) -> bool {
        let takes_null = match field.ty {
            Type::Message(id) => self.graph.message(id).known == Some(Known::Value),
            Type::Enum(id) => self.graph.enumeration(id).is_null(),
            _ => false,
        };
        let is_many = matches!(field.shape, Shape::List | Shape::Map);
        *value == Json::Null && (is_many || !takes_null)
    }

    fn field(&self, field: &Field, json: &Json, out: &mut Vec<u8>, depth: usize) -> Result<(), Mismatch> {
        if self.is_absent(field, json) {
            return Ok(());
        }
        match (field.shape, json) {
            (Shape::List, Json::Array(values)) => self.list(field, values, out, depth),
            (Shape::List, _) => Err(Mismatch::expected("an array", json)),
            (Shape::Map, Json::Object(entries)) => self.map(field, entries, out, depth),
            (Shape::Map, _) => Err(Mismatch::expected("an object (the map's entries)", json)),
            (shape, _) => {
                let start = out.len();
                self.tagged(field, json, out, depth)?;
                // Without presence the default is what is not there.
                if shape == Shape::Implicit && field.oneof.is_none() && self.is_default(field, json) {
                    out.truncate(start);
                }
                Ok(())
            }
        }
    }

    fn is_default(&self, field: &Field, json: &Json) -> bool {
        match field.ty {
            Type::Message(_) => false,
            ty => scalar::write(self.graph, ty, json).is_ok_and(|scalar| scalar.is_default()),
        }
    }

    fn list(&self, field: &Field, values: &[Json], out: &mut Vec<u8>, depth: usize) -> Result<(), Mismatch> {
        if !field.is_packed {
            for (index, value) in values.iter().enumerate() {
                self.tagged(field, value, out, depth).map_err(|error| error.in_index(index))?;
            }
            return Ok(());
        }
        let mut packed = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let scalar = scalar::write(self.graph, field.ty, value).map_err(|error| error.in_index(index))?;
            scalar.put(&mut packed);
        }
        if !packed.is_empty() {
            put_tag(out, field.number, 2);
            put_bytes(out, &packed);
        }
        Ok(())
    }

    fn map(
        &self,
        field: &Field,
        entries: &[(String, Json)],
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Mismatch> {
        let Type::Message(id) = field.ty else { return Ok(()) };
        let entry = self.graph.message(id);
        let (Some(key), Some(value)) = (entry.fields.get(KEY), entry.fields.get(VALUE)) else {
            return Ok(());
        };
        for (name, json) in entries {
            let mut inner = Vec::new();
            // Any key stands in quotes; a boolean's says true or false.
            let key_json = match (key.ty, name.as_str()) {
                (Type::Bool, "true") => Json::Bool(true),
                (Type::Bool, "false") => Json::Bool(false),
                _ => Json::String(name.clone()),
            };
            let written = self.tagged(key, &key_json, &mut inner, depth);
            written
                .and_then(|()| self.tagged(value, json, &mut inner, depth))
                .map_err(|error| error.in_name(name))?;
            put_tag(out, field.number, 2);
            put_bytes(out, &inner);
        }
        Ok(())
    }

    /// One value behind its tag.
    fn tagged(&self, field: &Field, json: &Json, out: &mut Vec<u8>, depth: usize) -> Result<(), Mismatch> {
        match field.ty {
            Type::Message(id) if field.is_group => {
                put_tag(out, field.number, 3);
                self.message(id, json, out, depth + 1)?;
                put_tag(out, field.number, 4);
            }
            Type::Message(id) => {
                let mut inner = Vec::new();
                self.message(id, json, &mut inner, depth + 1)?;
                put_tag(out, field.number, 2);
                put_bytes(out, &inner);
            }
            ty => {
                let scalar = scalar::write(self.graph, ty, json)?;
                put_tag(out, field.number, scalar.wire_type());
                scalar.put(out);
            }
        }
        Ok(())
    }

    fn known(
        &self,
        known: Known,
        message: &Message,
        json: &Json,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Mismatch> {
        let first = message.fields.first().ok_or_else(|| Mismatch::new("this type has no fields"))?;
        match (known, json) {
            (Known::Any, Json::Object(entries)) => self.any(entries, out, depth),
            (Known::Any, _) => Err(Mismatch::expected("an object with \"@type\"", json)),
            (Known::Wrapper, _) => match scalar::write(self.graph, first.ty, json)? {
                scalar if scalar.is_default() => Ok(()),
                _ => self.tagged(first, json, out, depth),
            },
            (Known::Struct | Known::List, _) => self.field(first, json, out, depth),
            (Known::Value, _) => {
                let at = match json {
                    Json::Null => 0,
                    Json::Number(_) => 1,
                    Json::String(_) => 2,
                    Json::Bool(_) => 3,
                    Json::Object(_) => 4,
                    Json::Array(_) => 5,
                };
                match message.fields.get(at) {
                    Some(field) => self.tagged(field, json, out, depth),
                    None => Err(Mismatch::new("this type has no field for it")),
                }
            }
            (Known::Timestamp | Known::Duration | Known::FieldMask, Json::Object(entries)) => {
                self.fields(message, entries.iter().map(pair), out, depth)
            }
            (Known::Timestamp, _) => {
                let wanted = "a time such as \"2025-01-31T12:00:00.5Z\"";
                self.moment(known::timestamp(text_of(json, wanted)?), wanted, json, out)
            }
            (Known::Duration, _) => {
                let wanted = "a duration such as \"1.5s\"";
                self.moment(known::duration(text_of(json, wanted)?), wanted, json, out)
            }
            (Known::FieldMask, _) => {
                let paths = known::mask(text_of(json, "names of fields, joined by commas")?);
                for path in paths {
                    put_tag(out, first.number, 2);
                    put_bytes(out, path.as_bytes());
                }
                Ok(())
            }
        }
    }

    /// Seconds and nanoseconds, each left out when it is zero.
    fn moment(
        &self,
        parsed: Option<(i64, i32)>,
        wanted: &str,
        json: &Json,
        out: &mut Vec<u8>,
    ) -> Result<(), Mismatch> {
        let (seconds, nanos) = parsed.ok_or_else(|| Mismatch::expected(wanted, json))?;
        for (number, value) in [(1, seconds), (2, i64::from(nanos))] {
            if value != 0 {
                put_tag(out, number, 0);
                put_varint(out, value as u64);
            }
        }
        Ok(())
    }

    fn any(&self, entries: &[(String, Json)], out: &mut Vec<u8>, depth: usize) -> Result<(), Mismatch> {
        let last = |name: &str| entries.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value);
        let Some(url) = last("@type") else {
            return match entries.first() {
                None => Ok(()),
                Some(_) => Err(Mismatch::new("an Any says with \"@type\" which message it is")),
            };
        };
        let url = text_of(url, "the address of a type").map_err(|error| error.in_name("@type"))?;
        let mut inner = Vec::new();
        match self.graph.named(name_of(url)) {
            Some(id) if has_own_form(self.graph.message(id)) => {
                let value = last("value").ok_or_else(|| Mismatch::new("\"value\" is missing"))?;
                self.message(id, value, &mut inner, depth + 1).map_err(|error| error.in_name("value"))?;
            }
            Some(id) => {
                let fields = entries.iter().map(pair).filter(|(name, _)| *name != "@type");
                if depth > DEPTH_MAX {
                    return Err(Mismatch::new(format!("the value nests deeper than {DEPTH_MAX} levels")));
                }
                self.fields(self.graph.message(id), fields, &mut inner, depth + 1)?;
            }
            None => {
                let reason = || {
                    let name = name_of(url);
                    Mismatch::new(format!(
                        "the schema has no message `{name}`; \"value\" may hold its bytes in base64"
                    ))
                };
                let value = last("value").and_then(Json::as_str).ok_or_else(reason)?;
                inner = base64::decode(value).ok_or_else(reason)?;
            }
        }
        put_tag(out, 1, 2);
        put_bytes(out, url.as_bytes());
        if !inner.is_empty() {
            put_tag(out, 2, 2);
            put_bytes(out, &inner);
        }
        Ok(())
    }
}

fn pair(entry: &(String, Json)) -> (&str, &Json) {
    (entry.0.as_str(), &entry.1)
}

fn put_tag(out: &mut Vec<u8>, number: u32, wire_type: u8) {
    put_varint(out, u64::from(number) << 3 | u64::from(wire_type));
}
