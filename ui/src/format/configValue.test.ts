import { expect, it } from "vitest";
import { configReading } from "./configValue";

it("says what a setting's number means", () => {
  const check = (name: string, value: string | null, expected: string | null) =>
    expect(configReading(name, value)).toBe(expected);
  check("retention.ms", "604800000", "7 d");
  check("retention.ms", "-1", "no limit");
  check("retention.bytes", "-1", "no limit");
  check("segment.bytes", "1073741824", "1 GiB");
  check("flush.ms", "9223372036854775807", "no limit");
  check("delete.retention.ms", "5400000", "1h 30m");
  check("min.insync.replicas", "1", null);
  check("cleanup.policy", "delete", null);
  check("segment.bytes", null, null);
});
