//! From texts to resolved files: a schema, what it imports, and so on.

use std::collections::HashMap;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use prost_reflect::{DescriptorPool, DynamicMessage, FileDescriptor, Value, prost::Message as _};
use prost_types::{DescriptorProto, FileDescriptorProto, MessageOptions};

use super::{ParseError, known, spell, write};

/// What the schema itself is called: nothing imports it, and Confluent's
/// serialised descriptors bear the same name.
const ROOT: &str = "default";

/// Imports of imports go no deeper.
const IMPORT_DEPTH_MAX: usize = 100;

/// Brackets nested deeper would only try the parsers' stacks.
const NESTING_MAX: usize = 200;

/// Java's decoder does not insist on padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads and resolves files into one pool.
pub(super) struct Linker<'s> {
    references: HashMap<&'s str, &'s str>,
    pool: DescriptorPool,
    /// Files being imported, the outermost first.
    stack: Vec<String>,
    /// A name no reference has.
    root: String,
}

impl<'s> Linker<'s> {
    pub(super) fn new(references: &[(&'s str, &'s str)]) -> Self {
        let references: HashMap<&str, &str> = references.iter().copied().collect();
        let mut root = ROOT.to_owned();
        while references.contains_key(root.as_str()) {
            root.push('_');
        }
        Self { references, pool: known::pool(), stack: Vec::new(), root }
    }

    /// The schema as it is written, nothing resolved.
    pub(super) fn read_root(&mut self, text: &str) -> Result<FileDescriptorProto, ParseError> {
        let root = self.root.clone();
        self.read(&root, text)
    }

    /// Resolves what [`Self::read_root`] answered.
    pub(super) fn link_root(&mut self, source: FileDescriptorProto) -> Result<FileDescriptor, ParseError> {
        let root = self.root.clone();
        self.link(FileDescriptorProto { source_code_info: None, ..source })?;
        self.pool.get_file_by_name(&root).ok_or(ParseError::NotFound(root))
    }

    fn read(&mut self, name: &str, text: &str) -> Result<FileDescriptorProto, ParseError> {
        if nesting(text) > NESTING_MAX {
            return Err(ParseError::TooDeep(NESTING_MAX));
        }
        let mut file = match protox_parse::parse(name, text) {
            Ok(file) => file,
            Err(error) => match BASE64.decode(text.trim()) {
                Ok(bytes) => self.read_serialized(name, &bytes)?,
                Err(_) => return Err(ParseError::Syntax(error.to_string())),
            },
        };
        file.message_type.iter_mut().try_for_each(settle_map_entries)?;
        Ok(file)
    }

    /// Spells a serialised `FileDescriptorProto` out and reads that.
    fn read_serialized(&mut self, name: &str, bytes: &[u8]) -> Result<FileDescriptorProto, ParseError> {
        let syntax = |reason: String| ParseError::Syntax(format!("not a serialised descriptor: {reason}"));
        // Options may carry text of their own.
        if nesting(&String::from_utf8_lossy(bytes)) > NESTING_MAX {
            return Err(ParseError::TooDeep(NESTING_MAX));
        }
        let mut file = FileDescriptorProto::decode(bytes).map_err(|error| syntax(error.to_string()))?;
        file.message_type.iter_mut().try_for_each(settle_map_entries)?;
        self.import_all(&file)?;
        // Through the generic form, which keeps the custom options.
        let of = self.pool.get_message_by_name("google.protobuf.FileDescriptorProto");
        let of = of.ok_or_else(|| ParseError::NotFound(known::DESCRIPTOR.into()))?;
        let mut dynamic = DynamicMessage::decode(of, bytes).map_err(|error| syntax(error.to_string()))?;
        dynamic.set_field_by_name("name", Value::String(name.to_owned()));
        dynamic.clear_field_by_name("source_code_info");
        let mut scratch = self.pool.clone();
        let bytes = dynamic.encode_to_vec();
        scratch
            .decode_file_descriptor_proto(bytes.as_slice())
            .map_err(|error| ParseError::Unresolved(error.to_string()))?;
        let linked = scratch.get_file_by_name(name).ok_or_else(|| ParseError::NotFound(name.into()))?;
        let spelled = spell::spell(&linked).map_err(|error| syntax(error.to_string()))?;
        let text = write::canonical(&spelled);
        protox_parse::parse(name, &text).map_err(|error| syntax(error.to_string()))
    }

    fn link(&mut self, file: FileDescriptorProto) -> Result<(), ParseError> {
        self.import_all(&file)?;
        let added = self.pool.add_file_descriptor_proto(file);
        added.map_err(|error| ParseError::Unresolved(error.to_string()))
    }

    fn import_all(&mut self, file: &FileDescriptorProto) -> Result<(), ParseError> {
        file.dependency.iter().try_for_each(|name| self.import(name))
    }

    fn import(&mut self, name: &str) -> Result<(), ParseError> {
        if self.pool.get_file_by_name(name).is_some() {
            return Ok(());
        }
        if self.stack.iter().any(|importing| importing == name) {
            return Err(ParseError::Cycle(name.into()));
        }
        if self.stack.len() >= IMPORT_DEPTH_MAX {
            return Err(ParseError::TooLong(IMPORT_DEPTH_MAX));
        }
        self.stack.push(name.to_owned());
        let text = self.references.get(name).copied().or_else(|| payload::common_proto(name));
        match (text, known::descriptor(name)) {
            (Some(text), _) => {
                let file = self.read(name, text)?;
                self.link(FileDescriptorProto { source_code_info: None, ..file })?;
            }
            (None, Some(bytes)) => {
                let file = FileDescriptorProto::decode(bytes.as_slice())
                    .map_err(|error| ParseError::Syntax(error.to_string()))?;
                self.link(file)?;
            }
            (None, None) => return Err(ParseError::NotFound(name.into())),
        }
        self.stack.pop();
        Ok(())
    }
}

/// Confluent writes the entries of maps out, with the option that says so.
fn settle_map_entries(message: &mut DescriptorProto) -> Result<(), ParseError> {
    if let Some(options) = &mut message.options {
        let is_entry = |option: &prost_types::UninterpretedOption| {
            let is_named = matches!(option.name.as_slice(), [part] if part.name_part == "map_entry" && !part.is_extension);
            is_named && option.identifier_value.as_deref() == Some("true")
        };
        if options.uninterpreted_option.iter().any(is_entry) {
            options.uninterpreted_option.retain(|option| !is_entry(option));
            options.map_entry = Some(true);
        }
    }
    if message.options.as_ref().is_some_and(MessageOptions::map_entry) {
        let has = |name: &str, number: i32| {
            message.field.iter().any(|field| field.name() == name && field.number == Some(number))
        };
        if message.field.len() != 2 || !has("key", 1) || !has("value", 2) {
            return Err(ParseError::BadMapEntry(message.name().to_owned()));
        }
    }
    message.nested_type.iter_mut().try_for_each(settle_map_entries)
}

/// How deep brackets nest, at least: those in strings and comments count too.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' | b'<' => depth += 1,
            b'}' | b']' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
