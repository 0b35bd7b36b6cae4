/** The produce form, as the API wants it. */
import type { MessageProduce, ProducePayload } from "@/gen/api";
import { JsonSyntaxError, parseJson } from "@/json/parse";

export const ENCODINGS = ["json", "text", "schema", "hex", "null"] as const;
export type FormEncoding = (typeof ENCODINGS)[number];

export interface PartForm {
  encoding: FormEncoding;
  text: string;
  /** Whose latest schema encodes it. */
  subject: string;
  /** Of a Protobuf schema; empty: its first. */
  message: string;
}

export interface ProduceForm {
  partition: number | null;
  key: PartForm;
  value: PartForm;
  headers: { id: number; name: string; value: string }[];
}

export const encodingLabels: Record<FormEncoding, string> = {
  json: "JSON",
  text: "Text",
  schema: "By a schema",
  hex: "Bytes, as hex",
  null: "null",
};

/** What is wrong before it is sent; null when nothing is. */
export function partProblem({ encoding, text, subject }: PartForm): string | null {
  switch (encoding) {
    case "json":
    case "schema":
      if (encoding === "schema" && subject === "")
        return "Choose the subject whose schema encodes it.";
      try {
        parseJson(text);
        return null;
      } catch (error) {
        if (error instanceof JsonSyntaxError) return error.message;
        throw error;
      }
    case "hex": {
      const digits = text.replace(/\s+/g, "");
      if (!/^[0-9a-fA-F]*$/.test(digits)) return "Hex digits only: 0–9, a–f.";
      return digits.length % 2 === 0 ? null : "An odd number of digits: a byte has two.";
    }
    case "text":
    case "null":
      return null;
  }
}

export function toPayload({ encoding, text, subject, message }: PartForm): ProducePayload {
  switch (encoding) {
    case "null":
      return { encoding };
    case "schema":
      return { encoding, text, subject, ...(message === "" ? {} : { message }) };
    case "hex":
      return { encoding, text: text.replace(/\s+/g, "") };
    case "json":
    case "text":
      return { encoding, text };
  }
}

export const toParams = (cluster: string, topic: string, form: ProduceForm): MessageProduce => ({
  cluster,
  topic,
  partition: form.partition,
  key: toPayload(form.key),
  value: toPayload(form.value),
  headers: form.headers
    .filter(({ name }) => name !== "")
    .map(({ name, value }) => ({ name, value })),
});
