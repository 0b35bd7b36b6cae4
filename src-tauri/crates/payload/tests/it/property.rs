//! Agreement with apache-avro, and no crash on any bytes.

use apache_avro::{Schema, types::Value};
use payload::{Encoding, Limits, ParsedSchema, SchemaId, decode, decode_body, encode};
use proptest::prelude::*;

const SCHEMA: &str = r#"{"type":"record","name":"a.R","fields":[
    {"name":"b","type":"boolean"},
    {"name":"i","type":"int"},
    {"name":"l","type":"long"},
    {"name":"f","type":"float"},
    {"name":"d","type":"double"},
    {"name":"s","type":"string"},
    {"name":"y","type":"bytes"},
    {"name":"o","type":["null","long"]},
    {"name":"u","type":["int","string","bytes"]},
    {"name":"a","type":{"type":"array","items":["null","string"]}},
    {"name":"m","type":{"type":"map","values":"long"}},
    {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B","C"]}},
    {"name":"x","type":{"type":"fixed","name":"X","size":3}}
]}"#;

fn record() -> impl Strategy<Value = Value> {
    let union = prop_oneof![
        any::<i32>().prop_map(|n| Value::Union(0, Box::new(Value::Int(n)))),
        any::<String>().prop_map(|s| Value::Union(1, Box::new(Value::String(s)))),
        any::<Vec<u8>>().prop_map(|y| Value::Union(2, Box::new(Value::Bytes(y)))),
    ];
    let optional = any::<Option<i64>>().prop_map(|value| match value {
        None => Value::Union(0, Box::new(Value::Null)),
        Some(n) => Value::Union(1, Box::new(Value::Long(n))),
    });
    let item = any::<Option<String>>().prop_map(|value| match value {
        None => Value::Union(0, Box::new(Value::Null)),
        Some(s) => Value::Union(1, Box::new(Value::String(s))),
    });
    let numbers = (any::<bool>(), any::<i32>(), any::<i64>(), any::<f32>(), any::<f64>());
    let texts = (any::<String>(), any::<Vec<u8>>(), optional, union);
    let map = prop::collection::hash_map(any::<String>(), any::<i64>(), 0..3);
    let rest = (prop::collection::vec(item, 0..4), map, 0..3_u32, any::<[u8; 3]>());
    (numbers, texts, rest).prop_map(|((b, i, l, f, d), (s, y, o, u), (a, m, e, x))| {
        let symbol = ["A", "B", "C"][e as usize].to_owned();
        let map = m.into_iter().map(|(key, value)| (key, Value::Long(value))).collect();
        let fields = [
            ("b", Value::Boolean(b)),
            ("i", Value::Int(i)),
            ("l", Value::Long(l)),
            ("f", Value::Float(f)),
            ("d", Value::Double(d)),
            ("s", Value::String(s)),
            ("y", Value::Bytes(y)),
            ("o", o),
            ("u", u),
            ("a", Value::Array(a)),
            ("m", Value::Map(map)),
            ("e", Value::Enum(e, symbol)),
            ("x", Value::Fixed(3, x.to_vec())),
        ];
        Value::Record(fields.map(|(name, value)| (name.to_owned(), value)).into())
    })
}

fn datum(schema: &Schema, value: Value) -> Vec<u8> {
    let writer = apache_avro::writer::datum::GenericDatumWriter::builder(schema).build().expect("a writer");
    writer.write_value_to_vec(value).expect("it fits")
}

proptest! {
    #[test]
    fn what_apache_avro_writes_is_read_and_written_the_same(value in record()) {
        let theirs = Schema::parse_str(SCHEMA).expect("a schema");
        let ours = ParsedSchema::avro(SCHEMA, &[]).expect("a schema");
        let body = datum(&theirs, value);
        let decoded = decode_body(&body, &ours, Limits::default());
        prop_assert_eq!(&decoded.error, &None);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&decoded.text).is_ok());
        let again = encode(&decoded.text, &ours, SchemaId(1)).expect("our own text");
        prop_assert_eq!(&again[5..], &body[..]);
    }

    #[test]
    fn any_bytes_are_shown(bytes in any::<Vec<u8>>()) {
        let schema = ParsedSchema::avro(SCHEMA, &[]).expect("a schema");
        for schema in [None, Some(&schema)] {
            let decoded = decode(Some(&bytes), schema);
            prop_assert!(decoded.error.is_none() || decoded.encoding == Encoding::Hex);
        }
    }

    #[test]
    fn pretty_text_means_the_same(value in record()) {
        let theirs = Schema::parse_str(SCHEMA).expect("a schema");
        let ours = ParsedSchema::avro(SCHEMA, &[]).expect("a schema");
        let body = datum(&theirs, value);
        let text = decode_body(&body, &ours, Limits::default()).text;
        let pretty = encode(&payload::pretty(&text), &ours, SchemaId(1)).expect("our own text");
        prop_assert_eq!(&pretty[5..], &body[..]);
    }
}
