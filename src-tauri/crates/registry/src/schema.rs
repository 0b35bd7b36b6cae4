//! A schema as registered: its text, what it refers to, and its identity.

use std::fmt;

use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use crate::contract::{Metadata, RuleSet};

/// The three languages of schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SchemaType {
    #[default]
    Avro,
    Json,
    Protobuf,
}

impl SchemaType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Avro => "AVRO",
            Self::Json => "JSON",
            Self::Protobuf => "PROTOBUF",
        }
    }

    /// The type of schemas that name none.
    pub(crate) fn is_avro(&self) -> bool {
        *self == Self::Avro
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Avro, Self::Json, Self::Protobuf].into_iter().find(|known| known.as_str() == name)
    }
}

impl fmt::Display for SchemaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name in a schema, and the subject and version that define it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference {
    pub name: String,
    pub subject: String,
    /// -1 in a request: the latest.
    pub version: i32,
}

/// A schema with everything that makes it the schema it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Schema {
    pub(crate) schema_type: SchemaType,
    pub(crate) text: String,
    pub(crate) references: Vec<Reference>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) rule_set: Option<RuleSet>,
}

impl Schema {
    /// Two schemas of one GUID are one schema, under whatever subjects.
    pub(crate) fn guid(&self) -> Guid {
        let mut digest = Digest(Md5::new());
        digest.text(&self.text);
        for reference in &self.references {
            digest.text(&reference.name);
            digest.text(&reference.subject);
            digest.0.update(reference.version.to_be_bytes());
        }
        // The ones tell an empty set from none.
        if let Some(metadata) = &self.metadata {
            digest.byte(1);
            metadata.digest(&mut digest);
        }
        if let Some(rule_set) = &self.rule_set {
            digest.byte(1);
            rule_set.digest(&mut digest);
        }
        Guid(digest.0.finalize().into())
    }
}

/// The MD5 over a schema, its references, metadata and rules.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Guid(pub [u8; 16]);

impl Guid {
    /// Reads a hyphenated or plain hex GUID.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        uuid::Uuid::try_parse(text).ok().map(|uuid| Self(uuid.into_bytes()))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guid({self})")
    }
}

/// What an identity is computed over, in order.
pub(crate) struct Digest(Md5);

impl Digest {
    pub(crate) fn text(&mut self, text: &str) {
        self.0.update(text.as_bytes());
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.update([byte]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_is_the_md5_of_the_text_when_there_is_nothing_else() {
        let schema = Schema { text: "\"string\"".into(), ..Schema::default() };
        assert_eq!(schema.guid().to_string(), "095d71cf-1255-6b9d-5e33-0ad575b3df5d");
        let other = Schema { metadata: Some(Metadata::default()), ..schema.clone() };
        assert_ne!(schema.guid(), other.guid());
        assert_eq!(Guid::parse(&schema.guid().to_string()), Some(schema.guid()));
    }
}
