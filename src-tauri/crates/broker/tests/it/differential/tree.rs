//! Answers as trees, read from what `Debug` prints: every message can be compared without a line about it.

use std::fmt;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Struct(Vec<(String, Node)>),
    List(Vec<Node>),
    /// Numbers, texts, `None`, bytes.
    Leaf(String),
}

impl Node {
    pub(super) fn of(value: &impl fmt::Debug) -> Node {
        let text = format!("{value:?}");
        let mut reader = Text { rest: &text };
        let node = reader.node();
        assert!(reader.rest.is_empty(), "not understood: {} in {text}", reader.rest);
        node
    }

    /// Changes every field by its name, from the leaves up.
    pub(super) fn map(self, change: &impl Fn(&str, Node) -> Option<Node>) -> Node {
        match self {
            Node::Struct(fields) => Node::Struct(
                fields
                    .into_iter()
                    .filter_map(|(name, node)| {
                        let node = change(&name, node.map(change))?;
                        Some((name, node))
                    })
                    .collect(),
            ),
            Node::List(items) => {
                let mut items: Vec<Node> = items.into_iter().map(|item| item.map(change)).collect();
                // The order of topics, partitions and groups means nothing.
                if items.iter().all(|item| matches!(item, Node::Struct(_))) {
                    items.sort_by_key(Node::key);
                }
                Node::List(items)
            }
            leaf @ Node::Leaf(_) => leaf,
        }
    }

    /// Whether this is a list of structs.
    pub(super) fn has_structs(&self) -> bool {
        matches!(self, Node::List(items) if items.iter().any(|item| matches!(item, Node::Struct(_))))
    }

    /// The list in an order of its own: the sender's means nothing.
    pub(super) fn sorted(self) -> Node {
        let Node::List(mut items) = self else { return self };
        items.sort_by_key(ToString::to_string);
        Node::List(items)
    }

    /// The list without elements whose field begins so.
    pub(super) fn without(self, field: &str, begin: &str) -> Node {
        let Node::List(mut items) = self else { return self };
        items.retain(|item| match item {
            Node::Struct(fields) => {
                !fields.iter().any(|(name, node)| name == field && node.to_string().starts_with(begin))
            }
            _ => true,
        });
        Node::List(items)
    }

    /// What tells an element from its neighbours.
    fn key(&self) -> String {
        const KEYS: [&str; 14] = [
            "name",
            "topic",
            "topic_name",
            "topic_id",
            "group_id",
            "key",
            "resource_name",
            "transactional_id",
            "member_id",
            "subtopology_id",
            "config_name",
            "partition_index",
            "partition",
            "index",
        ];
        let Node::Struct(fields) = self else { return String::new() };
        let keys = KEYS.iter().filter_map(|key| fields.iter().find(|(name, _)| name == key));
        keys.map(|(_, node)| format!("{node:?}")).collect()
    }
}

/// Where two answers differ: a path and both values each.
pub(super) fn compare(ours: &Node, theirs: &Node) -> Vec<String> {
    let mut faults = Vec::new();
    walk("", ours, theirs, &mut faults);
    faults
}

fn walk(path: &str, ours: &Node, theirs: &Node, faults: &mut Vec<String>) {
    match (ours, theirs) {
        (Node::Struct(ours), Node::Struct(theirs)) if ours.len() == theirs.len() => {
            for ((name, ours), (_, theirs)) in ours.iter().zip(theirs) {
                walk(&format!("{path}.{name}"), ours, theirs, faults);
            }
        }
        (Node::List(ours), Node::List(theirs)) if ours.len() == theirs.len() => {
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                walk(&format!("{path}[{index}{}]", label(theirs)), ours, theirs, faults);
            }
        }
        (ours, theirs) if ours != theirs => faults.push(format!("{path}: {ours} ≠ {theirs}")),
        _ => {}
    }
}

fn label(node: &Node) -> String {
    let Node::Struct(fields) = node else { return String::new() };
    let name = fields.iter().find(|(name, _)| name == "name" || name == "topic");
    name.map_or_else(String::new, |(_, node)| format!(" {node}"))
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Leaf(text) => f.write_str(text),
            Node::List(items) => {
                f.write_str("[")?;
                for item in items {
                    write!(f, "{item}, ")?;
                }
                f.write_str("]")
            }
            Node::Struct(fields) => {
                f.write_str("{")?;
                for (name, node) in fields {
                    write!(f, "{name}: {node}, ")?;
                }
                f.write_str("}")
            }
        }
    }
}

struct Text<'a> {
    rest: &'a str,
}

impl Text<'_> {
    fn node(&mut self) -> Node {
        if self.take("[") {
            let mut items = Vec::new();
            while !self.take("]") {
                items.push(self.node());
                self.take(", ");
            }
            return Node::List(items);
        }
        if self.rest.starts_with('"') || self.rest.starts_with("b\"") {
            return Node::Leaf(self.quoted());
        }
        let word = self.until(&[' ', ',', ')', ']', '}', '(']);
        if self.take(" { ") {
            let mut fields = Vec::new();
            while !self.take(" }") {
                let name = self.until(&[':']);
                assert!(self.take(": "), "a field's value at {}", self.rest);
                fields.push((name, self.node()));
                self.take(", ");
            }
            return Node::Struct(fields);
        }
        if self.take("(") {
            // `Some(x)` is x, a newtype is what it holds.
            let inner = self.node();
            assert!(self.take(")"), "the end of {word} at {}", self.rest);
            return inner;
        }
        Node::Leaf(word)
    }

    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn until(&mut self, ends: &[char]) -> String {
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn quoted(&mut self) -> String {
        let begin = self.rest.find('"').unwrap() + 1;
        let mut escaped = false;
        for (at, c) in self.rest[begin..].char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    let (text, rest) = self.rest.split_at(begin + at + 1);
                    self.rest = rest;
                    return text.to_owned();
                }
                _ => {}
            }
        }
        panic!("a text without an end: {}", self.rest);
    }
}

#[test]
fn debug_text_is_read_as_a_tree() {
    #[derive(Debug)]
    #[expect(dead_code, reason = "read by Debug alone")]
    struct Answer {
        name: Option<&'static str>,
        none: Option<i32>,
        list: Vec<i32>,
        bytes: bytes::Bytes,
    }
    let answer = Answer {
        name: Some("a \"b\", c"),
        none: None,
        list: vec![1, -2],
        bytes: bytes::Bytes::from_static(b"\x00}"),
    };
    let leaf = |text: &str| Node::Leaf(text.to_owned());
    let expected = Node::Struct(vec![
        ("name".into(), leaf("\"a \\\"b\\\", c\"")),
        ("none".into(), leaf("None")),
        ("list".into(), Node::List(vec![leaf("1"), leaf("-2")])),
        ("bytes".into(), leaf("b\"\\0}\"")),
    ]);
    assert_eq!(Node::of(&answer), expected);
    assert_eq!(compare(&leaf("1"), &leaf("2")), [": 1 ≠ 2"]);
}
