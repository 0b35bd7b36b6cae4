//! Texts in and out, with what Confluent's registry makes of them.

use super::{ParseError, ProtobufSchema};

#[track_caller]
fn check(text: &str, canonical: &str, normalized: &str) {
    let schema = ProtobufSchema::parse(text, &[]).expect("a schema");
    assert_eq!(schema.canonical(), canonical, "canonical");
    assert_eq!(schema.normalized(), normalized, "normalized");
    let again = ProtobufSchema::parse(canonical, &[]).expect("our own text");
    assert_eq!(again.canonical(), canonical, "canonical again");
    let again = ProtobufSchema::parse(normalized, &[]).expect("our own text");
    assert_eq!(again.normalized(), normalized, "normalized again");
    // By way of the descriptor nothing is lost.
    let again = ProtobufSchema::parse(&schema.serialized(), &[]).expect("our own descriptor");
    assert_eq!(again.normalized(), normalized, "serialized");
    let third = ProtobufSchema::parse(&again.canonical(), &[]).expect("our own text");
    assert_eq!(third.normalized(), normalized, "serialized, as text");
}

#[test]
fn the_layout_is_confluents() {
    check(
        r#"
        // A comment.
        syntax = "proto3";
        package com.acme;
        import "google/protobuf/timestamp.proto";
        option java_package = "com.acme.proto";
        enum Colour { RED = 0; GREEN = 1 [deprecated = true]; }
        message Order {
          reserved 9, 4 to 6; reserved "old";
          int64 id = 2;
          string name = 1 [json_name = "n"];
          repeated Line lines = 3;
          map<string, Colour> colours = 7;
          optional bool paid = 8;
          google.protobuf.Timestamp at = 10;
          oneof how { string card = 12; Order.Line line = 11; }
          message Line { double price = 1; }
        }
        service Shop { rpc Buy (Order) returns (stream Order); }
        "#,
        r#"syntax = "proto3";
package com.acme;

import "google/protobuf/timestamp.proto";

option java_package = "com.acme.proto";

message Order {
  reserved 9, 4 to 6;
  reserved "old";

  int64 id = 2;
  string name = 1 [json_name = "n"];
  repeated Line lines = 3;
  map<string, Colour> colours = 7;
  optional bool paid = 8;
  google.protobuf.Timestamp at = 10;

  oneof how {
    string card = 12;
    Order.Line line = 11;
  }

  message Line {
    double price = 1;
  }
}
enum Colour {
  RED = 0;
  GREEN = 1 [deprecated = true];
}

service Shop {
  rpc Buy (Order) returns (stream Order);
}
"#,
        r#"syntax = "proto3";
package com.acme;

import "google/protobuf/timestamp.proto";

option java_package = "com.acme.proto";

message Order {
  reserved 4 to 6;
  reserved 9;
  reserved "old";

  string name = 1 [json_name = "n"];
  int64 id = 2;
  repeated .com.acme.Order.Line lines = 3;
  map<string, .com.acme.Colour> colours = 7;
  optional bool paid = 8;
  .google.protobuf.Timestamp at = 10;

  oneof how {
    .com.acme.Order.Line line = 11;
    string card = 12;
  }

  message Line {
    double price = 1;
  }
}
enum Colour {
  RED = 0;
  GREEN = 1 [deprecated = true];
}

service Shop {
  rpc Buy (.com.acme.Order) returns (stream .com.acme.Order);
}
"#,
    );
}

