//! JSON Schemas, drafts 4 to 2020-12: read, written in normal form, and laid
//! out as a graph for comparison.

mod graph;
mod index;

use serde_json::Value as Json;

pub(crate) use graph::{Array, Criterion, Extra, Graph, Node, NodeId, Object, Shape};

/// A JSON Schema and the documents it refers to.
#[derive(Debug)]
pub(crate) struct JsonSchema {
    text: String,
    root: Json,
    graph: Graph,
}

/// The text is no JSON Schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParseError {
    #[error("not JSON: {0}")]
    NotJson(String),
    #[error("a JSON Schema is an object or a boolean")]
    NotSchema,
    #[error("{reason} (at {place})")]
    Invalid { place: String, reason: String },
    #[error("nothing is defined at $ref \"{reference}\" (at {place})")]
    Unresolved { reference: String, place: String },
}

impl JsonSchema {
    /// Parses `text`; `references` are other documents by the name it calls
    /// them. A schema that `is_new` must also be valid by its draft's own
    /// schema, draft 7's if it names none.
    pub(crate) fn parse(text: &str, references: &[(&str, &str)], is_new: bool) -> Result<Self, ParseError> {
        let root = document(text)?;
        let mut documents = vec![(String::new(), root.clone())];
        for (name, text) in references {
            documents.push(((*name).to_owned(), document(text)?));
        }
        if is_new {
            check_draft(&root)?;
        }
        let graph = Graph::build(&documents, is_new)?;
        Ok(Self { text: minified(text), root, graph })
    }

    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The text without white space, every number as it was written.
    pub(crate) fn canonical(&self) -> String {
        self.text.clone()
    }

    /// The same with the keys of every object in order.
    pub(crate) fn normalized(&self) -> String {
        crate::sorted::sorted(&self.root).to_string()
    }

    /// The root is an object with a property of this name.
    pub(crate) fn has_top_level_field(&self, name: &str) -> bool {
        self.root.get("properties").is_some_and(|properties| properties.get(name).is_some())
    }
}

/// Valid JSON without the white space between its parts.
fn minified(text: &str) -> String {
    let (mut in_string, mut is_escaped) = (false, false);
    let keep = |c: &char| {
        if in_string {
            in_string = *c != '"' || is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            return true;
        }
        in_string = *c == '"';
        !c.is_ascii_whitespace()
    };
    text.chars().filter(keep).collect()
}

fn document(text: &str) -> Result<Json, ParseError> {
    let json: Json = serde_json::from_str(text).map_err(|error| ParseError::NotJson(error.to_string()))?;
    if json.is_object() || json.is_boolean() { Ok(json) } else { Err(ParseError::NotSchema) }
}

/// Schemas without `$schema` are taken as draft 7, as Confluent does.
const DEFAULT_DRAFT: &str = "http://json-schema.org/draft-07/schema#";

fn check_draft(root: &Json) -> Result<(), ParseError> {
    let mut root = root.clone();
    if let Json::Object(entries) = &mut root {
        match entries.get("$schema") {
            None => drop(entries.insert("$schema".into(), DEFAULT_DRAFT.into())),
            // A schema of schemas of one's own cannot be fetched here.
            Some(Json::String(draft)) if !is_known_draft(draft) => return Ok(()),
            Some(_) => {}
        }
    }
    jsonschema::meta::validate(&root).map_err(|error| ParseError::Invalid {
        place: format!("'{}'", error.instance_path()),
        reason: error.to_string(),
    })
}

fn is_known_draft(uri: &str) -> bool {
    let uri = uri.trim_end_matches('#');
    let is_old = ["draft-04", "draft-06", "draft-07"]
        .iter()
        .any(|draft| uri.ends_with(&format!("json-schema.org/{draft}/schema")));
    is_old || is_modern_draft(uri)
}

/// From 2019-09 on, `$ref` does not put its neighbours out of force.
pub(crate) fn is_modern_draft(uri: &str) -> bool {
    let uri = uri.trim_end_matches('#');
    ["2019-09", "2020-12"].iter().any(|draft| uri.ends_with(&format!("json-schema.org/draft/{draft}/schema")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_strings_are_kept_as_written() {
        let text = "{ \"const\" : 1.10e400000000000000000000 ,\n \"title\": \" a \\\" b \\\\\" }";
        assert_eq!(minified(text), "{\"const\":1.10e400000000000000000000,\"title\":\" a \\\" b \\\\\"}");
        let schema =
            JsonSchema::parse("{\"maximum\": 12345678901234567890123}", &[], true).expect("a schema");
        assert_eq!(schema.canonical(), "{\"maximum\":12345678901234567890123}");
    }
}
