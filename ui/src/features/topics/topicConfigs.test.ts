import { describe, expect, it } from "vitest";
import { changedSettings, topicNameProblem } from "./topicConfigs";

describe("topic names", () => {
  const check = (name: string, expected: RegExp | null) =>
    expected === null
      ? expect(topicNameProblem(name)).toBeNull()
      : expect(topicNameProblem(name)).toMatch(expected);

  it("follows Kafka's rule", () => {
    check("orders.v1_DLQ-2", null);
    check("a".repeat(249), null);
    check("a".repeat(250), /249/);
    check("", /needs a name/);
    check("..", /cannot/);
    check("two words", /No spaces/);
    check("größe", /“ö”/);
  });
});

it("sends only what differs from Kafka's default", () => {
  expect(
    changedSettings({
      "cleanup.policy": "compact",
      "retention.ms": "604800000",
      "segment.ms": " ",
    }),
  ).toEqual([{ name: "cleanup.policy", value: "compact" }]);
});
