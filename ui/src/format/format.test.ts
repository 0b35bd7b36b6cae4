import { describe, expect, it } from "vitest";
import { ago, bytes, count, duration, exact, rate } from "./format";

describe("figures", () => {
  const check = (got: string, expected: string) => expect(got).toBe(expected);

  it("count", () => {
    check(count(0), "0");
    check(count(9_999), "9,999");
    check(count(12_345), "12.3 k");
    check(count(100_000), "100 k");
    check(count(999_999), "1 M");
    check(count(1_234_567), "1.23 M");
    check(exact(1_234_567), "1,234,567");
  });
  it("bytes", () => {
    check(bytes(1023), "1023 B");
    check(bytes(1536), "1.5 KiB");
    check(bytes(1024 * 1024), "1 MiB");
    check(bytes(10 * 1024), "10 KiB");
  });
  it("rate", () => {
    check(rate(0), "0");
    check(rate(0.01), "<0.1");
    check(rate(1), "1");
    check(rate(12.34), "12.3");
    check(rate(123_456), "123 k");
  });
  it("duration", () => {
    check(duration(850), "850 ms");
    check(duration(9_949), "9.9 s");
    check(duration(59_000), "59 s");
    check(duration(245_000), "4m 05s");
    check(duration(8_040_000), "2h 14m");
  });
  it("ago", () => {
    check(ago(1_000, 1_500), "now");
    check(ago(0, 12_000), "12 s ago");
    check(ago(200_000, 10_000), "in 3 min");
  });
});
