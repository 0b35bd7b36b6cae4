//! A field's default must be a value of the field's type.

use serde_json::Value as Json;

use super::{
    parse::ParseError,
    types::{AvroSchema, Kind, Primitive, TypeId},
};

/// Checks every default the schema itself gives.
pub(super) fn check(schema: &AvroSchema) -> Result<(), ParseError> {
    for of in schema.types.iter().filter(|of| !of.is_foreign) {
        let Kind::Record { named, fields, .. } = &of.kind else { continue };
        for (index, field) in fields.iter().enumerate() {
            if let Some(default) = &field.default
                && !fits(schema, field.of, default)
            {
                let (record, name) = (named.name.full(), &field.name);
                let word = schema.kind(field.of).word();
                return Err(ParseError::Invalid {
                    path: format!("/fields/{index} of \"{record}\""),
                    reason: format!("the default {default} of the field \"{name}\" is no {word}"),
                });
            }
        }
    }
    Ok(())
}

/// Values nest no deeper than JSON text may, so this ends.
fn fits(schema: &AvroSchema, id: TypeId, json: &Json) -> bool {
    match (schema.kind(id), json) {
        (Kind::Primitive(primitive), _) => match primitive {
            Primitive::Null => json.is_null(),
            Primitive::Boolean => json.is_boolean(),
            Primitive::Int => json.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            Primitive::Long => json.is_i64(),
            Primitive::Float | Primitive::Double => {
                json.is_number()
                    || json.as_str().is_some_and(|text| matches!(text, "NaN" | "Infinity" | "-Infinity"))
            }
            Primitive::Bytes | Primitive::String => json.is_string(),
        },
        (Kind::Enum { .. } | Kind::Fixed { .. }, _) => json.is_string(),
        (Kind::Array(items), Json::Array(values)) => values.iter().all(|value| fits(schema, *items, value)),
        (Kind::Map(values), Json::Object(entries)) => {
            entries.values().all(|value| fits(schema, *values, value))
        }
        (Kind::Union(branches), _) => branches.iter().any(|branch| fits(schema, *branch, json)),
        (Kind::Record { fields, .. }, Json::Object(entries)) => fields.iter().all(|field| {
            match entries.get(&field.name) {
                Some(value) => fits(schema, field.of, value),
                // A default of its own is checked where it stands.
                None => field.default.is_some(),
            }
        }),
        (Kind::Array(_) | Kind::Map(_) | Kind::Record { .. }, _) => false,
    }
}
