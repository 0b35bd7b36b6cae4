//! Whether a new schema agrees with the versions before it.

pub(crate) mod avro;
pub(crate) mod json;
mod protobuf;
mod verdicts;

use std::fmt;

use crate::{CompatibilityLevel, parsed::Parsed};

/// One thing that keeps a reader from reading what a writer wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// One of the format's own types of incompatibility.
    pub(crate) kind: String,
    /// What changed and where.
    pub(crate) description: String,
    /// The name, the symbols or the types it is about, where the format says
    /// that apart.
    pub(crate) about: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, description, about } = self;
        // Confluent writes those of Avro in other quotes than the rest.
        match about {
            Some(about) => {
                write!(f, "{{errorType:'{kind}', description:'{description}', additionalInfo:'{about}'}}")
            }
            None => write!(f, "{{errorType:\"{kind}\", description:\"{description}\"}}"),
        }
    }
}

/// What the two schemas of a check are called in messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides {
    pub(crate) reader: &'static str,
    pub(crate) writer: &'static str,
}

/// More would only bury the first ones.
const DIFFERENCES_MAX: usize = 100;

/// The new schema reads what the old one wrote.
const BACKWARD: Sides = Sides { reader: "new", writer: "old" };
/// The old schema reads what the new one writes.
const FORWARD: Sides = Sides { reader: "old", writer: "new" };

/// What is wrong with `new` after one earlier version, by `level`; empty if
/// nothing is.
pub(crate) fn check(
    level: CompatibilityLevel,
    policy: json::Policy,
    new: &Parsed,
    old: &Parsed,
) -> Vec<String> {
    let mut differences = Vec::new();
    if level.is_backward() {
        differences.extend(reads(new, old, BACKWARD, policy));
    }
    if level.is_forward() {
        differences.extend(reads(old, new, FORWARD, policy));
    }
    differences.iter().map(Difference::to_string).collect()
}

fn reads(reader: &Parsed, writer: &Parsed, sides: Sides, policy: json::Policy) -> Vec<Difference> {
    match (reader, writer) {
        (Parsed::Avro(reader), Parsed::Avro(writer)) => avro::check(reader, writer, sides),
        (Parsed::Json(reader), Parsed::Json(writer)) => json::check(reader, writer, sides, policy),
        (Parsed::Protobuf(reader), Parsed::Protobuf(writer)) => protobuf::check(reader, writer, sides),
        (Parsed::Avro(_) | Parsed::Json(_) | Parsed::Protobuf(_), _) => vec![Difference {
            kind: "TYPE_MISMATCH".to_owned(),
            description: format!(
                "the {} schema is of another schema type than the {} schema",
                sides.reader, sides.writer
            ),
            about: None,
        }],
    }
}
