//! JSON text into an [`AvroSchema`].

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value as Json};

use super::{
    defaults,
    types::{AvroSchema, Field, Kind, Name, Named, Order, Primitive, Type, TypeId},
};

/// The text is no Avro schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParseError {
    #[error("not JSON: {0}")]
    NotJson(String),
    /// `path` is a JSON pointer.
    #[error("{reason} (at {})", if path.is_empty() { "the root" } else { path })]
    Invalid { path: String, reason: String },
}

/// Parses `text`, which may use the types that `references` define, each of
/// which may use those before it. A schema that `is_new` also has its names and
/// defaults checked; older ones are taken as they were once accepted.
pub(crate) fn parse(text: &str, references: &[&str], is_new: bool) -> Result<AvroSchema, ParseError> {
    let mut parser = Parser { types: Vec::new(), names: HashMap::new(), is_new: false, is_foreign: true };
    for reference in references {
        parser.text(reference)?;
    }
    parser.is_foreign = false;
    parser.is_new = is_new;
    let root = parser.text(text)?;
    let types = parser.types.into_iter().map(|slot| slot.unwrap_or_else(Type::null)).collect();
    let schema = AvroSchema { types, root };
    if is_new {
        defaults::check(&schema)?;
    }
    Ok(schema)
}

impl Type {
    fn null() -> Self {
        Self { kind: Kind::Primitive(Primitive::Null), attributes: Map::new(), is_foreign: false }
    }
}

struct Parser {
    /// `None` only while a named type is being read.
    types: Vec<Option<Type>>,
    names: HashMap<Name, TypeId>,
    is_new: bool,
    is_foreign: bool,
}

/// Attributes that are part of the type.
const OF_TYPES: [&str; 10] =
    ["doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"];
const OF_FIELDS: [&str; 6] = ["default", "doc", "name", "order", "type", "aliases"];

impl Parser {
    fn text(&mut self, text: &str) -> Result<TypeId, ParseError> {
        let json = match serde_json::from_str(text) {
            Ok(json) => json,
            // A bare word is taken as a name, as other registries do.
            Err(_) if Primitive::parse(text.trim()).is_some() => Json::String(text.trim().into()),
            Err(error) => return Err(ParseError::NotJson(error.to_string())),
        };
        self.schema(&json, "", "")
    }

    fn schema(&mut self, json: &Json, space: &str, path: &str) -> Result<TypeId, ParseError> {
        match json {
            Json::String(word) => self.word(word, space, path),
            Json::Array(branches) => self.union(branches, space, path),
            Json::Object(entries) => self.object(entries, space, path),
            _ => Err(invalid(path, format!("a schema is a name, an object or an array, not {json}"))),
        }
    }

    fn word(&mut self, word: &str, space: &str, path: &str) -> Result<TypeId, ParseError> {
        if let Some(primitive) = Primitive::parse(word) {
            return Ok(self.push(Kind::Primitive(primitive), Map::new()));
        }
        self.find(word, space).ok_or_else(|| {
            let full = Name::new(word, space).full();
            invalid(path, format!("the type \"{full}\" is not defined here or in a reference"))
        })
    }

    fn find(&self, word: &str, space: &str) -> Option<TypeId> {
        let name = Name::new(word, space);
        let found = self.names.get(&name).or_else(|| self.names.get(&Name::new(&name.simple, "")));
        // Only an unqualified name falls back on the namespace without a name.
        if word.contains('.') { self.names.get(&name).copied() } else { found.copied() }
    }

    fn union(&mut self, branches: &[Json], space: &str, path: &str) -> Result<TypeId, ParseError> {
        let mut ids = Vec::with_capacity(branches.len());
        let mut seen = HashSet::with_capacity(branches.len());
        for (index, branch) in branches.iter().enumerate() {
            let path = format!("{path}/{index}");
            let id = self.schema(branch, space, &path)?;
            // A type still being read is a record, and its name is known.
            let label = match self.types[id.0].as_ref().map(|of| &of.kind) {
                Some(Kind::Union(_)) => return Err(invalid(&path, "a union cannot directly hold a union")),
                Some(kind) => kind.named().map_or_else(|| kind.word().to_owned(), |named| named.name.full()),
                None => format!("#{}", id.0),
            };
            if !seen.insert(label) {
                let word = branch
                    .as_str()
                    .map_or_else(|| "of one type or name".to_owned(), |word| format!("\"{word}\""));
                return Err(invalid(&path, format!("the union has two branches {word}")));
            }
            ids.push(id);
        }
        Ok(self.push(Kind::Union(ids), Map::new()))
    }

