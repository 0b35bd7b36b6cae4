import { describe, expect, it } from "vitest";
import { best, score } from "./rank";

describe("palette ranking", () => {
  const check = (query: string, expected: string[]) =>
    expect(
      best(["orders.v1.dlq", "orders.v1", "user-orders", "host.metrics"], query, (t) => [t], 9)
        .items,
    ).toEqual(expected);

  it("puts the exact, then the beginning, then the word first", () => {
    check("orders.v1", ["orders.v1", "orders.v1.dlq"]);
    check("orders", ["orders.v1", "orders.v1.dlq", "user-orders"]);
    check("hm", ["host.metrics"]);
    check("zzz", []);
  });
  it("takes everything for nothing", () => expect(score("", "x")).toBe(1));
});