#[test]
fn proto2_keeps_labels_defaults_extensions_and_groups() {
    check(
        r#"syntax = "proto2";
        message M {
          required int32 a = 1;
          optional string b = 2 [default = "x\"y", deprecated = true];
          optional bytes c = 3 [default = "\001z"];
          optional E e = 4 [default = ONE];
          optional double d = 5 [default = 1.5];
          repeated group Item = 6 { optional int32 n = 1; }
          extensions 100 to 199, 500 to max;
        }
        enum E { option allow_alias = true; ZERO = 0; ONE = 1; UNO = 1; reserved 5, 7 to max; }
        extend M { optional int32 x = 101; optional M y = 100; }
        "#,
        r#"syntax = "proto2";

message M {
  required int32 a = 1;
  optional string b = 2 [
    deprecated = true,
    default = "x\"y"
  ];
  optional bytes c = 3 [default = "\001z"];
  optional E e = 4 [default = ONE];
  optional double d = 5 [default = 1.5];
  repeated group Item = 6 {
    optional int32 n = 1;
  }

  extensions 100 to 199, 500 to max;
}
enum E {
  reserved 5, 7 to max;
  option allow_alias = true;
  ZERO = 0;
  ONE = 1;
  UNO = 1;
}

extend M {
  optional int32 x = 101;
  optional M y = 100;
}
"#,
        r#"
message M {
  required int32 a = 1;
  optional string b = 2 [
    deprecated = true,
    default = "x\"y"
  ];
  optional bytes c = 3 [default = "\001z"];
  optional .E e = 4 [default = ONE];
  optional double d = 5 [default = 1.5];
  repeated group Item = 6 {
    optional int32 n = 1;
  }

  extensions 100 to 199;
  extensions 500 to max;
}
enum E {
  reserved 5;
  reserved 7 to max;
  option allow_alias = true;
  ZERO = 0;
  ONE = 1;
  UNO = 1;
}

extend .M {
  optional .M y = 100;
  optional int32 x = 101;
}
"#,
    );
}

#[test]
fn custom_options_are_kept_and_merged() {
    check(
        r#"syntax = "proto3";
        import "confluent/meta.proto";
        message M {
          option (confluent.message_meta).doc = "a message";
          option (confluent.message_meta).tags = "PII";
          string ssn = 1 [(confluent.field_meta) = { tags: "PII" params: [{key: "k", value: "v"}] }];
        }
        "#,
        r#"syntax = "proto3";

import "confluent/meta.proto";

message M {
  option (confluent.message_meta).doc = "a message";
  option (confluent.message_meta).tags = "PII";

  string ssn = 1 [(confluent.field_meta) = {
    tags: "PII",
    params: [
      {
        key: "k",
        value: "v"
      }
    ]
  }];
}
"#,
        r#"syntax = "proto3";

import "confluent/meta.proto";

message M {
  option (confluent.message_meta) = {
    doc: "a message",
    tags: [
      "PII"
    ]
  };

  string ssn = 1 [(confluent.field_meta) = {
    params: [
      {
        key: "k",
        value: "v"
      }
    ],
    tags: [
      "PII"
    ]
  }];
}
"#,
    );
    let text = r#"syntax = "proto3"; import "google/protobuf/descriptor.proto"; import "confluent/meta.proto";
        extend google.protobuf.FieldOptions { string unit = 50000; }
        message M { int32 n = 1 [(unit) = "kg", (confluent.field_meta).doc = "d"]; }"#;
    let schema = ProtobufSchema::parse(text, &[]).expect("a schema");
    let bare = schema.without_extensions();
    assert!(
        !bare.contains("unit") && bare.contains("int32 n = 1 [(confluent.field_meta).doc = \"d\"];"),
        "{bare}"
    );
}

#[test]
fn entries_written_out_as_confluent_does_are_maps() {
    let text = r#"syntax = "proto3";
        message M {
          repeated .M.CountsEntry counts = 1;
          message CountsEntry { option map_entry = true; string key = 1; int32 value = 2; }
        }"#;
    let schema = ProtobufSchema::parse(text, &[]).expect("a schema");
    assert!(schema.canonical().contains("  map<string, int32> counts = 1;"), "{}", schema.canonical());
    let plain = r#"syntax = "proto3"; message M { map<string, int32> counts = 1; }"#;
    let plain = ProtobufSchema::parse(plain, &[]).expect("a schema");
    assert_eq!(schema.normalized(), plain.normalized());
    let bad = text.replace("int32 value = 2;", "");
    assert_eq!(ProtobufSchema::parse(&bad, &[]).err(), Some(ParseError::BadMapEntry("CountsEntry".into())));
}

