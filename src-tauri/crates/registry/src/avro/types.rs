//! The types of an Avro schema as a graph.

use serde_json::{Map, Value as Json};

/// A type's place in its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeId(pub(super) usize);

/// A schema and the types of the schemas it refers to.
#[derive(Debug, Clone)]
pub(crate) struct AvroSchema {
    pub(super) types: Vec<Type>,
    pub(super) root: TypeId,
}

/// One type with the attributes that are not part of its kind.
#[derive(Debug, Clone)]
pub(crate) struct Type {
    pub(crate) kind: Kind,
    /// `logicalType` and whatever else stands beside it, in order.
    pub(crate) attributes: Map<String, Json>,
    /// Defined by another schema.
    pub(crate) is_foreign: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Primitive(Primitive),
    Array(TypeId),
    Map(TypeId),
    Union(Vec<TypeId>),
    Record { named: Named, fields: Vec<Field>, is_error: bool },
    Enum { named: Named, symbols: Vec<String>, default: Option<String> },
    Fixed { named: Named, size: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Primitive {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
}

/// What named types have in common.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: Name,
    pub(crate) doc: Option<String>,
    pub(crate) aliases: Vec<Name>,
}

/// A name in its namespace, which is empty if it has none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) space: String,
    pub(crate) simple: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) of: TypeId,
    pub(crate) doc: Option<String>,
    pub(crate) default: Option<Json>,
    pub(crate) order: Order,
    pub(crate) aliases: Vec<String>,
    pub(crate) attributes: Map<String, Json>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Order {
    #[default]
    Ascending,
    Descending,
    Ignore,
}

impl AvroSchema {
    pub(crate) fn root(&self) -> TypeId {
        self.root
    }

    pub(crate) fn get(&self, id: TypeId) -> &Type {
        &self.types[id.0]
    }

    pub(crate) fn kind(&self, id: TypeId) -> &Kind {
        &self.get(id).kind
    }

    /// The root is a record with a field of this name.
    pub(crate) fn has_top_level_field(&self, name: &str) -> bool {
        match self.kind(self.root) {
            Kind::Record { fields, .. } => fields.iter().any(|field| field.name == name),
            _ => false,
        }
    }
}

impl Kind {
    pub(crate) fn named(&self) -> Option<&Named> {
        match self {
            Self::Record { named, .. } | Self::Enum { named, .. } | Self::Fixed { named, .. } => Some(named),
            Self::Primitive(_) | Self::Array(_) | Self::Map(_) | Self::Union(_) => None,
        }
    }

    /// The word a schema has for it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Primitive(primitive) => primitive.word(),
            Self::Array(_) => "array",
            Self::Map(_) => "map",
            Self::Union(_) => "union",
            Self::Record { is_error: false, .. } => "record",
            Self::Record { is_error: true, .. } => "error",
            Self::Enum { .. } => "enum",
            Self::Fixed { .. } => "fixed",
        }
    }
}

impl Primitive {
    pub(crate) const ALL: [Self; 8] = [
        Self::Null,
        Self::Boolean,
        Self::Int,
        Self::Long,
        Self::Float,
        Self::Double,
        Self::Bytes,
        Self::String,
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Bytes => "bytes",
            Self::String => "string",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|primitive| primitive.word() == word)
    }
}

impl Name {
    /// `text` as it stands in the namespace `space`: a dotted name brings its
    /// own.
    pub(crate) fn new(text: &str, space: &str) -> Self {
        match text.rsplit_once('.') {
            Some((space, simple)) => Self { space: space.into(), simple: simple.into() },
            None => Self { space: space.into(), simple: text.into() },
        }
    }

    pub(crate) fn full(&self) -> String {
        if self.space.is_empty() { self.simple.clone() } else { format!("{}.{}", self.space, self.simple) }
    }

    /// As it can be written inside the namespace `space`.
    pub(crate) fn within(&self, space: &str) -> String {
        // A type may be called `string` in a namespace; alone it would be the
        // primitive.
        if (self.space.is_empty() || self.space == space) && Primitive::parse(&self.simple).is_none() {
            self.simple.clone()
        } else {
            self.full()
        }
    }
}

impl Order {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
            Self::Ignore => "ignore",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Ascending, Self::Descending, Self::Ignore].into_iter().find(|order| order.word() == word)
    }
}
