//! YAML text to trees that know where everything stands.
//!
//! Bounded against hostile files: size, depth, and how much aliases may repeat.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::{Map, Number, Value};

use super::{Diagnostic, Position};

/// No DAG file is longer.
pub(super) const TEXT_BYTES_MAX: usize = 4 << 20;
/// Nodes of a file, aliases counted as often as they are used.
const NODES_MAX: usize = 200_000;
/// Bytes of all texts of a file, aliases counted as often as they are used.
const SCALAR_BYTES_MAX: usize = 16 << 20;
const DEPTH_MAX: usize = 64;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub at: Position,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// In the file's order; keys are unique.
    Map(Vec<(Key, Node)>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub at: Position,
    pub text: String,
}

impl Node {
    pub(super) fn is_null(&self) -> bool {
        self.content == Content::Null
    }

    /// How deep lists and maps are nested in it.
    fn levels(&self) -> usize {
        match &self.content {
            Content::List(items) => 1 + items.iter().map(Node::levels).max().unwrap_or(0),
            Content::Map(entries) => 1 + entries.iter().map(|(_, value)| value.levels()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// For messages: what it is.
    pub(super) fn describe(&self) -> String {
        match &self.content {
            Content::Null => "nothing".to_owned(),
            Content::Bool(value) => value.to_string(),
            Content::Number(value) => value.to_string(),
            Content::Text(text) => {
                let shown: String = text.chars().take(40).collect();
                let more = if shown.len() < text.len() { "…" } else { "" };
                format!("'{shown}{more}'")
            }
            Content::List(_) => "a list".to_owned(),
            Content::Map(_) => "a map".to_owned(),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Number(value) => Value::Number(value.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => items.iter().map(Node::to_json).collect(),
            Content::Map(entries) => Value::Object(
                entries.iter().map(|(key, value)| (key.text.clone(), value.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }
}

/// The documents of a file. An error ends its document; the next one is read again.
pub(super) fn documents(text: &str, report: &mut Vec<Diagnostic>) -> Vec<Node> {
    let mut found = Vec::new();
    if text.len() > TEXT_BYTES_MAX {
        let message = format!("the file has {} bytes, at most {TEXT_BYTES_MAX} are read", text.len());
        report.push(Diagnostic::new(Position::START, message));
        return found;
    }
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: DEPTH_MAX,
        block_nesting_limit: DEPTH_MAX,
    };
    let mut reader = Reader {
        parser: Parser::new_from_str_with_options(text, options),
        anchors: HashMap::new(),
        nodes: 0,
        bytes: 0,
        depth: 0,
    };
    loop {
        match reader.document() {
            Ok(Some(document)) => found.push(document),
            Ok(None) => return found,
            Err(Failure::Here(diagnostic)) => {
                report.push(diagnostic);
                if !matches!(reader.parser.proceed_next_document(), Ok(true)) {
                    return found;
                }
            }
            Err(Failure::TooMuch(diagnostic)) => {
                report.push(diagnostic);
                return found;
            }
        }
    }
}

enum Failure {
    /// This document is broken.
    Here(Diagnostic),
    /// The file asks for more than it may.
    TooMuch(Diagnostic),
}

impl From<ScanError> for Failure {
    fn from(error: ScanError) -> Self {
        let at = Position::new(error.marker().line(), error.marker().col() + 1);
        Self::Here(Diagnostic::new(at, format!("this is not YAML: {}", error.info())))
    }
}

fn fail<T>(at: Position, message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Here(Diagnostic::new(at, message)))
}

fn position(span: &Span) -> Position {
    Position::new(span.start.line(), span.start.col() + 1)
}

struct Anchor {
    node: Node,
    nodes: usize,
    bytes: usize,
    levels: usize,
}

struct Reader<'a> {
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, Anchor>,
    nodes: usize,
    bytes: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Position), Failure> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let at = position(&span);
                Ok((event, at))
            }
            Some(Err(error)) => Err(error.into()),
            None => Ok((Event::StreamEnd, Position::START)),
        }
    }

    /// The next document that is not empty; none at the end.
    fn document(&mut self) -> Result<Option<Node>, Failure> {
        loop {
            match self.next()?.0 {
                Event::StreamEnd => return Ok(None),
                Event::DocumentStart(..) => {
                    self.anchors.clear();
                    self.depth = 0;
                    let (event, at) = self.next()?;
                    let node = self.node(event, at)?;
                    if !node.is_null() {
                        return Ok(Some(node));
                    }
                }
                _ => {}
            }
        }
    }

    fn count(&mut self, at: Position, nodes: usize, bytes: usize) -> Result<(), Failure> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.nodes > NODES_MAX || self.bytes > SCALAR_BYTES_MAX {
            let message = format!(
                "the file has more than {NODES_MAX} values or {SCALAR_BYTES_MAX} bytes of text, aliases counted each time"
            );
            return Err(Failure::TooMuch(Diagnostic::new(at, message)));
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'a>, at: Position) -> Result<Node, Failure> {
        let (nodes_before, bytes_before) = (self.nodes, self.bytes);
        let (content, anchor) = match event {
            Event::Alias(id) => {
                let Some(anchor) = self.anchors.get(&id) else {
                    return fail(at, "an alias stands inside what it names");
                };
                let (node, nodes, bytes) = (&anchor.node, anchor.nodes, anchor.bytes);
                if self.depth + anchor.levels > DEPTH_MAX {
                    return fail(at, format!("values are nested deeper than {DEPTH_MAX} levels"));
                }
                // Counted before it is copied.
                let node = if self.nodes + nodes <= NODES_MAX && self.bytes + bytes <= SCALAR_BYTES_MAX {
                    Node { at, content: node.content.clone() }
                } else {
                    Node { at, content: Content::Null }
                };
                self.count(at, nodes, bytes)?;
                return Ok(node);
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(at, 1, text.len())?;
                (scalar(&text, style, tag.as_deref(), at)?, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), "seq", at)?;
                self.enter(at)?;
                (self.list()?, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), "map", at)?;
                self.enter(at)?;
                (self.map()?, anchor)
            }
            _ => return fail(at, "a value is missing here"),
        };
        let node = Node { at, content };
        if anchor != 0 {
            let (nodes, bytes) = (self.nodes - nodes_before, self.bytes - bytes_before);
            // The copy kept for aliases is memory too.
            self.count(at, nodes, bytes)?;
            let levels = node.levels();
            self.anchors.insert(anchor, Anchor { node: node.clone(), nodes, bytes, levels });
        }
        Ok(node)
    }

    fn enter(&mut self, at: Position) -> Result<(), Failure> {
        self.count(at, 1, 0)?;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return fail(at, format!("values are nested deeper than {DEPTH_MAX} levels"));
        }
        Ok(())
    }

    fn list(&mut self) -> Result<Content, Failure> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => {
                    self.depth -= 1;
                    return Ok(Content::List(items));
                }
                (event, at) => items.push(self.node(event, at)?),
            }
        }
    }

    fn map(&mut self) -> Result<Content, Failure> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut merged: Vec<(Key, Node)> = Vec::new();
        loop {
            let (event, at) = match self.next()? {
                (Event::MappingEnd, _) => break,
                next => next,
            };
            let key = self.node(event, at)?;
            let (event, value_at) = self.next()?;
            let value = self.node(event, value_at)?;
            let text = match &key.content {
                Content::Text(text) => text.clone(),
                Content::Bool(_) | Content::Number(_) | Content::Null => key.to_json().to_string(),
                Content::List(_) | Content::Map(_) => return fail(at, "a key has to be text"),
            };
            if text == "<<" {
                collect_merged(value, &mut merged)?;
            } else if let Some(first) = places.get(&text) {
                let first = entries[*first].0.at;
                return fail(at, format!("'{text}' stands here twice; the first is in line {}", first.line));
            } else {
                places.insert(text.clone(), entries.len());
                entries.push((Key { at, text }, value));
            }
        }
        self.depth -= 1;
        for (key, value) in merged {
            if !places.contains_key(&key.text) {
                places.insert(key.text.clone(), entries.len());
                entries.push((key, value));
            }
        }
        Ok(Content::Map(entries))
    }
}

