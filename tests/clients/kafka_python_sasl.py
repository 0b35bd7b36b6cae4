"""SCRAM over TLS: kafka_python_sasl.py BOOTSTRAP CA_FILE USER PASSWORD."""

import sys

from kafka import KafkaConsumer, KafkaProducer

bootstrap, ca_file, user, password = sys.argv[1:]
TOPIC = "python.secured"


def login(mechanism):
    return {
        "bootstrap_servers": bootstrap,
        "security_protocol": "SASL_SSL",
        "ssl_cafile": ca_file,
        "sasl_mechanism": mechanism,
        "sasl_plain_username": user,
        "sasl_plain_password": password,
    }


for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]:
    producer = KafkaProducer(**login(mechanism))
    producer.send(TOPIC, mechanism.encode()).get(timeout=30)
    producer.close()

consumer = KafkaConsumer(
    TOPIC, auto_offset_reset="earliest", consumer_timeout_ms=30_000, **login("SCRAM-SHA-512")
)
seen = []
for record in consumer:
    seen.append(record.value.decode())
    if len(seen) == 3:
        break
assert sorted(seen) == ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], seen
consumer.close()
print("ok")
