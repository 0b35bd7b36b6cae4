// KafkaJS' registry client against the registry at argv[2]; ends with 'ok'.
const assert = require("node:assert");
const { SchemaRegistry, SchemaType } = require("@kafkajs/confluent-schema-registry");

const click = { page: "/", ms: 12 };
const fields = (more) => [{ name: "page", type: "string" }, { name: "ms", type: "int" }, ...more];
const avro = (more) => JSON.stringify({ type: "record", name: "Click", namespace: "web", fields: fields(more) });
const json = (more) =>
  JSON.stringify({
    type: "object",
    properties: { page: { type: "string" }, ms: { type: "integer" }, ...more },
    required: ["page"],
    additionalProperties: false,
  });
const protobuf = (more) => `syntax = "proto3"; package web; message Click { string page = 1; int32 ms = 2; ${more} }`;

// By type: the schema, one that may follow it and one that may not.
const cases = {
  AVRO: [avro([]), avro([{ name: "at", type: "long", default: 0 }]), avro([{ name: "must", type: "long" }])],
  JSON: [json({}), json({ at: { type: "integer" } }), json({ page: { type: "null" } })],
  PROTOBUF: [protobuf(""), protobuf("int64 at = 3;"), protobuf("").replace("int32 ms", "string ms")],
};

async function main() {
  for (const [name, [first, next, broken]] of Object.entries(cases)) {
    const registry = new SchemaRegistry({ host: process.argv[2] });
    const subject = `${name.toLowerCase()}-clicks-value`;
    const register = (schema) => registry.register({ type: SchemaType[name], schema }, { subject });
    const { id } = await register(first);
    assert.strictEqual((await register(first)).id, id);
    assert.strictEqual(await registry.getLatestSchemaId(subject), id);
    const bytes = await registry.encode(id, click);
    const newer = (await register(next)).id;
    assert.notStrictEqual(newer, id);
    assert.strictEqual(await registry.getLatestSchemaId(subject), newer);
    // A client that knows nothing yet still reads the old bytes.
    const reader = new SchemaRegistry({ host: process.argv[2] });
    assert.deepStrictEqual({ ...(await reader.decode(bytes)) }, click, name);
    await assert.rejects(register(broken), /incompatible/i, name);
    await assert.rejects(registry.getSchema(999_999));
  }
  console.log("ok");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
