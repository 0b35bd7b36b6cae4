//! Agreement with prost-reflect, and no crash on any bytes or text.

use payload::{Encoding, Limits, ParsedSchema, SchemaId, decode, decode_body, encode};
use proptest::prelude::*;
use prost_reflect::prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MapKey, MessageDescriptor, SerializeOptions, Value};

use crate::protobuf::{SHOP, shop, unhex};

fn theirs() -> MessageDescriptor {
    static POOL: std::sync::OnceLock<DescriptorPool> = std::sync::OnceLock::new();
    let pool = POOL.get_or_init(|| {
        let mut resolver = protox::file::ChainFileResolver::new();
        resolver.add(Shop);
        resolver.add(protox::file::GoogleFileResolver::new());
        let mut compiler = protox::Compiler::with_file_resolver(resolver);
        compiler.open_file("shop.proto").expect("it compiles");
        compiler.descriptor_pool()
    });
    pool.get_message_by_name("shop.Order").expect("the message")
}

struct Shop;

impl protox::file::FileResolver for Shop {
    fn open_file(&self, name: &str) -> Result<protox::file::File, protox::Error> {
        if name == "shop.proto" {
            return protox::file::File::from_source(name, SHOP);
        }
        Err(protox::Error::file_not_found(name))
    }
}

fn line() -> impl Strategy<Value = DynamicMessage> {
    (any::<String>(), any::<i32>(), any::<u64>()).prop_map(|(sku, delta, big)| {
        let line = theirs().get_field_by_name("lines").expect("a field").kind();
        let mut message = DynamicMessage::new(line.as_message().expect("a message").clone());
        message.set_field_by_name("sku", Value::String(sku));
        message.set_field_by_name("delta", Value::I32(delta));
        message.set_field_by_name("big", Value::U64(big));
        message
    })
}

fn order() -> impl Strategy<Value = DynamicMessage> {
    let numbers = (any::<i64>(), any::<u64>(), any::<f64>(), any::<f32>(), any::<Option<i32>>());
    let texts = (any::<String>(), any::<Vec<u8>>(), any::<bool>(), -3..3_i32);
    let lists = (prop::collection::vec(line(), 0..3), prop::collection::vec(any::<i32>(), 0..4));
    let maps = (
        prop::collection::hash_map(any::<String>(), any::<i64>(), 0..3),
        prop::collection::hash_map(any::<i32>(), line(), 0..3),
    );
    let payment = prop_oneof![
        Just(None),
        any::<String>().prop_map(|card| Some(("card", Value::String(card)))),
        line().prop_map(|line| Some(("voucher", Value::Message(line)))),
    ];
    (numbers, texts, lists, maps, payment).prop_map(|(numbers, texts, lists, maps, payment)| {
        let mut order = DynamicMessage::new(theirs());
        let mut set = |name: &str, value: Value| order.set_field_by_name(name, value);
        set("id", Value::I64(numbers.0));
        set("total", Value::U64(numbers.1));
        set("price", Value::F64(numbers.2));
        set("weight", Value::F32(numbers.3));
        if let Some(rating) = numbers.4 {
            set("rating", Value::I32(rating));
        }
        set("customer_name", Value::String(texts.0));
        set("token", Value::Bytes(texts.1.into()));
        set("gift", Value::Bool(texts.2));
        set("state", Value::EnumNumber(texts.3));
        set("lines", Value::List(lists.0.into_iter().map(Value::Message).collect()));
        set("scores", Value::List(lists.1.into_iter().map(Value::I32).collect()));
        set(
            "counts",
            Value::Map(maps.0.into_iter().map(|(k, v)| (MapKey::String(k), Value::I64(v))).collect()),
        );
        set(
            "by_number",
            Value::Map(maps.1.into_iter().map(|(k, v)| (MapKey::I32(k), Value::Message(v))).collect()),
        );
        if let Some((name, value)) = payment {
            set(name, value);
        }
        order
    })
}

fn json(message: &DynamicMessage) -> serde_json::Value {
    let options = SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false);
    message.serialize_with_options(serde_json::value::Serializer, &options).expect("it serialises")
}

