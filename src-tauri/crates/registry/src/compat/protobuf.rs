//! Protobuf's changes, by the numbers of fields.
//!
//! What counts as compatible is Confluent's: fields and messages may be added,
//! reordered and renamed, fields removed, enums come and go, scalars change
//! within a group of the same encoding. The types and places of differences are
//! Confluent's too.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use prost_reflect::{Cardinality, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor};

use super::{DIFFERENCES_MAX, Difference, Sides};
use crate::protobuf::ProtobufSchema;

/// Everything that keeps `reader` from reading all data of `writer`.
pub(crate) fn check(reader: &ProtobufSchema, writer: &ProtobufSchema, sides: Sides) -> Vec<Difference> {
    let (new, old) = (reader.file(), writer.file());
    let mut checker =
        Checker { new, old, sides, path: Vec::new(), verdicts: HashMap::new(), found: Vec::new() };
    if new.package_name() != old.package_name() {
        let Sides { reader: ours, writer: theirs } = sides;
        checker.fail("PACKAGE_CHANGED", |at| {
            format!(
                "The package at '{at}' in the {ours} schema does not match the package in the {theirs} schema"
            )
        });
    }
    checker.messages(&by_name(new.messages()), &by_name(old.messages()));
    checker.found
}

/// Encoded alike, so that one can be read as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Number,
    Signed,
    Text,
    Fixed32,
    Fixed64,
    Float,
    Double,
}

/// How often a field stands in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Repeated,
    Required,
    Optional,
    /// Not said: proto3, or within a oneof.
    Single,
}

struct Checker<'s> {
    new: &'s FileDescriptor,
    old: &'s FileDescriptor,
    sides: Sides,
    path: Vec<String>,
    /// Messages compared by way of fields: a pair under way counts as good.
    verdicts: HashMap<(String, String), bool>,
    found: Vec<Difference>,
}

