//! JSON Schema's changes, as differences of what is allowed.
//!
//! A reader that must read what a writer wrote has to allow all that the
//! writer's schema allowed. Objects come in three kinds: open ones allow any
//! property, closed ones only those they name, partially open ones also those
//! their patterns or `additionalProperties` describe.

mod array;
mod object;

use super::{DIFFERENCES_MAX, Difference, Sides, verdicts::Verdicts};
use crate::json::{Criterion, Graph, JsonSchema, NodeId, Shape};

/// How strictly properties that come and go are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    Strict,
    /// Properties may come and go, as if every object were meant to be open.
    Lenient,
}

/// Subschemas nested deeper are refused rather than followed.
const DEPTH_MAX: usize = 200;

/// A check that needs more comparisons is given up as incompatible.
const COMPARISONS_MAX: usize = 200_000;

/// Everything `reader` refuses that `writer` allows.
pub(crate) fn check(
    reader: &JsonSchema,
    writer: &JsonSchema,
    sides: Sides,
    policy: Policy,
) -> Vec<Difference> {
    let mut checker = Checker {
        reader: reader.graph(),
        writer: writer.graph(),
        sides,
        policy,
        verdicts: Verdicts::default(),
        path: Vec::new(),
        found: Vec::new(),
    };
    checker.reads(Pair { reader: reader.graph().root(), writer: writer.graph().root(), is_swapped: false });
    checker.found
}

/// What is compared. Under `not` the sides change places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Pair {
    reader: NodeId,
    writer: NodeId,
    is_swapped: bool,
}

struct Checker<'s> {
    reader: &'s Graph,
    writer: &'s Graph,
    sides: Sides,
    policy: Policy,
    verdicts: Verdicts<Pair>,
    path: Vec<String>,
    found: Vec<Difference>,
}

impl<'s> Checker<'s> {
    fn reads(&mut self, pair: Pair) -> bool {
        let pair = Pair { reader: self.reader_of(pair).0, writer: self.writer_of(pair).0, ..pair };
        if let Some(verdict) = self.verdicts.known(pair) {
            return verdict;
        }
        if self.path.len() > DEPTH_MAX || self.verdicts.len() > COMPARISONS_MAX {
            return self.fail("TYPE_CHANGED", "is too deep or too manifold to compare");
        }
        let mark = self.verdicts.begin(pair);
        let is_compatible = self.compare(pair);
        self.verdicts.end(pair, mark, is_compatible);
        is_compatible
    }

    fn compare(&mut self, pair: Pair) -> bool {
        let (_, reader) = self.reader_of(pair);
        let (_, writer) = self.writer_of(pair);
        if let Some(verdict) = self.compare_with_parts(pair, &reader.shape, &writer.shape) {
            return verdict;
        }
        match (&reader.shape, &writer.shape) {
            (Shape::Any, _) | (_, Shape::Never) => true,
            (Shape::Null, Shape::Null) | (Shape::Boolean, Shape::Boolean) => true,
            (
                Shape::Text { length_max, length_min, pattern },
                Shape::Text { length_max: written_max, length_min: written_min, pattern: written_pattern },
            ) => {
                self.at_most("maxLength", "MAX_LENGTH", *length_max, *written_max)
                    & self.at_least("minLength", "MIN_LENGTH", *length_min, *written_min)
                    & self.pattern_kept(pattern.as_deref(), written_pattern.as_deref())
            }
            (Shape::Number(read), Shape::Number(written)) => {
                let integers = !read.is_integer
                    || written.is_integer
                    || self.fail("TYPE_NARROWED", "is an integer now, and was any number");
                self.at_most("maximum", "MAXIMUM", read.maximum, written.maximum)
                    & self.at_least("minimum", "MINIMUM", read.minimum, written.minimum)
                    & self.at_most("exclusiveMaximum", "EXCLUSIVE_MAXIMUM", read.below, written.below)
                    & self.at_least("exclusiveMinimum", "EXCLUSIVE_MINIMUM", read.above, written.above)
                    & self.multiple_kept(read.multiple_of, written.multiple_of)
                    & integers
            }
            (Shape::Enum(read), Shape::Enum(written)) => {
                if written.is_subset(read) {
                    return true;
                }
                let kind = if read.is_subset(written) { "ENUM_ARRAY_NARROWED" } else { "ENUM_ARRAY_CHANGED" };
                self.inside("enum", |this| this.fail(kind, "allows fewer values"))
            }
            (Shape::Const(read), Shape::Const(written)) => {
                read == written
                    || self.inside("const", |this| this.fail("ENUM_ARRAY_CHANGED", "is another value"))
            }
            (Shape::Not(read), Shape::Not(written)) => {
                let turned = Pair { reader: *written, writer: *read, is_swapped: !pair.is_swapped };
                self.probe(turned)
                    || self.inside("not", |this| this.fail("NOT_TYPE_EXTENDED", "forbids more"))
            }
            (Shape::Object(read), Shape::Object(written)) => self.objects(pair, read, written),
            (Shape::Array(read), Shape::Array(written)) => self.arrays(pair, read, written),
            (Shape::Conditional(read), Shape::Conditional(written)) => {
                read == written
                    || self.inside("if", |this| this.fail("TYPE_CHANGED", "asks another condition"))
            }
            (
                Shape::Combined { criterion, parts },
                Shape::Combined { criterion: written_criterion, parts: written_parts },
            ) => self.combined(pair, (*criterion, parts), (*written_criterion, written_parts)),
            _ if reader.is_bytes && writer.is_bytes => true,
            _ => self.fail("TYPE_CHANGED", "is of another type"),
        }
    }

