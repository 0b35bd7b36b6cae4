//! The broker's questions about schemas, answered from the registry's memory.

use std::collections::HashMap;
use std::sync::Arc;

use broker::{SchemaCheck, SchemaQuestion, SubjectNames};
use parking_lot::Mutex;
use payload::{Framing, SchemaKey, TypeNames};
use registry::Registry;

/// Schemas whose type names are remembered.
const NAMES_MAX: usize = 1000;

/// Asks the embedded registry.
pub(crate) struct Registered {
    registry: Registry,
    /// Parsed once per schema: only the strategies by record ask.
    names: Mutex<HashMap<i32, Arc<TypeNames>>>,
}

impl Registered {
    pub(crate) fn new(registry: Registry) -> Self {
        Self { registry, names: Mutex::default() }
    }

    fn type_name(&self, id: i32, framing: &Framing<'_>) -> Option<String> {
        let known = self.names.lock().get(&id).cloned();
        let names = match known {
            Some(names) => names,
            None => {
                let (schema_type, text) = self.registry.schema_text(id)?;
                let names = Arc::new(TypeNames::parse(schema_type.as_str(), &text));
                let mut all = self.names.lock();
                if all.len() >= NAMES_MAX {
                    all.clear();
                }
                all.insert(id, Arc::clone(&names));
                names
            }
        };
        names.of(framing)
    }
}

impl SchemaCheck for Registered {
    fn check(&self, question: SchemaQuestion<'_>) -> Result<(), String> {
        let SchemaQuestion { topic, is_key, names, bytes, header } = question;
        let part = if is_key { "key" } else { "value" };
        let framing = Framing::of(bytes, header)
            .ok_or_else(|| format!("the {part} carries no schema id, and topic {topic} asks for one"))?;
        let unknown = || format!("the {part} carries {}, which is not registered", framing.key);
        let id = match framing.key {
            SchemaKey::Id(id) => i32::try_from(id.0).map_err(|_| unknown())?,
            SchemaKey::Guid(guid) => self.registry.id_of_guid(guid.0).ok_or_else(unknown)?,
        };
        if !self.registry.has_schema_id(id, None) {
            return Err(unknown());
        }
        let of_type = || {
            self.type_name(id, &framing)
                .ok_or_else(|| format!("the {part}'s schema {id} has no name for a subject to be called by"))
        };
        let subject = match names {
            SubjectNames::Topic => format!("{topic}-{part}"),
            SubjectNames::Record => of_type()?,
            SubjectNames::TopicRecord => format!("{topic}-{}", of_type()?),
        };
        if self.registry.is_registered_under(id, &subject) {
            return Ok(());
        }
        Err(format!("the {part} carries schema id {id}, which is not registered under subject {subject}"))
    }
}
