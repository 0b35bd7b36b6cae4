"""kafka-python against the broker at argv[1]; ends with 'ok' when every answer was right."""

import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

address = sys.argv[1]
admin = KafkaAdminClient(bootstrap_servers=address)
admin.create_topics([NewTopic(name="py.orders", num_partitions=3, replication_factor=1)])
assert "py.orders" in admin.list_topics()

producer = KafkaProducer(bootstrap_servers=address, acks="all", linger_ms=5)
sent = {}
futures = []
for n in range(300):
    key, value = f"key-{n % 7}".encode(), f"value {n}".encode()
    futures.append((value, producer.send("py.orders", key=key, value=value, headers=[("n", str(n).encode())])))
producer.flush()
for value, future in futures:
    metadata = future.get(timeout=30)
    sent[(metadata.partition, metadata.offset)] = value
assert len(sent) == 300, "each record has a place of its own"

consumer = KafkaConsumer(
    "py.orders",
    bootstrap_servers=address,
    group_id="py-readers",
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    consumer_timeout_ms=30_000,
)
got = {}
for message in consumer:
    got[(message.partition, message.offset)] = message.value
    assert dict(message.headers)["n"].decode() == message.value.decode().split()[1]
    if len(got) == 300:
        break
assert got == sent, "what was read is what was written"
consumer.commit()
partitions = [TopicPartition("py.orders", p) for p in range(3)]
ends = consumer.end_offsets(partitions)
assert sum(ends.values()) == 300
assert {p: consumer.committed(p) for p in partitions} == ends
assert consumer.beginning_offsets(partitions) == {p: 0 for p in partitions}
consumer.close()

# A second member of the group begins where the first committed.
producer.send("py.orders", key=b"late", value=b"late").get(timeout=30)
again = KafkaConsumer(
    "py.orders", bootstrap_servers=address, group_id="py-readers", auto_offset_reset="earliest", consumer_timeout_ms=30_000
)
late = next(iter(again))
assert late.value == b"late", late
again.close()
producer.close()
admin.delete_topics(["py.orders"])
assert "py.orders" not in admin.list_topics()
admin.close()
print("ok")
