//! Verdicts against the truth: what an old schema allows, a compatible new one
//! allows too, by the crate jsonschema.

use std::cell::Cell;

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value as Json, json};

use super::{Policy, Sides};
use crate::json::JsonSchema;

const NAMES: [&str; 3] = ["a", "b", "c"];

fn schema() -> impl Strategy<Value = Json> {
    let text = prop_oneof![
        Just(json!({"type": "string"})),
        (0..4_u32).prop_map(|n| json!({"type": "string", "maxLength": n})),
        (0..4_u32).prop_map(|n| json!({"type": "string", "minLength": n})),
        prop::sample::subsequence(vec!["x", "yy", "zzz"], 1..=3).prop_map(|values| json!({"enum": values})),
    ];
    let number = prop_oneof![
        Just(json!({"type": "integer"})),
        Just(json!({"type": "number"})),
        (-2..4_i32).prop_map(|n| json!({"type": "number", "maximum": n})),
        (-2..4_i32).prop_map(|n| json!({"type": "integer", "minimum": n})),
        (1..4_u32).prop_map(|n| json!({"type": "integer", "multipleOf": n})),
    ];
    let word = Just(json!({"type": "boolean"})).boxed();
    let leaf = prop_oneof![text, number, word, Just(json!({"type": "null"})), Just(json!(true))];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let properties = prop::collection::btree_map(prop::sample::select(NAMES.to_vec()), inner.clone(), 0..3);
        let additional = prop_oneof![Just(json!(true)), Just(json!(false)), inner.clone()];
        let required = prop::sample::subsequence(NAMES.to_vec(), 0..=2);
        prop_oneof![
            3 => (properties, additional, required).prop_map(|(properties, additional, required)| {
                json!({"type": "object", "properties": properties, "additionalProperties": additional, "required": required})
            }),
            1 => (inner.clone(), 0..3_u32).prop_map(|(items, n)| json!({"type": "array", "items": items, "minItems": n})),
            1 => prop::collection::vec(inner, 1..3).prop_map(|parts| json!({"anyOf": parts})),
        ]
    })
}

fn instance() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-3..6_i32).prop_map(Json::from),
        Just(json!(1.5)),
        prop::sample::select(vec!["", "x", "yy", "zzz", "other"]).prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::btree_map(prop::sample::select(NAMES.to_vec()), inner.clone(), 0..4)
                .prop_map(|entries| json!(entries)),
            prop::collection::vec(inner, 0..3).prop_map(Json::from),
        ]
    })
}

/// Changes that mostly widen, at the top or one level down.
fn edited(mut schema: Json, edits: &[(usize, Json)]) -> Json {
    for (edit, other) in edits {
        let is_object = schema["type"] == "object";
        match edit % 6 {
            0 if is_object => {
                drop(schema["properties"].as_object_mut().map(|all| all.insert("a".into(), other.clone())))
            }
            1 if is_object => drop(schema["properties"].as_object_mut().map(|all| all.shift_remove("b"))),
            2 if is_object => drop(schema["required"].as_array_mut().and_then(Vec::pop)),
            3 if is_object => schema["additionalProperties"] = json!(true),
            4 => drop(schema.as_object_mut().map(|all| {
                ["maxLength", "minLength", "maximum", "minimum", "multipleOf", "minItems"]
                    .iter()
                    .filter_map(|key| all.shift_remove(*key))
                    .count()
            })),
            _ => schema = json!({"anyOf": [schema, other]}),
        }
    }
    schema
}

#[test]
fn a_compatible_schema_allows_what_was_allowed() {
    let edits = prop::collection::vec((0..6_usize, schema()), 0..3);
    let instances = prop::collection::vec(instance(), 24);
    let (compatible, valid) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(500));
    runner
        .run(&(schema(), edits, instances), |(old, edits, instances)| {
            let new = edited(old.clone(), &edits);
            let parse = |json: &Json| JsonSchema::parse(&json.to_string(), &[], false).expect("a schema");
            let sides = Sides { reader: "new", writer: "old" };
            let own = super::check(&parse(&old), &parse(&old), sides, Policy::Strict);
            prop_assert!(own.is_empty(), "{old} disagrees with itself: {own:?}");
            if !super::check(&parse(&new), &parse(&old), sides, Policy::Strict).is_empty() {
                return Ok(());
            }
            compatible.set(compatible.get() + usize::from(new != old));
            for instance in instances.iter().filter(|instance| jsonschema::is_valid(&old, instance)) {
                valid.set(valid.get() + 1);
                prop_assert!(
                    jsonschema::is_valid(&new, instance),
                    "old {old}, new {new}, instance {instance}"
                );
            }
            Ok(())
        })
        .expect("every verdict holds");
    assert!(compatible.get() > 50, "only {} compatible pairs were tried", compatible.get());
    assert!(valid.get() > 300, "only {} instances were allowed", valid.get());
}
