import { expect, it } from "vitest";
import { hexRow, hexRows } from "./hexDump";

it("lays bytes out in rows of sixteen", () => {
  const digits = "00000000014a616e7a2070756d70732077617465722e";
  expect(hexRows(digits, 16)).toBe(2);
  expect(hexRow(digits, 0, 16)).toEqual({
    offset: "00000000",
    hex: "00 00 00 00 01 4a 61 6e  7a 20 70 75 6d 70 73 20",
    ascii: "·····Janz pumps ",
  });
  expect(hexRow(digits, 1, 16).ascii).toBe("water.");
  expect(hexRow(digits, 1, 8)).toEqual({
    offset: "00000008",
    hex: "7a 20 70 75 6d 70 73 20",
    ascii: "z pumps ",
  });
  expect(hexRows("", 16)).toBe(0);
});
