/** What the editor holds before anything is written. */

export const SCHEMA_TYPES = ["AVRO", "JSON", "PROTOBUF"] as const;
export type SchemaType = (typeof SCHEMA_TYPES)[number];

export function exampleOf(type: SchemaType): string {
  switch (type) {
    case "AVRO":
      return `{
  "type": "record",
  "name": "Order",
  "namespace": "shop",
  "fields": [
    { "name": "id", "type": "string" },
    { "name": "total_cents", "type": "long" },
    { "name": "at", "type": { "type": "long", "logicalType": "timestamp-millis" } },
    { "name": "note", "type": ["null", "string"], "default": null }
  ]
}`;
    case "JSON":
      return `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Order",
  "type": "object",
  "properties": {
    "id": { "type": "string" },
    "total_cents": { "type": "integer" }
  },
  "required": ["id"]
}`;
    case "PROTOBUF":
      return `syntax = "proto3";
package shop;

message Order {
  string id = 1;
  int64 total_cents = 2;
}
`;
  }
}

/** The language an editor highlights. */
export const languageOf = (type: string): "json" | "protobuf" =>
  type === "PROTOBUF" ? "protobuf" : "json";
