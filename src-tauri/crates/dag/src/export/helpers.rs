//! Functions an exported file brings along, where Airflow's operator wants one.

pub(super) const PRODUCE: &str = r#"def _records(key=None, value=None, records=None):
    """The (key, value) pairs for ProduceToTopicOperator; JSON but for text."""
    import json

    def encoded(part):
        return part if part is None or isinstance(part, str) else json.dumps(part)

    if isinstance(records, str):
        records = json.loads(records)
    for record in [{"key": key, "value": value}] if records is None else records:
        if not (isinstance(record, dict) and "value" in record):
            record = {"value": record}
        yield encoded(record.get("key", key)), encoded(record["value"])
"#;

pub(super) const CONSUME: &str = r#"def _consume(topics, kafka_config_id, max_messages, poll_timeout, commit):
    """What is new for the connection's group.id, decoded from JSON where it is JSON."""
    import json

    from airflow.providers.apache.kafka.hooks.consume import KafkaConsumerHook

    def decoded(part):
        if part is None:
            return None
        try:
            return json.loads(part)
        except ValueError:
            return part.decode("utf-8", "replace")

    consumer = KafkaConsumerHook(topics=topics, kafka_config_id=kafka_config_id).get_consumer()
    records = []
    while len(records) < max_messages:
        batch = consumer.consume(num_messages=min(1000, max_messages - len(records)), timeout=poll_timeout)
        if not batch:
            break
        for message in batch:
            if message.error():
                raise RuntimeError(message.error())
            records.append(
                {
                    "topic": message.topic(),
                    "partition": message.partition(),
                    "offset": message.offset(),
                    "timestamp_ms": message.timestamp()[1],
                    "key": decoded(message.key()),
                    "value": decoded(message.value()),
                    "headers": [[name, decoded(value)] for name, value in message.headers() or []],
                }
            )
    if commit and records:
        consumer.commit(asynchronous=False)
    consumer.close()
    return records
"#;

pub(super) const LOAD: &str = r#"def _load(file, name):
    """A function of a Python file beside this one."""
    import importlib.util
    import pathlib

    path = pathlib.Path(__file__).parent / file
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)
"#;
