//! A DAG's params: defaults, their schema, and what a trigger may override.

use std::collections::HashSet;

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One param of a DAG.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Param {
    pub name: String,
    /// None: a trigger must give it.
    pub default: Option<Value>,
    pub description: Option<String>,
    /// JSON Schema keywords: `type`, `enum`, `minimum`, `title`, …
    pub schema: Map<String, Value>,
}

/// Why a run's params are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    #[error("the conf is no JSON object but {0}")]
    NoObject(&'static str),
    #[error("param '{0}' has no default: the trigger has to give it")]
    Missing(String),
    #[error("param '{name}': {value} {reason}")]
    Invalid { name: String, value: String, reason: String },
}

/// JSON Schema's name for a value's type.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The params of a run: the DAG's defaults, overridden by the trigger's conf, each checked.
///
/// As in Airflow, a key of the conf that is no param of the DAG is passed on as well.
pub fn resolve(params: &[Param], conf: Option<&Value>) -> Result<Map<String, Value>, ParamError> {
    let empty = Map::new();
    let conf = match conf {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(conf)) => conf,
        Some(other) => return Err(ParamError::NoObject(type_name(other))),
    };
    let mut resolved = Map::new();
    for param in params {
        let value = conf.get(&param.name).or(param.default.as_ref());
        let value = value.ok_or_else(|| ParamError::Missing(param.name.clone()))?;
        param.check(value)?;
        resolved.insert(param.name.clone(), value.clone());
    }
    for (name, value) in conf {
        resolved.entry(name).or_insert_with(|| value.clone());
    }
    Ok(resolved)
}

impl Param {
    /// The keywords [`check`](Self::check) enforces.
    pub const CHECKED: &'static [&'static str] = &[
        "type",
        "enum",
        "const",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
        "items",
        "pattern",
        "format",
    ];
    /// The keywords that only shape the trigger form.
    pub const SHOWN: &'static [&'static str] = &[
        "title",
        "examples",
        "values_display",
        "section",
        "description_md",
        "description_html",
        "custom_html_form",
        "properties",
    ];

    /// A param without schema.
    pub fn plain(name: impl Into<String>, default: Value) -> Self {
        Self { name: name.into(), default: Some(default), description: None, schema: Map::new() }
    }

    /// Refuses a value the schema does not allow.
    pub fn check(&self, value: &Value) -> Result<(), ParamError> {
        check(&self.schema, value).map_err(|reason| ParamError::Invalid {
            name: self.name.clone(),
            value: value.to_string(),
            reason,
        })
    }

    /// The types the schema allows; empty for any.
    pub fn types(&self) -> Vec<&str> {
        allowed_types(&self.schema)
    }
}

fn allowed_types(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn check(schema: &Map<String, Value>, value: &Value) -> Result<(), String> {
    let types = allowed_types(schema);
    let own = type_name(value);
    let whole = value.as_f64().is_some_and(|number| number.fract() == 0.0);
    let fits = |wanted: &str| {
        wanted == own || (wanted == "number" && own == "integer") || (wanted == "integer" && whole)
    };
    if !types.is_empty() && !types.iter().any(|wanted| fits(wanted)) {
        return Err(format!("is of type {own}, expected {}", types.join(" or ")));
    }
    if let Some(Value::Array(allowed)) = schema.get("enum")
        && !allowed.contains(value)
    {
        let shown: Vec<String> = allowed.iter().take(20).map(Value::to_string).collect();
        return Err(format!("is none of {}", shown.join(", ")));
    }
    if let Some(only) = schema.get("const")
        && only != value
    {
        return Err(format!("is not {only}"));
    }
    if let Some(number) = value.as_f64() {
        check_number(schema, number)?;
    }
    let limit = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
    let length = |count: usize, unit: &str, least: &str, most: &str| {
        let count = count as u64;
        match (limit(least), limit(most)) {
            (Some(least), _) if count < least => {
                Err(format!("has {count} {unit}, at least {least} are needed"))
            }
            (_, Some(most)) if count > most => Err(format!("has {count} {unit}, at most {most} are allowed")),
            _ => Ok(()),
        }
    };
    if let Some(text) = value.as_str() {
        length(text.chars().count(), "characters", "minLength", "maxLength")?;
        check_text(schema, text)?;
    }
    if let Some(items) = value.as_array() {
        length(items.len(), "items", "minItems", "maxItems")?;
        if schema.get("uniqueItems") == Some(&Value::Bool(true))
            && items.iter().map(Value::to_string).collect::<HashSet<_>>().len() < items.len()
        {
            return Err("names an item twice".to_owned());
        }
        if let Some(Value::Object(of_items)) = schema.get("items") {
            for (at, item) in items.iter().enumerate() {
                check(of_items, item).map_err(|reason| format!("item {at}, {item}, {reason}"))?;
            }
        }
    }
    Ok(())
}

fn check_text(schema: &Map<String, Value>, text: &str) -> Result<(), String> {
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        let regex = regex_lite::Regex::new(pattern)
            .map_err(|error| format!("cannot be compared with the pattern {pattern}: {error}"))?;
        if !regex.is_match(text) {
            return Err(format!("does not match the pattern {pattern}"));
        }
    }
    let (fits, expected) = match schema.get("format").and_then(Value::as_str) {
        Some("date") => (text.parse::<civil::Date>().is_ok(), "a date such as 2026-01-31"),
        Some("time") => (text.parse::<civil::Time>().is_ok(), "a time such as 06:30:00"),
        Some("date-time") => {
            (text.parse::<Timestamp>().is_ok(), "a time with its offset such as 2026-01-31T06:30:00+00:00")
        }
        // Others only shape the form.
        _ => (true, ""),
    };
    if fits { Ok(()) } else { Err(format!("is not {expected}")) }
}

