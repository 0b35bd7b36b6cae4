import { describe, expect, it } from "vitest";
import { PLAIN } from "./ansi";
import { LogBuffer, LogSearch } from "./logBuffer";

const ESC = "\u001b";

const filled = (chunks: string[], linesMax?: number): LogBuffer => {
  const buffer = new LogBuffer(linesMax);
  for (const chunk of chunks) buffer.append(chunk);
  return buffer;
};

const lines = (buffer: LogBuffer): string[] => {
  const all: string[] = [];
  for (let n = buffer.firstLine; n < buffer.endLine; n += 1) all.push(`${n} ${buffer.plain(n)}`);
  return all;
};

describe("LogBuffer", () => {
  const check = (chunks: string[], expected: string[]) =>
    expect(lines(filled(chunks))).toEqual(expected);

  it("joins what arrived in pieces", () => {
    check([], []);
    check(["a\nb"], ["0 a", "1 b"]);
    check(["a\nb", "c\n", "d\n"], ["0 a", "1 bc", "2 d"]);
    check(["a\n", "\n", "b"], ["0 a", "1 ", "2 b"]);
    check(["10%\r20%\r100%\ndone\r\n"], ["0 100%", "1 done"]);
  });

  it("keeps only so many lines, and their numbers", () => {
    const buffer = filled(["ERROR 0\n1\n2\n", "3\n4\n"], 3);
    expect(lines(buffer)).toEqual(["2 2", "3 3", "4 4"]);
    expect(buffer.firstError).toBeNull();
  });

  it("finds the first error", () => {
    expect(filled(["ok\n[t] INFO fine\n"]).firstError).toBeNull();
    expect(
      filled(["ok\n", "Traceback (most recent call last):\n", "ValueError: no\n"]).firstError,
    ).toBe(1);
    expect(filled([`x\n${ESC}[31mERROR${ESC}[0m broken\n`]).firstError).toBe(1);
    expect(filled(["a\nKeyError: 'x'"]).firstError).toBe(1);
    expect(filled(["errors: 0\n"]).firstError).toBeNull();
  });

  it("carries colours across lines", () => {
    const buffer = filled([`${ESC}[33mone\ntwo${ESC}[0m\nthree\n`]);
    expect(buffer.startStyle(1).fg).toEqual({ kind: "named", index: 3 });
    expect(buffer.startStyle(2)).toEqual(PLAIN);
    expect(buffer.text()).toBe("one\ntwo\nthree");
  });
});

describe("LogSearch", () => {
  it("finds without regard to case or colour, and goes on as the log grows", () => {
    const search = new LogSearch();
    const buffer = filled([`Alpha\n${ESC}[1mal${ESC}[0mpha beta\nga`]);
    expect(search.find(buffer, "alpha")).toEqual([0, 1]);
    expect(search.find(buffer, "gamma")).toEqual([]);
    buffer.append("mma\ngamma ray\n");
    expect(search.find(buffer, "gamma")).toEqual([2, 3]);
    expect(search.find(buffer, "")).toEqual([]);
  });

  it("takes a hundred thousand lines in stride", () => {
    const buffer = new LogBuffer();
    buffer.append(Array.from({ length: 100_000 }, (_, i) => `line ${i} of the log\n`).join(""));
    expect(new LogSearch().find(buffer, "line 99999 ")).toEqual([99_999]);
  });
});
