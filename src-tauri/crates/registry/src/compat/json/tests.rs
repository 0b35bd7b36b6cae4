//! A table of changes, each with its verdict and reason.

use serde_json::{Value as Json, json};

use super::{Policy, Sides};
use crate::json::JsonSchema;

/// `expected`: type and place of every difference.
#[track_caller]
fn check_by(policy: Policy, new: &Json, old: &Json, expected: &[(&str, &str)]) {
    let parse = |json: &Json| JsonSchema::parse(&json.to_string(), &[], true).expect("a schema");
    let found = super::check(&parse(new), &parse(old), Sides { reader: "new", writer: "old" }, policy);
    let short: Vec<(&str, &str)> = found
        .iter()
        .map(|of| (of.kind.as_str(), of.description.split('\'').nth(1).unwrap_or_default()))
        .collect();
    assert_eq!(short, expected, "{found:#?}");
}

#[track_caller]
fn check(new: Json, old: Json, expected: &[(&str, &str)]) {
    check_by(Policy::Strict, &new, &old, expected);
}

fn object(properties: Json) -> Json {
    json!({"type": "object", "properties": properties})
}

fn closed(properties: Json) -> Json {
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

#[test]
fn limits_may_widen_and_not_narrow() {
    let text = |key: &str, limit: u32| json!({"type": "string", key: limit});
    check(text("maxLength", 9), text("maxLength", 5), &[]);
    check(text("maxLength", 5), text("maxLength", 9), &[("MAX_LENGTH_DECREASED", "#/maxLength")]);
    check(text("maxLength", 5), json!({"type": "string"}), &[("MAX_LENGTH_ADDED", "#/maxLength")]);
    check(json!({"type": "string"}), text("maxLength", 5), &[]);
    check(text("minLength", 5), text("minLength", 9), &[]);
    check(text("minLength", 9), text("minLength", 5), &[("MIN_LENGTH_INCREASED", "#/minLength")]);
    let number = |key: &str, limit: f64| json!({"type": "number", key: limit});
    check(number("maximum", 5.0), number("maximum", 9.0), &[("MAXIMUM_DECREASED", "#/maximum")]);
    check(
        number("exclusiveMinimum", 9.0),
        number("exclusiveMinimum", 5.0),
        &[("EXCLUSIVE_MINIMUM_INCREASED", "#/exclusiveMinimum")],
    );
    check(number("multipleOf", 2.0), number("multipleOf", 4.0), &[]);
    check(number("multipleOf", 4.0), number("multipleOf", 2.0), &[("MULTIPLE_OF_EXPANDED", "#/multipleOf")]);
    check(number("multipleOf", 3.0), number("multipleOf", 2.0), &[("MULTIPLE_OF_CHANGED", "#/multipleOf")]);
    check(
        json!({"type": "string", "pattern": "a"}),
        json!({"type": "string", "pattern": "b"}),
        &[("PATTERN_CHANGED", "#/pattern")],
    );
}

#[test]
fn types_may_widen_and_not_change() {
    check(json!({"type": "number"}), json!({"type": "integer"}), &[]);
    check(json!({"type": "integer"}), json!({"type": "number"}), &[("TYPE_NARROWED", "#/")]);
    check(json!({"type": "string"}), json!({"type": "integer"}), &[("TYPE_CHANGED", "#/")]);
    check(json!({}), json!({"type": "integer"}), &[]);
    check(json!({"type": "integer"}), json!({}), &[("TYPE_CHANGED", "#/")]);
    check(json!({"type": ["string", "null"]}), json!({"type": "string"}), &[]);
    check(json!({"type": "string"}), json!({"type": ["string", "null"]}), &[("TYPE_CHANGED", "#/")]);
    check(json!({"enum": ["a", "b"]}), json!({"enum": ["b"]}), &[]);
    check(json!({"enum": ["a"]}), json!({"enum": ["a", "b"]}), &[("ENUM_ARRAY_NARROWED", "#/enum")]);
    check(json!({"enum": ["a", "c"]}), json!({"enum": ["a", "b"]}), &[("ENUM_ARRAY_CHANGED", "#/enum")]);
    check(json!({"const": 1}), json!({"const": 2}), &[("ENUM_ARRAY_CHANGED", "#/const")]);
    check(json!({"type": "string", "title": "x"}), json!({"type": "string", "default": "y"}), &[]);
}

#[test]
fn an_open_object_may_lose_properties_and_not_gain_them() {
    let (one, two) =
        (json!({"a": {"type": "string"}}), json!({"a": {"type": "string"}, "b": {"type": "string"}}));
    check(object(one.clone()), object(two.clone()), &[]);
    check(
        object(two.clone()),
        object(one.clone()),
        &[("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", "#/properties/b")],
    );
    check_by(Policy::Lenient, &object(two), &object(one.clone()), &[]);
    check(object(json!({"a": {"type": "string"}, "b": {}})), object(one), &[]);
}

#[test]
fn a_closed_object_may_gain_properties_and_not_lose_them() {
    let (one, two) =
        (json!({"a": {"type": "string"}}), json!({"a": {"type": "string"}, "b": {"type": "string"}}));
    check(closed(two.clone()), closed(one.clone()), &[]);
    check(
        closed(one.clone()),
        closed(two.clone()),
        &[("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", "#/properties/b")],
    );
    check_by(Policy::Lenient, &closed(one.clone()), &closed(two.clone()), &[]);
    let mut required = closed(two);
    required["required"] = json!(["b"]);
    check(
        required.clone(),
        closed(one.clone()),
        &[("REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", "#/properties/b")],
    );
    required["properties"]["b"]["default"] = json!("x");
    check(required, closed(one.clone()), &[]);
    check(
        closed(one.clone()),
        object(one.clone()),
        &[("ADDITIONAL_PROPERTIES_REMOVED", "#/additionalProperties")],
    );
    check(object(one.clone()), closed(one), &[]);
}

#[test]
fn a_partially_open_object_covers_what_it_describes() {
    let with = |properties: Json, rest: Json| json!({"type": "object", "properties": properties, "additionalProperties": rest});
    let text = json!({"type": "string"});
    let (none, one) = (json!({}), json!({"a": {"type": "string"}}));
    check(with(one.clone(), text.clone()), with(none.clone(), text.clone()), &[]);
    check(with(none.clone(), text.clone()), with(one.clone(), text.clone()), &[]);
    check(
        with(json!({"a": {"type": "integer"}}), text.clone()),
        with(none.clone(), text.clone()),
        &[("PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", "#/properties/a")],
    );
    check(
        with(none.clone(), text.clone()),
        with(json!({"a": {"type": "integer"}}), text.clone()),
        &[("PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", "#/properties/a")],
    );
    check(
        with(none.clone(), text),
        with(none, json!(true)),
        &[("ADDITIONAL_PROPERTIES_NARROWED", "#/additionalProperties")],
    );
    let pattern = |properties: Json| json!({"type": "object", "properties": properties, "patternProperties": {"^a": {"type": "string"}}, "additionalProperties": false});
    check(pattern(json!({})), pattern(one), &[]);
    check(
        pattern(json!({})),
        pattern(json!({"b": {"type": "string"}})),
        &[("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", "#/properties/b")],
    );
}

#[test]
fn required_needs_a_default() {
    let with =
        |required: Json, a: Json| json!({"type": "object", "properties": {"a": a}, "required": required});
    let text = json!({"type": "string"});
    check(with(json!([]), text.clone()), with(json!(["a"]), text.clone()), &[]);
    check(
        with(json!(["a"]), text.clone()),
        with(json!([]), text.clone()),
        &[("REQUIRED_ATTRIBUTE_ADDED", "#/required/a")],
    );
    check(with(json!(["a"]), json!({"type": "string", "default": ""})), with(json!([]), text), &[]);
}

#[test]
fn unions_may_grow_and_products_shrink() {
    let (text, number, null) =
        (json!({"type": "string"}), json!({"type": "number"}), json!({"type": "null"}));
    let of = |criterion: &str, parts: &[&Json]| json!({criterion: parts});
    check(of("oneOf", &[&text, &number]), text.clone(), &[]);
    check(of("oneOf", &[&number, &text, &null]), of("oneOf", &[&text, &null]), &[]);
    check(of("anyOf", &[&text, &null]), of("oneOf", &[&null, &text]), &[]);
    check(of("oneOf", &[&text]), of("oneOf", &[&text, &null]), &[("SUM_TYPE_NARROWED", "#/")]);
    check(
        of("oneOf", &[&number, &null]),
        of("oneOf", &[&text, &null]),
        &[("COMBINED_TYPE_SUBSCHEMAS_CHANGED", "#/")],
    );
    check(of("oneOf", &[&text, &null]), of("anyOf", &[&text, &null]), &[("COMBINED_TYPE_CHANGED", "#/")]);
    let short = json!({"maxLength": 5});
    check(text.clone(), of("allOf", &[&text, &short]), &[]);
    check(
        of("allOf", &[&text, &short, &json!({"minLength": 1})]),
        of("allOf", &[&text, &short]),
        &[("PRODUCT_TYPE_EXTENDED", "#/")],
    );
    check(json!({"not": text}), json!({"not": {"type": "string"}}), &[]);
    check(
        json!({"not": {"type": "number"}}),
        json!({"not": {"type": "integer"}}),
        &[("NOT_TYPE_EXTENDED", "#/not")],
    );
    check(json!({"not": {"type": "integer"}}), json!({"not": {"type": "number"}}), &[]);
}

#[test]
fn arrays_are_compared_item_by_item() {
    let (text, number) = (json!({"type": "string"}), json!({"type": "number"}));
    let all = |items: &Json| json!({"type": "array", "items": items});
    let tuple =
        |items: &[&Json], rest: Json| json!({"type": "array", "items": items, "additionalItems": rest});
    check(all(&number), all(&json!({"type": "integer"})), &[]);
    check(all(&text), all(&number), &[("TYPE_CHANGED", "#/items")]);
    check(all(&text), json!({"type": "array"}), &[("SCHEMA_ADDED", "#/items")]);
    check(tuple(&[&text, &number], json!(false)), tuple(&[&text], json!(false)), &[]);
    check(
        tuple(&[&text], json!(false)),
        tuple(&[&text, &number], json!(false)),
        &[("ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", "#/items/1")],
    );
    check(
        tuple(&[&text, &number], json!(true)),
        tuple(&[&text], json!(true)),
        &[("ITEM_ADDED_TO_OPEN_CONTENT_MODEL", "#/items/1")],
    );
    check(tuple(&[&text], json!(true)), tuple(&[&text, &number], json!(true)), &[]);
    check(
        json!({"type": "array", "uniqueItems": true}),
        json!({"type": "array"}),
        &[("UNIQUE_ITEMS_ADDED", "#/uniqueItems")],
    );
}

#[test]
fn references_are_followed_and_recursion_ends() {
    let tree = |of: &str| {
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {"value": {"type": of}, "children": {"type": "array", "items": {"$ref": "#"}}},
        })
    };
    check(tree("number"), tree("integer"), &[]);
    check(tree("string"), tree("integer"), &[("TYPE_CHANGED", "#/properties/value")]);
    let by_name = |of: &str| json!({"$ref": "#/definitions/x", "definitions": {"x": {"type": of}}});
    check(by_name("string"), json!({"type": "string"}), &[]);
    check(by_name("string"), by_name("number"), &[("TYPE_CHANGED", "#/")]);
    // In a circle they say nothing, and they end.
    let circle = json!({"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}});
    let _ = super::check(
        &JsonSchema::parse(&circle.to_string(), &[], true).expect("a schema"),
        &JsonSchema::parse("{}", &[], true).expect("a schema"),
        Sides { reader: "new", writer: "old" },
        Policy::Strict,
    );
}

#[test]
fn newer_drafts_are_understood() {
    let draft = "https://json-schema.org/draft/2020-12/schema";
    let tuple =
        |items: Json| json!({"$schema": draft, "type": "array", "prefixItems": items, "items": false});
    check(tuple(json!([{"type": "string"}, {"type": "null"}])), tuple(json!([{"type": "string"}])), &[]);
    let rest = |rest: Json| json!({"$schema": draft, "type": "object", "unevaluatedProperties": rest});
    check(
        rest(json!(false)),
        rest(json!(true)),
        &[("UNEVALUATED_PROPERTIES_REMOVED", "#/unevaluatedProperties")],
    );
    check(
        json!({"$schema": draft, "$ref": "#/$defs/x", "maxLength": 3, "$defs": {"x": {"type": "string"}}}),
        json!({"type": "string"}),
        &[("TYPE_CHANGED", "#/")],
    );
}

#[test]
fn matching_finds_the_most() {
    assert_eq!(super::matching(&[vec![0], vec![0, 1]], 2), 2);
    assert_eq!(super::matching(&[vec![0, 1], vec![0]], 2), 2);
    assert_eq!(super::matching(&[vec![0], vec![0]], 2), 1);
    assert_eq!(super::matching(&[vec![0, 1], vec![0, 2], vec![0]], 3), 3);
    assert_eq!(super::matching(&[], 0), 0);
}

#[test]
fn items_beyond_a_tuple_are_told_by_either_keyword() {
    let tuple = |items: &[&str], key: &str, of: Json| {
        let items: Vec<Json> = items.iter().map(|word| json!({"type": word})).collect();
        json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "array", "prefixItems": items, key: of})
    };
    for key in ["items", "unevaluatedItems"] {
        let text = || json!({"type": "string"});
        let (short, long) = (tuple(&["string"], key, text()), tuple(&["string", "string"], key, text()));
        // The second item was a string before it was named.
        check(long.clone(), short.clone(), &[]);
        check(short.clone(), long, &[]);
        let number = tuple(&["string", "number"], key, text());
        let gone = ("ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", "#/items/1");
        check(short.clone(), number.clone(), &[gone]);
        let added = ("ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", "#/items/1");
        check(number, short, &[added]);
    }
    // Without `items` the keyword means nothing to readers, and Confluent minds.
    check(
        json!({"additionalItems": false}),
        json!({"additionalItems": true}),
        &[("ADDITIONAL_ITEMS_REMOVED", "#/additionalItems")],
    );
}

#[test]
fn saying_a_part_twice_asks_nothing_more() {
    let all = |parts: Json| json!({"allOf": parts});
    let text = json!({"type": "string"});
    check(all(json!([text, text])), all(json!([text])), &[]);
    check(all(json!([text, {"maxLength": 3}])), all(json!([text])), &[("PRODUCT_TYPE_EXTENDED", "#/")]);
}
