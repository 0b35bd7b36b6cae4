"""confluent-kafka's three serializers against broker argv[1] and registry argv[2].

Every format goes through every compatibility level: an allowed change is
registered by its serializer and all data still reads; a refused one gets 409.
"""

import json
import sys

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry import header_schema_id_serializer, dual_schema_id_deserializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

broker, url = sys.argv[1:3]
registry = SchemaRegistryClient({"url": url})
producer = Producer({"bootstrap.servers": broker})


class Avro:
    """Fields are (name, type, has a default)."""

    name = "avro"
    add_optional = [("id", "long", False), ("note", "string", True)]
    one = [("id", "long", False)]
    add_required = [("id", "long", False), ("must", "string", False)]
    other_type = [("id", "string", False)]
    # By level: what may follow `start`, and what may not.
    start = {"FORWARD": add_required}
    allowed = {"BACKWARD": add_optional, "FORWARD": add_required + [("more", "int", False)], "FULL": add_optional}
    refused = {"BACKWARD": add_required, "FORWARD": one, "FULL": add_required}

    def schema(self, fields):
        defaults = {"string": "-", "long": 0, "int": 0}
        return Schema(
            json.dumps(
                {
                    "type": "record",
                    "name": "Thing",
                    "fields": [
                        {"name": name, "type": of, **({"default": defaults[of]} if default else {})}
                        for name, of, default in fields
                    ],
                }
            ),
            "AVRO",
        )

    def value(self, fields):
        values = {"string": "text", "long": 2**60, "int": 7}
        return {name: values[of] for name, of, _ in fields}

    def serializer(self, fields, conf):
        return AvroSerializer(registry, self.schema(fields).schema_str, conf=conf)

    def deserializer(self, fields, conf=None):
        return AvroDeserializer(registry, self.schema(fields).schema_str, conf=conf)


class Json:
    """Fields are (name, type, required); objects are closed."""

    name = "json"
    one = [("id", "integer", True)]
    two = [("id", "integer", True), ("note", "string", False)]
    start = {"FORWARD": two, "FULL": two}
    allowed = {"BACKWARD": two, "FORWARD": one, "FULL": two + [("", "described", False)]}
    refused = {
        "BACKWARD": one + [("must", "string", True)],
        "FORWARD": two + [("more", "string", False)],
        "FULL": one,
    }
    other_type = [("id", "string", True)]

    def schema(self, fields):
        schema = {
            "title": "Thing",
            "type": "object",
            "properties": {name: {"type": of} for name, of, _ in fields if name},
            "required": [name for name, _, required in fields if required],
            "additionalProperties": False,
        }
        if any(of == "described" for _, of, _ in fields):
            schema["description"] = "a thing"
        return Schema(json.dumps(schema), "JSON")

    def value(self, fields):
        values = {"string": "text", "integer": 2**50}
        return {name: values[of] for name, of, _ in fields if name}

    def serializer(self, fields, conf):
        return JSONSerializer(self.schema(fields).schema_str, registry, conf=conf)

    def deserializer(self, fields, conf=None):
        return JSONDeserializer(self.schema(fields).schema_str, conf=conf, schema_registry_client=registry)


class Protobuf:
    """Fields are (name, type); a name that begins upper case is a message of its own."""

    name = "protobuf"
    one = [("id", "INT64"), ("Other", "")]
    more = [("id", "INT64"), ("note", "STRING"), ("Other", "")]
    start = {}
    allowed = {"BACKWARD": more + [("Third", "")], "FORWARD": [("id", "INT64"), ("note", "STRING")], "FULL": more}
    refused = {"BACKWARD": [("id", "INT64")], "FORWARD": more + [("Third", "")], "FULL": [("id", "INT64")]}
    other_type = [("id", "STRING"), ("Other", "")]

    classes = {}

    def message(self, fields):
        """The class of these fields, always the same one."""
        key = tuple(fields)
        if key not in self.classes:
            self.classes[key] = self.new_message(fields)
        return self.classes[key]

    def new_message(self, fields):
        file = descriptor_pb2.FileDescriptorProto(name="thing.proto", package="things", syntax="proto3")
        thing = file.message_type.add(name="Thing")
        for number, (name, of) in enumerate(fields, 1):
            if name[0].isupper():
                file.message_type.add(name=name)
            else:
                thing.field.add(name=name, number=number, type=f"TYPE_{of}", label="LABEL_OPTIONAL")
        pool = descriptor_pool.DescriptorPool()
        pool.Add(file)
        return message_factory.GetMessageClass(pool.FindMessageTypeByName("things.Thing"))

    def schema(self, fields):
        # As text, although the serializer sends a descriptor: the registry takes both.
        numbered = enumerate(fields, 1)
        lines = [f"{of.lower()} {name} = {number};" for number, (name, of) in numbered if of]
        others = [f"message {name} {{}}" for name, of in fields if not of]
        text = f'syntax = "proto3"; package things; message Thing {{ {" ".join(lines)} }} {" ".join(others)}'
        return Schema(text, "PROTOBUF")

    def value(self, fields):
        values = {"STRING": "text", "INT64": 2**60}
        return self.message(fields)(**{name: values[of] for name, of in fields if of})

    def serializer(self, fields, conf):
        return ProtobufSerializer(self.message(fields), registry, conf)

    def deserializer(self, fields, conf=None):
        return ProtobufDeserializer(self.message(fields), conf or {}, registry)


