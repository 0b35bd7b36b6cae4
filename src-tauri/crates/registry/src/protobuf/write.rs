//! A Protobuf file as text, in Confluent's layout: imports, options, messages,
//! enums, extensions, services; a blank line before each group.

mod places;

use std::fmt::Write as _;

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, MessageOptions,
    MethodDescriptorProto, ServiceDescriptorProto, UninterpretedOption,
    field_descriptor_proto::{Label, Type},
};

use self::places::Places;
use super::literal::{Literal, quoted, quoted_bytes};

/// The highest number of a field.
const NUMBER_MAX: i32 = 536_870_911;

/// Options of this name stay when other custom ones are left out.
const CONFLUENT: &str = "confluent";

/// The file as it was written.
pub(super) fn canonical(file: &FileDescriptorProto) -> String {
    Writer::new(file, false).file(file)
}

/// The file without extensions and without custom options but Confluent's.
pub(super) fn without_extensions(file: &FileDescriptorProto) -> String {
    Writer::new(file, true).file(file)
}

struct Writer {
    places: Places,
    is_proto3: bool,
    ignore_extensions: bool,
}

impl Writer {
    fn new(file: &FileDescriptorProto, ignore_extensions: bool) -> Self {
        let is_proto3 = file.syntax() == "proto3";
        Self { places: Places::new(file), is_proto3, ignore_extensions }
    }

    fn file(&self, file: &FileDescriptorProto) -> String {
        let mut out = String::new();
        if self.is_proto3 {
            out.push_str("syntax = \"proto3\";\n");
        } else if self.places.has_syntax() {
            out.push_str("syntax = \"proto2\";\n");
        }
        if let Some(package) = &file.package {
            let _ = writeln!(out, "package {package};");
        }
        out.push_str(&section(self.imports(file)));
        let options = file.options.as_ref().map(|options| options.uninterpreted_option.as_slice());
        out.push_str(&section(self.statements(options)));
        let mut types = String::new();
        for (index, message) in file.message_type.iter().enumerate() {
            if !is_group(message.name(), &file.extension) {
                types.push_str(&self.message(message, &[4, number(index)]));
            }
        }
        for (index, item) in file.enum_type.iter().enumerate() {
            types.push_str(&self.enumeration(item, &[5, number(index)]));
        }
        out.push_str(&section(types));
        if !self.ignore_extensions {
            out.push_str(&section(self.extensions(&file.extension, &[7], &file.message_type)));
        }
        out.push_str(&section(file.service.iter().map(|service| self.service(service)).collect()));
        out
    }

    fn imports(&self, file: &FileDescriptorProto) -> String {
        let has = |list: &[i32], index: usize| i32::try_from(index).is_ok_and(|index| list.contains(&index));
        let (mut plain, mut public) = (String::new(), String::new());
        for (index, name) in file.dependency.iter().enumerate() {
            let name = quoted(name);
            let _ = if has(&file.public_dependency, index) {
                writeln!(public, "import public {name};")
            } else if has(&file.weak_dependency, index) {
                writeln!(plain, "import weak {name};")
            } else {
                writeln!(plain, "import {name};")
            };
        }
        plain + &public
    }

    fn message(&self, message: &DescriptorProto, path: &[i32]) -> String {
        format!("message {} {{{}}}\n", message.name(), self.body(message, path))
    }

    fn body(&self, message: &DescriptorProto, path: &[i32]) -> String {
        let mut out = inner(self.reserved(
            &join(path, 9),
            message.reserved_range.iter().map(|range| (range.start(), range.end() - 1)).collect(),
            &join(path, 10),
            &message.reserved_name,
            NUMBER_MAX,
        ));
        let options = message.options.as_ref().map(|options| options.uninterpreted_option.as_slice());
        out.push_str(&inner(self.statements(options)));
        let is_member =
            |field: &&FieldDescriptorProto| field.oneof_index.is_some() && !field.proto3_optional();
        let plain = message.field.iter().filter(|field| !is_member(field));
        out.push_str(&inner(plain.map(|field| self.field(field, &message.nested_type, path)).collect()));
        let mut oneofs = String::new();
        for (index, oneof) in message.oneof_decl.iter().enumerate() {
            let members = message.field.iter().filter(is_member);
            let own = members.filter(|field| field.oneof_index == Some(number(index)));
            let fields: String = own.map(|field| self.field(field, &message.nested_type, path)).collect();
            if fields.is_empty() {
                continue;
            }
            let options = oneof.options.as_ref().map(|options| options.uninterpreted_option.as_slice());
            let _ = writeln!(
                oneofs,
                "oneof {} {{{}{}}}",
                oneof.name(),
                inner(self.statements(options)),
                inner(fields)
            );
        }
        out.push_str(&inner(oneofs));
        if !self.ignore_extensions {
            out.push_str(&inner(self.extension_ranges(message, &join(path, 5))));
            out.push_str(&inner(self.extensions(&message.extension, &join(path, 6), &message.nested_type)));
        }
        let mut types = String::new();
        for (index, nested) in message.nested_type.iter().enumerate() {
            let is_entry = nested.options.as_ref().is_some_and(MessageOptions::map_entry);
            let is_body =
                is_group(nested.name(), &message.field) || is_group(nested.name(), &message.extension);
            if !is_entry && !is_body {
                types.push_str(&self.message(nested, &join(&join(path, 3), number(index))));
            }
        }
        for (index, item) in message.enum_type.iter().enumerate() {
            types.push_str(&self.enumeration(item, &join(&join(path, 4), number(index))));
        }
        out.push_str(&inner(types));
        out
    }

