//! Which branches of a union can do without Avro's `{"branch": value}`.

use super::graph::{Node, NodeId, Repr};

/// A union's branches, and which of them stand alone in JSON.
#[derive(Debug, Clone)]
pub(crate) struct Union {
    pub(crate) branches: Vec<NodeId>,
    /// Beside each branch: its value needs no wrapper. Filled once all nodes
    /// are known.
    pub(crate) plain: Vec<bool>,
    /// A float that is not finite is a string in JSON, and strings are taken.
    pub(crate) wraps_infinite: bool,
}

/// The kinds of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Union {
    pub(crate) fn new(branches: Vec<NodeId>) -> Self {
        Self { plain: vec![false; branches.len()], branches, wraps_infinite: false }
    }

    /// A branch stands alone when no other has its JSON kind. Wrappers are
    /// objects, so if there are any, branches that are objects are wrapped too.
    pub(crate) fn settle(&mut self, nodes: &[Node]) {
        let kinds: Vec<Option<Kind>> = nodes.iter().map(kind).collect();
        let alone = |kind: &Kind| kinds.iter().filter(|other| other.as_ref() == Some(kind)).count() == 1;
        let is_float = |node: &Node| matches!(node, Node::Float | Node::Double);
        self.wraps_infinite = nodes.iter().any(is_float) && kinds.contains(&Some(Kind::String));
        let wraps = self.wraps_infinite || !kinds.iter().all(|kind| kind.as_ref().is_some_and(alone));
        self.plain = kinds
            .iter()
            .map(|kind| kind.as_ref().is_some_and(|kind| alone(kind) && !(wraps && *kind == Kind::Object)))
            .collect();
    }
}

/// The kind a node's values have in our JSON.
pub(crate) fn kind(node: &Node) -> Option<Kind> {
    Some(match node {
        Node::Null => Kind::Null,
        Node::Boolean => Kind::Boolean,
        Node::Int | Node::Long | Node::Float | Node::Double => Kind::Number,
        Node::Bytes
        | Node::String
        | Node::Fixed { .. }
        | Node::Decimal { .. }
        | Node::BigDecimal
        | Node::Uuid { .. }
        | Node::Enum { .. } => Kind::String,
        Node::Array(_) => Kind::Array,
        Node::Map(_) | Node::Record { .. } | Node::Duration { .. } => Kind::Object,
        Node::Union(_) => return None,
    })
}

/// A branch's name in Avro's JSON encoding.
pub(crate) fn branch_name(node: &Node) -> &str {
    match node {
        Node::Null => "null",
        Node::Boolean => "boolean",
        Node::Int => "int",
        Node::Long => "long",
        Node::Float => "float",
        Node::Double => "double",
        Node::Bytes | Node::BigDecimal => "bytes",
        Node::String => "string",
        Node::Array(_) => "array",
        Node::Map(_) => "map",
        Node::Union(_) => "union",
        Node::Decimal { repr, .. } | Node::Uuid { repr } => match repr {
            Repr::Bytes => "bytes",
            Repr::String => "string",
            Repr::Fixed { name, .. } => name,
        },
        Node::Fixed { name, .. }
        | Node::Duration { name }
        | Node::Enum { name, .. }
        | Node::Record { name, .. } => name,
    }
}
