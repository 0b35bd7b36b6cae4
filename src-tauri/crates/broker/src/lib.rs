//! The Kafka broker: topics, groups, configs; serve(listener, shutdown).
