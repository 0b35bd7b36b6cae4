//! JSON into Avro's binary encoding, naming the path that does not fit.

use std::collections::{HashMap, HashSet};

use super::{
    decimal,
    graph::{Field, Graph, Node, NodeId, Repr},
    scalar::{bytes_of, decimal_text, kind_of, not_a_decimal, not_a_symbol, uuid_bytes, whole},
    union::{Kind, Union, branch_name, kind},
};
use crate::{
    EncodeError,
    json::Json,
    mismatch::{Mismatch, list, real, text_of},
    schema::AvroSchema,
};

/// Defaults can multiply a short text; beyond this it is no record any more.
const OUT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Guards defaults that contain themselves.
const DEPTH_MAX: usize = 200;

/// `json` in Avro's binary encoding.
pub(crate) fn write(schema: &AvroSchema, json: &Json) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer { graph: &schema.graph, out: Vec::new() };
    writer.value(schema.graph.root(), json, Form::Readable, 0)?;
    Ok(writer.out)
}

/// How the JSON is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As this crate writes it.
    Readable,
    /// As a default in a schema: no wrappers, logical types as their base type.
    Default,
}

struct Writer<'a> {
    graph: &'a Graph,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn value(&mut self, id: NodeId, json: &Json, form: Form, depth: usize) -> Result<(), Mismatch> {
        if depth > DEPTH_MAX {
            return Err(Mismatch::new(format!("the value nests deeper than {DEPTH_MAX} levels")));
        }
        if self.out.len() > OUT_BYTES_MAX {
            return Err(Mismatch::new(format!("the record is larger than {OUT_BYTES_MAX} bytes")));
        }
        let graph = self.graph;
        match (graph.node(id), json) {
            (Node::Null, Json::Null) => {}
            (Node::Null, _) => return Err(Mismatch::expected("null", json)),
            (Node::Boolean, Json::Bool(value)) => self.out.push(u8::from(*value)),
            (Node::Boolean, _) => return Err(Mismatch::expected("true or false", json)),
            (Node::Int, _) => {
                let long = whole(json).ok_or_else(|| Mismatch::expected("an int", json))?;
                let int = i32::try_from(long)
                    .map_err(|_| Mismatch::new(format!("{long} does not fit an int (32 bits)")))?;
                self.long(int.into());
            }
            (Node::Long, _) => {
                let long = whole(json).ok_or_else(|| Mismatch::expected("a long (64 bits)", json))?;
                self.long(long);
            }
            (Node::Float, _) => {
                let double = real(json).ok_or_else(|| Mismatch::expected("a float", json))?;
                let float = double as f32;
                if float.is_infinite() && double.is_finite() {
                    return Err(Mismatch::new(format!("{double} does not fit a float")));
                }
                self.out.extend_from_slice(&float.to_le_bytes());
            }
            (Node::Double, _) => {
                let double = real(json).ok_or_else(|| Mismatch::expected("a double", json))?;
                self.out.extend_from_slice(&double.to_le_bytes());
            }
            (Node::String, Json::String(text)) => self.sized(text.as_bytes()),
            (Node::String, _) => return Err(Mismatch::expected("a string", json)),
            (Node::Bytes, _) => self.sized(&bytes_of(json)?),
            (Node::Fixed { name, size }, _) => self.fixed(name, *size, &bytes_of(json)?)?,
            (Node::Decimal { repr, .. } | Node::Uuid { repr }, _) if form == Form::Default => match repr {
                Repr::Bytes => self.sized(&bytes_of(json)?),
                Repr::String => self.sized(text_of(json, "a string")?.as_bytes()),
                Repr::Fixed { name, size } => self.fixed(name, *size, &bytes_of(json)?)?,
            },
            (Node::BigDecimal, _) if form == Form::Default => self.sized(&bytes_of(json)?),
            (Node::Duration { name }, _) if form == Form::Default => {
                self.fixed(name, 12, &bytes_of(json)?)?
            }
            (Node::Decimal { precision, scale, repr }, _) => self.decimal(*precision, *scale, repr, json)?,
            (Node::BigDecimal, _) => self.big_decimal(json)?,
            (Node::Uuid { repr }, _) => self.uuid(repr, json)?,
            (Node::Duration { .. }, _) => self.duration(json)?,
            (Node::Enum { name, symbols, default }, _) => {
                let text = text_of(json, "a symbol")?;
                let index = symbols
                    .iter()
                    .position(|symbol| symbol == text)
                    .ok_or_else(|| not_a_symbol(name, symbols, default.as_deref(), text))?;
                self.long(index as i64);
            }
            (Node::Array(items), Json::Array(values)) => {
                if !values.is_empty() {
                    self.long(values.len() as i64);
                }
                for (index, value) in values.iter().enumerate() {
                    self.value(*items, value, form, depth + 1).map_err(|error| error.in_index(index))?;
                }
                self.long(0);
            }
            (Node::Array(_), _) => return Err(Mismatch::expected("an array", json)),
            (Node::Map(values), Json::Object(entries)) => {
                if !entries.is_empty() {
                    self.long(entries.len() as i64);
                }
                for (key, value) in entries {
                    self.sized(key.as_bytes());
                    self.value(*values, value, form, depth + 1).map_err(|error| error.in_name(key))?;
                }
                self.long(0);
            }
            (Node::Map(_), _) => return Err(Mismatch::expected("an object (the map's entries)", json)),
            (Node::Record { name, fields }, Json::Object(entries)) => {
                self.record(name, fields, entries, form, depth)?;
            }
            (Node::Record { name, .. }, _) => {
                return Err(Mismatch::expected(&format!("an object (the record `{name}`)"), json));
            }
            (Node::Union(union), _) if form == Form::Default => self.default_union(union, json, depth)?,
            (Node::Union(union), _) => self.union(union, json, depth)?,
        }
        Ok(())
    }

    fn record(
        &mut self,
        name: &str,
        fields: &[Field],
        entries: &[(String, Json)],
        form: Form,
        depth: usize,
    ) -> Result<(), Mismatch> {
        let given: HashMap<&str, &Json> = entries.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let mut used = 0;
        for field in fields {
            match (given.get(field.name.as_str()), &field.default) {
                (Some(value), _) => {
                    used += 1;
                    self.value(field.node, value, form, depth + 1)
                }
                (None, Some(default)) => self.value(field.node, default, Form::Default, depth + 1),
                (None, None) => {
                    Err(Mismatch::new("this field is missing, and the schema has no default for it"))
                }
            }
            .map_err(|error| error.in_name(&field.name))?;
        }
        if used < given.len() {
            let known: HashSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            let unknown = entries.iter().map(|(key, _)| key.as_str()).find(|key| !known.contains(key));
            let names = list(fields.iter().map(|field| field.name.as_str()));
            return Err(Mismatch::new(format!("the record `{name}` has no such field; it has {names}"))
                .in_name(unknown.unwrap_or_default()));
        }
        Ok(())
    }

    fn union(&mut self, union: &Union, json: &Json, depth: usize) -> Result<(), Mismatch> {
        if let Some((branch, value)) = self.wrapped(union, json) {
            self.long(branch as i64);
            return self
                .value(union.branches[branch], value, Form::Readable, depth + 1)
                .map_err(|error| error.in_name(branch_name(self.graph.node(union.branches[branch]))));
        }
        let kind_of_json = kind_of(json);
        let of_kind = |wanted: Kind| -> Vec<usize> {
            (0..union.branches.len())
                .filter(|&at| kind(self.graph.node(union.branches[at])) == Some(wanted))
                .collect()
        };
        // A long may come as a string of digits, a decimal as a whole number.
        let other_spelling = match kind_of_json {
            Kind::String => Some(Kind::Number),
            Kind::Number => Some(Kind::String),
            Kind::Null | Kind::Boolean | Kind::Array | Kind::Object => None,
        };
        let mut candidates = of_kind(kind_of_json);
        if candidates.is_empty() {
            candidates = other_spelling.map(of_kind).unwrap_or_default();
        }
        match candidates.as_slice() {
            [branch] => {
                self.long(*branch as i64);
                self.value(union.branches[*branch], json, Form::Readable, depth + 1)
            }
            [] => Err(Mismatch::expected(&format!("one of {}", self.branch_names(union, None)), json)),
            several => Err(Mismatch::new(format!(
                "this could be one of {}; say which: {{\"{}\": …}}",
                self.branch_names(union, Some(several)),
                branch_name(self.graph.node(union.branches[several[0]])),
            ))),
        }
    }

    /// The branch and value of `{"branch": value}`.
    fn wrapped<'j>(&self, union: &Union, json: &'j Json) -> Option<(usize, &'j Json)> {
        let Json::Object(entries) = json else { return None };
        let [(name, value)] = entries.as_slice() else { return None };
        let takes_object = |at: usize| match self.graph.node(union.branches[at]) {
            Node::Map(_) => true,
            Node::Record { fields, .. } => fields.iter().any(|field| field.name == *name),
            _ => false,
        };
        if (0..union.branches.len()).any(|at| union.plain[at] && takes_object(at)) {
            return None;
        }
        let full = |branch: &NodeId| branch_name(self.graph.node(*branch)) == name;
        let short = |branch: &NodeId| {
            branch_name(self.graph.node(*branch)).rsplit_once('.').is_some_and(|(_, short)| short == name)
        };
        let branch =
            union.branches.iter().position(full).or_else(|| union.branches.iter().position(short))?;
        Some((branch, value))
    }

    /// A union's default is a value of its first branch, in newer schemas of any.
    fn default_union(&mut self, union: &Union, json: &Json, depth: usize) -> Result<(), Mismatch> {
        let start = self.out.len();
        for (index, branch) in union.branches.iter().enumerate() {
            self.long(index as i64);
            if self.value(*branch, json, Form::Default, depth + 1).is_ok() {
                return Ok(());
            }
            self.out.truncate(start);
        }
        Err(Mismatch::new(format!("the schema's default is no {}", self.branch_names(union, None))))
    }

    fn branch_names(&self, union: &Union, only: Option<&[usize]>) -> String {
        let names =
            union.branches.iter().enumerate().filter(|(at, _)| only.is_none_or(|only| only.contains(at)));
        list(names.map(|(_, branch)| branch_name(self.graph.node(*branch))))
    }

    fn decimal(&mut self, precision: usize, scale: usize, repr: &Repr, json: &Json) -> Result<(), Mismatch> {
        let text = decimal_text(json)?;
        let number =
            decimal::unscaled(&text, scale).map_err(|error| not_a_decimal(&error, &text, Some(scale)))?;
        let digits = number.magnitude().to_string().len();
        if digits > precision {
            return Err(Mismatch::new(format!("{text} needs {digits} digits; the schema has {precision}")));
        }
        match repr {
            Repr::Bytes | Repr::String => self.sized(&number.to_signed_bytes_be()),
            Repr::Fixed { name, size } => {
                let bytes = decimal::to_fixed(&number, *size).ok_or_else(|| {
                    Mismatch::new(format!("{text} does not fit the {size} bytes of `{name}`"))
                })?;
                self.out.extend_from_slice(&bytes);
            }
        }
        Ok(())
    }

    fn big_decimal(&mut self, json: &Json) -> Result<(), Mismatch> {
        let text = decimal_text(json)?;
        let (number, scale) =
            decimal::unscaled_as_written(&text).map_err(|error| not_a_decimal(&error, &text, None))?;
        let mut inner = Writer { graph: self.graph, out: Vec::new() };
        inner.sized(&number.to_signed_bytes_be());
        inner.long(scale);
        self.sized(&inner.out);
        Ok(())
    }

    fn uuid(&mut self, repr: &Repr, json: &Json) -> Result<(), Mismatch> {
        let text = text_of(json, "a uuid")?;
        let bytes =
            uuid_bytes(text).ok_or_else(|| Mismatch::expected("a uuid, 32 hex digits with hyphens", json))?;
        match repr {
            Repr::String => self.sized(text.as_bytes()),
            Repr::Bytes => self.sized(&bytes),
            Repr::Fixed { name, size } => self.fixed(name, *size, &bytes)?,
        }
        Ok(())
    }

    fn duration(&mut self, json: &Json) -> Result<(), Mismatch> {
        let wanted = r#"a duration {"months": …, "days": …, "millis": …}"#;
        for part in ["months", "days", "millis"] {
            let number = json.get(part).and_then(whole).and_then(|number| u32::try_from(number).ok());
            let number = number.ok_or_else(|| Mismatch::expected(wanted, json))?;
            self.out.extend_from_slice(&number.to_le_bytes());
        }
        Ok(())
    }

    fn fixed(&mut self, name: &str, size: usize, bytes: &[u8]) -> Result<(), Mismatch> {
        if bytes.len() != size {
            return Err(Mismatch::new(format!("`{name}` is {size} bytes long, not {}", bytes.len())));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn sized(&mut self, bytes: &[u8]) {
        self.long(bytes.len() as i64);
        self.out.extend_from_slice(bytes);
    }

    fn long(&mut self, long: i64) {
        let mut zigzag = ((long << 1) ^ (long >> 63)) as u64;
        while zigzag >= 0x80 {
            self.out.push(zigzag as u8 | 0x80);
            zigzag >>= 7;
        }
        self.out.push(zigzag as u8);
    }
}
