//! A resolved file as one could write it: every option by name, every type by
//! its full name.

use prost_reflect::{DynamicMessage, FileDescriptor, Kind, MapKey, Value, prost::DecodeError};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumOptions, EnumValueOptions, ExtensionRangeOptions,
    FieldDescriptorProto, FieldOptions, FileDescriptorProto, FileOptions, MessageOptions, MethodOptions,
    OneofOptions, ServiceOptions, UninterpretedOption, uninterpreted_option::NamePart,
};

use super::literal::{Literal, quoted, quoted_bytes};

/// The file with all options in the form they are written in.
pub(super) fn spell(file: &FileDescriptor) -> Result<FileDescriptorProto, DecodeError> {
    let mut spelled = file.file_descriptor_proto().clone();
    spelled.source_code_info = None;
    let of = file.parent_pool().get_message_by_name("google.protobuf.FileDescriptorProto");
    let Some(of) = of else { return Ok(spelled) };
    // One fallible step for all options: those of extensions may not fit their types.
    let dynamic = DynamicMessage::decode(of, file.encode_to_vec().as_slice())?;
    spelled.options = options(&dynamic)
        .map(|uninterpreted_option| FileOptions { uninterpreted_option, ..Default::default() });
    for (message, from) in spelled.message_type.iter_mut().zip(parts(&dynamic, "message_type")) {
        spell_message(message, from);
    }
    for (item, from) in spelled.enum_type.iter_mut().zip(parts(&dynamic, "enum_type")) {
        spell_enum(item, from);
    }
    for (field, from) in spelled.extension.iter_mut().zip(parts(&dynamic, "extension")) {
        spell_field(field, from);
    }
    for (service, from) in spelled.service.iter_mut().zip(parts(&dynamic, "service")) {
        service.options = options(from)
            .map(|uninterpreted_option| ServiceOptions { uninterpreted_option, ..Default::default() });
        for (method, from) in service.method.iter_mut().zip(parts(from, "method")) {
            method.options = options(from)
                .map(|uninterpreted_option| MethodOptions { uninterpreted_option, ..Default::default() });
        }
    }
    Ok(spelled)
}

fn spell_message(message: &mut DescriptorProto, from: &DynamicMessage) {
    let map_entry = message.options.as_ref().and_then(|options| options.map_entry).filter(|is| *is);
    let uninterpreted_option = options(from).unwrap_or_default();
    message.options = (map_entry.is_some() || !uninterpreted_option.is_empty()).then(|| MessageOptions {
        map_entry,
        uninterpreted_option,
        ..Default::default()
    });
    for (field, from) in message.field.iter_mut().zip(parts(from, "field")) {
        spell_field(field, from);
    }
    for (field, from) in message.extension.iter_mut().zip(parts(from, "extension")) {
        spell_field(field, from);
    }
    for (nested, from) in message.nested_type.iter_mut().zip(parts(from, "nested_type")) {
        spell_message(nested, from);
    }
    for (item, from) in message.enum_type.iter_mut().zip(parts(from, "enum_type")) {
        spell_enum(item, from);
    }
    for (oneof, from) in message.oneof_decl.iter_mut().zip(parts(from, "oneof_decl")) {
        oneof.options = options(from).map(|uninterpreted_option| OneofOptions { uninterpreted_option });
    }
    for (range, from) in message.extension_range.iter_mut().zip(parts(from, "extension_range")) {
        range.options =
            options(from).map(|uninterpreted_option| ExtensionRangeOptions { uninterpreted_option });
    }
}

fn spell_field(field: &mut FieldDescriptorProto, from: &DynamicMessage) {
    field.options =
        options(from).map(|uninterpreted_option| FieldOptions { uninterpreted_option, ..Default::default() });
    // Resolving gives every field its name in JSON; most never had another.
    if field.json_name.as_deref() == Some(json_name(field.name()).as_str()) {
        field.json_name = None;
    }
}

fn spell_enum(item: &mut EnumDescriptorProto, from: &DynamicMessage) {
    item.options =
        options(from).map(|uninterpreted_option| EnumOptions { uninterpreted_option, ..Default::default() });
    for (value, from) in item.value.iter_mut().zip(parts(from, "value")) {
        value.options = options(from)
            .map(|uninterpreted_option| EnumValueOptions { uninterpreted_option, ..Default::default() });
    }
}

