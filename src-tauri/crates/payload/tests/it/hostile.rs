//! Bytes that lie, and schemas that never end.

use payload::{Decoded, Encoding, Limits, ParsedSchema, decode};

#[track_caller]
fn check(schema: &str, bytes: &[u8], expected: &str) {
    let schema = ParsedSchema::avro(schema, &[]).expect(schema);
    let decoded = decode(Some(bytes), Some(&schema));
    assert_eq!(decoded.encoding, Encoding::Hex, "{}", decoded.text);
    let error = decoded.error.unwrap_or_default();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn corrupt_data_is_an_error_with_its_place() {
    check("\"int\"", &[0x80], "0 are left");
    check("\"int\"", &[0xff; 11], "longer than 64 bits");
    check("\"int\"", &[0xfe, 0xff, 0xff, 0xff, 0x1f], "does not fit an int");
    check("\"int\"", &[2, 2], "1 bytes are left over");
    check("\"boolean\"", &[2], "2 is no boolean");
    check("\"string\"", &[1], "a string cannot be -1 bytes long");
    check("\"string\"", &[0x20, b'a'], "16 bytes are expected here, and 1 are left");
    check("\"string\"", &[2, 0xff], "not UTF-8");
    check(r#"{"type":"enum","name":"E","symbols":["A"]}"#, &[4], "2 is no symbol of the enum `E`");
    check(r#"["null","int"]"#, &[9], "-5 is no branch of the union");
    check(
        r#"{"type":"record","name":"R","fields":[{"name":"list","type":{"type":"array","items":"string"}}]}"#,
        &[4, 2, b'a', 0x7f],
        "$.list[1]",
    );
}

#[test]
fn a_huge_count_ends_at_the_text_limit() {
    // 2^62 nulls in eight bytes.
    let schema = ParsedSchema::avro(r#"{"type":"array","items":"null"}"#, &[]).expect("a schema");
    let bytes = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
    let decoded = Decoded::within(Some(&bytes), Some(&schema), Limits::text(1000));
    assert_eq!((decoded.truncated, decoded.text.len()), (true, 1000));
    let schema =
        ParsedSchema::avro(r#"{"type":"array","items":{"type":"record","name":"R","fields":[]}}"#, &[])
            .expect("a schema");
    let decoded = Decoded::within(Some(&bytes), Some(&schema), Limits::text(1000));
    assert_eq!((decoded.truncated, decoded.text.len()), (true, 1000));
}

#[test]
fn deep_values_are_refused() {
    let list = r#"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}"#;
    check(list, &[2; 100_000], "nests deeper");
    // A record that holds itself has no value at all.
    check(r#"{"type":"record","name":"A","fields":[{"name":"a","type":"A"}]}"#, &[1], "nests deeper");
    let schema = ParsedSchema::avro(list, &[]).expect("a schema");
    let deep = format!("{}null{}", r#"{"next":"#.repeat(200), "}".repeat(200));
    let error = payload::encode(&deep, &schema, payload::SchemaId(1)).expect_err("too deep").to_string();
    assert!(error.contains("more than 128 levels"), "{error}");
}

#[test]
fn long_values_are_cut() {
    let schema = ParsedSchema::avro("\"bytes\"", &[]).expect("a schema");
    let mut bytes = vec![0x80, 0x89, 0x7a];
    bytes.extend(vec![7; 1_000_000]);
    let decoded = Decoded::within(Some(&bytes), Some(&schema), Limits::text(100));
    assert_eq!((decoded.truncated, decoded.encoding, decoded.text.len()), (true, Encoding::Avro, 100));
}

#[test]
fn bad_schemas_are_errors() {
    for schema in ["", "{", "\"nothing\"", "{}", "[\"int\",\"int\"]"] {
        assert!(ParsedSchema::avro(schema, &[]).is_err(), "{schema}");
    }
    let deep = format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(5000), "}".repeat(5000));
    assert!(ParsedSchema::avro(&deep, &[]).is_err());
}
