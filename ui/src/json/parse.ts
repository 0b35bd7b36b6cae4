/**
 * JSON without loss. Payloads arrive as JSON text whose numbers may be 64-bit or
 * decimal; `JSON.parse` would round them. Here a number stays the text it was.
 */

export type JsonNode =
  | { kind: "object"; entries: JsonEntry[] }
  | { kind: "array"; items: JsonNode[] }
  | { kind: "string"; value: string }
  | { kind: "number"; text: string }
  | { kind: "bool"; value: boolean }
  | { kind: "null" };

/** Keys keep their order; a key that stands twice stands twice. */
export interface JsonEntry {
  key: string;
  value: JsonNode;
}

export class JsonSyntaxError extends Error {
  /** Where in the text, in UTF-16 units. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = "JsonSyntaxError";
    this.at = at;
  }
}

/** Deeper nesting is refused, before the stack is. */
export const DEPTH_MAX = 500;

/** Throws `JsonSyntaxError` when the text is not one JSON value. */
export function parseJson(text: string): JsonNode {
  const reader = new Reader(text);
  const node = reader.value(0);
  reader.space();
  if (reader.at < text.length) throw reader.error("something follows the value");
  return node;
}

/** The value, or null when the text is no JSON. */
export function tryParseJson(text: string): JsonNode | null {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return null;
    throw error;
  }
}

/** Line and column, both from 1. */
export function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return { line, column: at - before.lastIndexOf("\n") };
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
/** Everything up to a quote, a backslash or a control character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside strings
const PLAIN = /[^"\\\u0000-\u001f]*/y;

const ESCAPES: Record<string, string> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Reader {
  at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): JsonNode {
    if (depth > DEPTH_MAX) throw this.error(`nested deeper than ${DEPTH_MAX}`);
    this.space();
    const next = this.text[this.at];
    switch (next) {
      case undefined:
        throw this.error("the text ends where a value should be");
      case "{":
        return this.object(depth);
      case "[":
        return this.array(depth);
      case '"':
        return { kind: "string", value: this.string() };
      case "t":
        return this.word("true", { kind: "bool", value: true });
      case "f":
        return this.word("false", { kind: "bool", value: false });
      case "n":
        return this.word("null", { kind: "null" });
      default:
        return this.number();
    }
  }

  space(): void {
    this.skip(SPACE);
  }

  error(message: string): JsonSyntaxError {
    const { line, column } = placeOf(this.text, this.at);
    return new JsonSyntaxError(`Line ${line}, column ${column}: ${message}.`, this.at);
  }

  private object(depth: number): JsonNode {
    const entries: JsonEntry[] = [];
    this.at += 1;
    this.space();
    if (this.take("}")) return { kind: "object", entries };
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') throw this.error("a key in double quotes should be here");
      const key = this.string();
      this.space();
      if (!this.take(":")) throw this.error("a colon should follow the key");
      entries.push({ key, value: this.value(depth + 1) });
      this.space();
      if (this.take("}")) return { kind: "object", entries };
      if (!this.take(",")) throw this.error("a comma or `}` should be here");
    }
  }

  private array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.at += 1;
    this.space();
    if (this.take("]")) return { kind: "array", items };
    for (;;) {
      items.push(this.value(depth + 1));
      this.space();
      if (this.take("]")) return { kind: "array", items };
      if (!this.take(",")) throw this.error("a comma or `]` should be here");
    }
  }

  private string(): string {
    let value = "";
    this.at += 1;
    for (;;) {
      value += this.skip(PLAIN);
      if (this.take('"')) return value;
      if (!this.take("\\")) throw this.error("the string does not end");
      value += this.escape();
    }
  }

  private escape(): string {
    const letter = this.text[this.at] ?? "";
    this.at += 1;
    if (letter === "u") {
      const digits = this.text.slice(this.at, this.at + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.error("\\u needs four hex digits");
      this.at += 4;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const meant = ESCAPES[letter];
    if (meant === undefined) throw this.error(`\\${letter} is no escape`);
    return meant;
  }

  private number(): JsonNode {
    const text = this.skip(NUMBER);
    if (text === "") throw this.error("a value should be here");
    return { kind: "number", text };
  }

  private word(word: string, node: JsonNode): JsonNode {
    if (!this.text.startsWith(word, this.at)) throw this.error("a value should be here");
    this.at += word.length;
    return node;
  }

  private take(letter: string): boolean {
    if (this.text[this.at] !== letter) return false;
    this.at += 1;
    return true;
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }
}