/// The field's name in JSON unless it says another.
fn json_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut is_start = false;
    for c in name.chars() {
        match c {
            '_' => is_start = true,
            c if is_start => {
                out.push(c.to_ascii_uppercase());
                is_start = false;
            }
            c => out.push(c),
        }
    }
    out
}

/// The messages of a repeated field.
fn parts<'m>(message: &'m DynamicMessage, name: &str) -> impl Iterator<Item = &'m DynamicMessage> {
    let field = message.fields().find(|(field, _)| field.name() == name);
    let list = field.and_then(|(_, value)| value.as_list()).unwrap_or_default();
    list.iter().filter_map(Value::as_message)
}

/// The options of an element, by name; none if there are none.
fn options(element: &DynamicMessage) -> Option<Vec<UninterpretedOption>> {
    let (_, options) = element.fields().find(|(field, _)| field.name() == "options")?;
    let options = options.as_message()?;
    let mut spelled = Vec::new();
    for (field, value) in options.fields() {
        if !["uninterpreted_option", "map_entry"].contains(&field.name()) {
            push(&mut spelled, field.name(), false, &field.kind(), value);
        }
    }
    for (extension, value) in options.extensions() {
        push(&mut spelled, extension.full_name(), true, &extension.kind(), value);
    }
    spelled.sort_by(|one, other| one.name[0].name_part.cmp(&other.name[0].name_part));
    (!spelled.is_empty()).then_some(spelled)
}

fn push(all: &mut Vec<UninterpretedOption>, name: &str, is_extension: bool, kind: &Kind, value: &Value) {
    if let Value::List(values) = value {
        values.iter().for_each(|value| push(all, name, is_extension, kind, value));
        return;
    }
    let name = vec![NamePart { name_part: name.to_owned(), is_extension }];
    let mut option = UninterpretedOption { name, ..Default::default() };
    match value {
        Value::String(text) => option.string_value = Some(text.clone().into_bytes()),
        Value::Bytes(bytes) => option.string_value = Some(bytes.to_vec()),
        value => match literal(kind, value) {
            Literal::Scalar(text) => option.identifier_value = Some(text),
            literal => option.aggregate_value = Some(literal.inside()),
        },
    }
    all.push(option);
}

fn literal(kind: &Kind, value: &Value) -> Literal {
    let float = |value: f64, text: String| if value.is_nan() { "nan".to_owned() } else { text };
    Literal::Scalar(match value {
        Value::Bool(value) => value.to_string(),
        Value::I32(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::U32(value) => value.to_string(),
        Value::U64(value) => value.to_string(),
        Value::F32(value) => float((*value).into(), format!("{value:?}")),
        Value::F64(value) => float(*value, format!("{value:?}")),
        Value::String(text) => quoted(text),
        Value::Bytes(bytes) => quoted_bytes(bytes),
        Value::EnumNumber(number) => {
            let value = kind.as_enum().and_then(|of| of.get_value(*number));
            value.map_or_else(|| number.to_string(), |value| value.name().to_owned())
        }
        Value::List(values) => {
            return Literal::List(values.iter().map(|value| literal(kind, value)).collect());
        }
        Value::Map(entries) => return map(kind, entries),
        Value::Message(message) => {
            let fields = message
                .fields()
                .map(|(field, value)| (field.name().to_owned(), literal(&field.kind(), value)));
            let extensions = message
                .extensions()
                .map(|(field, value)| (format!("[{}]", field.full_name()), literal(&field.kind(), value)));
            let mut all: Vec<_> = fields.chain(extensions).collect();
            all.sort_by(|(one, _), (other, _)| one.cmp(other));
            return Literal::Message(all);
        }
    })
}

fn map(kind: &Kind, entries: &std::collections::HashMap<MapKey, Value>) -> Literal {
    let value_kind = kind.as_message().and_then(|entry| entry.get_field(2)).map(|field| field.kind());
    let mut entries: Vec<(&MapKey, &Value)> = entries.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    let entry = |(key, value): (&MapKey, &Value)| {
        let value = literal(value_kind.as_ref().unwrap_or(kind), value);
        Literal::Message(vec![
            ("key".into(), literal(kind, &Value::from(key.clone()))),
            ("value".into(), value),
        ])
    };
    Literal::List(entries.into_iter().map(entry).collect())
}
