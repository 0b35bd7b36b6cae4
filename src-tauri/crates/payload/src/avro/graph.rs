//! An Avro schema as a graph: names are edges, so recursion is a number.

use std::collections::HashMap;

use super::union::Union;
use crate::{Reference, SchemaError, json::Json};
use apache_avro::{
    Schema,
    schema::{InnerDecimalSchema, Name, UuidSchema},
};

/// A node's place in its [`Graph`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(usize);

/// One type of the schema.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Fixed { name: String, size: usize },
    Decimal { precision: usize, scale: usize, repr: Repr },
    BigDecimal,
    Uuid { repr: Repr },
    Duration { name: String },
    Enum { name: String, symbols: Vec<String>, default: Option<String> },
    Array(NodeId),
    Map(NodeId),
    Record { name: String, fields: Vec<Field> },
    Union(Union),
}

/// What carries a logical type.
#[derive(Debug, Clone)]
pub(crate) enum Repr {
    Bytes,
    String,
    Fixed { name: String, size: usize },
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) node: NodeId,
    pub(crate) default: Option<Json>,
}

/// All types of one schema and its references.
#[derive(Debug)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    root: NodeId,
}

/// Text nests no deeper than the JSON parser allows; this guards the types
/// that references chain together.
const NESTING_MAX: usize = 1000;

impl Graph {
    pub(crate) fn parse(schema: &str, references: &[Reference]) -> Result<Self, SchemaError> {
        let invalid = |error: apache_avro::Error| SchemaError::Invalid(error.to_string());
        let mut distinct: Vec<&str> = Vec::with_capacity(references.len());
        for reference in references {
            // Two references may lead to one schema, and the schema to itself.
            let text = reference.schema.as_str();
            if text != schema && !distinct.contains(&text) {
                distinct.push(text);
            }
        }
        let (main, others) = Schema::parse_str_with_list(schema, distinct).map_err(invalid)?;
        let mut builder = Builder::default();
        for schema in others.iter().chain([&main]) {
            builder.define(schema, None);
        }
        let root = builder.node(&main, None, 0)?;
        let mut nodes: Vec<Node> = builder.nodes.into_iter().map(|node| node.unwrap_or(Node::Null)).collect();
        for at in 0..nodes.len() {
            if let Node::Union(union) = &nodes[at] {
                let mut union = union.clone();
                let branches: Vec<Node> =
                    union.branches.iter().map(|branch| nodes[branch.0].clone()).collect();
                union.settle(&branches);
                nodes[at] = Node::Union(union);
            }
        }
        Ok(Self { nodes, root })
    }

    pub(crate) fn root(&self) -> NodeId {
        self.root
    }

    /// The full name of the schema's own type, if it has one.
    pub(crate) fn name(&self) -> Option<&str> {
        match self.node(self.root) {
            Node::Record { name, .. } | Node::Enum { name, .. } | Node::Fixed { name, .. } => Some(name),
            _ => None,
        }
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }
}

#[derive(Default)]
struct Builder<'a> {
    /// `None` only while the node is being built.
    nodes: Vec<Option<Node>>,
    built: HashMap<String, NodeId>,
    definitions: HashMap<String, (&'a Schema, Option<&'a str>)>,
}

impl<'a> Builder<'a> {
    /// Notes every named type in `schema`, so that a name may come before it.
    fn define(&mut self, schema: &'a Schema, space: Option<&'a str>) {
        if let Some(name) = name_of(schema) {
            self.definitions.entry(name.fullname(space)).or_insert((schema, space));
        }
        match schema {
            Schema::Array(array) => self.define(&array.items, space),
            Schema::Map(map) => self.define(&map.types, space),
            Schema::Union(union) => union.variants().iter().for_each(|variant| self.define(variant, space)),
            Schema::Record(record) => {
                let inner = record.name.namespace().or(space);
                record.fields.iter().for_each(|field| self.define(&field.schema, inner));
            }
            _ => {}
        }
    }

