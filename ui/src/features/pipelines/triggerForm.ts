/**
 * The trigger form's values, kept as text: what was typed is what is sent, so
 * a number past 2^53 arrives as it was written.
 */
import type { DagParam } from "@/gen/api";
import { JsonSyntaxError, parseJson, tryParseJson } from "@/json/parse";
import { prettyJson, printJson } from "@/json/print";

/** How a param is entered. */
export type FieldKind = "text" | "number" | "boolean" | "choice" | "json";

/** By param name. Text fields hold the string itself, the others JSON. */
export type FormValues = Readonly<Record<string, string>>;

export type Conf =
  | { ok: true; conf: string }
  | { ok: false; errors: Readonly<Record<string, string>> };

export function fieldKind(param: DagParam): FieldKind {
  if (param.choices.length > 0) return "choice";
  switch (param.kind) {
    case "string":
      return "text";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    default:
      return "json";
  }
}

/** The form as it opens: every param at its default. */
export const initialValues = (params: readonly DagParam[]): FormValues =>
  Object.fromEntries(params.map((param) => [param.name, fromJson(param, param.default)]));

/** A choice as JSON text; choices of strings may be written without quotes. */
export function choiceJson(param: DagParam, choice: string): string {
  if (param.kind !== "string" || choice.startsWith('"')) {
    if (isJson(choice)) return choice;
  }
  return JSON.stringify(choice);
}

function fromJson(param: DagParam, json: string): string {
  const kind = fieldKind(param);
  switch (kind) {
    case "text": {
      const node = tryParseJson(json);
      return node?.kind === "string" ? node.value : node?.kind === "null" ? "" : json;
    }
    case "json":
      return prettyJson(json);
    case "number":
    case "boolean":
    case "choice":
      return json === "null" ? "" : json;
  }
}

/** One param's JSON text, or what is wrong with it. */
function toJson(param: DagParam, value: string): { json: string } | { error: string } {
  const kind = fieldKind(param);
  switch (kind) {
    case "text":
      return { json: JSON.stringify(value) };
    case "boolean":
      return { json: value === "true" ? "true" : "false" };
    case "choice":
      return value === "" ? { error: "Choose a value" } : { json: value };
    case "number": {
      const typed = value.trim();
      if (typed === "") return { error: "A number is needed" };
      const whole = /^-?(?:0|[1-9]\d*)$/;
      const any = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
      if (param.kind === "integer" && !whole.test(typed)) {
        return { error: "A whole number is needed" };
      }
      return any.test(typed) ? { json: typed } : { error: "This is no number" };
    }
    case "json":
      if (value.trim() === "") return { error: "JSON is needed: null is the empty value" };
      return isJson(value) ? { json: value.trim() } : { error: jsonError(value) };
  }
}

/** A param without a default that nothing was written for: the backend says if it is needed. */
const isLeftOut = (param: DagParam, values: FormValues): boolean =>
  isNull(param.default) && (values[param.name] ?? "") === fromJson(param, param.default);

const isNull = (json: string): boolean => json.trim() === "" || json.trim() === "null";

/** The conf to send: every param that has a value, in the DAG's order. */
export function toConf(params: readonly DagParam[], values: FormValues): Conf {
  const errors: Record<string, string> = {};
  const members: string[] = [];
  for (const param of params) {
    if (isLeftOut(param, values)) continue;
    const result = toJson(param, values[param.name] ?? "");
    if ("error" in result) errors[param.name] = result.error;
    else members.push(`  ${JSON.stringify(param.name)}: ${result.json}`);
  }
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  return { ok: true, conf: members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n}` };
}

/** The form after its JSON was edited; what the DAG does not know is kept apart. */
export function fromConf(params: readonly DagParam[], conf: string): FormValues | null {
  const members = splitObject(conf);
  if (members === null) return null;
  return Object.fromEntries(
    params.map((param) => [param.name, fromJson(param, members.get(param.name) ?? param.default)]),
  );
}

/** Why a conf cannot be sent; null when it can. */
export function confError(conf: string): string | null {
  if (!isJson(conf)) return jsonError(conf);
  return splitObject(conf) === null ? "The conf is a JSON object: { … }" : null;
}

/** A JSON object's members with the values as written, or null if it is none. */
export function splitObject(text: string): Map<string, string> | null {
  const node = tryParseJson(text);
  if (node?.kind !== "object") return null;
  return new Map(node.entries.map(({ key, value }) => [key, printJson(value, "")]));
}

const isJson = (text: string): boolean => tryParseJson(text) !== null;

function jsonError(text: string): string {
  try {
    parseJson(text);
    return "";
  } catch (error) {
    if (error instanceof JsonSyntaxError) return `This is no JSON. ${error.message}`;
    throw error;
  }
}
