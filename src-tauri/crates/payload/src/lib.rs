//! Payload to JSON and back: Avro by schema id, JSON, text, hex. Pure.