#[test]
fn imports_come_from_references_and_from_their_imports() {
    let money = r#"syntax = "proto3"; package shop; message Money { int64 cents = 1; }"#;
    let line =
        r#"syntax = "proto3"; package shop; import public "money.proto"; message Line { Money price = 1; }"#;
    let order = r#"syntax = "proto3"; package shop; import "line.proto"; message Order { Line line = 1; Money sum = 2; }"#;
    let references = [("money.proto", money), ("line.proto", line)];
    let schema = ProtobufSchema::parse(order, &references).expect("a schema");
    assert!(schema.normalized().contains(".shop.Money sum = 2;"));
    // A reference may be a descriptor itself.
    let serialized = ProtobufSchema::parse(line, &references).expect("a schema").serialized();
    let again = ProtobufSchema::parse(order, &[("money.proto", money), ("line.proto", &serialized)]);
    assert_eq!(again.expect("a schema").normalized(), schema.normalized());
    let missing = ProtobufSchema::parse(order, &references[1..]).err();
    assert_eq!(missing, Some(ParseError::NotFound("money.proto".into())));
    let ring = [("a.proto", r#"import "b.proto";"#), ("b.proto", r#"import "a.proto";"#)];
    let cyclic = ProtobufSchema::parse(r#"import "a.proto"; message M {}"#, &ring).err();
    assert_eq!(cyclic, Some(ParseError::Cycle("a.proto".into())));
}

#[test]
fn what_is_no_schema_is_refused() {
    let message = |body: &str| format!("syntax = \"proto3\"; message M {{ {body} }}");
    for (text, expected) in [
        ("{".to_owned(), "expected"),
        ("syntax = \"proto4\";".to_owned(), "unknown syntax"),
        (message("string a = 1; string b = 1;"), "1"),
        (message("string a = 1; string a = 2;"), "a"),
        (message("Missing a = 1;"), "Missing"),
        (message("string a = 0;"), "number"),
        (message("string a = 19000;"), "19000"),
        (message("string a = 536870912;"), "number"),
        (message("required string a = 1;"), "required"),
        (message("reserved 1; string a = 1;"), "reserved"),
        (message("map<double, string> a = 1;"), "map"),
        (message("string a = 1 [(nowhere) = 1];"), "nowhere"),
        ("syntax = \"proto3\"; enum E { ONE = 1; }".to_owned(), "0"),
        ("syntax = \"proto3\"; enum E { }".to_owned(), "enum"),
        (format!("{}{}", "message M { ".repeat(150), "}".repeat(150)), "recursion"),
        (format!("{}{}", "message M { ".repeat(10_000), "}".repeat(10_000)), "deeper"),
        (format!("option (x) = {}{};", "{ a ".repeat(100_000), "}".repeat(100_000)), "deeper"),
        ("aGVsbG8gd29ybGQ=".to_owned(), "descriptor"),
    ] {
        let error = ProtobufSchema::parse(&text, &[]).map(|schema| schema.canonical()).expect_err(&text);
        let error = error.to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

/// Damaged on its way, a schema is refused or taken: nothing panics.
#[test]
fn damage_is_survived() {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use proptest::prelude::*;

    let text = r#"syntax = "proto2"; package p; import "confluent/meta.proto";
        extend M { optional int32 x = 100; }
        message M {
          option (confluent.message_meta) = { doc: "d" tags: ["a", "b"] params: [{key: "k" value: "v"}] };
          required int32 a = 1 [deprecated = true];
          map<string, N> m = 2;
          repeated group G = 3 { optional E e = 1 [default = ONE]; }
          oneof o { string s = 4; bytes b = 5; }
          reserved 7, 9 to 10; reserved "r"; extensions 100 to 200;
          message N { optional M up = 1; }
        }
        enum E { ZERO = 0; ONE = 1; reserved 5; }
        service S { rpc R (M) returns (stream M.N) { option idempotency_level = NO_SIDE_EFFECTS; } }"#;
    let serialized = ProtobufSchema::parse(text, &[]).expect("a schema").serialized();
    let bytes = BASE64_STANDARD.decode(serialized).expect("our own Base64");
    let changes = || prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..4);
    let damage = |mut bytes: Vec<u8>, changes: &[(prop::sample::Index, u8, u8)]| {
        for (place, byte, how) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = *byte,
                1 => bytes.insert(at, *byte),
                2 => drop(bytes.remove(at)),
                _ => bytes[at] ^= 1 << (byte % 8),
            }
        }
        bytes
    };
    let parse = |text: &str| {
        if let Ok(schema) = ProtobufSchema::parse(text, &[]) {
            // What was taken can be written in every form, and read again.
            let again = ProtobufSchema::parse(&schema.canonical(), &[]).expect("our own text");
            let _ = (again.normalized(), again.serialized(), again.without_extensions());
        }
    };
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(1500));
    let outcome = runner.run(&(changes(), changes()), |(first, second)| {
        parse(&BASE64_STANDARD.encode(damage(bytes.clone(), &first)));
        parse(&String::from_utf8_lossy(&damage(text.as_bytes().to_vec(), &second)));
        Ok(())
    });
    outcome.expect("no damage is fatal");
}
