//! Avro's rules of schema resolution, as a check of two schemas.
//!
//! Sources: the Avro specification's chapter on schema resolution, and the
//! types and places of incompatibilities that Avro's Java library names.

use std::collections::{HashMap, HashSet};

use super::{DIFFERENCES_MAX, Difference, Sides, verdicts::Verdicts};
use crate::avro::{AvroSchema, Field, Kind, Named, Primitive, TypeId};

/// Types nested deeper are refused rather than followed.
const DEPTH_MAX: usize = 200;

/// Everything that keeps `reader` from reading all data of `writer`.
pub(crate) fn check(reader: &AvroSchema, writer: &AvroSchema, sides: Sides) -> Vec<Difference> {
    let mut checker = Checker {
        reader,
        writer,
        sides,
        verdicts: Verdicts::default(),
        fields: HashMap::new(),
        path: Vec::new(),
        found: Vec::new(),
    };
    checker.reads(reader.root(), writer.root());
    checker.found
}

struct Checker<'s> {
    reader: &'s AvroSchema,
    writer: &'s AvroSchema,
    sides: Sides,
    verdicts: Verdicts<(TypeId, TypeId)>,
    /// Each writer record's fields by name.
    fields: HashMap<TypeId, HashMap<&'s str, &'s Field>>,
    path: Vec<String>,
    found: Vec<Difference>,
}

impl<'s> Checker<'s> {
    fn reads(&mut self, reader: TypeId, writer: TypeId) -> bool {
        let pair = (reader, writer);
        if let Some(verdict) = self.verdicts.known(pair) {
            return verdict;
        }
        if self.path.len() > DEPTH_MAX {
            let description =
                format!("types nest deeper than {DEPTH_MAX} levels at {}, too deep to compare", self.place());
            return self.fail("TYPE_MISMATCH", description, "");
        }
        let mark = self.verdicts.begin(pair);
        let is_compatible = self.compare(reader, writer);
        self.verdicts.end(pair, mark, is_compatible);
        is_compatible
    }

    fn compare(&mut self, reader: TypeId, writer: TypeId) -> bool {
        match (self.reader.kind(reader), self.writer.kind(writer)) {
            (Kind::Union(branches), Kind::Union(written)) => self.each_branch(branches, written),
            (_, Kind::Union(written)) => {
                let mut all = true;
                for branch in written {
                    all &= self.reads(reader, *branch);
                }
                all
            }
            (Kind::Union(branches), kind) => self.some_branch(branches, writer, kind, None),
            (Kind::Primitive(read), Kind::Primitive(written)) if promotes(*written, *read) => true,
            (Kind::Array(read), Kind::Array(written)) => {
                self.inside("items", |this| this.reads(*read, *written))
            }
            (Kind::Map(read), Kind::Map(written)) => {
                self.inside("values", |this| this.reads(*read, *written))
            }
            (Kind::Fixed { named: read, size }, Kind::Fixed { named: written, size: written_size }) => {
                self.names_agree(read, written) & self.sizes_agree(read, *size, *written_size)
            }
            (
                Kind::Enum { named: read, symbols, default },
                Kind::Enum { named: written, symbols: written_symbols, .. },
            ) => {
                self.names_agree(read, written)
                    & self.symbols_known(read, symbols, default.is_some(), written_symbols)
            }
            (
                Kind::Record { named: read, fields, .. },
                Kind::Record { named: written, fields: written_fields, .. },
            ) => self.names_agree(read, written) & self.fields_readable(read, fields, writer, written_fields),
            (read, written) => {
                let Sides { reader: ours, writer: theirs } = self.sides;
                let (read, written) = (describe(read), describe(written));
                let description = format!(
                    "the type at {} is {read} in the {ours} schema and {written} in the {theirs} schema",
                    self.place()
                );
                let about = format!("reader type: {read} not compatible with writer type: {written}");
                self.fail("TYPE_MISMATCH", description, &about)
            }
        }
    }

    fn each_branch(&mut self, branches: &'s [TypeId], written: &'s [TypeId]) -> bool {
        let mut all = true;
        for (index, branch) in written.iter().enumerate() {
            let kind = self.writer.kind(*branch);
            all &= self
                .inside(&index.to_string(), |this| this.some_branch(branches, *branch, kind, Some(index)));
        }
        all
    }

