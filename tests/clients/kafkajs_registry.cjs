// KafkaJS' registry client against the registry at argv[2]; ends with 'ok'.
const assert = require("node:assert");
const { SchemaRegistry, SchemaType } = require("@kafkajs/confluent-schema-registry");

async function main() {
  const registry = new SchemaRegistry({ host: process.argv[2] });
  const schema = JSON.stringify({
    type: "record",
    name: "Click",
    namespace: "web",
    fields: [
      { name: "page", type: "string" },
      { name: "ms", type: "int" },
    ],
  });
  const { id } = await registry.register({ type: SchemaType.AVRO, schema }, { subject: "clicks-value" });
  const again = await registry.register({ type: SchemaType.AVRO, schema }, { subject: "clicks-value" });
  assert.strictEqual(again.id, id);
  assert.strictEqual(await registry.getLatestSchemaId("clicks-value"), id);
  const click = { page: "/", ms: 12 };
  assert.deepStrictEqual({ ...(await registry.decode(await registry.encode(id, click))) }, click);
  await assert.rejects(registry.getSchema(999_999));
  console.log("ok");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
