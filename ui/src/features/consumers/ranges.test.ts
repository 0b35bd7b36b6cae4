import { expect, it } from "vitest";
import { ranges } from "./ranges";

it("joins neighbours", () => {
  const check = (numbers: number[], expected: string) => expect(ranges(numbers)).toBe(expected);
  check([], "");
  check([3], "3");
  check([2, 0, 1, 5], "0–2, 5");
  check([0, 2, 4, 5], "0, 2, 4–5");
});
