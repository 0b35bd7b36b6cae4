//! Verdicts against the truth: a reader the registry calls compatible reads
//! what the writer wrote, by apache-avro.

use apache_avro::{Reader, Schema, Writer, types::Value};
use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::client::Client;

/// A small schema; records in it carry numbered names so that none comes twice.
fn schema() -> impl Strategy<Value = Json> {
    let primitive =
        prop::sample::select(vec!["null", "boolean", "int", "long", "float", "double", "bytes", "string"]);
    let leaf = prop_oneof![
        4 => primitive.prop_map(|word| json!(word)),
        1 => (1..4_u32).prop_map(|size| json!({"type": "fixed", "name": "?", "size": size})),
        1 => prop::sample::subsequence(vec!["A", "B", "C"], 1..=3)
            .prop_map(|symbols| json!({"type": "enum", "name": "?", "symbols": symbols})),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let name = prop::sample::select(vec!["a", "b", "c"]);
        let field = (name, inner.clone(), any::<bool>());
        prop_oneof![
            inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
            inner.clone().prop_map(|values| json!({"type": "map", "values": values})),
            inner.prop_map(|other| match &other {
                Json::String(word) if word != "null" => json!(["null", word]),
                _ => other,
            }),
            prop::collection::vec(field, 1..4).prop_map(|fields| {
                let mut seen = Vec::new();
                let fields: Vec<Json> = fields
                    .into_iter()
                    .filter(|(name, _, _)| {
                        !seen.contains(name) && {
                            seen.push(*name);
                            true
                        }
                    })
                    .map(|(name, of, with_default)| match default_of(&of).filter(|_| with_default) {
                        Some(default) => json!({"name": name, "type": of, "default": default}),
                        None => json!({"name": name, "type": of}),
                    })
                    .collect();
                json!({"type": "record", "name": "?", "fields": fields})
            }),
        ]
    })
}

fn default_of(of: &Json) -> Option<Json> {
    match of.as_str() {
        Some("boolean") => Some(json!(true)),
        Some("int" | "long") => Some(json!(7)),
        Some("float" | "double") => Some(json!(1.5)),
        Some("string" | "bytes") => Some(json!("x")),
        _ => of.is_array().then_some(Json::Null),
    }
}

/// Gives every named type its own name, the same at the same place.
fn named(schema: Json) -> Json {
    fn walk(schema: &mut Json, next: &mut u32) {
        match schema {
            Json::Array(branches) => branches.iter_mut().for_each(|branch| walk(branch, next)),
            Json::Object(entries) => {
                if entries.contains_key("name") && entries.contains_key("type") && entries["name"] == "?" {
                    entries["name"] = json!(format!("N{next}"));
                    *next += 1;
                }
                for key in ["items", "values"] {
                    if let Some(inner) = entries.get_mut(key) {
                        walk(inner, next);
                    }
                }
                if let Some(Json::Array(fields)) = entries.get_mut("fields") {
                    fields.iter_mut().for_each(|field| walk(&mut field["type"], next));
                }
            }
            _ => {}
        }
    }
    let mut schema = schema;
    walk(&mut schema, &mut 0);
    schema
}

/// Some value of a schema: empty and full ones, every branch of unions.
fn value(schema: &Schema, turn: usize) -> Value {
    match schema {
        Schema::Null => Value::Null,
        Schema::Boolean => Value::Boolean(turn.is_multiple_of(2)),
        Schema::Int => Value::Int([0, -1, i32::MAX][turn % 3]),
        Schema::Long => Value::Long([0, i64::MIN, 1 << 40][turn % 3]),
        Schema::Float => Value::Float(1.25),
        Schema::Double => Value::Double(-2.5),
        Schema::Bytes => Value::Bytes(b"bytes".to_vec()),
        Schema::String => Value::String("text".into()),
        Schema::Fixed(fixed) => Value::Fixed(fixed.size, vec![b'f'; fixed.size]),
        Schema::Enum(symbols) => {
            let index = turn % symbols.symbols.len();
            Value::Enum(index as u32, symbols.symbols[index].clone())
        }
        Schema::Array(array) => Value::Array((0..turn % 3).map(|n| value(&array.items, turn + n)).collect()),
        Schema::Map(map) => {
            Value::Map((0..turn % 3).map(|n| (format!("k{n}"), value(&map.types, turn + n))).collect())
        }
        Schema::Union(union) => {
            let index = turn % union.variants().len();
            Value::Union(index as u32, Box::new(value(&union.variants()[index], turn)))
        }
        Schema::Record(record) => Value::Record(
            record.fields.iter().map(|field| (field.name.clone(), value(&field.schema, turn))).collect(),
        ),
        other => unreachable!("not generated: {other:?}"),
    }
}

