/** JSON printed again, its numbers untouched. */
import { type JsonNode, tryParseJson } from "./parse";

/** Indented by two; text that is no JSON comes back as it was. */
export function prettyJson(text: string): string {
  const node = tryParseJson(text);
  return node === null ? text : printJson(node, "");
}

export function printJson(node: JsonNode, indent: string): string {
  const deeper = `${indent}  `;
  switch (node.kind) {
    case "object":
      if (node.entries.length === 0) return "{}";
      return `{\n${node.entries
        .map(({ key, value }) => `${deeper}${JSON.stringify(key)}: ${printJson(value, deeper)}`)
        .join(",\n")}\n${indent}}`;
    case "array":
      if (node.items.length === 0) return "[]";
      return `[\n${node.items.map((item) => deeper + printJson(item, deeper)).join(",\n")}\n${indent}]`;
    default:
      return printScalar(node);
  }
}

/** One value on one line; a container says how much it holds. */
export function printScalar(node: JsonNode): string {
  switch (node.kind) {
    case "string":
      return JSON.stringify(node.value);
    case "number":
      return node.text;
    case "bool":
      return String(node.value);
    case "null":
      return "null";
    case "object":
      return `{${node.entries.length}}`;
    case "array":
      return `[${node.items.length}]`;
  }
}
