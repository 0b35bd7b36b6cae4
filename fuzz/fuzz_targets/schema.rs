//! Texts of schemas: Avro, JSON Schema, Protobuf.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| registry::fuzzing::schema(data));
