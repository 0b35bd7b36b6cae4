import { describe, expect, it } from "vitest";
import { type PartForm, partProblem, toPayload } from "./form";

const part = (encoding: PartForm["encoding"], text: string, subject = ""): PartForm => ({
  encoding,
  text,
  subject,
  message: "",
});

describe("the produce form", () => {
  it("says what is wrong before sending", () => {
    const check = (form: PartForm, expected: RegExp | null) =>
      expected === null
        ? expect(partProblem(form)).toBeNull()
        : expect(partProblem(form)).toMatch(expected);
    check(part("json", '{"n": 9007199254740993}'), null);
    check(part("json", "{oops}"), /Line 1, column 2/);
    check(part("schema", "{}"), /subject/);
    check(part("schema", "{}", "t-value"), null);
    check(part("hex", "00 ff"), null);
    check(part("hex", "0"), /odd/);
    check(part("hex", "zz"), /Hex digits/);
    check(part("null", "ignored"), null);
  });
  it("sends the text as it was typed", () => {
    expect(toPayload(part("json", '{"n":1.10}'))).toEqual({ encoding: "json", text: '{"n":1.10}' });
    expect(toPayload(part("hex", "00 FF"))).toEqual({ encoding: "hex", text: "00FF" });
    expect(toPayload({ ...part("schema", "{}", "t-value"), message: "a.B" })).toEqual({
      encoding: "schema",
      text: "{}",
      subject: "t-value",
      message: "a.B",
    });
    expect(toPayload(part("null", "x"))).toEqual({ encoding: "null" });
  });
});