impl Checker<'_> {
    fn messages(
        &mut self,
        new: &BTreeMap<String, MessageDescriptor>,
        old: &BTreeMap<String, MessageDescriptor>,
    ) {
        let Sides { reader: ours, writer: theirs } = self.sides;
        // The entries of maps are compared where their fields are.
        for (name, old) in old.iter().filter(|(_, message)| !message.is_map_entry()) {
            self.inside(name, |this| match new.get(name) {
                Some(new) => this.message(new, old),
                None => this.fail("MESSAGE_REMOVED", |at| {
                    format!(
                        "The {ours} schema is missing a MESSAGE type at path '{at}' in the {theirs} schema"
                    )
                }),
            });
        }
    }

    fn message(&mut self, new: &MessageDescriptor, old: &MessageDescriptor) {
        self.fields(new, old);
        self.messages(&by_name(new.child_messages()), &by_name(old.child_messages()));
    }

    fn fields(&mut self, new: &MessageDescriptor, old: &MessageDescriptor) {
        self.oneofs(new, old);
        let Sides { reader: ours, writer: theirs } = self.sides;
        let numbers: BTreeSet<u32> = new.fields().chain(old.fields()).map(|field| field.number()).collect();
        let gone = gone_oneofs(new, old);
        for number in numbers {
            let step = number.to_string();
            match (new.get_field(number), old.get_field(number)) {
                (None, Some(field)) => {
                    if let Some(oneof) = oneof(&field) {
                        if !gone.contains(&oneof) {
                            self.inside(&oneof, |this| {
                                this.inside(&step, |this| {
                                    this.fail("ONEOF_FIELD_REMOVED", |at| {
                                        format!("The {ours} schema is missing a oneof field at path '{at}' in the {theirs} schema")
                                    });
                                });
                            });
                        }
                    } else if field.is_required() {
                        self.inside(&step, |this| {
                            this.fail("REQUIRED_FIELD_REMOVED", |at| {
                                format!("The {ours} schema is missing a required field at path: '{at}' in the {theirs} schema")
                            });
                        });
                    }
                }
                (Some(field), None) if field.is_required() => self.inside(&step, |this| {
                    this.fail("REQUIRED_FIELD_ADDED", |at| {
                        format!("A required field  at path '{at}' in the {ours} schema is missing in the {theirs} schema")
                    });
                }),
                (Some(new), Some(old)) => {
                    let within = oneof(&new);
                    self.path.extend(within.iter().cloned());
                    self.inside(&step, |this| this.field(&new, &old));
                    if within.is_some() {
                        self.path.pop();
                    }
                }
                (Some(_), None) | (None, None) => {}
            }
        }
    }

    /// Fields that could be set together cannot exclude each other now.
    fn oneofs(&mut self, new: &MessageDescriptor, old: &MessageDescriptor) {
        let Sides { reader: ours, writer: theirs } = self.sides;
        for of in new.oneofs().filter(|of| !of.is_synthetic()) {
            let before = of.fields().filter_map(|field| old.get_field(field.number()));
            let (mut oneofs, mut alone) = (HashSet::new(), 0);
            for field in before {
                match oneof(&field) {
                    Some(name) => drop(oneofs.insert(name)),
                    None => alone += 1,
                }
            }
            if oneofs.len() + alone < 2 {
                continue;
            }
            self.inside(of.name(), |this| {
                if alone > 1 {
                    this.fail("MULTIPLE_FIELDS_MOVED_TO_ONEOF", |at| {
                        format!("Multiple fields in the oneof at path '{at}' in the {ours} schema are outside a oneof in the {theirs} schema")
                    });
                } else {
                    this.fail("FIELD_MOVED_TO_EXISTING_ONEOF", |at| {
                        format!("A field in the oneof at path '{at}' in the {ours} schema is outside an existing oneof in the {theirs} schema")
                    });
                }
            });
        }
    }

    fn field(&mut self, new: &FieldDescriptor, old: &FieldDescriptor) {
        if new.is_map() || old.is_map() {
            let parts = |field: &FieldDescriptor| match field.kind() {
                Kind::Message(entry) if field.is_map() => Some((entry.get_field(1)?, entry.get_field(2)?)),
                _ => None,
            };
            match (parts(new), parts(old)) {
                (Some((key, value)), Some((old_key, old_value))) => {
                    self.kinds(&key, &old_key, None);
                    self.kinds(&value, &old_value, None);
                }
                _ => self.kind_changed(),
            }
            return;
        }
        self.kinds(new, old, Some((label(new), label(old))));
    }

    fn kinds(&mut self, new: &FieldDescriptor, old: &FieldDescriptor, labels: Option<(Label, Label)>) {
        let Sides { reader: ours, writer: theirs } = self.sides;
        let (new_kind, old_kind) = (new.kind(), old.kind());
        if let (Kind::Message(read), Kind::Message(written)) = (&new_kind, &old_kind) {
            if new.is_group() == old.is_group() {
                self.named(read, written)
            } else {
                self.kind_changed()
            }
            return;
        }
        let (Some(read), Some(written)) = (group(&new_kind), group(&old_kind)) else {
            self.kind_changed();
            return;
        };
        if read != written {
            self.fail("FIELD_SCALAR_KIND_CHANGED", |at| {
                format!("The kind of a SCALAR field at path '{at}' in the {ours} schema does not match its kind in the {theirs} schema")
            });
        } else if read != Group::Text && labels.is_some_and(|(new, old)| !agree(new, old)) {
            self.fail("FIELD_NUMERIC_LABEL_CHANGED", |at| {
                format!("The label for a NUMERIC field at path '{at}' in the {ours} schema does not match its label in the {theirs} schema")
            });
        }
    }

    /// A message by its name; one that is imported is looked into.
    fn named(&mut self, new: &MessageDescriptor, old: &MessageDescriptor) {
        let name = local_name(new);
        if name != local_name(old) {
            self.named_changed();
            return;
        }
        if new.parent_file() == *self.new && old.parent_file() == *self.old {
            return;
        }
        let pair = (new.full_name().to_owned(), old.full_name().to_owned());
        let verdict = self.verdicts.get(&pair).copied().unwrap_or_else(|| {
            self.verdicts.insert(pair.clone(), true);
            let before = self.found.len();
            let path = std::mem::replace(&mut self.path, name.split('.').map(str::to_owned).collect());
            self.message(new, old);
            self.path = path;
            let is_good = self.found.len() == before;
            self.verdicts.insert(pair, is_good);
            is_good
        });
        if !verdict {
            self.named_changed();
        }
    }

    fn named_changed(&mut self) {
        let Sides { reader: ours, writer: theirs } = self.sides;
        self.fail("FIELD_NAMED_TYPE_CHANGED", |at| {
            format!("The type of a MESSAGE field at path '{at}' in the {ours} schema does not match its type in the {theirs} schema")
        });
    }

    fn kind_changed(&mut self) {
        let Sides { reader: ours, writer: theirs } = self.sides;
        self.fail("FIELD_KIND_CHANGED", |at| {
            format!(
                "The type of a field at path '{at}' in the {ours} schema does not match the {theirs} schema"
            )
        });
    }

    fn inside(&mut self, step: &str, body: impl FnOnce(&mut Self)) {
        self.path.push(step.to_owned());
        body(self);
        self.path.pop();
    }

    fn fail(&mut self, kind: &str, description: impl FnOnce(&str) -> String) {
        if self.found.len() < DIFFERENCES_MAX {
            let description = description(&format!("#/{}", self.path.join("/")));
            self.found.push(Difference { kind: kind.to_owned(), description, about: None });
        }
    }
}

