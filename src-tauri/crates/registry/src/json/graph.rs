//! A JSON Schema as a graph of what each subschema allows.
//!
//! A subschema that says several things at once (a type and a union, say)
//! becomes their product, as if they stood in an `allOf`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use serde_json::{Map, Value as Json};

use super::{
    ParseError,
    index::{Index, Place, Target},
    is_modern_draft,
};

/// A subschema's place in its [`Graph`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(usize);

/// One subschema.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) shape: Shape,
    pub(crate) has_default: bool,
    /// Kafka Connect's mark for bytes, whatever their JSON type.
    pub(crate) is_bytes: bool,
}

/// What a subschema allows.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Any,
    Never,
    Ref(NodeId),
    Null,
    Boolean,
    Text {
        length_max: Option<f64>,
        length_min: Option<f64>,
        pattern: Option<String>,
    },
    Number(Number),
    Object(Box<Object>),
    Array(Box<Array>),
    /// The values as text, keys in order.
    Enum(BTreeSet<String>),
    Const(String),
    Not(NodeId),
    Combined {
        criterion: Criterion,
        parts: Vec<NodeId>,
    },
    /// `if` and what depends on it, as text: equal or different.
    Conditional(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Criterion {
    All,
    Any,
    One,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Number {
    pub(crate) is_integer: bool,
    pub(crate) maximum: Option<f64>,
    pub(crate) minimum: Option<f64>,
    pub(crate) above: Option<f64>,
    pub(crate) below: Option<f64>,
    pub(crate) multiple_of: Option<f64>,
}

#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) properties: BTreeMap<String, NodeId>,
    pub(crate) required: BTreeSet<String>,
    pub(crate) patterns: Vec<(String, NodeId)>,
    pub(crate) additional: Extra,
    pub(crate) unevaluated: Option<NodeId>,
    pub(crate) properties_max: Option<f64>,
    pub(crate) properties_min: Option<f64>,
    pub(crate) required_by: BTreeMap<String, BTreeSet<String>>,
    pub(crate) schema_by: BTreeMap<String, NodeId>,
}

#[derive(Debug, Clone)]
pub(crate) struct Array {
    /// Of every item.
    pub(crate) items: Option<NodeId>,
    /// Of the items by place.
    pub(crate) tuple: Vec<NodeId>,
    /// Of the items after the tuple.
    pub(crate) additional: Extra,
    /// The same where `unevaluatedItems` says it instead.
    pub(crate) beyond: Extra,
    pub(crate) unevaluated: Option<NodeId>,
    pub(crate) items_max: Option<f64>,
    pub(crate) items_min: Option<f64>,
    pub(crate) is_unique: bool,
    pub(crate) contains_max: Option<f64>,
    pub(crate) contains_min: Option<f64>,
}

/// What may come beyond what is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extra {
    Open,
    Closed,
    Of(NodeId),
}

#[derive(Debug)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    root: NodeId,
}

impl Graph {
    /// Lays out the first document. `is_strict`: a `$ref` to nowhere is an
    /// error, otherwise it allows anything.
    pub(super) fn build(documents: &[(String, Json)], is_strict: bool) -> Result<Self, ParseError> {
        let modern = documents
            .iter()
            .map(|(_, root)| root.get("$schema").and_then(Json::as_str).is_some_and(is_modern_draft))
            .collect();
        let mut builder = Builder {
            index: Index::new(documents),
            modern,
            is_strict,
            nodes: Vec::new(),
            known: HashMap::new(),
            queue: VecDeque::new(),
        };
        let root = builder.at(Place { document: 0, pointer: String::new() });
        // A queue, not recursion: chains of references may be as long as the
        // text.
        while let Some((id, place)) = builder.queue.pop_front() {
            builder.nodes[id.0] = builder.node(&place)?;
        }
        Ok(Self { nodes: builder.nodes, root })
    }

    pub(crate) fn root(&self) -> NodeId {
        self.root
    }

    /// A node, with references followed.
    pub(crate) fn get(&self, id: NodeId) -> (NodeId, &Node) {
        let mut id = id;
        // References that lead in a circle say nothing.
        for _ in 0..self.nodes.len() {
            match self.nodes[id.0].shape {
                Shape::Ref(target) => id = target,
                _ => break,
            }
        }
        (id, &self.nodes[id.0])
    }
}

struct Builder<'d> {
    index: Index<'d>,
    /// By document: `$ref` has neighbours.
    modern: Vec<bool>,
    is_strict: bool,
    nodes: Vec<Node>,
    known: HashMap<Place, NodeId>,
    queue: VecDeque<(NodeId, Place)>,
}

impl Node {
    fn bare(shape: Shape) -> Self {
        Self { shape, has_default: false, is_bytes: false }
    }
}

impl<'d> Builder<'d> {
    fn at(&mut self, place: Place) -> NodeId {
        if let Some(id) = self.known.get(&place) {
            return *id;
        }
        let id = self.push(Shape::Any);
        self.known.insert(place.clone(), id);
        self.queue.push_back((id, place));
        id
    }

