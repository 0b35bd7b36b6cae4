//! Verdicts by change, each with its reason.

use super::super::Sides;
use crate::protobuf::ProtobufSchema;

/// `expected`: type and path of every difference that keeps `new` from reading
/// what `old` wrote.
#[track_caller]
fn check_files(reason: &str, old: (&str, &[(&str, &str)]), new: (&str, &[(&str, &str)]), expected: &[&str]) {
    let [old, new] = [old, new].map(|(text, references)| {
        let text =
            if text.contains("syntax") { text.to_owned() } else { format!("syntax = \"proto3\"; {text}") };
        ProtobufSchema::parse(&text, references).expect(&text)
    });
    let found = super::check(&new, &old, Sides { reader: "new", writer: "old" });
    let short: Vec<String> = found
        .iter()
        .map(|of| format!("{} {}", of.kind, of.description.split('\'').nth(1).unwrap_or_default()))
        .collect();
    assert_eq!(short, expected, "{reason}: {found:#?}");
}

#[track_caller]
fn check(reason: &str, old: &str, new: &str, expected: &[&str]) {
    check_files(reason, (old, &[]), (new, &[]), expected);
}

/// Fields of one message.
#[track_caller]
fn check_fields(reason: &str, old: &str, new: &str, expected: &[&str]) {
    let message =
        |fields: &str| format!("message M {{ {fields} }} message A {{}} message B {{}} enum E {{ Z = 0; }}");
    check(reason, &message(old), &message(new), expected);
}

#[test]
fn fields_come_and_go_by_number() {
    for (reason, old, new) in [
        ("nothing changed", "int32 a = 1;", "int32 a = 1;"),
        ("an unknown field is skipped", "int32 a = 1;", ""),
        ("a missing field has its default", "", "int32 a = 1;"),
        ("another number is a removal and an addition", "int32 a = 1;", "int32 a = 2;"),
        ("names are not written", "int32 a = 1;", "int32 b = 1;"),
        ("order is not written", "int32 a = 1; int32 b = 2;", "int32 b = 2; int32 a = 1;"),
        ("reservations bind nobody", "int32 a = 1;", "reserved 1;"),
        ("presence is the same on the wire", "int32 a = 1;", "optional int32 a = 1;"),
        ("a map's names are not written", "map<string, int32> a = 1;", "map<string, int64> b = 1;"),
    ] {
        check_fields(reason, old, new, &[]);
    }
}

#[test]
fn scalars_change_within_their_encoding() {
    let groups: [&[&str]; 7] = [
        &["int32", "int64", "uint32", "uint64", "bool", "E"],
        &["sint32", "sint64"],
        &["string", "bytes"],
        &["fixed32", "sfixed32"],
        &["fixed64", "sfixed64"],
        &["float"],
        &["double"],
    ];
    for (one, words) in groups.iter().enumerate() {
        for (other, others) in groups.iter().enumerate() {
            for (old, new) in words.iter().flat_map(|old| others.iter().map(move |new| (old, new))) {
                let expected: &[&str] = if one == other { &[] } else { &["FIELD_SCALAR_KIND_CHANGED #/M/1"] };
                let reason = format!("{old} read as {new}");
                check_fields(&reason, &format!("{old} a = 1;"), &format!("{new} a = 1;"), expected);
            }
        }
    }
    let kind = &["FIELD_KIND_CHANGED #/M/1"][..];
    for (reason, old, new, expected) in [
        ("a message is no number", "int32 a = 1;", "A a = 1;", kind),
        ("a number is no message", "A a = 1;", "int32 a = 1;", kind),
        ("a map is no number", "map<string, int32> a = 1;", "int32 a = 1;", kind),
        ("a map is no list of messages here", "map<string, int32> a = 1;", "repeated A a = 1;", kind),
        ("another message", "A a = 1;", "B a = 1;", &["FIELD_NAMED_TYPE_CHANGED #/M/1"]),
        (
            "a map's keys",
            "map<string, int32> a = 1;",
            "map<int32, int32> a = 1;",
            &["FIELD_SCALAR_KIND_CHANGED #/M/1"],
        ),
        (
            "a map's values",
            "map<string, int32> a = 1;",
            "map<string, string> a = 1;",
            &["FIELD_SCALAR_KIND_CHANGED #/M/1"],
        ),
        (
            "a map's messages",
            "map<string, A> a = 1;",
            "map<string, B> a = 1;",
            &["FIELD_NAMED_TYPE_CHANGED #/M/1"],
        ),
    ] {
        check_fields(reason, old, new, expected);
    }
}