proptest! {
    #[test]
    fn what_prost_writes_is_read_and_written_the_same(order in order()) {
        let ours = shop();
        let body = order.encode_to_vec();
        let decoded = decode_body(&body, &ours, Limits::default());
        prop_assert_eq!(&decoded.error, &None);
        let mut read: serde_json::Value = serde_json::from_str(&decoded.text).expect("JSON");
        // A field with presence that is not set is `null` there and nothing here.
        let mut expected = json(&order);
        expected.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        // Through f64 a float has other digits, and is the same.
        for json in [&mut read, &mut expected] {
            if let Some(float) = json["weight"].as_f64() {
                json["weight"] = (float as f32).into();
            }
        }
        prop_assert_eq!(&read, &expected);
        let again = encode(&decoded.text, &ours, SchemaId(1)).expect("our own text");
        let back = DynamicMessage::decode(theirs(), &again[6..]).expect("prost reads it");
        // Through bytes: NaN is not equal to itself.
        prop_assert_eq!(json(&back), json(&order));
    }

    #[test]
    fn any_bytes_are_shown(bytes in any::<Vec<u8>>()) {
        let schema = shop();
        for framed in [bytes.clone(), [&[0, 0, 0, 0, 1][..], &bytes].concat(), [&[0, 0, 0, 0, 1, 0][..], &bytes].concat()] {
            let decoded = decode(Some(&framed), Some(&schema));
            prop_assert!(decoded.error.is_none() || decoded.encoding == Encoding::Hex);
        }
    }

    /// A payload with a few bytes changed is mostly still a message.
    #[test]
    fn damaged_bytes_are_shown_and_what_is_read_is_json(
        order in order(), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
    ) {
        let schema = shop();
        let mut body = order.encode_to_vec();
        if !body.is_empty() {
            for (at, byte) in damage {
                let at = at.index(body.len());
                body[at] = byte;
            }
        }
        let decoded = decode_body(&body, &schema, Limits::default());
        if decoded.error.is_none() {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&decoded.text).is_ok(), "{}", decoded.text);
            prop_assert!(encode(&decoded.text, &schema, SchemaId(1)).is_ok(), "{}", decoded.text);
        }
    }

    #[test]
    fn any_text_is_a_schema_or_an_error(text in any::<String>(), cut in 0..SHOP.len()) {
        let _ = ParsedSchema::protobuf(&text, &[]);
        let _ = ParsedSchema::protobuf(SHOP.get(..cut).unwrap_or_default(), &[]);
        let _ = encode(&text, &shop(), SchemaId(1));
    }
}

#[test]
fn hostile_bytes_end_within_bounds() {
    let list = ParsedSchema::protobuf(
        "syntax = \"proto3\"; message M { M m = 1; repeated M ms = 2; repeated bool bs = 3; }",
        &[],
    )
    .expect("a schema");
    // Ten thousand messages inside each other: each length is right.
    let mut deep = Vec::new();
    for _ in 0..10_000 {
        let mut outer = vec![0x0a];
        let mut length = deep.len();
        while length >= 0x80 {
            outer.push(length as u8 | 0x80);
            length >>= 7;
        }
        outer.push(length as u8);
        outer.extend(deep);
        deep = outer;
    }
    let decoded = decode_body(&deep, &list, Limits::default());
    assert!(decoded.error.is_some_and(|error| error.contains("nests deeper than 100 levels")));
    // A megabyte of one-byte values, and one of empty messages.
    let mut many = vec![0x1a, 0x80, 0x80, 0x40];
    many.extend(vec![1; 1 << 20]);
    let empties = [0x12, 0].repeat(1 << 19);
    for bytes in [many, empties] {
        let decoded = decode_body(&bytes, &list, Limits::text(1000));
        assert_eq!((decoded.truncated, decoded.text.len()), (true, 1000));
    }
    // Groups that never end.
    let groups = [0x23].repeat(100_000);
    let decoded = decode_body(&groups, &list, Limits::default());
    assert!(decoded.error.is_some_and(|error| error.contains("groups nest deeper")));
    let lies = unhex("0affffffffff7f");
    assert!(decode_body(&lies, &list, Limits::default()).error.is_some());
}
