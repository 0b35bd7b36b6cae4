import { describe, expect, it } from "vitest";
import { DEPTH_MAX, JsonSyntaxError, parseJson, tryParseJson } from "./parse";
import { prettyJson } from "./print";
import { treeRows } from "./tree";

describe("JSON without loss", () => {
  const check = (text: string, expected: string) => expect(prettyJson(text)).toBe(expected);

  it("keeps numbers as they were written", () => {
    for (const number of [
      "9007199254740993",
      "18446744073709551615",
      "-9223372036854775808",
      "1.10",
      "0.1000000000000000055511151231257827",
      "1e400",
      "-0",
      "12345678901234567890.123456789",
    ]) {
      check(number, number);
      check(`{"a":[${number}]}`, `{\n  "a": [\n    ${number}\n  ]\n}`);
    }
  });

  it("keeps order, repeated keys and every letter", () => {
    check('{"b":1,"a":2,"b":3}', '{\n  "b": 1,\n  "a": 2,\n  "b": 3\n}');
    check('"\\u00e9\\n\\ud83d\\udca7"', '"é\\n💧"');
    check(" [ ] ", "[]");
    check("{}", "{}");
    check('"</script><b>"', '"</script><b>"');
  });

  it("agrees with JSON.parse about what is JSON", () => {
    const texts = [
      "",
      " ",
      "nul",
      "01",
      "1.",
      ".5",
      "+1",
      "1e",
      "[1,]",
      "{,}",
      '{"a" 1}',
      "'a'",
      '"a',
      '"\\x"',
      '"\\u12"',
      '"\t"',
      "[1 2]",
      "{} {}",
      "NaN",
      "true",
      "[true,null,false]",
      '{"a":{"b":[]}}',
      "-1.5e-3",
    ];
    for (const text of texts) {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      expect(tryParseJson(text) !== null, text).toBe(valid);
    }
  });

  it("says where it breaks and refuses endless nesting", () => {
    expect(() => parseJson('{\n  "a": ,\n}')).toThrow("Line 2, column 8: a value should be here.");
    expect(() => parseJson("[".repeat(DEPTH_MAX + 2))).toThrow(JsonSyntaxError);
    expect(prettyJson("not json")).toBe("not json");
  });

  it("folds and unfolds", () => {
    const node = parseJson('{"a":{"b":1},"c":[1,2]}');
    const names = (toggled: string[]) => treeRows(node, new Set(toggled)).map((row) => row.name);
    expect(names([])).toEqual([null, "a", "b", "c", "0", "1"]);
    expect(names(["/1:c"])).toEqual([null, "a", "b", "c"]);
    expect(names([""])).toEqual([null]);
  });
});