    fn field(&self, field: &FieldDescriptorProto, siblings: &[DescriptorProto], path: &[i32]) -> String {
        let in_oneof = field.oneof_index.is_some() && !field.proto3_optional();
        let entry = siblings.iter().find(|nested| {
            nested.options.as_ref().is_some_and(MessageOptions::map_entry)
                && last_part(field.type_name()) == nested.name()
        });
        let label = match field.label() {
            _ if entry.is_some() || in_oneof => "",
            Label::Repeated => "repeated ",
            Label::Required => "required ",
            Label::Optional if !self.is_proto3 || field.proto3_optional() => "optional ",
            Label::Optional => "",
        };
        if field.r#type == Some(Type::Group.into()) {
            let name = last_part(field.type_name());
            let at = siblings.iter().position(|nested| nested.name() == name);
            let body =
                at.and_then(|at| Some(self.body(siblings.get(at)?, &join(&join(path, 3), number(at)))));
            return format!("{label}group {name} = {} {{{}}}\n", field.number(), body.unwrap_or_default());
        }
        let kind = match entry {
            Some(entry) => {
                let part = |number: i32| {
                    entry
                        .field
                        .iter()
                        .find(|field| field.number == Some(number))
                        .map(type_name)
                        .unwrap_or_default()
                };
                format!("map<{}, {}>", part(1), part(2))
            }
            None => type_name(field),
        };
        let mut options =
            self.options(field.options.as_ref().map(|options| options.uninterpreted_option.as_slice()));
        if let Some(value) = &field.default_value {
            options.push(format!("default = {}", default_value(field, value)));
        }
        if let Some(name) = &field.json_name {
            options.push(format!("json_name = {}", quoted(name)));
        }
        format!("{label}{kind} {} = {}{};\n", field.name(), field.number(), bracketed(&options))
    }

    fn enumeration(&self, item: &EnumDescriptorProto, path: &[i32]) -> String {
        let reserved = self.reserved(
            &join(path, 4),
            item.reserved_range.iter().map(|range| (range.start(), range.end())).collect(),
            &join(path, 5),
            &item.reserved_name,
            i32::MAX,
        );
        let mut body = reserved;
        body.push_str(
            &self.statements(item.options.as_ref().map(|options| options.uninterpreted_option.as_slice())),
        );
        for value in &item.value {
            let options = value.options.as_ref().map(|options| options.uninterpreted_option.as_slice());
            let _ =
                writeln!(body, "{} = {}{};", value.name(), value.number(), bracketed(&self.options(options)));
        }
        format!("enum {} {{{}}}\n", item.name(), inner(body))
    }

    fn service(&self, service: &ServiceDescriptorProto) -> String {
        let options = service.options.as_ref().map(|options| options.uninterpreted_option.as_slice());
        let mut body = inner(self.statements(options));
        body.push_str(&inner(service.method.iter().map(|method| self.method(method)).collect()));
        format!("service {} {{{body}}}\n", service.name())
    }

    fn method(&self, method: &MethodDescriptorProto) -> String {
        let stream = |is_stream: bool| if is_stream { "stream " } else { "" };
        let options = method.options.as_ref().map(|options| options.uninterpreted_option.as_slice());
        let options = self.statements(options);
        let body = if options.is_empty() { String::new() } else { format!(" {{\n{}}}", indented(&options)) };
        format!(
            "rpc {} ({}{}) returns ({}{}){body};\n",
            method.name(),
            stream(method.client_streaming()),
            method.input_type(),
            stream(method.server_streaming()),
            method.output_type(),
        )
    }

    /// Numbers and names nothing may have, a statement for each that was
    /// written.
    fn reserved(
        &self,
        ranges_path: &[i32],
        ranges: Vec<(i32, i32)>,
        names_path: &[i32],
        names: &[String],
        number_max: i32,
    ) -> String {
        let ranges = ranges.into_iter().map(|range| range_text(range, number_max)).collect();
        let mut statements = self.places.statements(ranges_path, ranges);
        statements
            .extend(self.places.statements(names_path, names.iter().map(|name| quoted(name)).collect()));
        statements.sort_by_key(|statement| statement.place);
        statements.iter().map(|statement| format!("reserved {};\n", statement.parts.join(", "))).collect()
    }

    fn extension_ranges(&self, message: &DescriptorProto, path: &[i32]) -> String {
        let texts = message.extension_range.iter().map(|range| {
            let options = range.options.as_ref().map(|options| options.uninterpreted_option.as_slice());
            (range_text((range.start(), range.end() - 1), NUMBER_MAX), bracketed(&self.options(options)))
        });
        let statements = self.places.statements(path, texts.collect());
        let line = |parts: &[(String, String)]| {
            let ranges: Vec<&str> = parts.iter().map(|(range, _)| range.as_str()).collect();
            let options = parts.first().map_or("", |(_, options)| options);
            format!("extensions {}{options};\n", ranges.join(", "))
        };
        statements.iter().map(|statement| line(&statement.parts)).collect()
    }

    fn extensions(
        &self,
        extensions: &[FieldDescriptorProto],
        path: &[i32],
        siblings: &[DescriptorProto],
    ) -> String {
        let nested = &path[..path.len() - 1];
        let blocks = if self.places.knows(path) {
            self.places.statements(path, extensions.iter().collect()).into_iter().map(|of| of.parts).collect()
        } else {
            extensions
                .chunk_by(|one, other| one.extendee() == other.extendee())
                .map(|of| of.iter().collect())
                .collect::<Vec<Vec<_>>>()
        };
        let mut out = String::new();
        for block in blocks {
            let Some(first) = block.first() else { continue };
            let fields: String = block.iter().map(|field| self.field(field, siblings, nested)).collect();
            let _ = writeln!(out, "extend {} {{{}}}", first.extendee(), inner(fields));
        }
        out
    }

    /// Options as statements of their own.
    fn statements(&self, options: Option<&[UninterpretedOption]>) -> String {
        self.options(options).iter().map(|option| format!("option {option};\n")).collect()
    }

    fn options(&self, options: Option<&[UninterpretedOption]>) -> Vec<String> {
        let kept = options.unwrap_or_default().iter().filter(|option| {
            let custom = option.name.first().filter(|part| part.is_extension);
            !self.ignore_extensions
                || custom.is_none_or(|part| part.name_part.trim_start_matches('.').starts_with(CONFLUENT))
        });
        kept.map(option).collect()
    }
}