    fn push(&mut self, shape: Shape) -> NodeId {
        self.nodes.push(Node::bare(shape));
        NodeId(self.nodes.len() - 1)
    }

    fn node(&mut self, place: &Place) -> Result<Node, ParseError> {
        let entries = match self.index.get(place) {
            Some(Json::Bool(false)) => return Ok(Node::bare(Shape::Never)),
            Some(Json::Object(entries)) => entries,
            _ => return Ok(Node::bare(Shape::Any)),
        };
        Ok(Node {
            shape: self.shape(entries, place)?,
            has_default: entries.contains_key("default"),
            is_bytes: entries.get("connect.type").and_then(Json::as_str) == Some("bytes"),
        })
    }

    fn shape(&mut self, entries: &'d Map<String, Json>, place: &Place) -> Result<Shape, ParseError> {
        let mut parts = Vec::new();
        if let Some(reference) = entries.get("$ref").and_then(Json::as_str) {
            let target = match self.index.resolve(reference, place) {
                Target::At(target) => Shape::Ref(self.at(target)),
                Target::Draft => Shape::Any,
                Target::Nowhere if !self.is_strict => Shape::Any,
                Target::Nowhere => {
                    return Err(ParseError::Unresolved {
                        reference: reference.to_owned(),
                        place: format!("'{}'", place.pointer),
                    });
                }
            };
            if !self.modern.get(place.document).copied().unwrap_or_default() {
                return Ok(target);
            }
            parts.push(target);
        }
        parts.extend(self.typed(entries, place));
        if let Some(Json::Array(values)) = entries.get("enum") {
            parts.push(Shape::Enum(values.iter().map(text_of).collect()));
        }
        if let Some(value) = entries.get("const") {
            parts.push(Shape::Const(text_of(value)));
        }
        if entries.contains_key("not") {
            parts.push(Shape::Not(self.at(place.child("not"))));
        }
        let combined = [("allOf", Criterion::All), ("anyOf", Criterion::Any), ("oneOf", Criterion::One)];
        for (key, criterion) in combined {
            if let Some(Json::Array(list)) = entries.get(key) {
                let place = place.child(key);
                // Saying something twice asks nothing more.
                let mut seen = HashSet::new();
                let own = (0..list.len()).filter(|n| seen.insert(text_of(&list[*n])));
                let parts_of = own.map(|n| self.at(place.child(&n.to_string()))).collect();
                parts.push(Shape::Combined { criterion, parts: parts_of });
            }
        }
        if entries.contains_key("if") {
            let pick = |key: &str| entries.get(key).map(text_of).unwrap_or_default();
            parts.push(Shape::Conditional(["if", "then", "else"].map(pick).join("\n")));
        }
        Ok(match parts.len() {
            0 => Shape::Any,
            1 => parts.swap_remove(0),
            _ => {
                let parts = parts.into_iter().map(|shape| self.push(shape)).collect();
                Shape::Combined { criterion: Criterion::All, parts }
            }
        })
    }

    /// What `type` says, or what the keywords imply without it.
    fn typed(&mut self, entries: &'d Map<String, Json>, place: &Place) -> Vec<Shape> {
        match entries.get("type") {
            Some(Json::String(word)) => vec![self.of_type(word, entries, place)],
            Some(Json::Array(words)) => {
                let words: Vec<&str> = words.iter().filter_map(Json::as_str).collect();
                match words.as_slice() {
                    [word] => vec![self.of_type(word, entries, place)],
                    _ => {
                        let shapes: Vec<Shape> =
                            words.iter().map(|word| self.of_type(word, entries, place)).collect();
                        let parts = shapes.into_iter().map(|shape| self.push(shape)).collect();
                        vec![Shape::Combined { criterion: Criterion::Any, parts }]
                    }
                }
            }
            _ => {
                let implied =
                    IMPLIED.iter().filter(|(_, keys)| keys.iter().any(|key| entries.contains_key(*key)));
                implied.map(|(word, _)| self.of_type(word, entries, place)).collect()
            }
        }
    }

    fn of_type(&mut self, word: &str, entries: &'d Map<String, Json>, place: &Place) -> Shape {
        match word {
            "null" => Shape::Null,
            "boolean" => Shape::Boolean,
            "string" => Shape::Text {
                length_max: number(entries, "maxLength"),
                length_min: number(entries, "minLength"),
                pattern: entries.get("pattern").and_then(Json::as_str).map(str::to_owned),
            },
            "number" | "integer" => Shape::Number(numeric(entries, word == "integer")),
            "object" => Shape::Object(Box::new(self.object(entries, place))),
            "array" => Shape::Array(Box::new(self.array(entries, place))),
            _ => Shape::Any,
        }
    }