fn by_name(messages: impl Iterator<Item = MessageDescriptor>) -> BTreeMap<String, MessageDescriptor> {
    messages.map(|message| (message.name().to_owned(), message)).collect()
}

/// The oneof a field is in, but for those that only stand for `optional`.
fn oneof(field: &FieldDescriptor) -> Option<String> {
    field.containing_oneof().filter(|of| !of.is_synthetic()).map(|of| of.name().to_owned())
}

/// Oneofs that went with all their fields: nobody is left to mistake.
fn gone_oneofs(new: &MessageDescriptor, old: &MessageDescriptor) -> HashSet<String> {
    let kept: HashSet<String> = new.oneofs().map(|of| of.name().to_owned()).collect();
    let gone = old.oneofs().filter(|of| {
        !kept.contains(of.name()) && of.fields().all(|field| new.get_field(field.number()).is_none())
    });
    gone.map(|of| of.name().to_owned()).collect()
}

/// The name within the package.
fn local_name(message: &MessageDescriptor) -> &str {
    let full = message.full_name();
    let inside = full.strip_prefix(message.package_name());
    inside.and_then(|rest| rest.strip_prefix('.')).unwrap_or(full)
}

fn group(kind: &Kind) -> Option<Group> {
    Some(match kind {
        Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Bool | Kind::Enum(_) => Group::Number,
        Kind::Sint32 | Kind::Sint64 => Group::Signed,
        Kind::String | Kind::Bytes => Group::Text,
        Kind::Fixed32 | Kind::Sfixed32 => Group::Fixed32,
        Kind::Fixed64 | Kind::Sfixed64 => Group::Fixed64,
        Kind::Float => Group::Float,
        Kind::Double => Group::Double,
        Kind::Message(_) => return None,
    })
}

fn label(field: &FieldDescriptor) -> Label {
    let is_proto3 = field.parent_message().parent_file().syntax() == prost_reflect::Syntax::Proto3;
    match field.cardinality() {
        Cardinality::Repeated => Label::Repeated,
        Cardinality::Required => Label::Required,
        Cardinality::Optional if oneof(field).is_some() => Label::Single,
        Cardinality::Optional if is_proto3 && field.containing_oneof().is_none() => Label::Single,
        Cardinality::Optional => Label::Optional,
    }
}

/// Numbers that may repeat are packed together: a reader of one finds none.
fn agree(new: Label, old: Label) -> bool {
    match (new, old) {
        (Label::Repeated, _) | (_, Label::Repeated) => new == old,
        (Label::Single, _) | (_, Label::Single) => true,
        (Label::Required | Label::Optional, Label::Required | Label::Optional) => new == old,
    }
}

#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;