#[test]
fn labels_matter_for_numbers() {
    let label = &["FIELD_NUMERIC_LABEL_CHANGED #/M/1"][..];
    for (reason, old, new, expected) in [
        ("the last string wins", "repeated string a = 1;", "string a = 1;", &[][..]),
        ("one string is a list of one", "bytes a = 1;", "repeated bytes a = 1;", &[]),
        ("the last message wins", "repeated A a = 1;", "A a = 1;", &[]),
        ("packed numbers are no number", "repeated int32 a = 1;", "int32 a = 1;", label),
        ("so it is the other way", "int32 a = 1;", "repeated int32 a = 1;", label),
        ("and for those that may be absent", "optional double a = 1;", "repeated double a = 1;", label),
        ("an enum is a number", "E a = 1;", "repeated E a = 1;", label),
    ] {
        check_fields(reason, old, new, expected);
    }
}

#[test]
fn required_fields_stay() {
    let message = |fields: &str| format!("syntax = \"proto2\"; message M {{ {fields} }}");
    for (reason, old, new, expected) in [
        ("old data lacks it", "", "required int32 a = 1;", &["REQUIRED_FIELD_ADDED #/M/1"][..]),
        ("old readers want it", "required int32 a = 1;", "", &["REQUIRED_FIELD_REMOVED #/M/1"]),
        ("an optional one may go", "optional int32 a = 1;", "", &[]),
        (
            "a number needed no longer",
            "required int32 a = 1;",
            "optional int32 a = 1;",
            &["FIELD_NUMERIC_LABEL_CHANGED #/M/1"],
        ),
        ("a string's label may change", "required string a = 1;", "optional string a = 1;", &[]),
        (
            "a group is encoded otherwise than a message",
            "optional group G = 1 {}",
            "message G {} optional G g = 1;",
            &["FIELD_KIND_CHANGED #/M/1"],
        ),
    ] {
        check(reason, &message(old), &message(new), expected);
    }
}

#[test]
fn oneofs_may_only_loosen() {
    for (reason, old, new, expected) in [
        ("one field alone excludes nothing", "string a = 1;", "oneof o { string a = 1; }", &[][..]),
        ("with new ones neither", "string a = 1;", "oneof o { string a = 1; string b = 2; }", &[]),
        ("another choice", "oneof o { string a = 1; }", "oneof o { string a = 1; string b = 2; }", &[]),
        (
            "a choice renamed",
            "oneof o { string a = 1; string b = 2; }",
            "oneof p { string a = 1; string b = 2; }",
            &[],
        ),
        ("free again", "oneof o { string a = 1; string b = 2; }", "string a = 1; string b = 2;", &[]),
        ("gone as a whole", "oneof o { string a = 1; string b = 2; } int32 c = 3;", "int32 c = 3;", &[]),
        (
            "both may have been set",
            "string a = 1; string b = 2;",
            "oneof o { string a = 1; string b = 2; }",
            &["MULTIPLE_FIELDS_MOVED_TO_ONEOF #/M/o"],
        ),
        (
            "it may have been set beside the choice",
            "string a = 1; oneof o { string b = 2; }",
            "oneof o { string a = 1; string b = 2; }",
            &["FIELD_MOVED_TO_EXISTING_ONEOF #/M/o"],
        ),
        (
            "two choices may both have been made",
            "oneof o { string a = 1; } oneof p { string b = 2; }",
            "oneof q { string a = 1; string b = 2; }",
            &["FIELD_MOVED_TO_EXISTING_ONEOF #/M/q"],
        ),
        (
            "the choice would look unmade",
            "oneof o { string a = 1; string b = 2; }",
            "oneof o { string a = 1; }",
            &["ONEOF_FIELD_REMOVED #/M/o/2"],
        ),
        (
            "also under another name",
            "oneof o { string a = 1; string b = 2; }",
            "oneof p { string a = 1; }",
            &["ONEOF_FIELD_REMOVED #/M/o/2"],
        ),
        (
            "a type changes inside, too",
            "oneof o { string a = 1; }",
            "oneof p { int32 a = 1; }",
            &["FIELD_SCALAR_KIND_CHANGED #/M/p/1"],
        ),
        (
            "`optional` is no oneof",
            "optional string a = 1; string b = 2;",
            "string a = 1; optional string b = 2;",
            &[],
        ),
    ] {
        check_fields(reason, old, new, expected);
    }
}