    fn node(
        &mut self,
        schema: &'a Schema,
        space: Option<&'a str>,
        depth: usize,
    ) -> Result<NodeId, SchemaError> {
        if depth > NESTING_MAX {
            return Err(SchemaError::TooDeep(NESTING_MAX));
        }
        let name = match schema {
            Schema::Ref { name } => Some(name),
            _ => name_of(schema),
        };
        let full = name.map(|name| name.fullname(space));
        if let Some(id) = full.as_ref().and_then(|full| self.built.get(full)) {
            return Ok(*id);
        }
        if let (Schema::Ref { .. }, Some(full)) = (schema, &full) {
            let &(definition, space) =
                self.definitions.get(full).ok_or_else(|| SchemaError::Unresolved(full.clone()))?;
            return self.node(definition, space, depth + 1);
        }
        let id = NodeId(self.nodes.len());
        self.nodes.push(None);
        if let Some(full) = &full {
            self.built.insert(full.clone(), id);
        }
        let node = self.build(schema, full.unwrap_or_default(), space, depth)?;
        self.nodes[id.0] = Some(node);
        Ok(id)
    }

    fn build(
        &mut self,
        schema: &'a Schema,
        name: String,
        space: Option<&'a str>,
        depth: usize,
    ) -> Result<Node, SchemaError> {
        Ok(match schema {
            Schema::Null => Node::Null,
            Schema::Boolean => Node::Boolean,
            Schema::Int | Schema::Date | Schema::TimeMillis => Node::Int,
            Schema::Long
            | Schema::TimeMicros
            | Schema::TimestampMillis
            | Schema::TimestampMicros
            | Schema::TimestampNanos
            | Schema::LocalTimestampMillis
            | Schema::LocalTimestampMicros
            | Schema::LocalTimestampNanos => Node::Long,
            Schema::Float => Node::Float,
            Schema::Double => Node::Double,
            Schema::Bytes => Node::Bytes,
            Schema::String => Node::String,
            Schema::Fixed(fixed) => Node::Fixed { name, size: fixed.size },
            Schema::Decimal(decimal) => Node::Decimal {
                precision: decimal.precision,
                scale: decimal.scale,
                repr: match &decimal.inner {
                    InnerDecimalSchema::Bytes => Repr::Bytes,
                    InnerDecimalSchema::Fixed(fixed) => Repr::Fixed { name, size: fixed.size },
                },
            },
            Schema::BigDecimal => Node::BigDecimal,
            Schema::Uuid(UuidSchema::Bytes) => Node::Uuid { repr: Repr::Bytes },
            Schema::Uuid(UuidSchema::String) => Node::Uuid { repr: Repr::String },
            Schema::Uuid(UuidSchema::Fixed(fixed)) => {
                Node::Uuid { repr: Repr::Fixed { name, size: fixed.size } }
            }
            Schema::Duration(_) => Node::Duration { name },
            Schema::Enum(symbols) => {
                Node::Enum { name, symbols: symbols.symbols.clone(), default: symbols.default.clone() }
            }
            Schema::Array(array) => Node::Array(self.node(&array.items, space, depth + 1)?),
            Schema::Map(map) => Node::Map(self.node(&map.types, space, depth + 1)?),
            Schema::Union(union) => {
                let branches = union.variants().iter().map(|variant| self.node(variant, space, depth + 1));
                Node::Union(Union::new(branches.collect::<Result<_, _>>()?))
            }
            Schema::Record(record) => {
                let inner = record.name.namespace().or(space);
                let mut fields = Vec::with_capacity(record.fields.len());
                for field in &record.fields {
                    let node = self.node(&field.schema, inner, depth + 1)?;
                    fields.push(Field {
                        name: field.name.clone(),
                        node,
                        default: field.default.as_ref().map(Json::from),
                    });
                }
                Node::Record { name, fields }
            }
            Schema::Ref { name } => return Err(SchemaError::Unresolved(name.fullname(space))),
        })
    }
}

fn name_of(schema: &Schema) -> Option<&Name> {
    match schema {
        Schema::Record(record) => Some(&record.name),
        Schema::Enum(symbols) => Some(&symbols.name),
        Schema::Fixed(fixed) | Schema::Duration(fixed) => Some(&fixed.name),
        Schema::Decimal(decimal) => match &decimal.inner {
            InnerDecimalSchema::Fixed(fixed) => Some(&fixed.name),
            InnerDecimalSchema::Bytes => None,
        },
        Schema::Uuid(UuidSchema::Fixed(fixed)) => Some(&fixed.name),
        _ => None,
    }
}
