//! Where things are: `$id`s, anchors, pointers, and what a `$ref` means.

use std::collections::HashMap;

use serde_json::Value as Json;

/// A place in one of the documents.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// Which document; 0 is the schema itself.
    pub(super) document: usize,
    /// A JSON pointer.
    pub(super) pointer: String,
}

/// What a `$ref` leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    At(Place),
    /// A schema of schemas, which this registry does not look into.
    Draft,
    Nowhere,
}

/// The names of a set of documents.
pub(super) struct Index<'d> {
    documents: &'d [(String, Json)],
    /// By URI without a fragment: a document's name, or an `$id`.
    bases: HashMap<String, Place>,
    /// By the document and the anchor.
    anchors: HashMap<(usize, String), Place>,
}

impl<'d> Index<'d> {
    pub(super) fn new(documents: &'d [(String, Json)]) -> Self {
        let mut index = Self { documents, bases: HashMap::new(), anchors: HashMap::new() };
        for (document, (name, root)) in documents.iter().enumerate() {
            let place = Place { document, pointer: String::new() };
            index.bases.insert(name.clone(), place.clone());
            index.walk(root, place, name);
        }
        index
    }

    fn walk(&mut self, json: &Json, place: Place, base: &str) {
        let mut base = base.to_owned();
        match json {
            Json::Object(entries) => {
                let id = ["$id", "id"].iter().find_map(|key| entries.get(*key)).and_then(Json::as_str);
                if let Some(id) = id {
                    match id.split_once('#') {
                        Some(("", anchor)) if !anchor.is_empty() => self.add_anchor(anchor, &place),
                        _ => {
                            base = join(&base, id.split('#').next().unwrap_or_default());
                            self.bases.entry(base.clone()).or_insert_with(|| place.clone());
                        }
                    }
                }
                for key in ["$anchor", "$dynamicAnchor"] {
                    if let Some(anchor) = entries.get(key).and_then(Json::as_str) {
                        self.add_anchor(anchor, &place);
                    }
                }
                for (key, value) in entries {
                    // Examples and the like hold no schemas.
                    if !matches!(key.as_str(), "enum" | "const" | "default" | "examples") {
                        self.walk(value, place.child(key), &base);
                    }
                }
            }
            Json::Array(values) => {
                for (n, value) in values.iter().enumerate() {
                    self.walk(value, place.child(&n.to_string()), &base);
                }
            }
            _ => {}
        }
    }

    fn add_anchor(&mut self, anchor: &str, place: &Place) {
        self.anchors.entry((place.document, anchor.to_owned())).or_insert_with(|| place.clone());
    }

    pub(super) fn get(&self, place: &Place) -> Option<&'d Json> {
        self.documents.get(place.document)?.1.pointer(&place.pointer)
    }

    /// What `reference`, standing at `from`, leads to.
    pub(super) fn resolve(&self, reference: &str, from: &Place) -> Target {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let base = if uri.is_empty() {
            Some(Place { document: from.document, pointer: self.base_of(from).1 })
        } else {
            let joined = join(&self.base_of(from).0, uri);
            self.bases.get(uri).or_else(|| self.bases.get(&joined)).cloned()
        };
        let Some(base) = base else {
            return if uri.contains("json-schema.org/") { Target::Draft } else { Target::Nowhere };
        };
        let place = if fragment.is_empty() {
            Some(base)
        } else if fragment.starts_with('/') {
            let pointer = format!("{}{}", base.pointer, percent_decoded(fragment));
            Some(Place { pointer, ..base })
        } else {
            self.anchors.get(&(base.document, fragment.to_owned())).cloned()
        };
        match place {
            Some(place) if self.get(&place).is_some() => Target::At(place),
            _ => Target::Nowhere,
        }
    }

    /// The URI in force at a place, and the pointer of the schema that set it.
    fn base_of(&self, place: &Place) -> (String, String) {
        let Some((name, root)) = self.documents.get(place.document) else {
            return (String::new(), String::new());
        };
        let (mut base, mut pointer, mut json, mut at) = (name.clone(), String::new(), root, String::new());
        let mut steps = place.pointer.split('/').skip(1);
        loop {
            let id = ["$id", "id"].iter().find_map(|key| json.get(*key)).and_then(Json::as_str);
            if let Some(id) = id.filter(|id| !id.starts_with('#')) {
                base = join(&base, id.split('#').next().unwrap_or_default());
                pointer.clone_from(&at);
            }
            let Some(step) = steps.next() else { return (base, pointer) };
            at = format!("{at}/{step}");
            let Some(next) = root.pointer(&at) else { return (base, pointer) };
            json = next;
        }
    }
}