    fn some_branch(
        &mut self,
        branches: &[TypeId],
        writer: TypeId,
        kind: &Kind,
        index: Option<usize>,
    ) -> bool {
        self.verdicts.begin_probe();
        let found = branches.iter().any(|branch| self.reads(*branch, writer));
        self.verdicts.end_probe();
        if found {
            return true;
        }
        let Sides { reader: ours, writer: theirs } = self.sides;
        let word = describe(kind);
        let which = index.map_or(String::new(), |index| format!(" (branch {index} of its union)"));
        let description = format!(
            "the union at {} in the {ours} schema has no branch for {word}, which the {theirs} schema can write{which}",
            self.place()
        );
        self.fail("MISSING_UNION_BRANCH", description, &format!("reader union lacking writer type: {word}"))
    }

    /// A type keeps its simple name, or the reader knows the old one.
    fn names_agree(&mut self, read: &Named, written: &Named) -> bool {
        if read.name.simple == written.name.simple || read.aliases.contains(&written.name) {
            return true;
        }
        let Sides { reader: ours, writer: theirs } = self.sides;
        let (read, written) = (read.name.full(), written.name.full());
        let description = format!(
            "the type at {} is named \"{read}\" in the {ours} schema and \"{written}\" in the {theirs} schema, and no alias joins them",
            self.place_of("name")
        );
        self.fail("NAME_MISMATCH", description, &format!("expected: {written}"))
    }

    fn sizes_agree(&mut self, named: &Named, read: u64, written: u64) -> bool {
        if read == written {
            return true;
        }
        let Sides { reader: ours, writer: theirs } = self.sides;
        let description = format!(
            "the fixed \"{}\" at {} is {read} bytes in the {ours} schema and {written} bytes in the {theirs} schema",
            named.name.full(),
            self.place_of("size")
        );
        self.fail("FIXED_SIZE_MISMATCH", description, &format!("expected: {written}, found: {read}"))
    }

    fn symbols_known(
        &mut self,
        named: &Named,
        read: &[String],
        has_default: bool,
        written: &[String],
    ) -> bool {
        if has_default {
            return true;
        }
        let known: HashSet<&String> = read.iter().collect();
        let missing: Vec<&str> =
            written.iter().filter(|symbol| !known.contains(symbol)).map(String::as_str).collect();
        if missing.is_empty() {
            return true;
        }
        let Sides { reader: ours, writer: theirs } = self.sides;
        let missing = format!("[{}]", missing.join(", "));
        let description = format!(
            "the enum \"{}\" at {} in the {ours} schema lacks the symbols {missing} of the {theirs} schema, and it has no default",
            named.name.full(),
            self.place_of("symbols")
        );
        self.fail("MISSING_ENUM_SYMBOLS", description, &missing)
    }

    fn fields_readable(
        &mut self,
        named: &Named,
        fields: &'s [Field],
        writer: TypeId,
        written: &'s [Field],
    ) -> bool {
        self.fields
            .entry(writer)
            .or_insert_with(|| written.iter().map(|field| (field.name.as_str(), field)).collect());
        let mut all = true;
        for (index, field) in fields.iter().enumerate() {
            let by_name = &self.fields[&writer];
            let names = [&field.name].into_iter().chain(&field.aliases);
            let source = names.map(String::as_str).find_map(|name| by_name.get(name).copied());
            let step = format!("fields/{index}");
            all &= match (source, &field.default) {
                (Some(source), _) => {
                    self.inside(&format!("{step}/type"), |this| this.reads(field.of, source.of))
                }
                (None, Some(_)) => true,
                (None, None) => {
                    let Sides { reader: ours, writer: theirs } = self.sides;
                    let description = format!(
                        "the field \"{}\" of \"{}\" at {} in the {ours} schema has no default, and the {theirs} schema does not have the field",
                        field.name,
                        named.name.full(),
                        self.place_of(&step)
                    );
                    self.fail("READER_FIELD_MISSING_DEFAULT_VALUE", description, &field.name)
                }
            };
        }
        all
    }

