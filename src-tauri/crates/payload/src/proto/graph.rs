//! All messages of a file and its imports, names resolved to numbers.

use std::collections::HashMap;

use prost_reflect::{
    Cardinality, DescriptorPool, EnumDescriptor, ExtensionDescriptor, FieldDescriptor, Kind,
    MessageDescriptor,
};

use super::compile::compile;
use super::known::Known;
use crate::Reference;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MessageId(usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct EnumId(usize);

#[derive(Debug)]
pub(crate) struct Message {
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
    pub(super) by_number: HashMap<u32, usize>,
    by_name: HashMap<String, usize>,
    /// Fields that say something even when they are not on the wire.
    pub(super) always: Vec<usize>,
    /// Real ones; what proto3's `optional` makes is none.
    pub(super) oneofs: Vec<String>,
    pub(super) known: Option<Known>,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(super) number: u32,
    /// As in the file; an extension's in brackets.
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) shape: Shape,
    pub(super) is_packed: bool,
    /// Of a delimited message, which the wire calls a group.
    pub(super) is_group: bool,
    pub(super) oneof: Option<usize>,
}

/// What one value of a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
    Enum(EnumId),
    Message(MessageId),
}

/// How many values a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Zero, false or empty when it is not on the wire.
    Implicit,
    /// There or not.
    Optional,
    Required,
    List,
    /// The entry's message has the key as its first field, the value as its second.
    Map,
}

#[derive(Debug)]
pub(crate) struct Enum {
    pub(super) name: String,
    /// The first is the default.
    pub(super) values: Vec<(String, i32)>,
    by_number: HashMap<i32, usize>,
}

/// A message of the file and those inside it, in the file's order.
#[derive(Debug)]
pub(crate) struct Tree<T> {
    pub(super) message: T,
    pub(super) is_map_entry: bool,
    pub(super) nested: Vec<Tree<T>>,
}

#[derive(Debug)]
pub(crate) struct Graph {
    messages: Vec<Message>,
    enums: Vec<Enum>,
    by_name: HashMap<String, MessageId>,
    pub(super) roots: Vec<Tree<MessageId>>,
}

impl Graph {
    pub(crate) fn parse(schema: &str, references: &[Reference]) -> Result<Self, String> {
        let (pool, file) = compile(schema, references)?;
        let mut graph = Self::of_pool(&pool);
        graph.roots = file.messages().filter_map(|message| graph.tree(&message)).collect();
        Ok(graph)
    }

    fn of_pool(pool: &DescriptorPool) -> Self {
        let messages: Vec<MessageDescriptor> = pool.all_messages().collect();
        let enums: Vec<EnumDescriptor> = pool.all_enums().collect();
        let by_name = |at: usize, name: &str| (name.to_owned(), at);
        let names = Names {
            messages: messages.iter().enumerate().map(|(at, it)| by_name(at, it.full_name())).collect(),
            enums: enums.iter().enumerate().map(|(at, it)| by_name(at, it.full_name())).collect(),
        };
        let mut graph = Self {
            messages: messages.iter().map(|message| names.message(message)).collect(),
            enums: enums.iter().map(of_enum).collect(),
            by_name: names.messages.iter().map(|(name, at)| (name.clone(), MessageId(*at))).collect(),
            roots: Vec::new(),
        };
        for extension in pool.all_extensions() {
            if let Some(at) = names.messages.get(extension.containing_message().full_name()) {
                let field = names.extension(&extension);
                graph.messages[*at].add(field, &[]);
            }
        }
        graph
    }

    fn tree(&self, message: &MessageDescriptor) -> Option<Tree<MessageId>> {
        Some(Tree {
            message: *self.by_name.get(message.full_name())?,
            is_map_entry: message.is_map_entry(),
            nested: message.child_messages().filter_map(|child| self.tree(&child)).collect(),
        })
    }

    pub(super) fn message(&self, id: MessageId) -> &Message {
        &self.messages[id.0]
    }

    pub(super) fn enumeration(&self, id: EnumId) -> &Enum {
        &self.enums[id.0]
    }

    pub(super) fn named(&self, full_name: &str) -> Option<MessageId> {
        self.by_name.get(full_name).copied()
    }

    /// Full names of the file's own messages.
    pub(crate) fn messages(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect(&self.roots, &mut names);
        names
    }

    fn collect<'g>(&'g self, trees: &[Tree<MessageId>], names: &mut Vec<&'g str>) {
        for tree in trees.iter().filter(|tree| !tree.is_map_entry) {
            names.push(&self.message(tree.message).name);
            self.collect(&tree.nested, names);
        }
    }
}