fn reads(reader: &Json, writer: &Json) -> Result<(), String> {
    let [reader, writer] = [reader, writer].map(|json| Schema::parse(json).expect("the registry took it"));
    for turn in 0..6 {
        let mut file = Writer::new(&writer, Vec::new()).map_err(|error| error.to_string())?;
        file.append_value(value(&writer, turn)).map_err(|error| error.to_string())?;
        let bytes = file.into_inner().map_err(|error| error.to_string())?;
        let records =
            Reader::builder(&bytes[..]).reader_schema(&reader).build().map_err(|error| error.to_string())?;
        for record in records {
            record.map_err(|error| format!("turn {turn}: {error}"))?;
        }
    }
    Ok(())
}

/// A later version of a schema: somewhere in it, something done to it.
fn edited(mut schema: Json, edits: &[(usize, usize)]) -> Json {
    for (place, edit) in edits {
        let mut places = Vec::new();
        collect(&schema, &mut String::new(), &mut places);
        let pointer = &places[place % places.len()];
        let Some(target) = schema.pointer_mut(pointer) else { continue };
        let old = target.clone();
        *target = match (&old, edit % 5) {
            (Json::String(word), 0) => match word.as_str() {
                "int" => json!("long"),
                "long" => json!("float"),
                "float" => json!("double"),
                "string" => json!("bytes"),
                "bytes" => json!("string"),
                _ => old,
            },
            (Json::String(word), 1) if word != "null" && !is_branch(pointer) => json!(["null", word]),
            (Json::Object(entries), 2..) if entries.get("type") == Some(&json!("record")) => {
                let mut record = old.clone();
                let fields = record["fields"].as_array_mut().expect("fields");
                match edit % 5 {
                    2 if !fields.iter().any(|field| field["name"] == "more") => {
                        fields.insert(0, json!({"name": "more", "type": "int", "default": 3}));
                    }
                    3 => drop(fields.pop()),
                    _ => fields.reverse(),
                }
                record
            }
            (Json::Object(entries), _) if entries.get("type") == Some(&json!("enum")) => {
                let mut wider = old.clone();
                wider["symbols"] = json!(["C", "B", "A", "D"]);
                wider
            }
            _ => old,
        };
    }
    schema
}

fn is_branch(pointer: &str) -> bool {
    pointer.rsplit('/').next().is_some_and(|last| last.parse::<usize>().is_ok())
}

/// The JSON pointers of all types.
fn collect(schema: &Json, path: &mut String, places: &mut Vec<String>) {
    places.push(path.clone());
    let inside = |step: String, schema: &Json, places: &mut Vec<String>| {
        collect(schema, &mut format!("{path}/{step}"), places);
    };
    match schema {
        Json::Array(branches) => {
            branches.iter().enumerate().for_each(|(index, branch)| inside(index.to_string(), branch, places));
        }
        Json::Object(entries) => {
            for key in ["items", "values"] {
                entries.get(key).into_iter().for_each(|inner| inside(key.into(), inner, places));
            }
            let fields = entries.get("fields").and_then(Json::as_array).into_iter().flatten();
            fields
                .enumerate()
                .for_each(|(n, field)| inside(format!("fields/{n}/type"), &field["type"], places));
        }
        _ => {}
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

#[test]
fn a_compatible_reader_reads() {
    let runtime = runtime();
    let client = runtime.block_on(Client::start());
    let mut cases = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(500));
    let edits = prop::collection::vec((0..50_usize, 0..50_usize), 1..4);
    let (tried, compatible) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    cases
        .run(&(schema(), edits), |(old, edits)| {
            let old = named(old);
            let new = edited(old.clone(), &edits);
            tried.set(tried.get() + 1);
            let subject = format!("s{}", tried.get());
            let verdict = runtime.block_on(async {
                client.register(&subject, &old.to_string()).await;
                let path = format!("/compatibility/subjects/{subject}/versions/latest?verbose=true");
                // A schema reads itself.
                let own = client.post(&path, json!({"schema": old.to_string()})).await;
                prop_assert_eq!(&own["is_compatible"], true, "{}", own);
                let (status, verdict) =
                    client.send(Method::POST, &path, Some(json!({"schema": new.to_string()}))).await;
                prop_assert_eq!(status, 200, "{}", verdict);
                Ok(verdict)
            })?;
            if verdict["is_compatible"] == true && new != old {
                compatible.set(compatible.get() + 1);
                if let Err(error) = reads(&new, &old) {
                    return Err(TestCaseError::fail(format!("old {old}, new {new}: {error}")));
                }
            }
            Ok(())
        })
        .expect("every verdict holds");
    assert!(compatible.get() >= 50, "only {} compatible pairs were tried", compatible.get());
}
