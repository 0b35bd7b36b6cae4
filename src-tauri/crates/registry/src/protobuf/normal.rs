//! The normal form: files that mean the same are the same.

use std::collections::HashMap;

use prost_reflect::{FileDescriptor, prost::DecodeError};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto};

use super::spell;

/// A resolved file in normal form.
pub(super) fn normal(file: &FileDescriptor) -> Result<FileDescriptorProto, DecodeError> {
    let mut file = spell::spell(file)?;
    sort_imports(&mut file);
    file.message_type.iter_mut().for_each(sort_message);
    file.enum_type.iter_mut().for_each(sort_enum);
    sort_extensions(&mut file.extension);
    Ok(file)
}

/// Plain imports by name, then public ones; each once.
fn sort_imports(file: &mut FileDescriptorProto) {
    let is_public =
        |index: usize| i32::try_from(index).is_ok_and(|index| file.public_dependency.contains(&index));
    let mut imports: Vec<(bool, String)> =
        file.dependency.iter().enumerate().map(|(index, name)| (is_public(index), name.clone())).collect();
    imports.sort();
    imports.dedup();
    let public = imports.iter().enumerate().filter(|(_, (is_public, _))| *is_public);
    file.public_dependency = public.filter_map(|(index, _)| i32::try_from(index).ok()).collect();
    file.weak_dependency.clear();
    file.dependency = imports.into_iter().map(|(_, name)| name).collect();
}

fn sort_message(message: &mut DescriptorProto) {
    message.field.sort_by_key(FieldDescriptorProto::number);
    sort_extensions(&mut message.extension);
    message.extension_range.sort_by_key(|range| range.start);
    message.reserved_range.sort_by_key(|range| (range.start, range.end));
    message.reserved_name.sort();
    sort_oneofs(message);
    message.nested_type.iter_mut().for_each(sort_message);
    message.enum_type.iter_mut().for_each(sort_enum);
}

/// In order of their first fields.
fn sort_oneofs(message: &mut DescriptorProto) {
    let mut places: HashMap<i32, i32> = HashMap::new();
    let mut moved = Vec::new();
    for field in &mut message.field {
        let Some(old) = field.oneof_index else { continue };
        let next = i32::try_from(places.len()).unwrap_or(i32::MAX);
        let place = *places.entry(old).or_insert_with(|| {
            moved.extend(usize::try_from(old).ok().and_then(|old| message.oneof_decl.get(old).cloned()));
            next
        });
        field.oneof_index = Some(place);
    }
    message.oneof_decl = moved;
}

/// By extendee in order of appearance, then by number.
fn sort_extensions(extensions: &mut [FieldDescriptorProto]) {
    let mut places: HashMap<String, usize> = HashMap::new();
    for extension in &*extensions {
        let next = places.len();
        places.entry(extension.extendee().to_owned()).or_insert(next);
    }
    extensions.sort_by_key(|extension| (places.get(extension.extendee()).copied(), extension.number()));
}

fn sort_enum(item: &mut EnumDescriptorProto) {
    item.value.sort_by(|one, other| (one.number(), one.name()).cmp(&(other.number(), other.name())));
    item.reserved_range.sort_by_key(|range| (range.start, range.end));
    item.reserved_name.sort();
}
