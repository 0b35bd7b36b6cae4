//! Files every Protobuf schema may import without a reference, beside those of `google/protobuf`.

macro_rules! texts {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("common/", $name)))),*]
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

/// Their names and texts: Confluent's files and Google's common types. Confluent's registry knows the same.
pub fn common_protos() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXTS.iter().copied()
}

/// The text of one of them.
pub fn common_proto(name: &str) -> Option<&'static str> {
    common_protos().find(|(known, _)| *known == name).map(|(_, text)| text)
}