def as_dict(value):
    return value if isinstance(value, dict) else {field.name: it for field, it in value.ListFields()}


def produce(topic, format, fields, conf=None):
    context = SerializationContext(topic, MessageField.VALUE, [])
    bytes = format.serializer(fields, conf or {})(format.value(fields), context)
    failures = []
    producer.produce(topic, bytes, headers=context.headers, on_delivery=lambda e, m: failures.append(e) if e else None)
    assert producer.flush(30) == 0 and not failures, failures


def consume(topic, count):
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "formats", "auto.offset.reset": "earliest"})
    partitions = consumer.list_topics(topic, 30).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    messages = []
    for _ in range(300):
        message = consumer.poll(1)
        if message is not None:
            assert message.error() is None, message.error()
            messages.append(message)
        if len(messages) == count:
            break
    consumer.close()
    assert len(messages) == count, f"{topic}: {len(messages)} of {count}"
    return sorted(messages, key=lambda message: message.timestamp()[1])


def read(topic, messages, deserializer):
    context = lambda message: SerializationContext(topic, MessageField.VALUE, message.headers())
    return [as_dict(deserializer(message.value(), context(message))) for message in messages]


def refused(code, call):
    try:
        call()
    except SchemaRegistryError as error:
        assert error.http_status_code == code, error
        return error
    raise AssertionError("it was taken")


def levels(format):
    for level in ["BACKWARD", "FORWARD", "FULL"]:
        for transitive in ["", "_TRANSITIVE"]:
            topic = f"{format.name}.{level}{transitive}"
            subject = f"{topic}-value"
            start = format.start.get(level, format.one)
            produce(topic, format, start)
            registry.set_compatibility(subject, f"{level}{transitive}")
            bad = format.refused[level]
            assert not registry.test_compatibility(subject, format.schema(bad)), topic
            error = refused(409, lambda: produce(topic, format, bad))
            assert "incompatible with an earlier schema" in str(error), error
            produce(topic, format, format.allowed[level])
            assert registry.get_versions(subject) == [1, 2], topic
            messages = consume(topic, 2)
            # Backward: the new schema reads all; forward: the old one does.
            readers = {"BACKWARD": [format.allowed[level]], "FORWARD": [start]}.get(level, [start, format.allowed[level]])
            for reader in readers:
                rows = read(topic, messages, format.deserializer(reader))
                first = as_dict(format.value(start))
                assert all(rows[0][name] == value for name, value in first.items() if name in rows[0]), rows
                assert rows[0]["id"] == first["id"] == rows[1]["id"], rows

            # The latest would agree, the first does not.
            registry.set_compatibility(subject, "NONE")
            produce(topic, format, format.other_type)
            registry.set_compatibility(subject, f"{level}{transitive}")
            verdict = registry.test_compatibility_all_versions(subject, format.schema(format.other_type))
            assert verdict == (transitive == ""), topic

    topic = f"{format.name}.NONE"
    registry.set_compatibility(f"{topic}-value", "NONE")
    for fields in (format.one, format.other_type):
        produce(topic, format, fields)
    rows = [read(topic, [message], format.deserializer(fields))[0] for message, fields in zip(consume(topic, 2), (format.one, format.other_type))]
    assert rows == [as_dict(format.value(fields)) for fields in (format.one, format.other_type)], rows


