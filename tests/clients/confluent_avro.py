"""confluent-kafka's Avro serializer against broker argv[1] and registry argv[2].

With a third word 'ids' it only registers the same schemas again and prints their ids.
"""

import json
import sys

from confluent_kafka import DeserializingConsumer, SerializingProducer
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import StringDeserializer, StringSerializer

broker, url = sys.argv[1:3]
registry = SchemaRegistryClient({"url": url})

V1 = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "amount", "type": "double"},
        {"name": "note", "type": ["null", "string"], "default": None},
    ],
}
V2 = {**V1, "fields": V1["fields"] + [{"name": "currency", "type": "string", "default": "EUR"}]}
BROKEN = {**V1, "fields": V1["fields"] + [{"name": "must", "type": "string"}]}

if sys.argv[3:] == ["ids"]:
    for subject, schema in (("ids-a", V1), ("ids-a", V2), ("ids-b", V1)):
        print(subject, registry.register_schema(subject, Schema(json.dumps(schema), "AVRO")))
    print(registry.get_versions("ids-a"), registry.get_latest_version("ids-a").schema_id)
    sys.exit()


def produce(schema, rows):
    producer = SerializingProducer(
        {
            "bootstrap.servers": broker,
            "key.serializer": StringSerializer("utf_8"),
            "value.serializer": AvroSerializer(registry, json.dumps(schema)),
        }
    )
    failures = []
    for row in rows:
        producer.produce("orders", key=str(row["id"]), value=row, on_delivery=lambda e, m: failures.append(e) if e else None)
    assert producer.flush(30) == 0 and not failures, failures


rows = [{"id": 2**53 + n, "amount": n / 4, "note": None if n % 2 else f"note {n}"} for n in range(50)]
produce(V1, rows)
produce(V2, [{"id": 1, "amount": 1.5, "note": None, "currency": "CHF"}])
assert registry.get_versions("orders-value") == [1, 2]

consumer = DeserializingConsumer(
    {
        "bootstrap.servers": broker,
        "group.id": "avro-readers",
        "auto.offset.reset": "earliest",
        "key.deserializer": StringDeserializer("utf_8"),
        # The reader knows only the first version: evolution is resolved on the way.
        "value.deserializer": AvroDeserializer(registry, json.dumps(V1)),
    }
)
consumer.subscribe(["orders"])
got = []
for _ in range(300):
    message = consumer.poll(1)
    if message is None:
        continue
    assert message.error() is None, message.error()
    got.append(message.value())
    if len(got) == 51:
        break
assert got == rows + [{"id": 1, "amount": 1.5, "note": None}], got
consumer.close()

# The default level refuses what old readers could not read, and says so.
assert not registry.test_compatibility("orders-value", Schema(json.dumps(BROKEN), "AVRO"))
try:
    registry.register_schema("orders-value", Schema(json.dumps(BROKEN), "AVRO"))
    raise AssertionError("an incompatible schema was taken")
except SchemaRegistryError as error:
    assert error.http_status_code == 409, error
registry.set_compatibility("orders-value", "NONE")
assert registry.register_schema("orders-value", Schema(json.dumps(BROKEN), "AVRO")) > 0
try:
    registry.register_schema("orders-value", Schema('{"type": "record"}', "AVRO"))
    raise AssertionError("an invalid schema was taken")
except SchemaRegistryError as error:
    assert error.http_status_code == 422, error
assert "orders-value" in registry.get_subjects()
assert registry.delete_subject("orders-value") == [1, 2, 3]
assert "orders-value" not in registry.get_subjects()
print("ok")
