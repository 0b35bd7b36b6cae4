/** The fake schema registry: subjects with a history worth comparing. */
import type { ApiError, SchemaReference, SchemaVersion, SubjectRow } from "@/gen/api";
import type { Handlers } from "./index";

interface FakeSubject {
  type: string;
  versions: SchemaVersion[];
  /** None: the global level. */
  level: string | null;
}

interface AvroRecord {
  type: string;
  name: string;
  namespace?: string;
  fields: { name: string; type: unknown; default?: unknown; doc?: string }[];
}

const pretty = (schema: unknown): string => JSON.stringify(schema, null, 2);

const metrics = (fields: AvroRecord["fields"]): string =>
  pretty({ type: "record", name: "HostMetrics", namespace: "pumphouse.quickstart", fields });

const base: AvroRecord["fields"] = [
  { name: "host", type: "string" },
  { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
  { name: "cpu_percent", type: "double" },
  { name: "memory_used_bytes", type: "long" },
];

export function registryHandlers(): Handlers {
  let nextId = 9;
  let global = "BACKWARD";
  const version = (
    n: number,
    id: number,
    type: string,
    schema: string,
    references: SchemaReference[] = [],
  ): SchemaVersion => ({
    version: n,
    id,
    schema_type: type,
    schema,
    references,
  });
  const subjects = new Map<string, FakeSubject>([
    [
      "host.metrics-value",
      {
        type: "AVRO",
        level: null,
        versions: [
          version(1, 1, "AVRO", metrics(base)),
          version(
            2,
            3,
            "AVRO",
            metrics([
              ...base,
              { name: "load_1m", type: ["null", "double"], default: null, doc: "Load average" },
            ]),
          ),
          version(
            3,
            6,
            "AVRO",
            metrics([
              ...base.slice(0, 3),
              { name: "memory_used_bytes", type: "long", doc: "Without caches" },
              {
                name: "load_1m",
                type: ["null", "double"],
                default: null,
                doc: "Load average over one minute",
              },
              { name: "disk_read_bytes_per_s", type: "double", default: 0 },
              { name: "disk_write_bytes_per_s", type: "double", default: 0 },
            ]),
          ),
        ],
      },
    ],
    [
      "host.report-value",
      {
        type: "AVRO",
        level: "FULL",
        versions: [
          version(
            1,
            2,
            "AVRO",
            pretty({
              type: "record",
              name: "HostReport",
              fields: [
                { name: "samples", type: "int" },
                { name: "cpu_mean", type: "double" },
              ],
            }),
          ),
        ],
      },
    ],
    [
      "orders-value",
      {
        type: "AVRO",
        level: "BACKWARD_TRANSITIVE",
        versions: [
          version(
            1,
            5,
            "AVRO",
            pretty({
              type: "record",
              name: "Order",
              fields: [
                { name: "id", type: "string" },
                { name: "customer", type: "shop.Customer" },
                {
                  name: "total",
                  type: { type: "bytes", logicalType: "decimal", precision: 12, scale: 2 },
                },
              ],
            }),
            [{ name: "shop.Customer", subject: "shop.Customer", version: 1 }],
          ),
        ],
      },
    ],
    [
      "shop.Customer",
      {
        type: "AVRO",
        level: null,
        versions: [
          version(
            1,
            4,
            "AVRO",
            pretty({
              type: "record",
              name: "Customer",
              namespace: "shop",
              fields: [
                { name: "id", type: "long" },
                { name: "name", type: "string" },
              ],
            }),
          ),
        ],
      },
    ],
    [
      "clicks-value",
      {
        type: "JSON",
        level: "NONE",
        versions: [
          version(
            1,
            7,
            "JSON",
            pretty({
              $schema: "https://json-schema.org/draft/2020-12/schema",
              title: "Click",
              type: "object",
              properties: { page: { type: "string" }, ms: { type: "integer" } },
              required: ["page"],
            }),
          ),
        ],
      },
    ],
    [
      "payments-value",
      {
        type: "PROTOBUF",
        level: null,
        versions: [
          version(
            1,
            8,
            "PROTOBUF",
            'syntax = "proto3";\npackage shop;\n\nmessage Payment {\n  string id = 1;\n  int64 cents = 2;\n}\n',
          ),
        ],
      },
    ],
  ]);

  const row = (name: string, subject: FakeSubject): SubjectRow => {
    const latest = subject.versions.at(-1);
    return {
      subject: name,
      schema_type: subject.type,
      latest_version: latest?.version ?? 0,
      latest_id: latest?.id ?? 0,
      versions: subject.versions.length,
      compatibility: subject.level ?? global,
      compatibility_inherited: subject.level === null,
    };
  };
  const find = (name: string): FakeSubject => {
    const subject = subjects.get(name);
    if (subject === undefined) {
      throw {
        code: "not_found",
        message: `Subject '${name}' is not known.`,
        hint: "Register a schema under this name first.",
      } satisfies ApiError;
    }
    return subject;
  };

  return {
    subjects_list: () =>
      [...subjects]
        .map(([name, subject]) => row(name, subject))
        .sort((a, b) => a.subject.localeCompare(b.subject)),
    subject: ({ subject }) => ({
      row: row(subject, find(subject)),
      versions: find(subject).versions,
      messages: subject === "payments-value" ? ["shop.Payment"] : [],
    }),
    schema_check: ({ subject, schema_type, schema }) => {
      const latest = subjects.get(subject)?.versions.at(-1);
      if (schema_type !== "AVRO" || latest === undefined) return { compatible: true, messages: [] };
      return avroVerdict(parseAvro(latest.schema), parseAvro(schema));
    },
    schema_register: ({ subject, schema_type, schema, references }) => {
      if (schema_type === "AVRO") parseAvro(schema);
      const known = subjects.get(subject) ?? { type: schema_type, level: null, versions: [] };
      const added = version(
        (known.versions.at(-1)?.version ?? 0) + 1,
        nextId,
        schema_type,
        schema,
        references,
      );
      nextId += 1;
      subjects.set(subject, { ...known, versions: [...known.versions, added] });
      return { id: added.id, version: added.version };
    },
    subject_delete: ({ subject }) => {
      find(subject);
      subjects.delete(subject);
      return {};
    },
    compatibility_set: ({ subject, level }) => {
      if (subject === null) global = level ?? "BACKWARD";
      else find(subject).level = level;
      return {};
    },
  };
}

function parseAvro(text: string): AvroRecord {
  try {
    const schema: AvroRecord = JSON.parse(text);
    if (!Array.isArray(schema.fields)) throw new Error("a record has `fields`");
    return schema;
  } catch (cause) {
    throw {
      code: "invalid_request",
      message: "The text is no Avro schema.",
      hint: "An Avro schema is JSON; look at the place named in the detail.",
      detail: String(cause),
    } satisfies ApiError;
  }
}

function avroVerdict(older: AvroRecord, newer: AvroRecord) {
  const known = new Set(older.fields.map((field) => field.name));
  const messages = newer.fields
    .filter((field) => !known.has(field.name) && field.default === undefined)
    .map(
      (field) =>
        `READER_FIELD_MISSING_DEFAULT_VALUE at /fields: '${field.name}' is new and has no default, so older data cannot be read`,
    );
  return { compatible: messages.length === 0, messages };
}
