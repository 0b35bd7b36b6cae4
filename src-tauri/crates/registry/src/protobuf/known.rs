//! Files every Protobuf schema may import without a reference.

use std::sync::OnceLock;

use prost_reflect::DescriptorPool;

/// What options are made of; in every pool.
pub(super) const DESCRIPTOR: &str = "google/protobuf/descriptor.proto";

macro_rules! texts {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("known/", $name)))),*]
    };
}

/// Confluent's files and Google's common types, as text without comments.
const TEXTS: &[(&str, &str)] = texts![
    "confluent/meta.proto",
    "confluent/type/decimal.proto",
    "confluent/type/variant.proto",
    "google/type/calendar_period.proto",
    "google/type/color.proto",
    "google/type/date.proto",
    "google/type/datetime.proto",
    "google/type/dayofweek.proto",
    "google/type/decimal.proto",
    "google/type/expr.proto",
    "google/type/fraction.proto",
    "google/type/interval.proto",
    "google/type/latlng.proto",
    "google/type/localized_text.proto",
    "google/type/money.proto",
    "google/type/month.proto",
    "google/type/phone_number.proto",
    "google/type/postal_address.proto",
    "google/type/quaternion.proto",
    "google/type/timeofday.proto",
];

/// The text of a known file.
pub(super) fn text(name: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

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
        let names = TEXTS.iter().map(|(name, _)| *name).chain(google.iter().map(String::as_str));
        for name in names.chain([DESCRIPTOR]) {
            let text = format!("syntax = \"proto3\"; import \"{name}\"; message M {{}}");
            ProtobufSchema::parse(&text, &[]).expect(name);
        }
    }
}