impl Message {
    fn add(&mut self, field: Field, names: &[&str]) {
        let at = self.fields.len();
        self.by_number.insert(field.number, at);
        // Of a oneof only the chosen one is there.
        if field.shape != Shape::Optional && field.oneof.is_none() {
            self.always.push(at);
        }
        for name in names.iter().copied().chain([field.name.as_str()]) {
            self.by_name.insert(name.to_owned(), at);
        }
        self.fields.push(field);
    }

    /// By either of its names.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }
}

impl Enum {
    /// The one value of it is JSON's `null`.
    pub(super) fn is_null(&self) -> bool {
        self.name == "google.protobuf.NullValue"
    }

    pub(super) fn name_of(&self, number: i32) -> Option<&str> {
        self.by_number.get(&number).map(|at| self.values[*at].0.as_str())
    }
}

fn of_enum(it: &EnumDescriptor) -> Enum {
    // The file's order: `values()` has another.
    let values = it.enum_descriptor_proto().value.iter();
    let values: Vec<(String, i32)> = values.map(|value| (value.name().to_owned(), value.number())).collect();
    let mut by_number = HashMap::new();
    for (at, (_, number)) in values.iter().enumerate() {
        // Of aliases the first is shown.
        by_number.entry(*number).or_insert(at);
    }
    Enum { name: it.full_name().to_owned(), values, by_number }
}

struct Names {
    messages: HashMap<String, usize>,
    enums: HashMap<String, usize>,
}

impl Names {
    fn message(&self, it: &MessageDescriptor) -> Message {
        let oneofs: Vec<String> =
            it.oneofs().filter(|it| !it.is_synthetic()).map(|it| it.name().to_owned()).collect();
        let mut message = Message {
            name: it.full_name().to_owned(),
            fields: Vec::new(),
            by_number: HashMap::new(),
            by_name: HashMap::new(),
            always: Vec::new(),
            known: Known::of(it.full_name()),
            oneofs,
        };
        for field in it.fields() {
            let made = self.field(&field, &message.oneofs);
            message.add(made, &[field.json_name()]);
        }
        message
    }

    fn field(&self, it: &FieldDescriptor, oneofs: &[String]) -> Field {
        let oneof = it.containing_oneof().filter(|it| !it.is_synthetic());
        Field {
            number: it.number(),
            name: it.name().to_owned(),
            ty: self.ty(&it.kind()),
            shape: match it.cardinality() {
                Cardinality::Repeated if it.is_map() => Shape::Map,
                Cardinality::Repeated => Shape::List,
                Cardinality::Required => Shape::Required,
                Cardinality::Optional if it.supports_presence() => Shape::Optional,
                Cardinality::Optional => Shape::Implicit,
            },
            is_packed: it.is_packed(),
            is_group: it.is_group(),
            oneof: oneof.and_then(|it| oneofs.iter().position(|name| name == it.name())),
        }
    }

    fn extension(&self, it: &ExtensionDescriptor) -> Field {
        Field {
            number: it.number(),
            name: format!("[{}]", it.full_name()),
            ty: self.ty(&it.kind()),
            shape: if it.is_list() { Shape::List } else { Shape::Optional },
            is_packed: it.is_packed(),
            is_group: it.is_group(),
            oneof: None,
        }
    }

    fn ty(&self, kind: &Kind) -> Type {
        match kind {
            Kind::Double => Type::Double,
            Kind::Float => Type::Float,
            Kind::Int32 => Type::Int32,
            Kind::Int64 => Type::Int64,
            Kind::Uint32 => Type::Uint32,
            Kind::Uint64 => Type::Uint64,
            Kind::Sint32 => Type::Sint32,
            Kind::Sint64 => Type::Sint64,
            Kind::Fixed32 => Type::Fixed32,
            Kind::Fixed64 => Type::Fixed64,
            Kind::Sfixed32 => Type::Sfixed32,
            Kind::Sfixed64 => Type::Sfixed64,
            Kind::Bool => Type::Bool,
            Kind::String => Type::String,
            Kind::Bytes => Type::Bytes,
            Kind::Enum(it) => Type::Enum(EnumId(self.enums.get(it.full_name()).copied().unwrap_or(0))),
            Kind::Message(it) => {
                Type::Message(MessageId(self.messages.get(it.full_name()).copied().unwrap_or(0)))
            }
        }
    }
}