    fn inside<T>(&mut self, step: &str, body: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step.to_owned());
        let result = body(self);
        self.path.pop();
        result
    }

    fn place(&self) -> String {
        format!("'/{}'", self.path.join("/"))
    }

    fn place_of(&self, step: &str) -> String {
        let path: String = self.path.iter().flat_map(|part| ["/", part]).collect();
        format!("'{path}/{step}'")
    }

    fn fail(&mut self, kind: &str, description: String, about: &str) -> bool {
        if !self.verdicts.is_probing() && self.found.len() < DIFFERENCES_MAX {
            self.found.push(Difference { kind: kind.to_owned(), description, about: Some(about.to_owned()) });
        }
        false
    }
}

/// Data written as `written` can be read as `read`.
fn promotes(written: Primitive, read: Primitive) -> bool {
    use Primitive::{Bytes, Double, Float, Int, Long, String};
    written == read
        || matches!(
            (written, read),
            (Int, Long | Float | Double)
                | (Long, Float | Double)
                | (Float, Double)
                | (String, Bytes)
                | (Bytes, String)
        )
}

fn describe(kind: &Kind) -> String {
    kind.word().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::avro::parse;

    /// `expected`: type and additional info of every difference, in order.
    #[track_caller]
    fn check(reader: &str, writer: &str, expected: &[(&str, &str, &str)]) {
        let reader = parse(reader, &[], true).expect("the reader is a schema");
        let writer = parse(writer, &[], true).expect("the writer is a schema");
        let found = super::check(&reader, &writer, Sides { reader: "new", writer: "old" });
        let short: Vec<_> = found
            .iter()
            .map(|difference| {
                let place = difference.description.split('\'').nth(1).unwrap_or_default();
                (difference.kind.as_str(), place, difference.about.as_deref().unwrap_or_default())
            })
            .collect();
        assert_eq!(short, expected, "{found:#?}");
    }

    fn record(fields: &str) -> String {
        format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#)
    }

    #[test]
    fn numbers_and_text_promote_one_way() {
        let words = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];
        let readable = [
            ("int", "long"),
            ("int", "float"),
            ("int", "double"),
            ("long", "float"),
            ("long", "double"),
            ("float", "double"),
            ("string", "bytes"),
            ("bytes", "string"),
        ];
        for written in words {
            for read in words {
                let quoted = [format!("\"{read}\""), format!("\"{written}\"")];
                let about = format!(
                    "reader type: {} not compatible with writer type: {}",
                    read.to_uppercase(),
                    written.to_uppercase()
                );
                let bad = [("TYPE_MISMATCH", "/", about.as_str())];
                let is_good = read == written || readable.contains(&(written, read));
                check(&quoted[0], &quoted[1], if is_good { &[] } else { &bad });
            }
        }
    }

    #[test]
    fn a_new_field_needs_a_default() {
        let old = record(r#"{"name":"a","type":"int"}"#);
        check(&record(r#"{"name":"a","type":"int"},{"name":"b","type":"int","default":0}"#), &old, &[]);
        check(
            &record(r#"{"name":"a","type":"int"},{"name":"b","type":["null","int"],"default":null}"#),
            &old,
            &[],
        );
        check(
            &record(r#"{"name":"a","type":"int"},{"name":"b","type":"int"}"#),
            &old,
            &[("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/1", "b")],
        );
        // A field the reader does not ask for is skipped.
        check(&record(""), &old, &[]);
        // A rename needs the old name as an alias.
        check(&record(r#"{"name":"b","type":"long","aliases":["a"]}"#), &old, &[]);
        check(
            &record(r#"{"name":"b","type":"long"}"#),
            &old,
            &[("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/0", "b")],
        );
    }

    #[test]
    fn every_difference_is_found_where_it_is() {
        check(
            &record(
                r#"{"name":"a","type":"string"},{"name":"m","type":{"type":"map","values":"int"}},{"name":"c","type":"int"}"#,
            ),
            &record(r#"{"name":"a","type":"int"},{"name":"m","type":{"type":"map","values":"long"}}"#),
            &[
                (
                    "TYPE_MISMATCH",
                    "/fields/0/type",
                    "reader type: STRING not compatible with writer type: INT",
                ),
                (
                    "TYPE_MISMATCH",
                    "/fields/1/type/values",
                    "reader type: INT not compatible with writer type: LONG",
                ),
                ("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/2", "c"),
            ],
        );
        check(
            r#"{"type":"array","items":"int"}"#,
            r#"{"type":"array","items":"string"}"#,
            &[("TYPE_MISMATCH", "/items", "reader type: INT not compatible with writer type: STRING")],
        );
    }

    #[test]
    fn names_agree_by_their_last_part_or_an_alias() {
        let fixed = |name: &str, size: u32, aliases: &str| {
            format!(r#"{{"type":"fixed","name":"{name}","size":{size},"aliases":[{aliases}]}}"#)
        };
        check(&fixed("a.F", 2, ""), &fixed("b.F", 2, ""), &[]);
        check(&fixed("a.G", 2, "\"b.F\""), &fixed("b.F", 2, ""), &[]);
        check(&fixed("a.G", 2, ""), &fixed("b.F", 2, ""), &[("NAME_MISMATCH", "/name", "expected: b.F")]);
        check(
            &fixed("a.G", 3, ""),
            &fixed("b.F", 2, ""),
            &[
                ("NAME_MISMATCH", "/name", "expected: b.F"),
                ("FIXED_SIZE_MISMATCH", "/size", "expected: 2, found: 3"),
            ],
        );
    }

    #[test]
    fn an_enum_knows_every_symbol_or_has_a_default() {
        let symbols = |symbols: &str, more: &str| {
            format!(r#"{{"type":"enum","name":"E","symbols":[{symbols}]{more}}}"#)
        };
        check(&symbols(r#""A","B","C""#, ""), &symbols(r#""B","A""#, ""), &[]);
        check(
            &symbols(r#""A""#, ""),
            &symbols(r#""A","B","C""#, ""),
            &[("MISSING_ENUM_SYMBOLS", "/symbols", "[B, C]")],
        );
        check(&symbols(r#""A""#, r#","default":"A""#), &symbols(r#""A","B""#, ""), &[]);
    }

    #[test]
    fn unions_are_read_branch_by_branch() {
        check(r#"["null","long"]"#, r#"["null","int"]"#, &[]);
        check(r#"["int","string"]"#, "\"int\"", &[]);
        check("\"long\"", r#"["int","long"]"#, &[]);
        check(
            r#"["null","int"]"#,
            r#"["null","int","string"]"#,
            &[("MISSING_UNION_BRANCH", "/2", "reader union lacking writer type: STRING")],
        );
        check(
            r#"["null","int"]"#,
            "\"string\"",
            &[("MISSING_UNION_BRANCH", "/", "reader union lacking writer type: STRING")],
        );
        check(
            "\"int\"",
            r#"["int","string"]"#,
            &[("TYPE_MISMATCH", "/", "reader type: INT not compatible with writer type: STRING")],
        );
    }

    #[test]
    fn recursive_types_end() {
        let list = |of: &str| {
            record(&format!(
                r#"{{"name":"v","type":"{of}"}},{{"name":"next","type":["null","R"],"default":null}}"#
            ))
        };
        check(&list("long"), &list("int"), &[]);
        check(
            &list("int"),
            &list("long"),
            &[("TYPE_MISMATCH", "/fields/0/type", "reader type: INT not compatible with writer type: LONG")],
        );
    }

    #[test]
    fn cycles_that_never_meet_are_refused_not_followed() {
        // Two rings of records; side by side they repeat after 41 * 40 steps.
        let ring = |length: usize, last: &str| {
            let mut text = format!(r#"["null","a0.N","{last}"]"#);
            for n in (0..length).rev() {
                text =
                    format!(r#"{{"type":"record","name":"a{n}.N","fields":[{{"name":"n","type":{text}}}]}}"#);
            }
            text
        };
        check(&ring(37, "long"), &ring(37, "int"), &[]);
        let (reader, writer) = (ring(37, "int"), ring(36, "int"));
        let [reader, writer] = [reader, writer].map(|text| parse(&text, &[], true).expect("a schema"));
        let found = super::check(&reader, &writer, Sides { reader: "new", writer: "old" });
        assert!(found.len() <= DIFFERENCES_MAX);
    }
}
