//! The schema registry: Confluent's REST API, compatibility, storage through a trait.