fn option(option: &UninterpretedOption) -> String {
    let parts = option
        .name
        .iter()
        .map(|part| if part.is_extension { format!("({})", part.name_part) } else { part.name_part.clone() });
    let name = parts.collect::<Vec<_>>().join(".");
    let value = if let Some(word) = &option.identifier_value {
        word.clone()
    } else if let Some(value) = option.positive_int_value {
        value.to_string()
    } else if let Some(value) = option.negative_int_value {
        value.to_string()
    } else if let Some(value) = option.double_value {
        if value.is_finite() { format!("{value:?}") } else { value.to_string().to_ascii_lowercase() }
    } else if let Some(bytes) = &option.string_value {
        quoted_bytes(bytes)
    } else {
        let text = option.aggregate_value.as_deref().unwrap_or_default();
        Literal::parse_message(text).map_or_else(|| format!("{{ {text} }}"), |literal| literal.to_string())
    };
    format!("{name} = {value}")
}

/// Options behind a field: one on its line, more below it.
fn bracketed(options: &[String]) -> String {
    match options {
        [] => String::new(),
        [one] => format!(" [{one}]"),
        more => format!(" [\n{}]", indented(&(more.join(",\n") + "\n"))),
    }
}

fn type_name(field: &FieldDescriptorProto) -> String {
    if let Some(name) = &field.type_name {
        return name.clone();
    }
    let word = match field.r#type() {
        Type::Double => "double",
        Type::Float => "float",
        Type::Int64 => "int64",
        Type::Uint64 => "uint64",
        Type::Int32 => "int32",
        Type::Fixed64 => "fixed64",
        Type::Fixed32 => "fixed32",
        Type::Bool => "bool",
        Type::String => "string",
        Type::Group => "group",
        Type::Message => "message",
        Type::Bytes => "bytes",
        Type::Uint32 => "uint32",
        Type::Enum => "enum",
        Type::Sfixed32 => "sfixed32",
        Type::Sfixed64 => "sfixed64",
        Type::Sint32 => "sint32",
        Type::Sint64 => "sint64",
    };
    word.to_owned()
}

fn default_value(field: &FieldDescriptorProto, value: &str) -> String {
    match field.r#type {
        Some(kind) if kind == i32::from(Type::String) => quoted(value),
        // Escaped already.
        Some(kind) if kind == i32::from(Type::Bytes) => format!("\"{value}\""),
        _ => value.to_owned(),
    }
}

/// A message that is the body of a group among `fields`.
fn is_group(name: &str, fields: &[FieldDescriptorProto]) -> bool {
    let group = Some(i32::from(Type::Group));
    fields.iter().any(|field| field.r#type == group && last_part(field.type_name()) == name)
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn range_text((start, end): (i32, i32), number_max: i32) -> String {
    match end {
        end if end == start => start.to_string(),
        end if end >= number_max => format!("{start} to max"),
        end => format!("{start} to {end}"),
    }
}

/// A group of lines, after a blank one; nothing if there are none.
fn section(lines: String) -> String {
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// A group of lines within braces. Their blank lines are indented too, as
/// Confluent's are: the text decides on a schema's identity.
fn inner(lines: String) -> String {
    section(indented(&lines))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn join(path: &[i32], step: i32) -> Vec<i32> {
    path.iter().copied().chain([step]).collect()
}

fn number(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}
