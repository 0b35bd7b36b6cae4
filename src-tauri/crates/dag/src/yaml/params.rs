//! `params`: plain defaults, or maps with a schema.

use serde_json::{Map, Value};

use super::{
    DIAGNOSTICS_MAX, Diagnostic,
    fields::{self, wrong},
    tree::{Content, Node},
};
use crate::{params::Param, suggest::nearest};

const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "array", "object", "null"];
/// A map with one of these is a schema, any other map is a default of its own.
const MARKS: [&str; 3] = ["default", "type", "enum"];

/// `needs_defaults`: no one is there to give a value when a schedule starts the run.
pub(super) fn read(node: &Node, needs_defaults: bool, report: &mut Vec<Diagnostic>) -> Vec<Param> {
    let Content::Map(entries) = &node.content else {
        wrong("params", node, "a map from name to default", report);
        return Vec::new();
    };
    let mut params = Vec::new();
    for (key, value) in entries {
        let param = match &value.content {
            Content::Map(schema) if schema.iter().any(|(key, _)| MARKS.contains(&key.text.as_str())) => {
                with_schema(&key.text, value, report)
            }
            _ => Param::plain(&key.text, value.to_json()),
        };
        match &param.default {
            Some(default) => {
                if let Err(error) = param.check(default) {
                    report.push(Diagnostic::new(value.at, format!("the default of {error}")));
                }
            }
            None if needs_defaults => {
                let message = format!("param '{}' needs a default, for the DAG has a schedule", key.text);
                report.push(Diagnostic::new(key.at, message));
            }
            None => {}
        }
        params.push(param);
    }
    params
}

fn with_schema(name: &str, node: &Node, report: &mut Vec<Diagnostic>) -> Param {
    let mut param = Param { name: name.to_owned(), default: None, description: None, schema: Map::new() };
    let Content::Map(entries) = &node.content else { return param };
    for (key, value) in entries {
        match key.text.as_str() {
            "default" => param.default = Some(value.to_json()),
            "description" => param.description = fields::text("description", value, report),
            "type" => {
                let json = value.to_json();
                let names = match &json {
                    Value::Array(names) => names.as_slice(),
                    one => std::slice::from_ref(one),
                };
                if names.iter().all(|name| name.as_str().is_some_and(|name| TYPES.contains(&name))) {
                    param.schema.insert("type".to_owned(), json);
                } else {
                    wrong("type", value, &format!("one of {}, or a list of them", TYPES.join(", ")), report);
                }
            }
            "enum" if !matches!(value.content, Content::List(_)) => wrong("enum", value, "a list", report),
            other if Param::CHECKED.contains(&other) || Param::SHOWN.contains(&other) => {
                check_keyword(other, value, report);
                param.schema.insert(other.to_owned(), value.to_json());
            }
            _ if report.len() >= DIAGNOSTICS_MAX => break,
            other => {
                let known = ["default", "description"].iter().chain(Param::CHECKED).chain(Param::SHOWN);
                let hint = nearest(other, known.copied()).map_or_else(
                    || " or is not supported".to_owned(),
                    |near| format!("; did you mean '{near}'?"),
                );
                report.push(Diagnostic::new(key.at, format!("a param's schema has no '{other}'{hint}")));
            }
        }
    }
    param
}

/// Limits are numbers; a limit that is none would silently allow everything.
fn check_keyword(keyword: &str, value: &Node, report: &mut Vec<Diagnostic>) {
    let json = value.to_json();
    let (fits, expected) = match keyword {
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => (json.is_number(), "a number"),
        "multipleOf" => (json.as_f64().is_some_and(|step| step > 0.0), "a number above 0"),
        "minLength" | "maxLength" | "minItems" | "maxItems" => (json.is_u64(), "a whole number from 0"),
        "uniqueItems" => (json.is_boolean(), "true or false"),
        "pattern" => {
            let regex = json.as_str().map(regex_lite::Regex::new);
            (matches!(regex, Some(Ok(_))), "a regular expression without look-around or back-references")
        }
        "items" | "properties" | "values_display" => (json.is_object(), "a map"),
        _ => (true, ""),
    };
    if !fits {
        wrong(keyword, value, expected, report);
    }
}