fn check_number(schema: &Map<String, Value>, number: f64) -> Result<(), String> {
    let limit = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    if let Some(least) = limit("minimum")
        && number < least
    {
        return Err(format!("is less than the minimum {least}"));
    }
    if let Some(most) = limit("maximum")
        && number > most
    {
        return Err(format!("is greater than the maximum {most}"));
    }
    if let Some(bound) = limit("exclusiveMinimum")
        && number <= bound
    {
        return Err(format!("is not greater than {bound}"));
    }
    if let Some(bound) = limit("exclusiveMaximum")
        && number >= bound
    {
        return Err(format!("is not less than {bound}"));
    }
    if let Some(step) = limit("multipleOf")
        && step > 0.0
        && ((number / step) - (number / step).round()).abs() > 1e-9
    {
        return Err(format!("is not a multiple of {step}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(schema: Value, value: Value, expected: Option<&str>) {
        let Value::Object(schema) = schema else { panic!("a schema is an object") };
        let param = Param { name: "p".into(), default: None, description: None, schema };
        let found = param.check(&value).err().map(|error| error.to_string());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn values_are_checked() {
        check(json!({}), json!("anything"), None);
        check(json!({"type": "integer", "minimum": 0}), json!(3), None);
        check(json!({"type": "integer"}), json!(3.0), None);
        check(
            json!({"type": "integer", "minimum": 0}),
            json!(-1),
            Some("param 'p': -1 is less than the minimum 0"),
        );
        check(
            json!({"type": ["integer", "null"]}),
            json!("x"),
            Some("param 'p': \"x\" is of type string, expected integer or null"),
        );
        check(json!({"enum": ["a", "b"]}), json!("c"), Some("param 'p': \"c\" is none of \"a\", \"b\""));
        check(
            json!({"type": "string", "maxLength": 2}),
            json!("größe"),
            Some("param 'p': \"größe\" has 5 characters, at most 2 are allowed"),
        );
        check(
            json!({"items": {"type": "string"}}),
            json!(["a", 1]),
            Some("param 'p': [\"a\",1] item 1, 1, is of type integer, expected string"),
        );
        check(json!({"multipleOf": 0.1}), json!(0.3), None);
        check(json!({"pattern": "^[a-z]+$"}), json!("abc"), None);
        check(
            json!({"pattern": "^[a-z]+$"}),
            json!("a1"),
            Some("param 'p': \"a1\" does not match the pattern ^[a-z]+$"),
        );
        check(
            json!({"format": "date"}),
            json!("2026-02-30"),
            Some("param 'p': \"2026-02-30\" is not a date such as 2026-01-31"),
        );
        check(json!({"uniqueItems": true}), json!([1, 2, 1]), Some("param 'p': [1,2,1] names an item twice"));
    }

    #[test]
    fn a_trigger_overrides_defaults() {
        let params = [
            Param::plain("threshold", json!(10)),
            Param { default: None, ..Param::plain("region", Value::Null) },
        ];
        let resolved = resolve(&params, Some(&json!({"region": "eu", "extra": 1}))).expect("all given");
        assert_eq!(Value::Object(resolved), json!({"threshold": 10, "region": "eu", "extra": 1}));
        assert_eq!(resolve(&params, None), Err(ParamError::Missing("region".into())));
        assert_eq!(resolve(&[], Some(&json!([1]))), Err(ParamError::NoObject("array")));
    }
}