#[test]
fn messages_stay_and_enums_are_numbers() {
    for (reason, old, new, expected) in [
        ("a message more", "message A {}", "message A {} message B {}", &[][..]),
        ("messages in another order", "message A {} message B {}", "message B {} message A {}", &[]),
        ("a message gone", "message A {} message B {}", "message A {}", &["MESSAGE_REMOVED #/B"]),
        ("a nested message gone", "message A { message B {} }", "message A {}", &["MESSAGE_REMOVED #/A/B"]),
        (
            "inside a nested one",
            "message A { message B { int32 n = 1; } }",
            "message A { message B { string n = 1; } }",
            &["FIELD_SCALAR_KIND_CHANGED #/A/B/1"],
        ),
        ("an enum gone", "message A {} enum E { Z = 0; }", "message A {}", &[]),
        (
            "an enum's names and numbers",
            "message A {} enum E { Z = 0; O = 1; }",
            "message A {} enum E { N = 0; T = 2; }",
            &[],
        ),
        (
            "the package is part of every name",
            "package a; message A {}",
            "package b; message A {}",
            &["PACKAGE_CHANGED #/"],
        ),
        ("so is none", "message A {}", "package b; message A {}", &["PACKAGE_CHANGED #/"]),
        (
            "a name in full",
            "package a; message A { B b = 1; } message B {}",
            "package a; message A { .a.B b = 1; } message B {}",
            &[],
        ),
        (
            "a message that holds itself",
            "message A { A next = 1; int32 n = 2; }",
            "message A { A next = 1; string n = 2; }",
            &["FIELD_SCALAR_KIND_CHANGED #/A/2"],
        ),
        (
            "a message by the name of an enum",
            "message M { int32 s = 2; }",
            "message M { message S {} S s = 2; }",
            &["FIELD_KIND_CHANGED #/M/2"],
        ),
    ] {
        check(reason, old, new, expected);
    }
}

#[test]
fn imports_are_looked_into() {
    let home = |field: &str, package: &str| {
        format!("syntax = \"proto3\"; package {package}; message Home {{ {field} }}")
    };
    let user = |package: &str| {
        format!("syntax = \"proto3\"; import \"home.proto\"; message M {{ {package}.Home home = 1; }}")
    };
    let (v1, v2, v3) =
        (home("int32 a = 1;", "x"), home("int32 a = 1; int32 b = 2;", "x"), home("string a = 1;", "x"));
    let (old, other) = (user("x"), user("y"));
    let files = |text: &'static str| text;
    let name = files("home.proto");
    check_files("a field more there", (&old, &[(name, &v1)]), (&old, &[(name, &v2)]), &[]);
    let expected = ["FIELD_SCALAR_KIND_CHANGED #/Home/1", "FIELD_NAMED_TYPE_CHANGED #/M/1"];
    check_files("another type there", (&old, &[(name, &v1)]), (&old, &[(name, &v3)]), &expected);
    let moved = home("int32 a = 1;", "y");
    check_files("the same from another package", (&old, &[(name, &v1)]), (&other, &[(name, &moved)]), &[]);
    let inline = "syntax = \"proto3\"; message M { Home home = 1; } message Home { int32 a = 1; }";
    let from = "syntax = \"proto3\"; import \"home.proto\"; message M { Home home = 1; }";
    let plain = "syntax = \"proto3\"; message Home { int32 a = 1; }";
    check_files("moved to an import", (inline, &[]), (from, &[(name, plain)]), &["MESSAGE_REMOVED #/Home"]);
    check_files("moved from an import", (from, &[(name, plain)]), (inline, &[]), &[]);
    let well_known = "syntax = \"proto3\"; import \"google/protobuf/struct.proto\"; message M { google.protobuf.Struct s = 1; }";
    check("types that hold each other", well_known, well_known, &[]);
}
