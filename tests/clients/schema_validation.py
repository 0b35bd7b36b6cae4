"""Topics with Confluent's broker-side schema validation: bytes are refused,
what a serializer wrote is taken. Arguments: bootstrap servers, registry URL."""

import sys

from confluent_kafka import KafkaError, Producer
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import (
    SchemaRegistryClient,
    header_schema_id_serializer,
    record_subject_name_strategy,
)
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

SCHEMA = """{"type": "record", "name": "Order", "namespace": "shop",
             "fields": [{"name": "id", "type": "long"}]}"""
STRATEGY = "io.confluent.kafka.serializers.subject.RecordNameStrategy"

bootstrap, registry_url = sys.argv[1], sys.argv[2]
registry = SchemaRegistryClient({"url": registry_url})
admin = AdminClient({"bootstrap.servers": bootstrap})
validated = {"confluent.value.schema.validation": "true"}
topics = [
    NewTopic("orders", 1, 1, config=validated),
    NewTopic("others", 1, 1, config=validated),
    NewTopic("by-record", 1, 1, config={**validated, "confluent.value.subject.name.strategy": STRATEGY}),
    NewTopic("free", 1, 1),
]
for created in admin.create_topics(topics).values():
    created.result(30)


def produce(topic, values, headers=None, codec="none"):
    """Error codes by value, after all were answered."""
    answers = {}
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 50, "compression.type": codec})
    for value in values:
        producer.produce(
            topic, value, headers=headers,
            on_delivery=lambda error, message, value=value: answers.update({value: error and error.code()}),
        )
    assert producer.flush(60) == 0, "unanswered"
    return answers


def serialize(topic, conf=None, headers=None):
    serializer = AvroSerializer(registry, SCHEMA, conf=conf)
    return serializer({"id": 1}, SerializationContext(topic, MessageField.VALUE, headers))


refused = KafkaError.INVALID_RECORD
good = serialize("orders")
for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
    answers = produce("orders", [b"raw", b"", b"\\0\\0\\0\\xff\\xff?", None], codec=codec)
    assert answers[b"raw"] == refused, (codec, answers)
    assert produce("orders", [good], codec=codec) == {good: None}, codec
assert produce("orders", [None]) == {None: None}, "a tombstone has no schema"
assert produce("free", [b"raw"]) == {b"raw": None}, "the others are not looked at"

# A known id of another subject is none of this one's.
assert produce("others", [good]) == {good: refused}
# By the record's name any topic will do.
by_name = serialize("by-record", {"subject.name.strategy": record_subject_name_strategy})
assert produce("by-record", [by_name]) == {by_name: None}
assert produce("by-record", [b"raw"]) == {b"raw": refused}
# A batch is taken whole or not at all.
assert all(produce("by-record", [by_name, b"raw"]).values())

# The GUID in a header in place of the frame.
headers = []
body = serialize("orders", {"schema.id.serializer": header_schema_id_serializer}, headers)
assert produce("orders", [body], headers=headers) == {body: None}
assert produce("orders", [body]) == {body: refused}

print("ok")