    /// When only one of the two is a combination, one of its parts may do.
    fn compare_with_parts(&mut self, pair: Pair, reader: &Shape, writer: &Shape) -> Option<bool> {
        match (reader, writer) {
            (Shape::Combined { .. }, Shape::Combined { .. }) => None,
            (Shape::Combined { criterion, parts }, _) => {
                let is_enough = parts.len() == 1 || *criterion != Criterion::All;
                let found = is_enough && parts.iter().any(|part| self.probe(Pair { reader: *part, ..pair }));
                found.then_some(true)
            }
            (_, Shape::Combined { criterion, parts }) => {
                let is_enough = parts.len() == 1 || *criterion == Criterion::All;
                let found = is_enough && parts.iter().any(|part| self.probe(Pair { writer: *part, ..pair }));
                found.then_some(true)
            }
            _ => None,
        }
    }

    fn combined(
        &mut self,
        pair: Pair,
        read: (Criterion, &[NodeId]),
        written: (Criterion, &[NodeId]),
    ) -> bool {
        let ((criterion, parts), (written_criterion, written_parts)) = (read, written);
        let (one, written_one) = (parts.len() == 1, written_parts.len() == 1);
        let is_wider = criterion == written_criterion
            || criterion == Criterion::Any
            || (written_one && (one || criterion == Criterion::One))
            || (one && written_criterion == Criterion::All);
        if !is_wider {
            return self.fail("COMBINED_TYPE_CHANGED", "combines its parts in another way");
        }
        let sizes = if parts.len() > written_parts.len() && criterion == Criterion::All {
            self.fail("PRODUCT_TYPE_EXTENDED", "asks for more parts at once")
        } else if parts.len() < written_parts.len() && written_criterion != Criterion::All {
            self.fail("SUM_TYPE_NARROWED", "has fewer alternatives")
        } else {
            true
        };
        let mut edges = Vec::with_capacity(written_parts.len());
        for writer in written_parts {
            let readers: Vec<usize> = (0..parts.len())
                .filter(|n| self.probe(Pair { reader: parts[*n], writer: *writer, ..pair }))
                .collect();
            edges.push(readers);
        }
        let is_matched = matching(&edges, parts.len()) >= parts.len().min(written_parts.len());
        let parts_kept = is_matched
            || self.fail(
                "COMBINED_TYPE_SUBSCHEMAS_CHANGED",
                "has a part that agrees with none of the other schema's",
            );
        sizes & parts_kept
    }

    fn pattern_kept(&mut self, read: Option<&str>, written: Option<&str>) -> bool {
        let kind = match (read, written) {
            (None, _) => return true,
            (Some(read), Some(written)) if read == written => return true,
            (Some(_), None) => "PATTERN_ADDED",
            (Some(_), Some(_)) => "PATTERN_CHANGED",
        };
        self.inside("pattern", |this| this.fail(kind, "is a pattern the other schema does not have"))
    }

    fn multiple_kept(&mut self, read: Option<f64>, written: Option<f64>) -> bool {
        let kind = match (read, written) {
            (None, _) => return true,
            (Some(_), None) => "MULTIPLE_OF_ADDED",
            (Some(read), Some(written)) if written % read == 0.0 => return true,
            (Some(read), Some(written)) if read % written == 0.0 => "MULTIPLE_OF_EXPANDED",
            (Some(_), Some(_)) => "MULTIPLE_OF_CHANGED",
        };
        self.inside("multipleOf", |this| this.fail(kind, "allows fewer numbers"))
    }