/// What `<<:` brings in: a map, or a list of maps of which the first wins.
fn collect_merged(value: Node, into: &mut Vec<(Key, Node)>) -> Result<(), Failure> {
    match value.content {
        Content::Map(entries) => into.extend(entries),
        Content::List(items) if items.iter().all(|item| matches!(item.content, Content::Map(_))) => {
            for item in items {
                collect_merged(item, into)?;
            }
        }
        _ => return fail(value.at, "'<<' merges a map or a list of maps"),
    }
    Ok(())
}

fn check_tag(tag: Option<&Tag>, expected: &str, at: Position) -> Result<(), Failure> {
    match tag {
        Some(tag) if tag.core_suffix() != Some(expected) => {
            fail(at, format!("the tag {} means nothing here", tag.original()))
        }
        _ => Ok(()),
    }
}

/// A plain scalar by YAML 1.2's core schema; quoted ones are text.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Position) -> Result<Content, Failure> {
    if let Some(tag) = tag {
        return match tag.core_suffix() {
            Some("str") => Ok(Content::Text(text.to_owned())),
            Some("null" | "bool" | "int" | "float") => Ok(plain(text)),
            _ => fail(at, format!("the tag {} means nothing here", tag.original())),
        };
    }
    Ok(if style == ScalarStyle::Plain { plain(text) } else { Content::Text(text.to_owned()) })
}

