//! One Kafka cluster seen as a client: admin, browse, lag, metrics, schemas. Local and remote alike.