def guid_in_a_header(format):
    topic = f"{format.name}.guid"
    produce(topic, format, format.one, {"schema.id.serializer": header_schema_id_serializer})
    (message,) = consume(topic, 1)
    assert any(name == "__value_schema_id" for name, _ in message.headers()), message.headers()
    deserializer = format.deserializer(format.one, {"schema.id.deserializer": dual_schema_id_deserializer})
    assert read(topic, [message], deserializer) == [as_dict(format.value(format.one))]


def latest_version(format):
    """Not registering, a serializer takes the latest version as its schema."""
    topic = f"{format.name}.guid"
    conf = {"auto.register.schemas": False, "use.latest.version": True}
    produce(topic, format, format.one, conf)
    message = consume(topic, 2)[1]
    assert read(topic, [message], format.deserializer(format.one)) == [as_dict(format.value(format.one))]


def protobuf_imports():
    money = descriptor_pb2.FileDescriptorProto(name="shop/money.proto", package="shop", syntax="proto3")
    money.message_type.add(name="Money").field.add(name="cents", number=1, type="TYPE_INT64", label="LABEL_OPTIONAL")
    order = descriptor_pb2.FileDescriptorProto(name="shop/order.proto", package="shop", syntax="proto3")
    order.dependency.extend(["shop/money.proto", "google/protobuf/timestamp.proto"])
    outer = order.message_type.add(name="Outer")
    inner = outer.nested_type.add(name="Inner")
    inner.field.add(name="sum", number=1, type="TYPE_MESSAGE", type_name=".shop.Money", label="LABEL_OPTIONAL")
    inner.field.add(name="at", number=2, type="TYPE_MESSAGE", type_name=".google.protobuf.Timestamp", label="LABEL_OPTIONAL")
    inner.field.add(name="counts", number=3, type="TYPE_MESSAGE", type_name=".shop.Outer.Inner.CountsEntry", label="LABEL_REPEATED")
    entry = inner.nested_type.add(name="CountsEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type="TYPE_STRING", label="LABEL_OPTIONAL")
    entry.field.add(name="value", number=2, type="TYPE_INT32", label="LABEL_OPTIONAL")
    pool = descriptor_pool.DescriptorPool()
    for file in (timestamp_pb2.DESCRIPTOR, ):
        pool.AddSerializedFile(file.serialized_pb)
    pool.Add(money)
    pool.Add(order)
    of = message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Outer.Inner"))
    topic = "protobuf.imports"
    value = of(counts={"a": 1, "b": 2})
    value.sum.cents = 2**40
    value.at.seconds = 5
    context = SerializationContext(topic, MessageField.VALUE, [])
    bytes = ProtobufSerializer(of, registry, {})(value, context)
    # Message indexes: the first message's first nested one.
    assert bytes[5:8] == b"\x04\x00\x00", bytes[:10]
    producer.produce(topic, bytes)
    assert producer.flush(30) == 0
    (message,) = consume(topic, 1)
    back = ProtobufDeserializer(of, {}, registry)(message.value(), context)
    assert back == value, back
    # By another client: one remembers a schema in the format it first asked for.
    latest = SchemaRegistryClient({"url": url}).get_latest_version(f"{topic}-value")
    assert [(it.name, it.subject, it.version) for it in latest.schema.references] == [("shop/money.proto", "shop/money.proto", 1)]
    assert "map<string, int32> counts = 3;" in latest.schema.schema_str, latest.schema.schema_str
    # Not registering, it looks the same schema up.
    conf = {"auto.register.schemas": False}
    assert ProtobufSerializer(of, registry, conf)(value, context) == bytes
    # The text is Protobuf of its own: with its reference it registers again.
    text = Schema(latest.schema.schema_str, "PROTOBUF", [SchemaReference("shop/money.proto", "shop/money.proto", 1)])
    assert registry.register_schema("protobuf.again-value", text) == latest.schema_id


def what_is_wrong_is_named():
    for type, schema in [("AVRO", '{"type": "record"}'), ("JSON", '{"type": "nothing"}'), ("PROTOBUF", "message {")]:
        error = refused(422, lambda: registry.register_schema("wrong", Schema(schema, type)))
        assert error.error_code == 42201, error


for format in (Avro(), Json(), Protobuf()):
    levels(format)
    guid_in_a_header(format)
    latest_version(format)
protobuf_imports()
what_is_wrong_is_named()
print("ok")