fn plain(text: &str) -> Content {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Content::Null,
        "true" | "True" | "TRUE" => return Content::Bool(true),
        "false" | "False" | "FALSE" => return Content::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Content::Text(text.to_owned()), Content::Number)
}

fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return u64::from_str_radix(digits, radix).ok().map(Number::from);
        }
    }
    let whole = text.strip_prefix('+').unwrap_or(text);
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        let as_whole =
            whole.parse::<i64>().map(Number::from).or_else(|_| whole.parse::<u64>().map(Number::from));
        if let Ok(number) = as_whole {
            return Some(number);
        }
    }
    let float_like = unsigned
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if !float_like {
        return None;
    }
    Number::from_f64(whole.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, expected: Value) {
        let mut report = Vec::new();
        let found: Vec<Value> = documents(text, &mut report).iter().map(Node::to_json).collect();
        assert_eq!(report, [], "{text}");
        assert_eq!(Value::Array(found), expected, "{text}");
    }

    fn check_error(text: &str, expected: &str) {
        let mut report = Vec::new();
        documents(text, &mut report);
        let found: Vec<String> = report.iter().map(Diagnostic::to_string).collect();
        assert_eq!(found, [expected], "{text}");
    }

    #[test]
    fn values() {
        check("a: 1\nb: [x, 2.5, true, null, ~]", json!([{"a": 1, "b": ["x", 2.5, true, null, null]}]));
        check(
            "a: '1'\nb: yes\nc: 2026-01-01\nd: 1.2.3\ne: 0x10\nf: -7",
            json!([{"a": "1", "b": "yes", "c": "2026-01-01", "d": "1.2.3", "e": 16, "f": -7}]),
        );
        check("a: 1\n---\n---\nb: 2\n", json!([{"a": 1}, {"b": 2}]));
        check(
            "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}",
            json!([{"x": {"a": 1, "b": 2}, "y": {"b": 3, "a": 1}}]),
        );
        check("a: !!str 5", json!([{"a": "5"}]));
        check("", json!([]));
        check("# nothing\n", json!([]));
    }

    #[test]
    fn errors_say_where() {
        check_error("a: 1\nb: 2\na: 3", "3:1: 'a' stands here twice; the first is in line 1");
        check_error("a: !secret x", "1:12: the tag !secret means nothing here");
        check_error("x: &x [*x]", "1:8: an alias stands inside what it names");
    }

    #[test]
    fn a_broken_document_leaves_the_next_alone() {
        let mut report = Vec::new();
        let found = documents("a: [1\n---\nb: 2\n", &mut report);
        assert_eq!(found.len(), 1);
        assert_eq!(report.len(), 1);
    }

    #[test]
    fn hostile_files_are_bounded() {
        let mut laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (from, to) in ["ab", "bc", "cd", "de", "ef", "fg", "gh"].iter().map(|pair| pair.split_at(1)) {
            laughs += &format!(
                "{to}: &{to} [*{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}]\n"
            );
        }
        let mut report = Vec::new();
        assert!(documents(&laughs, &mut report).is_empty());
        assert!(report[0].message.contains("aliases counted each time"), "{report:?}");

        let long = format!("a: &a {}\nb: [{}]", "x".repeat(1 << 20), "*a, ".repeat(1_000));
        let mut report = Vec::new();
        assert!(documents(&long, &mut report).is_empty());
        assert_eq!(report.len(), 1);

        let mut chain = format!("a: &a0 {}x{}\n", "[".repeat(60), "]".repeat(60));
        for at in 1..60 {
            chain += &format!("b{at}: &a{at} {}*a{} {}\n", "[".repeat(60), at - 1, "]".repeat(60));
        }
        let mut report = Vec::new();
        assert!(documents(&chain, &mut report).is_empty());
        assert!(report[0].message.contains("nested deeper"), "{report:?}");

        for deep in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), "a:\n ".repeat(1_000)]
        {
            let mut report = Vec::new();
            assert!(documents(&deep, &mut report).is_empty());
            assert_eq!(report.len(), 1);
        }
    }
}
