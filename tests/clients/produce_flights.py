"""Produces the flights of a JSON file (argv[2]) to the broker at argv[1] with a stock client."""

import json
import sys

from confluent_kafka import Producer

broker, path = sys.argv[1:3]
failures = []
producer = Producer({"bootstrap.servers": broker})
with open(path, encoding="utf-8") as file:
    flights = json.load(file)
for flight in flights:
    producer.produce(
        "flights",
        key=flight["origin"],
        value=json.dumps(flight),
        on_delivery=lambda error, _: failures.append(error) if error else None,
    )
    producer.poll(0)
assert producer.flush(60) == 0 and not failures, failures
print(len(flights))
