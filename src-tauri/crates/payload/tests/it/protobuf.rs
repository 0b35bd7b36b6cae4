//! Bytes of real clients, and what each type looks like in JSON.

use payload::{
    Decoded, Encoding, Framing, Guid, Limits, ParsedSchema, Reference, SchemaId, SchemaKey, decode,
    decode_framed, encode, encode_message,
};

pub(crate) const SHOP: &str = include_str!("shop.proto");

pub(crate) fn shop() -> ParsedSchema {
    static PARSED: std::sync::OnceLock<ParsedSchema> = std::sync::OnceLock::new();
    PARSED.get_or_init(|| ParsedSchema::protobuf(SHOP, &[]).expect("a schema")).clone()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hex")).collect()
}

fn reference(name: &str, schema: &str) -> Reference {
    Reference { name: name.to_owned(), schema: schema.to_owned() }
}

/// Written by confluent-kafka's ProtobufSerializer for Python.
const ORDER: &str = "00000000010008818080808080801010ffffffffffffffffff011a076772c3bcc39f65220300ff102a0e0a016110051900000000000000802a00320e0a017810ffffffffffffffffff013a1008fbffffffffffffffff0112030a016d40ffffffffffffffffff0152030a01765800620d01feffffffffffffffff01ac02699a9999999999b93f750000c03f7a0c08c0f6f2bc061080cab5ee0182011608ffffffffffffffffff011080b6ca91feffffffff018a0102080792012a0a280a0161122332210a0911000000000000f03f0a0208000a031a01780a0b2a090a070a0162120220019a01270a1d747970652e676f6f676c65617069732e636f6d2f73686f702e4e6f746512060a040a026869a2011a0a0d637573746f6d65725f6e616d650a096c696e65732e736b75a80101";
const ORDER_JSON: &str = r#"{"id":"9007199254740993","total":"18446744073709551615","customer_name":"grüße","token":"AP8Q","lines":[{"sku":"a","delta":-3,"big":"9223372036854775808"},{"sku":"","delta":0,"big":"0"}],"counts":{"x":"-1"},"by_number":{"-5":{"sku":"m","delta":0,"big":"0"}},"state":"LOST","voucher":{"sku":"v","delta":0,"big":"0"},"rating":0,"scores":[1,-2,300],"price":0.1,"weight":1.5,"at":"2025-01-31T12:00:00.5Z","took":"-1.5s","maybe":"7","extra":{"a":[1.0,null,"x",{"b":true}]},"any":{"@type":"type.googleapis.com/shop.Note","inner":{"text":"hi"}},"mask":"customerName,lines.sku","gift":true}"#;

#[test]
fn what_a_real_client_wrote_is_read_and_written_the_same() {
    let (schema, bytes) = (shop(), unhex(ORDER));
    let decoded = decode(Some(&bytes), Some(&schema));
    assert_eq!((decoded.error, decoded.encoding), (None, Encoding::Protobuf));
    assert_eq!(decoded.text, ORDER_JSON);
    assert_eq!(decoded.type_name.as_deref(), Some("shop.Order"));
    assert_eq!(encode(ORDER_JSON, &schema, SchemaId(1)), Ok(bytes));
}