    fn object(&mut self, entries: &Map<String, Json>, space: &str, path: &str) -> Result<TypeId, ParseError> {
        let Some(word) = entries.get("type") else { return Err(invalid(path, "\"type\" is missing")) };
        let Json::String(word) = word else {
            return Err(invalid(path, format!("\"type\" must be a word here, not {}", kind_of(word))));
        };
        let is_enum = word == "enum";
        let rest = |entries: &Map<String, Json>| -> Map<String, Json> {
            let is_own = |key: &str| OF_TYPES.contains(&key) || (is_enum && key == "default");
            entries
                .iter()
                .filter(|(key, _)| !is_own(key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        };
        match word.as_str() {
            "record" | "error" | "enum" | "fixed" => {
                let named = self.named(entries, space, path)?;
                let id = TypeId(self.types.len());
                if self.names.insert(named.name.clone(), id).is_some() {
                    return Err(invalid(
                        path,
                        format!("the type \"{}\" is defined twice", named.name.full()),
                    ));
                }
                self.types.push(None);
                let kind = match word.as_str() {
                    "enum" => self.symbols(named, entries, path)?,
                    "fixed" => fixed(named, entries, path)?,
                    _ => {
                        let fields = self.fields(&named, entries, path)?;
                        Kind::Record { named, fields, is_error: word == "error" }
                    }
                };
                self.types[id.0] =
                    Some(Type { kind, attributes: rest(entries), is_foreign: self.is_foreign });
                Ok(id)
            }
            "array" => {
                let items = required(entries, "items", path)?;
                let items = self.schema(items, space, &format!("{path}/items"))?;
                Ok(self.push(Kind::Array(items), rest(entries)))
            }
            "map" => {
                let values = required(entries, "values", path)?;
                let values = self.schema(values, space, &format!("{path}/values"))?;
                Ok(self.push(Kind::Map(values), rest(entries)))
            }
            _ => match Primitive::parse(word) {
                Some(primitive) => Ok(self.push(Kind::Primitive(primitive), rest(entries))),
                None => self.word(word, space, path),
            },
        }
    }

    fn named(&self, entries: &Map<String, Json>, space: &str, path: &str) -> Result<Named, ParseError> {
        let Json::String(text) = required(entries, "name", path)? else {
            return Err(invalid(path, "\"name\" must be a string"));
        };
        let space = text_of(entries, "namespace", path)?.unwrap_or(space);
        let name = Name::new(text, space);
        self.check_name(&name.simple, path)?;
        if self.is_new && !name.space.is_empty() {
            name.space.split('.').try_for_each(|part| self.check_name(part, path))?;
        }
        if Primitive::parse(&name.full()).is_some() {
            return Err(invalid(path, format!("\"{text}\" is the name of a primitive type")));
        }
        let aliases = aliases(entries, path)?.iter().map(|alias| Name::new(alias, &name.space)).collect();
        Ok(Named { doc: text_of(entries, "doc", path).ok().flatten().map(str::to_owned), name, aliases })
    }

    fn fields(
        &mut self,
        named: &Named,
        entries: &Map<String, Json>,
        path: &str,
    ) -> Result<Vec<Field>, ParseError> {
        let Json::Array(list) = required(entries, "fields", path)? else {
            return Err(invalid(path, "\"fields\" must be an array"));
        };
        let mut names = HashSet::with_capacity(list.len());
        let mut fields = Vec::with_capacity(list.len());
        for (index, field) in list.iter().enumerate() {
            let path = format!("{path}/fields/{index}");
            let Json::Object(entries) = field else { return Err(invalid(&path, "a field is an object")) };
            let Json::String(name) = required(entries, "name", &path)? else {
                return Err(invalid(&path, "\"name\" must be a string"));
            };
            self.check_name(name, &path)?;
            if !names.insert(name.as_str()) {
                let record = named.name.full();
                return Err(invalid(&path, format!("the record \"{record}\" has two fields \"{name}\"")));
            }
            let of = required(entries, "type", &path)?;
            let of = self.schema(of, &named.name.space, &format!("{path}/type"))?;
            let order = match text_of(entries, "order", &path)? {
                Some(word) => Order::parse(&word.to_ascii_lowercase()).ok_or_else(|| {
                    invalid(&path, format!("\"{word}\" is no order: ascending, descending or ignore"))
                })?,
                None => Order::default(),
            };
            fields.push(Field {
                name: name.clone(),
                of,
                doc: text_of(entries, "doc", &path).ok().flatten().map(str::to_owned),
                default: entries.get("default").cloned(),
                order,
                aliases: aliases(entries, &path)?.into_iter().map(str::to_owned).collect(),
                attributes: entries
                    .iter()
                    .filter(|(key, _)| !OF_FIELDS.contains(&key.as_str()))
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect(),
            });
        }
        Ok(fields)
    }

    fn symbols(&self, named: Named, entries: &Map<String, Json>, path: &str) -> Result<Kind, ParseError> {
        let Json::Array(list) = required(entries, "symbols", path)? else {
            return Err(invalid(path, "\"symbols\" must be an array"));
        };
        let mut seen = HashSet::with_capacity(list.len());
        let mut symbols = Vec::with_capacity(list.len());
        for symbol in list {
            let Json::String(symbol) = symbol else { return Err(invalid(path, "a symbol is a string")) };
            self.check_name(symbol, path)?;
            if !seen.insert(symbol) {
                return Err(invalid(path, format!("the enum has the symbol \"{symbol}\" twice")));
            }
            symbols.push(symbol.clone());
        }
        let default = text_of(entries, "default", path)?.map(str::to_owned);
        if let Some(default) = &default
            && !symbols.contains(default)
        {
            return Err(invalid(path, format!("the default \"{default}\" is no symbol of the enum")));
        }
        Ok(Kind::Enum { named, symbols, default })
    }

    fn check_name(&self, name: &str, path: &str) -> Result<(), ParseError> {
        let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
        let is_good = name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit());
        // What other schemas define was accepted when it was registered.
        if is_good || self.is_foreign {
            return Ok(());
        }
        Err(invalid(
            path,
            format!("\"{name}\" is no name: letters, digits and _, not beginning with a digit"),
        ))
    }

    fn push(&mut self, kind: Kind, attributes: Map<String, Json>) -> TypeId {
        self.types.push(Some(Type { kind, attributes, is_foreign: self.is_foreign }));
        TypeId(self.types.len() - 1)
    }
}

fn fixed(named: Named, entries: &Map<String, Json>, path: &str) -> Result<Kind, ParseError> {
    let size = required(entries, "size", path)?
        .as_u64()
        .filter(|size| i32::try_from(*size).is_ok())
        .ok_or_else(|| invalid(path, "\"size\" must be a whole number that is not negative"))?;
    Ok(Kind::Fixed { named, size })
}

fn required<'j>(entries: &'j Map<String, Json>, key: &str, path: &str) -> Result<&'j Json, ParseError> {
    entries.get(key).ok_or_else(|| invalid(path, format!("\"{key}\" is missing")))
}

fn text_of<'j>(entries: &'j Map<String, Json>, key: &str, path: &str) -> Result<Option<&'j str>, ParseError> {
    match entries.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(path, format!("\"{key}\" must be a string"))),
    }
}

fn aliases<'j>(entries: &'j Map<String, Json>, path: &str) -> Result<Vec<&'j str>, ParseError> {
    let wrong = || invalid(path, "\"aliases\" must be an array of names");
    match entries.get("aliases") {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(list)) => list.iter().map(|alias| alias.as_str().ok_or_else(wrong)).collect(),
        Some(_) => Err(wrong()),
    }
}

fn kind_of(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

fn invalid(path: &str, reason: impl Into<String>) -> ParseError {
    ParseError::Invalid { path: path.into(), reason: reason.into() }
}
