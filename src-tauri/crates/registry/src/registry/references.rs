//! From a schema's references to the texts they stand for.

use std::collections::HashMap;
use std::sync::Arc;

use super::Inner;
use crate::{
    RegistryError,
    parsed::{Parsed, Resolved},
    schema::{Reference, Schema},
    state::{State, Version},
    subject::Subject,
};

/// A schema that builds on more others is an attack or a mistake.
const REFERENCES_MAX: usize = 1000;

/// References of references go no deeper.
const DEPTH_MAX: usize = 100;

impl Inner {
    /// Everything `schema` builds on, each after what it builds on itself, and
    /// the schema's own references with -1 replaced by the latest version.
    pub(super) fn resolve(
        &self,
        state: &State,
        subject: &Subject,
        references: &[Reference],
        is_new: bool,
    ) -> Result<(Vec<Reference>, Vec<Resolved>), RegistryError> {
        let mut walk = Walk { state, is_new, found: Vec::new(), versions: HashMap::new() };
        let references = walk.references(subject, references, 0)?;
        Ok((references, walk.found))
    }

    /// A registered version, parsed; from the cache if it was parsed before.
    pub(super) fn parsed(
        &self,
        state: &State,
        subject: &Subject,
        version: &Version,
    ) -> Result<Arc<Parsed>, RegistryError> {
        let stored = &version.stored;
        if let Some(parsed) = self.parsed.get(subject.context(), stored.guid) {
            return Ok(parsed);
        }
        let parsed = Arc::new(self.parse_stored(state, subject, &stored.schema)?);
        self.parsed.put(subject.context(), stored.guid, Arc::clone(&parsed));
        Ok(parsed)
    }

    /// Parses a schema that was accepted before, without judging it anew.
    pub(super) fn parse_stored(
        &self,
        state: &State,
        subject: &Subject,
        schema: &Schema,
    ) -> Result<Parsed, RegistryError> {
        let (_, references) = self.resolve(state, subject, &schema.references, false)?;
        Parsed::parse(schema, &references, false)
    }
}

struct Walk<'s> {
    state: &'s State,
    is_new: bool,
    found: Vec<Resolved>,
    /// By name: which version it stands for.
    versions: HashMap<String, (Subject, i32)>,
}

impl Walk<'_> {
    fn references(
        &mut self,
        parent: &Subject,
        references: &[Reference],
        depth: usize,
    ) -> Result<Vec<Reference>, RegistryError> {
        let invalid = |reason: String| RegistryError::InvalidSchema(reason);
        if depth > DEPTH_MAX {
            return Err(invalid(format!("references lead on for more than {DEPTH_MAX} schemas")));
        }
        let mut settled = Vec::with_capacity(references.len());
        for reference in references {
            let subject = parent.sibling(&reference.subject);
            let found = match reference.version {
                -1 => self.state.latest(&subject),
                number => self.state.version(&subject, number).map(|version| (number, version)),
            };
            // A new schema cannot build on a version that is deleted.
            let found = found.filter(|(_, version)| !(self.is_new && version.deleted));
            let (number, version) = found.ok_or_else(|| {
                invalid(format!(
                    "no schema reference found for subject \"{subject}\" and version {}",
                    reference.version
                ))
            })?;
            settled.push(Reference { version: number, ..reference.clone() });
            let place = (subject, number);
            if self.versions.get(&reference.name).is_some_and(|known| *known == place) {
                continue;
            }
            if let Some((subject, other)) = self.versions.insert(reference.name.clone(), place) {
                let name = &reference.name;
                return Err(invalid(format!(
                    "the reference \"{name}\" stands for version {other} of \"{subject}\" and for version {number} of \"{}\"",
                    reference.subject
                )));
            }
            if self.versions.len() > REFERENCES_MAX {
                return Err(invalid(format!("the schema builds on more than {REFERENCES_MAX} others")));
            }
            let schema = &version.stored.schema;
            self.references(&parent.sibling(&reference.subject), &schema.references, depth + 1)?;
            self.found.push(Resolved {
                name: reference.name.clone(),
                schema_type: schema.schema_type,
                text: schema.text.clone(),
            });
        }
        Ok(settled)
    }
}
