//! What every pool of descriptors knows: options, and the files of `google/protobuf`.

use std::sync::OnceLock;

use prost_reflect::DescriptorPool;

/// What options are made of; in every pool.
pub(super) const DESCRIPTOR: &str = "google/protobuf/descriptor.proto";

/// The serialised descriptor of one of `google/protobuf/`.
pub(super) fn descriptor(name: &str) -> Option<Vec<u8>> {
    DescriptorPool::global().get_file_by_name(name).map(|file| file.encode_to_vec())
}

/// A pool that knows options.
pub(super) fn pool() -> DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    POOL.get_or_init(|| {
        let mut pool = DescriptorPool::new();
        if let Some(bytes) = descriptor(DESCRIPTOR) {
            // Cannot fail: the library wrote the bytes itself.
            let _ = pool.decode_file_descriptor_proto(bytes.as_slice());
        }
        pool
    })
    .clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protobuf::ProtobufSchema;

    #[test]
    fn every_known_file_can_be_imported() {
        let google =
            ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers", "type", "api"];
        let google = google.map(|name| format!("google/protobuf/{name}.proto"));
        let names = payload::common_protos().map(|(name, _)| name).chain(google.iter().map(String::as_str));
        for name in names.chain([DESCRIPTOR]) {
            let text = format!("syntax = \"proto3\"; import \"{name}\"; message M {{}}");
            ProtobufSchema::parse(&text, &[]).expect(name);
        }
    }
}