    fn object(&mut self, entries: &'d Map<String, Json>, place: &Place) -> Object {
        let mut object = Object {
            properties: self.children(entries, "properties", place).into_iter().collect(),
            required: names(entries.get("required")),
            patterns: self.children(entries, "patternProperties", place),
            additional: self.extra(entries, "additionalProperties", place),
            unevaluated: self.optional(entries, "unevaluatedProperties", place),
            properties_max: number(entries, "maxProperties"),
            properties_min: number(entries, "minProperties"),
            required_by: BTreeMap::new(),
            schema_by: self.children(entries, "dependentSchemas", place).into_iter().collect(),
        };
        for key in ["dependencies", "dependentRequired"] {
            for (name, value) in entries.get(key).and_then(Json::as_object).into_iter().flatten() {
                if value.is_array() {
                    object.required_by.insert(name.clone(), names(Some(value)));
                } else {
                    object.schema_by.insert(name.clone(), self.at(place.child(key).child(name)));
                }
            }
        }
        object
    }

    fn array(&mut self, entries: &'d Map<String, Json>, place: &Place) -> Array {
        let old_tuple = entries
            .get("items")
            .and_then(Json::as_array)
            .map(|list| ("items", list.len(), "additionalItems"));
        let new_tuple = entries
            .get("prefixItems")
            .and_then(Json::as_array)
            .map(|list| ("prefixItems", list.len(), "items"));
        let (items, tuple, additional) = match new_tuple.or(old_tuple) {
            Some((key, length, after)) => {
                let place_of = place.child(key);
                let tuple = (0..length).map(|n| self.at(place_of.child(&n.to_string()))).collect();
                (None, tuple, self.extra(entries, after, place))
            }
            None => {
                let items = self.optional(entries, "items", place);
                let alone = if items.is_some() { "" } else { "additionalItems" };
                (items, Vec::new(), self.extra(entries, alone, place))
            }
        };
        let is_told = new_tuple.or(old_tuple).is_some_and(|(_, _, after)| entries.contains_key(after));
        let beyond = if is_told { additional } else { self.extra(entries, "unevaluatedItems", place) };
        Array {
            items,
            tuple,
            additional,
            beyond,
            unevaluated: self.optional(entries, "unevaluatedItems", place),
            items_max: number(entries, "maxItems"),
            items_min: number(entries, "minItems"),
            is_unique: entries.get("uniqueItems") == Some(&Json::Bool(true)),
            contains_max: number(entries, "maxContains"),
            contains_min: number(entries, "minContains"),
        }
    }

    fn children(&mut self, entries: &Map<String, Json>, key: &str, place: &Place) -> Vec<(String, NodeId)> {
        let place = place.child(key);
        let names = entries.get(key).and_then(Json::as_object).into_iter().flat_map(Map::keys);
        names.map(|name| (name.clone(), self.at(place.child(name)))).collect()
    }

    fn optional(&mut self, entries: &Map<String, Json>, key: &str, place: &Place) -> Option<NodeId> {
        entries.contains_key(key).then(|| self.at(place.child(key)))
    }

    fn extra(&mut self, entries: &Map<String, Json>, key: &str, place: &Place) -> Extra {
        match entries.get(key) {
            None | Some(Json::Bool(true)) => Extra::Open,
            Some(Json::Bool(false)) => Extra::Closed,
            Some(Json::Object(schema)) if schema.is_empty() => Extra::Open,
            Some(_) => Extra::Of(self.at(place.child(key))),
        }
    }
}

/// Keywords that speak of one type only.
const IMPLIED: [(&str, &[&str]); 4] = [
    (
        "object",
        &[
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "minProperties",
            "maxProperties",
            "dependencies",
            "dependentRequired",
            "dependentSchemas",
            "unevaluatedProperties",
        ],
    ),
    (
        "array",
        &[
            "items",
            "prefixItems",
            "additionalItems",
            "minItems",
            "maxItems",
            "uniqueItems",
            "contains",
            "unevaluatedItems",
        ],
    ),
    ("string", &["minLength", "maxLength", "pattern"]),
    ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
];

fn numeric(entries: &Map<String, Json>, is_integer: bool) -> Number {
    // Draft 4 has booleans where later drafts have numbers.
    let is_exclusive = |key: &str| entries.get(key) == Some(&Json::Bool(true));
    let (maximum, minimum) = (number(entries, "maximum"), number(entries, "minimum"));
    let (cuts_maximum, cuts_minimum) = (is_exclusive("exclusiveMaximum"), is_exclusive("exclusiveMinimum"));
    Number {
        is_integer,
        maximum: maximum.filter(|_| !cuts_maximum),
        minimum: minimum.filter(|_| !cuts_minimum),
        below: if cuts_maximum { maximum } else { number(entries, "exclusiveMaximum") },
        above: if cuts_minimum { minimum } else { number(entries, "exclusiveMinimum") },
        multiple_of: number(entries, "multipleOf"),
    }
}

fn number(entries: &Map<String, Json>, key: &str) -> Option<f64> {
    entries.get(key).and_then(Json::as_f64)
}

fn names(list: Option<&Json>) -> BTreeSet<String> {
    list.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
}

fn text_of(value: &Json) -> String {
    crate::sorted::sorted(value).to_string()
}
