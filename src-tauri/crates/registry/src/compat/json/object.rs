//! Objects: what is named, what else may come, and what is required.

use regex::Regex;

use super::{Checker, Pair};
use crate::json::{Extra, NodeId, Object, Shape};

impl Checker<'_> {
    pub(super) fn objects(&mut self, pair: Pair, read: &Object, written: &Object) -> bool {
        let required = self.inside("required", |this| this.required(pair, read, written));
        let properties = self.inside("properties", |this| this.properties(pair, read, written));
        let dependencies = self.inside("dependencies", |this| this.dependencies(pair, read, written));
        let additional = self.inside("additionalProperties", |this| this.additional(pair, read, written));
        let unevaluated = self.inside("unevaluatedProperties", |this| {
            this.unevaluated(pair, "UNEVALUATED_PROPERTIES", read.unevaluated, written.unevaluated)
        });
        let counts =
            self.at_most("maxProperties", "MAX_PROPERTIES", read.properties_max, written.properties_max)
                & self.at_least(
                    "minProperties",
                    "MIN_PROPERTIES",
                    read.properties_min,
                    written.properties_min,
                );
        required & properties & dependencies & additional & unevaluated & counts
    }

    fn required(&mut self, pair: Pair, read: &Object, written: &Object) -> bool {
        let mut all = true;
        for name in
            read.required.difference(&written.required).filter(|name| written.properties.contains_key(*name))
        {
            let has_default = read.properties.get(name).is_some_and(|node| self.has_default(pair, *node));
            if read.properties.contains_key(name) && !has_default {
                all &= self.inside(name, |this| {
                    this.fail(
                        "REQUIRED_ATTRIBUTE_ADDED",
                        "is required now, has no default, and was not required",
                    )
                });
            }
        }
        all
    }

    fn properties(&mut self, pair: Pair, read: &Object, written: &Object) -> bool {
        let mut all = true;
        for (name, writer) in &written.properties {
            all &= self.inside(name, |this| match read.properties.get(name) {
                Some(reader) => this.reads(Pair { reader: *reader, writer: *writer, ..pair }),
                None => this.removed(pair, read, name, *writer),
            });
        }
        for (name, reader) in
            read.properties.iter().filter(|(name, _)| !written.properties.contains_key(*name))
        {
            all &= self.inside(name, |this| this.added(pair, (read, written), name, *reader));
        }
        all
    }

    /// A property only the writer names: the reader must allow it otherwise.
    fn removed(&mut self, pair: Pair, read: &Object, name: &str, writer: NodeId) -> bool {
        if self.is_open(pair, true, read) {
            return true;
        }
        match self.partial(pair, true, read, name) {
            Some(reader) if self.probe(Pair { reader, writer, ..pair }) => true,
            Some(_) => self.fail(
                "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
                "is gone, and what else is allowed does not cover it",
            ),
            None if matches!(self.writer_of(Pair { writer, ..pair }).1.shape, Shape::Never) => true,
            None => self
                .fail("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", "is gone, and nothing else is allowed"),
        }
    }

    /// A property only the reader names: an open writer may have written
    /// anything under that name.
    fn added(&mut self, pair: Pair, (read, written): (&Object, &Object), name: &str, reader: NodeId) -> bool {
        let is_any = matches!(self.reader_of(Pair { reader, ..pair }).1.shape, Shape::Any);
        let is_required = read.required.contains(name);
        let has_default = self.has_default(pair, reader);
        if self.is_open(pair, false, written) {
            return match (is_any, is_required, has_default) {
                (true, _, _) => true,
                (false, true, true) => self.fail(
                    "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL",
                    "is a new property of an object that allowed anything under that name",
                ),
                (false, true, false) => self.fail(
                    "REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL",
                    "is a new required property of an object that allowed anything under that name",
                ),
                (false, false, _) => self.fail(
                    "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL",
                    "is a new property of an object that allowed anything under that name",
                ),
            };
        }
        let covered = match self.partial(pair, false, written, name) {
            Some(writer) if !self.probe(Pair { reader, writer, ..pair }) => self.fail(
                "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
                "is a new property, narrower than what was allowed under that name",
            ),
            _ => true,
        };
        let present = !is_required
            || has_default
            || self.fail(
                "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL",
                "is a new required property without a default",
            );
        covered & present
    }

    fn dependencies(&mut self, pair: Pair, read: &Object, written: &Object) -> bool {
        let mut all = true;
        for (name, names) in &read.required_by {
            let kind = match written.required_by.get(name) {
                None => "DEPENDENCY_ARRAY_ADDED",
                Some(before) if names.is_subset(before) => continue,
                Some(before) if before.is_subset(names) => "DEPENDENCY_ARRAY_EXTENDED",
                Some(_) => "DEPENDENCY_ARRAY_CHANGED",
            };
            all &= self.inside(name, |this| this.fail(kind, "requires more properties beside it"));
        }
        for (name, reader) in &read.schema_by {
            all &= self.inside(name, |this| match written.schema_by.get(name) {
                Some(writer) => this.reads(Pair { reader: *reader, writer: *writer, ..pair }),
                None => this.fail("DEPENDENCY_SCHEMA_ADDED", "asks for a schema that was not asked for"),
            });
        }
        all
    }

    fn additional(&mut self, pair: Pair, read: &Object, written: &Object) -> bool {
        match (read.additional, written.additional) {
            (Extra::Open, _) | (_, Extra::Closed) => true,
            (Extra::Closed, _) => {
                self.fail("ADDITIONAL_PROPERTIES_REMOVED", "allows no further properties any more")
            }
            (Extra::Of(_), Extra::Open) => {
                self.fail("ADDITIONAL_PROPERTIES_NARROWED", "allows fewer further properties")
            }
            (Extra::Of(reader), Extra::Of(writer)) => self.reads(Pair { reader, writer, ..pair }),
        }
    }

    /// What is left over after everything else; absent, it may be anything.
    pub(super) fn unevaluated(
        &mut self,
        pair: Pair,
        kind: &str,
        read: Option<NodeId>,
        written: Option<NodeId>,
    ) -> bool {
        let Some(reader) = read else { return true };
        let shape = &self.reader_of(Pair { reader, ..pair }).1.shape;
        if matches!(shape, Shape::Any) {
            return true;
        }
        let is_closed = matches!(shape, Shape::Never);
        match written {
            Some(writer) if matches!(self.writer_of(Pair { writer, ..pair }).1.shape, Shape::Never) => true,
            Some(writer) if !is_closed => self.reads(Pair { reader, writer, ..pair }),
            _ if is_closed => self.fail(&format!("{kind}_REMOVED"), "allows nothing further any more"),
            _ => self.fail(&format!("{kind}_NARROWED"), "allows less further on"),
        }
    }

    fn is_open(&self, pair: Pair, is_reader: bool, object: &Object) -> bool {
        let rest =
            object.unevaluated.is_none_or(|node| matches!(self.shape(pair, is_reader, node), Shape::Any));
        object.additional == Extra::Open && object.patterns.is_empty() && rest
    }

    /// What an object that is neither open nor closed allows under a name.
    fn partial(&self, pair: Pair, is_reader: bool, object: &Object, name: &str) -> Option<NodeId> {
        let matches_name = |pattern: &str| Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(name));
        let by_pattern =
            object.patterns.iter().find(|(pattern, _)| matches_name(pattern)).map(|(_, node)| *node);
        let by_rest = || match object.additional {
            Extra::Of(node) => Some(node),
            Extra::Closed => None,
            Extra::Open => object
                .unevaluated
                .filter(|node| !matches!(self.shape(pair, is_reader, *node), Shape::Any | Shape::Never)),
        };
        by_pattern.or_else(by_rest)
    }

    fn shape(&self, pair: Pair, is_reader: bool, node: NodeId) -> &Shape {
        let of = Pair { reader: node, writer: node, ..pair };
        if is_reader { &self.reader_of(of).1.shape } else { &self.writer_of(of).1.shape }
    }

    fn has_default(&self, pair: Pair, reader: NodeId) -> bool {
        self.reader_of(Pair { reader, ..pair }).1.has_default
    }
}
