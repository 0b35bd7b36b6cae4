//! Texts of `.proto` files into descriptors.

use std::collections::HashMap;

use prost_reflect::prost::Message as _;
use prost_reflect::prost_types::{DescriptorProto, FileDescriptorProto};
use prost_reflect::{DescriptorPool, FileDescriptor};
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use protox::{Compiler, Error};

use super::base64;
use super::common::common_proto;
use super::graph::Tree;
use crate::Reference;

/// As the Python client calls a file of Confluent's.
const PYTHONS_DECIMAL: &str = "confluent/types/decimal.proto";

/// The file of `schema`, in a pool with everything it imports.
pub(super) fn compile(
    schema: &str,
    references: &[Reference],
) -> Result<(DescriptorPool, FileDescriptor), String> {
    let mut files: HashMap<String, String> =
        references.iter().map(|it| (it.name.clone(), it.schema.clone())).collect();
    // A name no reference has: a registered schema has no file name of its own.
    let mut name = "schema.proto".to_owned();
    while files.contains_key(&name) {
        name.insert(0, '_');
    }
    files.insert(name.clone(), schema.to_owned());
    let mut resolver = ChainFileResolver::new();
    resolver.add(Sources { files });
    resolver.add(GoogleFileResolver::new());
    resolver.add(Common);
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.open_file(&name).map_err(|error| error.to_string())?;
    let pool = compiler.descriptor_pool();
    let file = pool.get_file_by_name(&name).ok_or("the file is not in its own pool")?;
    Ok((pool, file))
}

struct Sources {
    files: HashMap<String, String>,
}

impl FileResolver for Sources {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        let text = self.files.get(name).ok_or_else(|| Error::file_not_found(name))?;
        match serialized(text) {
            Some(descriptor) => Ok(File::from_file_descriptor_proto(FileDescriptorProto {
                name: Some(name.to_owned()),
                ..descriptor
            })),
            None => File::from_source(name, text),
        }
    }
}

/// The registry's other form: the descriptor itself, in base64.
fn serialized(text: &str) -> Option<FileDescriptorProto> {
    let text = text.trim();
    if text.is_empty() || text.contains([';', '{', '"']) {
        return None;
    }
    FileDescriptorProto::decode(base64::decode(text)?.as_slice()).ok()
}

/// Names of the file's messages, nothing resolved; none if it cannot be read.
pub(crate) fn message_names(schema: &str) -> Vec<Tree<String>> {
    let file = serialized(schema).or_else(|| protox_parse::parse("schema.proto", schema).ok());
    file.map_or_else(Vec::new, |file| trees(&file.message_type, file.package()))
}

fn trees(messages: &[DescriptorProto], scope: &str) -> Vec<Tree<String>> {
    let tree = |it: &DescriptorProto| {
        let name = if scope.is_empty() { it.name().to_owned() } else { format!("{scope}.{}", it.name()) };
        let is_map_entry = it.options.as_ref().is_some_and(|options| options.map_entry());
        Tree { nested: trees(&it.nested_type, &name), message: name, is_map_entry }
    };
    messages.iter().map(tree).collect()
}

struct Common;

impl FileResolver for Common {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        let known = if name == PYTHONS_DECIMAL { "confluent/type/decimal.proto" } else { name };
        let text = common_proto(known).ok_or_else(|| Error::file_not_found(name))?;
        File::from_source(name, text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::common::common_protos;
    use super::*;

    #[test]
    fn every_common_file_compiles() {
        for name in common_protos().map(|(name, _)| name).chain([PYTHONS_DECIMAL]) {
            let schema = format!("syntax = \"proto3\"; import \"{name}\"; message M {{}}");
            let (pool, _) = compile(&schema, &[]).expect(name);
            assert!(pool.get_file_by_name(name).is_some(), "{name}");
        }
    }
}
