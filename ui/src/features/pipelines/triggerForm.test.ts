import { describe, expect, it } from "vitest";
import type { DagParam } from "@/gen/api";
import {
  choiceJson,
  confError,
  fieldKind,
  fromConf,
  initialValues,
  splitObject,
  toConf,
} from "./triggerForm";

const param = (
  name: string,
  kind: string | null,
  json: string,
  choices: string[] = [],
): DagParam => ({
  name,
  kind,
  default: json,
  description: null,
  choices,
});

const params = [
  param("name", "string", '"a, b"'),
  param("rows", "integer", "12345678901234567890"),
  param("rate", "number", "0.10"),
  param("on", "boolean", "true"),
  param("mode", "string", '"fast"', ["fast", "slow"]),
  param("list", "array", "[1,2]"),
];

describe("toConf", () => {
  const check = (change: Record<string, string>, expected: unknown) =>
    expect(toConf(params, { ...initialValues(params), ...change })).toEqual(expected);

  it("sends every param as written", () => {
    check(
      {},
      {
        ok: true,
        conf: '{\n  "name": "a, b",\n  "rows": 12345678901234567890,\n  "rate": 0.10,\n  "on": true,\n  "mode": "fast",\n  "list": [\n  1,\n  2\n]\n}',
      },
    );
    expect(toConf([], {})).toEqual({ ok: true, conf: "{}" });
  });

  it("leaves out what has no default and was not given", () => {
    const needed = [
      param("need", "string", "null"),
      param("n", "integer", "null"),
      param("any", null, "null"),
    ];
    expect(toConf(needed, initialValues(needed))).toEqual({ ok: true, conf: "{}" });
    expect(toConf(needed, { ...initialValues(needed), need: "x" })).toEqual({
      ok: true,
      conf: '{\n  "need": "x"\n}',
    });
  });

  it("names each field that cannot be sent", () => {
    check(
      { rows: "1.5", rate: "much", mode: "" },
      {
        ok: false,
        errors: {
          rows: "A whole number is needed",
          rate: "This is no number",
          mode: "Choose a value",
        },
      },
    );
    check({ list: "" }, { ok: false, errors: { list: "JSON is needed: null is the empty value" } });
  });
});

describe("fromConf", () => {
  it("goes back to the form without losing digits", () => {
    const values = fromConf(params, '{"rows": 98765432109876543210, "name": "x:{y}", "on": false}');
    expect(values).toMatchObject({
      rows: "98765432109876543210",
      name: "x:{y}",
      on: "false",
      rate: "0.10",
    });
    expect(fromConf(params, "[1]")).toBeNull();
    expect(fromConf(params, "{")).toBeNull();
  });
});

it("splits an object into its members", () => {
  expect([...(splitObject('{ "a:,": "x\\",:", "b": {"c": [1, 2]} }') ?? [])]).toEqual([
    ["a:,", '"x\\",:"'],
    ["b", '{\n  "c": [\n    1,\n    2\n  ]\n}'],
  ]);
  expect([...(splitObject("{}") ?? [])]).toEqual([]);
});

it("says why a conf cannot be sent", () => {
  expect(confError("{}")).toBeNull();
  expect(confError("[]")).toBe("The conf is a JSON object: { … }");
  expect(confError("{a}")).toContain("This is no JSON");
});

it("knows how each param is entered", () => {
  expect(params.map(fieldKind)).toEqual(["text", "number", "number", "boolean", "choice", "json"]);
  expect(fieldKind(param("x", null, "null"))).toBe("json");
  expect(choiceJson(param("m", "string", '"a"'), "a")).toBe('"a"');
  expect(choiceJson(param("m", "integer", "1"), "1")).toBe("1");
  expect(choiceJson(param("m", null, "null"), "plain")).toBe('"plain"');
});
