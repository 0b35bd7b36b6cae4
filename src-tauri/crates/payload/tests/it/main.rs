//! Avro through the crate's public functions, against apache-avro.

mod avro;
mod hostile;
mod property;
