//! Maps: entries on the wire, an object in JSON.

use std::collections::HashMap;

use super::graph::Type;
use super::read::{Reader, Stop};
use super::slots::{Slot, slots};
use super::wire::{Raw, unzigzag};

/// Where the entry's message has its two fields.
pub(super) const KEY: usize = 0;
pub(super) const VALUE: usize = 1;

impl Reader<'_> {
    /// Of a key that comes twice the last entry counts, in the place of the first.
    pub(super) fn map(&mut self, entry: Type, entries: &[Raw], depth: usize) -> Result<(), Stop> {
        let Type::Message(id) = entry else { return Ok(self.text.push("{}")?) };
        let message = self.graph.message(id);
        let (Some(key), Some(value)) = (message.fields.get(KEY), message.fields.get(VALUE)) else {
            return Ok(self.text.push("{}")?);
        };
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut values: Vec<(String, Option<Slot>)> = Vec::new();
        for raw in entries {
            let (Raw::Bytes(span) | Raw::Group(span)) = *raw else { continue };
            let mut found = slots(message, self.bytes, &[span], self.values_max)?;
            let name = self.key(key.ty, found.remove(&KEY).as_ref())?;
            let slot = found.remove(&VALUE);
            match places.get(&name) {
                Some(place) => values[*place].1 = slot,
                None => {
                    places.insert(name.clone(), values.len());
                    values.push((name, slot));
                }
            }
        }
        self.text.push("{")?;
        for (index, (name, slot)) in values.iter().enumerate() {
            if index > 0 {
                self.text.push(",")?;
            }
            self.text.push_string(name)?;
            self.text.push(":")?;
            self.slot(value, slot.as_ref(), depth).map_err(|stop| stop.inside(|path| path.in_name(name)))?;
        }
        Ok(self.text.push("}")?)
    }

    fn key(&self, ty: Type, slot: Option<&Slot>) -> Result<String, Stop> {
        let raw = match slot {
            Some(Slot::One(raw)) => *raw,
            _ => return Ok(default_key(ty).to_owned()),
        };
        Ok(match (ty, raw) {
            (Type::String, Raw::Bytes(span)) => self.utf8(span)?.to_owned(),
            (Type::Bool, Raw::Varint(value)) => (value != 0).to_string(),
            (Type::Int32, Raw::Varint(value)) => (value as i32).to_string(),
            (Type::Uint32, Raw::Varint(value)) => (value as u32).to_string(),
            (Type::Sint32, Raw::Varint(value)) => (unzigzag(u64::from(value as u32)) as i32).to_string(),
            (Type::Int64, Raw::Varint(value)) => (value as i64).to_string(),
            (Type::Uint64, Raw::Varint(value)) => value.to_string(),
            (Type::Sint64, Raw::Varint(value)) => unzigzag(value).to_string(),
            (Type::Fixed32, Raw::Fixed32(value)) => value.to_string(),
            (Type::Sfixed32, Raw::Fixed32(value)) => (value as i32).to_string(),
            (Type::Fixed64, Raw::Fixed64(value)) => value.to_string(),
            (Type::Sfixed64, Raw::Fixed64(value)) => (value as i64).to_string(),
            _ => default_key(ty).to_owned(),
        })
    }
}

fn default_key(ty: Type) -> &'static str {
    match ty {
        Type::String => "",
        Type::Bool => "false",
        _ => "0",
    }
}