#[test]
fn the_indexes_name_the_message() {
    let schema = shop();
    for (hex, message, text) in [
        ("00000000010402000a026869", "shop.Note.Inner", r#"{"text":"hi"}"#),
        ("00000000010400000a017a", "shop.Order.Line", r#"{"sku":"z","delta":0,"big":"0"}"#),
    ] {
        let bytes = unhex(hex);
        let decoded = decode(Some(&bytes), Some(&schema));
        assert_eq!((decoded.text.as_str(), decoded.type_name.as_deref()), (text, Some(message)));
        assert_eq!(encode_message(text, &schema, SchemaId(1), Some(message)), Ok(bytes));
    }
    let decoded = decode(Some(&unhex("0000000001020e00")), Some(&schema));
    assert!(decoded.error.is_some_and(|error| error.contains("no message at the indexes [7]")));
    let error = encode_message("{}", &schema, SchemaId(1), Some("shop.Nothing")).expect_err("no message");
    assert!(error.to_string().contains("`shop.Nothing`; it has `shop.Order`, `shop.Order.Line`"), "{error}");
    assert_eq!(schema.messages(), ["shop.Order", "shop.Order.Line", "shop.Note", "shop.Note.Inner"]);
}

#[test]
fn a_header_carries_guid_and_indexes() {
    let schema = shop();
    let guid = "1ea72fbdd794440aa06a26c5ddc70452";
    for (indexes, body, message) in
        [("0202", "0a040a026869", "shop.Note"), ("040200", "0a026869", "shop.Note.Inner")]
    {
        let (header, body) = (unhex(&format!("01{guid}{indexes}")), unhex(body));
        let framing = Framing::of(&body, Some(&header)).expect("a header");
        let expected = Guid(unhex(guid).try_into().expect("16 bytes"));
        assert_eq!(framing.key, SchemaKey::Guid(expected));
        let decoded = decode_framed(&framing, &schema, Limits::default());
        assert_eq!((decoded.error, decoded.type_name.as_deref()), (None, Some(message)));
    }
}

/// `json` in the message `M` of `schema` is written as it is read back.
#[track_caller]
fn check(schema: &str, json: &str) {
    check_as(schema, json, json);
}

#[track_caller]
fn check_as(schema: &str, json: &str, expected: &str) {
    let schema = ParsedSchema::protobuf(schema, &[]).expect(schema);
    let bytes = encode(json, &schema, SchemaId(1)).expect(json);
    let decoded = decode(Some(&bytes), Some(&schema));
    assert_eq!((decoded.error, decoded.text.as_str()), (None, expected));
}

#[track_caller]
fn check_error(schema: &str, json: &str, expected: &str) {
    let schema = ParsedSchema::protobuf(schema, &[]).expect(schema);
    let error = encode(json, &schema, SchemaId(1)).expect_err(json).to_string();
    assert!(error.contains(expected), "{error}");
}

const TWO: &str = r#"syntax = "proto2"; message M {
    required int32 id = 1;
    optional string name = 2 [default = "x"];
    repeated int32 plain = 3;
    repeated sint64 dense = 4 [packed = true];
    optional group Part = 5 { optional bool ok = 1; }
    extensions 100 to 200;
    message Deep { optional M m = 1; }
    optional Deep deep = 6;
}
extend M { optional uint64 extra = 100; }"#;

#[test]
fn proto2_has_groups_extensions_and_required_fields() {
    check(TWO, r#"{"id":0,"plain":[],"dense":[]}"#);
    check(
        TWO,
        r#"{"id":-1,"name":"","plain":[1,2],"dense":["-1","4611686018427387904"],"part":{"ok":false},"deep":{"m":{"id":2,"plain":[],"dense":[]}},"[extra]":"18446744073709551615"}"#,
    );
    check_error(TWO, "{}", "$.id: this field is required and missing");
    let decoded =
        decode(Some(&[0, 0, 0, 0, 1, 0]), Some(&ParsedSchema::protobuf(TWO, &[]).expect("a schema")));
    assert!(decoded.error.is_some_and(|error| error.contains("the required field `id` is missing")));
}

fn three(fields: &str) -> String {
    format!(
        "syntax = \"proto3\"; {} message M {{ {fields} }} enum E {{ option allow_alias = true; ZERO = 0; ONE = 1; UNO = 1; }}",
        ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"]
            .map(|name| format!("import \"google/protobuf/{name}.proto\";"))
            .concat()
    )
}

#[test]
fn numbers_keep_every_digit() {
    check(&three("int64 a = 1;"), r#"{"a":"-9223372036854775808"}"#);
    check_as(&three("int64 a = 1;"), r#"{"a":9007199254740993}"#, r#"{"a":"9007199254740993"}"#);
    check(&three("fixed64 a = 1; sfixed64 b = 2;"), r#"{"a":"18446744073709551615","b":"-1"}"#);
    check(&three("double a = 1; float b = 2;"), r#"{"a":"NaN","b":"-Infinity"}"#);
    check(&three("double a = 1; float b = 2;"), r#"{"a":1e300,"b":0.1}"#);
    check(&three("optional double a = 1;"), r#"{"a":-0.0}"#);
    check_as(&three("int32 a = 1;"), r#"{"a":1e3}"#, r#"{"a":1000}"#);
    check_error(&three("int32 a = 1;"), r#"{"a":2147483648}"#, "$.a: 2147483648 does not fit");
    check_error(&three("uint32 a = 1;"), r#"{"a":-1}"#, "$.a: -1 does not fit");
    check_error(&three("int32 a = 1;"), r#"{"a":1.5}"#, "$.a: expected a whole number");
    check_error(&three("double a = 1;"), r#"{"a":1e999}"#, "$.a: expected a double");
    check_error(&three("float a = 1;"), r#"{"a":1e39}"#, "does not fit a float");
}

#[test]
fn names_of_values_and_fields() {
    check_as(
        &three("E a = 1; repeated E b = 2;"),
        r#"{"a":"UNO","b":[1,"ZERO",7]}"#,
        r#"{"a":"ONE","b":["ONE","ZERO",7]}"#,
    );
    check_error(
        &three("E a = 1;"),
        r#"{"a":"TWO"}"#,
        "`TWO` is no value of the enum `E`; it has `ZERO`, `ONE`, `UNO`",
    );
    check_as(&three("string user_name = 1;"), r#"{"userName":"x"}"#, r#"{"user_name":"x"}"#);
    check_error(&three("string a = 1;"), r#"{"b":1}"#, "$.b: the message `M` has no such field; it has `a`");
    check_error(&three("string a = 1;"), "[]", "$: expected an object (the message `M`), found an array");
    check_error(&three("repeated M a = 1;"), r#"{"a":[{},{"a":1}]}"#, "$.a[1].a: expected an array");
    check_error(
        &three("oneof o { int32 a = 1; int32 b = 2; }"),
        r#"{"a":0,"b":0}"#,
        "of `o` only one is there",
    );
    check(&three("oneof o { int32 a = 1; string b = 2; }"), r#"{"a":0}"#);
    check_as(&three("oneof o { int32 a = 1; string b = 2; }"), r#"{"a":null,"b":""}"#, r#"{"b":""}"#);
}

#[test]
fn maps_have_keys_of_every_kind() {
    check(&three("map<bool, E> a = 1;"), r#"{"a":{"true":"ONE","false":"ZERO"}}"#);
    check(&three("map<sint64, bytes> a = 1;"), r#"{"a":{"-9223372036854775808":"AA==","1":""}}"#);
    check(&three("map<string, M> a = 1;"), r#"{"a":{"":{"a":{}},"x y":{"a":{"z":{"a":{}}}}}}"#);
    check_error(&three("map<int32, string> a = 1;"), r#"{"a":{"x":""}}"#, "$.a.x: expected a whole number");
}

#[test]
fn well_known_types_have_their_own_forms() {
    let all = three(
        "google.protobuf.Value v = 1; google.protobuf.ListValue l = 2; google.protobuf.Empty e = 3;
         google.protobuf.BytesValue b = 4; google.protobuf.NullValue n = 5; repeated google.protobuf.Value vs = 6;
         google.protobuf.Any a = 7; google.protobuf.Timestamp t = 8; google.protobuf.Duration d = 9;
         google.protobuf.FieldMask f = 10;",
    );
    check(
        &all,
        r#"{"v":null,"l":[],"e":{},"b":"","n":null,"vs":[null,1.0,"x",[true],{"k":null}],"t":"0001-01-01T00:00:00Z","d":"0s","f":""}"#,
    );
    let rest = r#""n":null,"vs":[]"#;
    check(&all, &format!(r#"{{{rest},"a":{{"@type":"x/google.protobuf.Duration","value":"1.5s"}}}}"#));
    check(&all, &format!(r#"{{{rest},"a":{{"@type":"x/no.Such","value":"AAE="}}}}"#));
    check(&all, &format!(r#"{{{rest},"a":{{"@type":"x/M",{rest}}}}}"#));
    check(&all, &format!(r#"{{{rest},"a":{{}}}}"#));
    // What the form cannot say is shown by its fields.
    check(&all, &format!(r#"{{{rest},"t":{{"seconds":"253402300800","nanos":0}}}}"#));
    check(&all, &format!(r#"{{{rest},"d":{{"seconds":"1","nanos":-1}}}}"#));
    check(&all, &format!(r#"{{{rest},"f":{{"paths":["Odd__name"]}}}}"#));
    check_error(&all, r#"{"t":"today"}"#, "$.t: expected a time such as");
    check_error(&all, r#"{"d":1}"#, "$.d: expected a duration");
    check_error(&all, r#"{"a":{"@type":"x/no.Such"}}"#, "the schema has no message `no.Such`");
    check_error(&all, r#"{"a":{"x":1}}"#, "\"@type\"");
}

#[test]
fn files_are_found_by_what_imports_call_them() {
    let main = r#"syntax = "proto3"; package a; import "b/c.proto"; import "confluent/type/decimal.proto";
        import "google/type/money.proto";
        message M { b.C c = 1; confluent.type.Decimal d = 2; google.type.Money m = 3; }"#;
    let first = r#"syntax = "proto3"; package b; import public "d.proto"; message C { D d = 1; }"#;
    let second = r#"syntax = "proto2"; package b; message D { optional int32 n = 1; }"#;
    let references = [reference("b/c.proto", first), reference("d.proto", second)];
    let schema = ParsedSchema::protobuf(main, &references).expect("a schema");
    let json = r#"{"c":{"d":{"n":1}},"d":{"value":"AQ==","precision":2,"scale":1},"m":{"currency_code":"EUR","units":"1","nanos":0}}"#;
    let bytes = encode(json, &schema, SchemaId(1)).expect("it fits");
    assert_eq!(decode(Some(&bytes), Some(&schema)).text, json);
    assert_eq!(schema.messages(), ["a.M"]);
    let error = ParsedSchema::protobuf(main, &references[..1]).expect_err("a file is missing").to_string();
    assert!(error.contains("d.proto"), "{error}");
    for bad in ["", "message", "syntax = \"proto3\"; message M { N n = 1; }", "\0", "syntax = \"proto9\";"] {
        let outcome = ParsedSchema::protobuf(bad, &[]);
        assert!(bad.is_empty() || outcome.is_err(), "{bad:?}");
    }
}

#[test]
fn parts_of_a_message_are_merged_and_the_last_value_counts() {
    let schema = shop();
    let check = |body: &str, expected: &str| {
        let bytes = unhex(&format!("00000000010202{body}"));
        assert_eq!(decode(Some(&bytes), Some(&schema)).text, expected);
    };
    check("0a030a01610a030a0162", r#"{"inner":{"text":"b"}}"#);
    check("0a000a030a0162", r#"{"inner":{"text":"b"}}"#);
    // Field 9 is unknown, in every wire type.
    check(
        "4801490000000000000000 4a0161 4b4801 4c 4d00000000 0a00".replace(' ', "").as_str(),
        r#"{"inner":{"text":""}}"#,
    );
}

#[test]
fn long_text_is_cut() {
    let schema = shop();
    let bytes = unhex(ORDER);
    let decoded = Decoded::within(Some(&bytes), Some(&schema), Limits::text(50));
    assert_eq!((decoded.truncated, decoded.text.as_str()), (true, &ORDER_JSON[..50]));
}
