//! Protobuf schemas: read as text or as a serialised descriptor, resolved with
//! what they import, and written as text.
//!
//! The text a client gets back is Confluent's canonical one: what was written,
//! without comments, in one layout. The normal form also has full names,
//! sorted fields and merged options.

mod known;
mod link;
mod literal;
mod normal;
mod spell;
mod write;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use prost_reflect::FileDescriptor;

/// A Protobuf file, resolved with all it imports.
#[derive(Debug)]
pub(crate) struct ProtobufSchema {
    text: String,
    file: FileDescriptor,
}

/// The text is no Protobuf file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParseError {
    #[error("{0}")]
    Syntax(String),
    #[error("brackets nest deeper than {0} levels")]
    TooDeep(usize),
    #[error("\"{0}\" is imported, and no reference brings it")]
    NotFound(String),
    #[error("\"{0}\" imports itself")]
    Cycle(String),
    #[error("imports lead on for more than {0} files")]
    TooLong(usize),
    #[error("{0}")]
    Unresolved(String),
    #[error("the map entry {0} needs a field key = 1 and a field value = 2")]
    BadMapEntry(String),
}

impl ProtobufSchema {
    /// Parses `text`; `references` are other files by the name they are
    /// imported by.
    pub(crate) fn parse(text: &str, references: &[(&str, &str)]) -> Result<Self, ParseError> {
        let mut linker = link::Linker::new(references);
        let source = linker.read_root(text)?;
        let text = write::canonical(&source);
        let file = linker.link_root(source)?;
        Ok(Self { text, file })
    }

    /// The file with everything it names resolved.
    pub(crate) fn file(&self) -> &FileDescriptor {
        &self.file
    }

    /// The text in Confluent's layout, as it was written otherwise.
    pub(crate) fn canonical(&self) -> String {
        self.text.clone()
    }

    /// Full names, everything sorted whose order means nothing.
    pub(crate) fn normalized(&self) -> String {
        normal::normal(&self.file).map_or_else(|_| self.canonical(), |file| write::canonical(&file))
    }

    /// The descriptor, serialised and in Base64.
    pub(crate) fn serialized(&self) -> String {
        BASE64_STANDARD.encode(self.file.encode_to_vec())
    }

    /// The text without extensions and custom options.
    pub(crate) fn without_extensions(&self) -> String {
        link::Linker::new(&[])
            .read_root(&self.text)
            .map_or_else(|_| self.canonical(), |source| write::without_extensions(&source))
    }

    /// A message of the file itself has a field of this name.
    pub(crate) fn has_top_level_field(&self, name: &str) -> bool {
        self.file.messages().any(|message| message.get_field_by_name(name).is_some())
    }
}

#[cfg(test)]
mod tests;
