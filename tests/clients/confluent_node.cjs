// @confluentinc/schemaregistry's Protobuf serializer (its shipped specs cover
// Avro and JSON Schema) against broker argv[2] and registry argv[3].
const assert = require("node:assert");
const { create } = require("@bufbuild/protobuf");
const { Kafka, Partitioners, logLevel } = require("kafkajs");
const { ProtobufDeserializer, ProtobufSerializer, SchemaRegistryClient, SerdeType } = require("@confluentinc/schemaregistry");

// Messages that ship with the package, options of Confluent's own among them.
const shipped = (name) => require(`@confluentinc/schemaregistry/dist/test/serde/test/${name}_pb`);

const [broker, url] = process.argv.slice(2);

async function main() {
  const client = SchemaRegistryClient.newClient({ baseURLs: [url] });
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.ERROR });
  const producer = kafka.producer({ allowAutoTopicCreation: true, createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();

  const { AuthorSchema, PizzaSchema } = shipped("example");
  const { NestedMessage_InnerMessageSchema } = shipped("nested");
  const { DependencyMessageSchema } = shipped("dep");
  const { TestMessageSchema } = shipped("test");
  const nested = create(TestMessageSchema, { testString: "hi", testInt64: 2n ** 60n, testBytes: Buffer.from([1, 2]) });
  const cases = [
    ["authors", AuthorSchema, create(AuthorSchema, { name: "Kafka", id: 123, picture: Buffer.from([1, 2]), works: ["The Castle"] })],
    ["pizzas", PizzaSchema, create(PizzaSchema, { size: "large", toppings: ["anchovies"] })],
    ["inner", NestedMessage_InnerMessageSchema, create(NestedMessage_InnerMessageSchema, { id: "inner" })],
    ["imports", DependencyMessageSchema, create(DependencyMessageSchema, { testMesssage: nested, isActive: true })],
  ];
  for (const [topic, schema, value] of cases) {
    const serializer = new ProtobufSerializer(client, SerdeType.VALUE, { autoRegisterSchemas: true });
    serializer.registry.add(schema);
    await producer.send({ topic, messages: [{ value: await serializer.serialize(topic, value) }] });
    const read = await first(kafka, topic);
    // Another client: it knows only what the registry tells it.
    const other = SchemaRegistryClient.newClient({ baseURLs: [url] });
    const deserializer = new ProtobufDeserializer(other, SerdeType.VALUE, {});
    const back = await deserializer.deserialize(topic, read);
    assert.deepStrictEqual(JSON.parse(text(back)), JSON.parse(text(value)), topic);
    assert.ok((await client.getLatestSchemaMetadata(`${topic}-value`)).schema.includes("message "), topic);
  }
  const references = (await client.getLatestSchemaMetadata("imports-value")).references;
  assert.ok(references.some((reference) => reference.name.endsWith("test.proto")), JSON.stringify(references));
  await producer.disconnect();
  console.log("ok");
}

const text = (message) =>
  JSON.stringify(message, (key, value) => (key === "$typeName" || key === "$unknown" ? undefined : typeof value === "bigint" ? `${value}` : value));

async function first(kafka, topic) {
  const consumer = kafka.consumer({ groupId: `of-${topic}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const value = await new Promise((resolve) => {
    consumer.run({ eachMessage: async ({ message }) => resolve(message.value) });
  });
  await consumer.disconnect();
  return value;
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