impl Place {
    pub(super) fn child(&self, key: &str) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self { document: self.document, pointer: format!("{}/{key}", self.pointer) }
    }
}

/// `uri` as it stands in a document of URI `base`.
fn join(base: &str, uri: &str) -> String {
    if uri.is_empty() {
        return base.to_owned();
    }
    if uri.contains("://") || uri.starts_with("urn:") {
        return uri.to_owned();
    }
    let authority_end =
        base.find("://").map_or(0, |at| base[at + 3..].find('/').map_or(base.len(), |end| at + 3 + end));
    if uri.starts_with('/') {
        return format!("{}{uri}", &base[..authority_end]);
    }
    let directory = base.rfind('/').filter(|at| *at >= authority_end).map_or("", |at| &base[..=at]);
    format!("{directory}{}", uri.trim_start_matches("./"))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let decoded = hex.filter(|_| byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(decoded.unwrap_or(byte));
        rest = if decoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn uris_are_joined() {
        for (base, uri, expected) in [
            ("http://a/b/c.json", "d.json", "http://a/b/d.json"),
            ("http://a/b/c.json", "/d.json", "http://a/d.json"),
            ("http://a", "d.json", "d.json"),
            ("http://a/b", "http://x/y", "http://x/y"),
            ("", "d.json", "d.json"),
            ("c.json", "./d.json", "d.json"),
        ] {
            assert_eq!(join(base, uri), expected, "{base} {uri}");
        }
    }

    #[test]
    fn references_lead_to_pointers_ids_and_anchors() {
        let documents = [
            (
                String::new(),
                json!({
                    "$id": "http://a/root.json",
                    "definitions": {"x y": {"$id": "#x"}, "z": {"$id": "z.json", "definitions": {"q": {}}}, "w": {"$anchor": "w"}},
                }),
            ),
            ("other.json".to_owned(), json!({"definitions": {"o": {}}})),
        ];
        let index = Index::new(&documents);
        let root = Place { document: 0, pointer: String::new() };
        for (reference, expected) in [
            ("#", Some((0, ""))),
            ("#/definitions/x%20y", Some((0, "/definitions/x y"))),
            ("#x", Some((0, "/definitions/x y"))),
            ("#w", Some((0, "/definitions/w"))),
            ("z.json#/definitions/q", Some((0, "/definitions/z/definitions/q"))),
            ("http://a/z.json", Some((0, "/definitions/z"))),
            ("other.json#/definitions/o", Some((1, "/definitions/o"))),
            ("#/nowhere", None),
            ("nowhere.json", None),
        ] {
            let expected = expected.map_or(Target::Nowhere, |(document, pointer): (usize, &str)| {
                Target::At(Place { document, pointer: pointer.into() })
            });
            assert_eq!(index.resolve(reference, &root), expected, "{reference}");
        }
        assert_eq!(index.resolve("http://json-schema.org/draft-07/schema#", &root), Target::Draft);
        let inside = Place { document: 0, pointer: "/definitions/z".into() };
        let expected = Place { document: 0, pointer: "/definitions/z/definitions/q".into() };
        assert_eq!(index.resolve("#/definitions/q", &inside), Target::At(expected));
    }
}
