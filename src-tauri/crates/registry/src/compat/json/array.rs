//! Arrays: their items, one by one or all alike.

use super::{Checker, Pair};
use crate::json::{Array, Extra, Shape};

impl Checker<'_> {
    pub(super) fn arrays(&mut self, pair: Pair, read: &Array, written: &Array) -> bool {
        let items = self.inside("items", |this| match (read.items, written.items) {
            (None, _) => true,
            (Some(reader), Some(writer)) => this.reads(Pair { reader, writer, ..pair }),
            (Some(reader), None) => {
                let is_any = matches!(this.reader_of(Pair { reader, ..pair }).1.shape, Shape::Any);
                is_any || this.fail("SCHEMA_ADDED", "asks something of items that could be anything")
            }
        });
        let tuple = self.tuple(pair, read, written);
        let additional = self.inside("additionalItems", |this| match (read.additional, written.additional) {
            (Extra::Open, _) | (_, Extra::Closed) => true,
            (Extra::Closed, _) => this.fail("ADDITIONAL_ITEMS_REMOVED", "allows no further items any more"),
            (Extra::Of(_), Extra::Open) => {
                this.fail("ADDITIONAL_ITEMS_NARROWED", "allows fewer further items")
            }
            (Extra::Of(reader), Extra::Of(writer)) => this.reads(Pair { reader, writer, ..pair }),
        });
        let unevaluated = self.inside("unevaluatedItems", |this| {
            this.unevaluated(pair, "UNEVALUATED_ITEMS", read.unevaluated, written.unevaluated)
        });
        let unique = !read.is_unique
            || written.is_unique
            || self.inside("uniqueItems", |this| {
                this.fail("UNIQUE_ITEMS_ADDED", "asks that no item comes twice")
            });
        let counts = self.at_most("maxItems", "MAX_ITEMS", read.items_max, written.items_max)
            & self.at_least("minItems", "MIN_ITEMS", read.items_min, written.items_min)
            & self.at_most("maxContains", "MAX_CONTAINS", read.contains_max, written.contains_max)
            & self.at_least("minContains", "MIN_CONTAINS", read.contains_min, written.contains_min);
        items & tuple & additional & unevaluated & unique & counts
    }

    fn tuple(&mut self, pair: Pair, read: &Array, written: &Array) -> bool {
        let mut all = true;
        for place in 0..read.tuple.len().max(written.tuple.len()) {
            all &= self.inside(&format!("items/{place}"), |this| {
                match (read.tuple.get(place).copied(), written.tuple.get(place).copied()) {
                    (Some(reader), Some(writer)) => this.reads(Pair { reader, writer, ..pair }),
                    (None, Some(writer)) => match read.beyond {
                        Extra::Open => true,
                        Extra::Of(reader) if this.probe(Pair { reader, writer, ..pair }) => true,
                        Extra::Of(_) => this.fail(
                            "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
                            "is gone, and what else is allowed does not cover it",
                        ),
                        Extra::Closed
                            if matches!(this.writer_of(Pair { writer, ..pair }).1.shape, Shape::Never) =>
                        {
                            true
                        }
                        Extra::Closed => this.fail(
                            "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL",
                            "is gone, and nothing else is allowed",
                        ),
                    },
                    (Some(reader), None) => match written.beyond {
                        Extra::Closed => true,
                        Extra::Open
                            if matches!(this.reader_of(Pair { reader, ..pair }).1.shape, Shape::Any) =>
                        {
                            true
                        }
                        Extra::Open => this.fail(
                            "ITEM_ADDED_TO_OPEN_CONTENT_MODEL",
                            "is asked of an item that could be anything",
                        ),
                        Extra::Of(writer) if this.probe(Pair { reader, writer, ..pair }) => true,
                        Extra::Of(_) => this.fail(
                            "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
                            "is narrower than what was allowed in this place",
                        ),
                    },
                    (None, None) => true,
                }
            });
        }
        all
    }
}