    /// An upper limit: none, or not below the writer's.
    fn at_most(&mut self, key: &str, kind: &str, read: Option<f64>, written: Option<f64>) -> bool {
        self.limit(key, kind, "_DECREASED", read, written, |read, written| read >= written)
    }

    /// A lower limit: none, or not above the writer's.
    fn at_least(&mut self, key: &str, kind: &str, read: Option<f64>, written: Option<f64>) -> bool {
        self.limit(key, kind, "_INCREASED", read, written, |read, written| read <= written)
    }

    fn limit(
        &mut self,
        key: &str,
        kind: &str,
        moved: &str,
        read: Option<f64>,
        written: Option<f64>,
        is_wide: impl Fn(f64, f64) -> bool,
    ) -> bool {
        let (change, what) = match (read, written) {
            (None, _) => return true,
            (Some(read), Some(written)) if is_wide(read, written) => return true,
            (Some(read), None) => ("_ADDED", format!("is a new limit, {read}")),
            (Some(read), Some(written)) => (moved, format!("is {read} instead of {written}, a closer limit")),
        };
        let kind = format!("{kind}{change}");
        self.inside(key, |this| this.fail(&kind, &what))
    }

    /// Whether a pair agrees, without saying why not.
    fn probe(&mut self, pair: Pair) -> bool {
        self.verdicts.begin_probe();
        let verdict = self.reads(pair);
        self.verdicts.end_probe();
        verdict
    }

    fn reader_of(&self, pair: Pair) -> (NodeId, &'s crate::json::Node) {
        if pair.is_swapped { self.writer.get(pair.reader) } else { self.reader.get(pair.reader) }
    }

    fn writer_of(&self, pair: Pair) -> (NodeId, &'s crate::json::Node) {
        if pair.is_swapped { self.reader.get(pair.writer) } else { self.writer.get(pair.writer) }
    }

    fn inside<T>(&mut self, step: &str, body: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step.to_owned());
        let result = body(self);
        self.path.pop();
        result
    }

    fn fail(&mut self, kind: &str, what: &str) -> bool {
        if self.policy == Policy::Lenient && LENIENT.contains(&kind) {
            return true;
        }
        if !self.verdicts.is_probing() && self.found.len() < DIFFERENCES_MAX {
            let place = format!("#/{}", self.path.join("/"));
            let Sides { reader, writer } = self.sides;
            self.found.push(Difference {
                kind: kind.to_owned(),
                description: format!(
                    "'{place}' in the {reader} schema {what}, compared with the {writer} schema"
                ),
                about: None,
            });
        }
        false
    }
}

/// Changes a lenient policy lets pass.
const LENIENT: [&str; 9] = [
    "ADDITIONAL_PROPERTIES_NARROWED",
    "ADDITIONAL_PROPERTIES_REMOVED",
    "UNEVALUATED_PROPERTIES_NARROWED",
    "UNEVALUATED_PROPERTIES_REMOVED",
    "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL",
    "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL",
    "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL",
    "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
    "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
];

/// How many writers can have a reader each, no reader serving two.
fn matching(edges: &[Vec<usize>], readers: usize) -> usize {
    let mut writer_of: Vec<Option<usize>> = vec![None; readers];
    let mut matched = 0;
    for start in 0..edges.len() {
        // A path of readers to hand on, found breadth first.
        let mut came_from: Vec<Option<usize>> = vec![None; readers];
        let mut queue = std::collections::VecDeque::from([start]);
        let mut end = None;
        'search: while let Some(writer) = queue.pop_front() {
            for &reader in &edges[writer] {
                if came_from[reader].is_some() {
                    continue;
                }
                came_from[reader] = Some(writer);
                match writer_of[reader] {
                    None => {
                        end = Some(reader);
                        break 'search;
                    }
                    Some(holder) => queue.push_back(holder),
                }
            }
        }
        let Some(mut reader) = end else { continue };
        matched += 1;
        while let Some(writer) = came_from[reader] {
            let previous = writer_of.iter().position(|holder| *holder == Some(writer));
            writer_of[reader] = Some(writer);
            match previous {
                Some(previous) if writer != start => reader = previous,
                _ => break,
            }
        }
    }
    matched
}

#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;
