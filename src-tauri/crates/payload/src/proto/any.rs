//! `google.protobuf.Any`: a message that says which one it is.

use super::known::has_own_form;
use super::read::{Reader, Stop};
use super::slots::{Slot, Slots, slots};
use super::wire::{Raw, Span};

/// The name behind a type's address: `type.googleapis.com/shop.Order`.
pub(super) fn name_of(url: &str) -> &str {
    url.rsplit_once('/').map_or(url, |(_, name)| name)
}

impl Reader<'_> {
    /// `{"@type": …}` with the message's fields, or its own form under `value`.
    /// A message the schema does not have stays bytes.
    pub(super) fn any(&mut self, found: &Slots, depth: usize) -> Result<bool, Stop> {
        let span = |at: usize| match found.get(&at) {
            Some(Slot::One(Raw::Bytes(span))) => *span,
            _ => Span { start: 0, end: 0 },
        };
        let (url, value) = (self.utf8(span(0))?, span(1));
        if url.is_empty() && value.is_empty() {
            self.text.push("{}")?;
            return Ok(true);
        }
        self.text.push("{\"@type\":")?;
        self.text.push_string(url)?;
        match self.graph.named(name_of(url)) {
            Some(id) if has_own_form(self.graph.message(id)) => {
                self.text.push(",\"value\":")?;
                self.message(id, &[value], depth + 1)?;
            }
            Some(id) => {
                let message = self.graph.message(id);
                let inner = slots(message, self.bytes, &[value], self.values_max)?;
                self.fields(message, &inner, false, value.start, depth + 1)?;
            }
            None => {
                self.text.push(",\"value\":")?;
                self.value(super::graph::Type::Bytes, Raw::Bytes(value), depth)?;
            }
        }
        self.text.push("}")?;
        Ok(true)
    }
}
