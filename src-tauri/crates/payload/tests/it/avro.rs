//! What each type looks like in JSON, there and back.

use payload::{Encoding, ParsedSchema, SchemaId, decode, decode_body, encode};

fn reference(schema: &str) -> payload::Reference {
    payload::Reference { name: String::new(), schema: schema.to_owned() }
}

fn parse(schema: &str) -> ParsedSchema {
    ParsedSchema::avro(schema, &[]).expect(schema)
}

/// `json` is written as it is read back.
#[track_caller]
fn check(schema: &str, json: &str) {
    check_as(schema, json, json);
}

#[track_caller]
fn check_as(schema: &str, json: &str, expected: &str) {
    let schema = parse(schema);
    let bytes = encode(json, &schema, SchemaId(1)).expect(json);
    let decoded = decode(Some(&bytes), Some(&schema));
    assert_eq!(decoded.error, None);
    assert_eq!((decoded.encoding, decoded.text.as_str()), (Encoding::Avro, expected));
}

/// The error of `json`.
#[track_caller]
fn check_error(schema: &str, json: &str, expected: &str) {
    let error = encode(json, &parse(schema), SchemaId(1)).expect_err(json).to_string();
    assert_eq!(error, expected);
}

#[test]
fn primitives() {
    check("\"null\"", "null");
    check("\"boolean\"", "true");
    check("\"int\"", "-2147483648");
    check("\"long\"", "9223372036854775807");
    check("\"long\"", "-9223372036854775808");
    check("\"long\"", "9007199254740993");
    check_as("\"long\"", "\"9007199254740993\"", "9007199254740993");
    check_as("\"long\"", "3.0", "3");
    check("\"float\"", "0.1");
    check("\"double\"", "0.1");
    check("\"double\"", "1e300");
    check("\"double\"", "\"NaN\"");
    check("\"double\"", "\"-Infinity\"");
    check_as("\"float\"", "3", "3.0");
    check("\"string\"", r#""a \"quoted\" \\ line\nand ü""#);
    check("\"bytes\"", r#""plain\u0000ÿ""#.replace('ÿ', "\\u00ff").as_str());
    check(r#"{"type":"fixed","name":"F","size":2}"#, "\"ab\"");
    check(r#"{"type":"enum","name":"E","symbols":["A","B"]}"#, "\"B\"");
    check(r#"{"type":"array","items":"int"}"#, "[1,2,3]");
    check(r#"{"type":"array","items":"int"}"#, "[]");
    check(r#"{"type":"map","values":"int"}"#, r#"{"b":1,"a":2}"#);
}

#[test]
fn logical_types() {
    check(
        r#"{"type":"bytes","logicalType":"decimal","precision":30,"scale":2}"#,
        "\"1234567890123456789012345.67\"",
    );
    check(r#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#, "\"-0.05\"");
    check_as(r#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#, "7", "\"7.00\"");
    let long = "0.10000000000000000000000001";
    check_as(
        r#"{"type":"bytes","logicalType":"decimal","precision":40,"scale":26}"#,
        long,
        &format!("\"{long}\""),
    );
    check(
        r#"{"type":"fixed","name":"D","size":8,"logicalType":"decimal","precision":10,"scale":3}"#,
        "\"-12.345\"",
    );
    check(r#"{"type":"bytes","logicalType":"big-decimal"}"#, "\"-1.50\"");
    check(r#"{"type":"string","logicalType":"uuid"}"#, "\"2f1c4a8e-1111-4222-8333-444455556666\"");
    check(
        r#"{"type":"fixed","name":"U","size":16,"logicalType":"uuid"}"#,
        "\"2f1c4a8e-1111-4222-8333-444455556666\"",
    );
    check(r#"{"type":"int","logicalType":"date"}"#, "19000");
    check(r#"{"type":"long","logicalType":"timestamp-micros"}"#, "1700000000123456");
    check(
        r#"{"type":"fixed","name":"P","size":12,"logicalType":"duration"}"#,
        r#"{"months":1,"days":2,"millis":4294967295}"#,
    );
}

#[test]
fn unions_are_plain_where_the_value_says_which() {
    check(r#"["null","string"]"#, "null");
    check(r#"["null","string"]"#, "\"x\"");
    check(r#"["null","long","string"]"#, "5");
    check(
        r#"["null",{"type":"record","name":"a.R","fields":[{"name":"int","type":"int"}]}]"#,
        r#"{"int":1}"#,
    );
    // Two kinds of number: which one is said.
    check(r#"["null","int","long"]"#, "null");
    check(r#"["null","int","long"]"#, r#"{"long":5}"#);
    check(r#"["int","string","long"]"#, "\"x\"");
    check(r#"["string","bytes"]"#, r#"{"bytes":"x"}"#);
    // Wrappers are objects, so maps are wrapped beside them.
    check(r#"["int","long",{"type":"map","values":"int"}]"#, r#"{"map":{"int":1}}"#);
    let records =
        r#"[{"type":"record","name":"a.R","fields":[]},{"type":"record","name":"a.S","fields":[]}]"#;
    check(records, r#"{"a.S":{}}"#);
    check_as(records, r#"{"S":{}}"#, r#"{"a.S":{}}"#);
    // Avro's own JSON is understood everywhere.
    check_as(r#"["null","string"]"#, r#"{"string":"x"}"#, "\"x\"");
    // Not finite, a float is a string in JSON, and this union has strings.
    check(r#"["string","double"]"#, "1.5");
    check(r#"["string","double"]"#, r#"{"double":"NaN"}"#);
    check(r#"["null","double"]"#, "\"NaN\"");
}

#[test]
fn records_take_defaults_and_know_their_fields() {
    let schema = r#"{"type":"record","name":"R","fields":[
        {"name":"a","type":"int"},
        {"name":"b","type":["null","int"],"default":null},
        {"name":"c","type":["int","null"],"default":7},
        {"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":1},"default":"\u0005"},
        {"name":"e","type":{"type":"record","name":"I","fields":[{"name":"x","type":"string","default":"y"}]},"default":{}}
    ]}"#;
    check_as(schema, r#"{"a":1}"#, r#"{"a":1,"b":null,"c":7,"d":"0.5","e":{"x":"y"}}"#);
    check_as(schema, r#"{"a":1,"e":{"x":"z"},"b":2}"#, r#"{"a":1,"b":2,"c":7,"d":"0.5","e":{"x":"z"}}"#);
    check_error(schema, "{}", "$.a: this field is missing, and the schema has no default for it");
    check_error(
        schema,
        r#"{"a":1,"z":2}"#,
        "$.z: the record `R` has no such field; it has `a`, `b`, `c`, `d`, `e`",
    );
}

#[test]
fn errors_name_the_path_and_what_was_expected() {
    check_error("\"int\"", "5000000000", "$: 5000000000 does not fit an int (32 bits)");
    check_error("\"int\"", "1.5", "$: expected an int, found the number 1.5");
    check_error(
        "\"long\"",
        "18446744073709551615",
        "$: expected a long (64 bits), found the number 18446744073709551615",
    );
    check_error(
        "\"bytes\"",
        "\"€\"",
        "$: `€` is no byte; bytes are written as the characters \\u0000 to \\u00ff",
    );
    check_error(
        r#"{"type":"array","items":"string"}"#,
        r#"["a",5]"#,
        "$[1]: expected a string, found the number 5",
    );
    check_error(
        r#"{"type":"map","values":{"type":"array","items":"int"}}"#,
        r#"{"a b":[null]}"#,
        "$[\"a b\"][0]: expected an int, found null",
    );
    check_error(
        r#"{"type":"enum","name":"E","symbols":["A","B"]}"#,
        "\"C\"",
        "$: `C` is no symbol of the enum `E`; it has `A`, `B`",
    );
    check_error(r#"["int","long"]"#, "5", "$: this could be one of `int`, `long`; say which: {\"int\": …}");
    check_error(r#"["null","int"]"#, "true", "$: expected one of `null`, `int`, found true");
    check_error(
        r#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#,
        "\"1.234\"",
        "$: 1.234 has 3 decimal places; the schema has 2",
    );
    check_error(
        r#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#,
        "\"123.45\"",
        "$: 123.45 needs 5 digits; the schema has 4",
    );
    check_error(
        r#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#,
        "true",
        "$: expected a decimal as a string, such as \"12.30\", found true",
    );
    check_error(r#"{"type":"fixed","name":"F","size":2}"#, "\"abc\"", "$: `F` is 2 bytes long, not 3");
    let error = encode("{", &parse("\"int\""), SchemaId(1)).expect_err("no JSON").to_string();
    assert!(error.starts_with("the text is not JSON"), "{error}");
}

#[test]
fn names_are_resolved_across_schemas() {
    let city = r#"{"type":"record","name":"geo.City","fields":[{"name":"name","type":"string"}]}"#.to_owned();
    let address =
        r#"{"type":"record","name":"geo.Address","fields":[{"name":"city","type":"City"}]}"#.to_owned();
    let person = r#"{"type":"record","name":"hr.Person","fields":[{"name":"home","type":"geo.Address"},{"name":"boss","type":["null","Person"],"default":null}]}"#;
    let json = r#"{"home":{"city":{"name":"Ulm"}},"boss":{"home":{"city":{"name":"Bern"}},"boss":null}}"#;
    for references in [[city.clone(), address.clone()], [address.clone(), city.clone()]] {
        let schema =
            ParsedSchema::avro(person, &references.map(|it| reference(&it))).expect("all names are there");
        let bytes = encode(json, &schema, SchemaId(1)).expect("it fits");
        assert_eq!(decode(Some(&bytes), Some(&schema)).text, json);
    }
    // Twice the same reference is one.
    ParsedSchema::avro(person, &[reference(&city), reference(&address), reference(&city)])
        .expect("duplicates are one");
    let error = ParsedSchema::avro(person, &[reference(&address)]).expect_err("City is missing").to_string();
    assert!(error.contains("City"), "{error}");
}

#[test]
fn frames_are_taken_off_and_bare_bodies_read() {
    let schema = parse("\"string\"");
    let framed = encode("\"hi\"", &schema, SchemaId(9)).expect("it fits");
    assert_eq!(&framed[..5], [0, 0, 0, 0, 9]);
    assert_eq!(decode(Some(&framed), Some(&schema)).text, "\"hi\"");
    assert_eq!(decode_body(&framed[5..], &schema, payload::Limits::default()).text, "\"hi\"");
    assert_eq!(decode(Some(&framed[5..]), Some(&schema)).text, "\"hi\"");
    assert_eq!(decode(None, Some(&schema)).encoding, Encoding::Null);
    assert_eq!(decode(Some(b""), Some(&schema)).encoding, Encoding::Empty);
}

#[test]
fn json_schema_payloads_are_json_behind_a_frame() {
    let schema = ParsedSchema::json("{}", &[]);
    let framed = encode(r#"{"n": 12345678901234567890}"#, &schema, SchemaId(3)).expect("it is JSON");
    let decoded = decode(Some(&framed), Some(&schema));
    assert_eq!(
        (decoded.encoding, decoded.text.as_str()),
        (Encoding::JsonSchema, r#"{"n": 12345678901234567890}"#)
    );
    let decoded = decode(Some(&[0, 0, 0, 0, 3, 0xff]), Some(&schema));
    assert_eq!(decoded.encoding, Encoding::Hex);
    assert!(decoded.error.is_some());
}
