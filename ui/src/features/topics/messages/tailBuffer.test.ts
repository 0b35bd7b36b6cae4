import { describe, expect, it } from "vitest";
import type { Message, Payload } from "@/gen/api";
import { emptyTail, push, TAIL_MAX } from "./tailBuffer";

const nothing: Payload = {
  encoding: "null",
  text: "",
  truncated: false,
  size_bytes: 0,
  hex: null,
  schema: null,
  error: null,
};

const messages = (from: number, count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ({
    partition: 0,
    offset: from + index,
    timestamp_ms: null,
    key: nothing,
    value: nothing,
    headers: [],
    size_bytes: 0,
  }));

describe("the live tail", () => {
  it("shows the newest first", () => {
    const tail = push(push(emptyTail, messages(0, 2), 0), messages(2, 2), 3);
    expect(tail.messages.map((m) => m.offset)).toEqual([3, 2, 1, 0]);
    expect([tail.seen, tail.skipped]).toEqual([4, 3]);
  });
  it("never grows past its bound", () => {
    let tail = emptyTail;
    for (let i = 0; i < 30; i++) tail = push(tail, messages(i * 200, 200), 0);
    expect(tail.messages.length).toBe(TAIL_MAX);
    expect(tail.messages[0]?.offset).toBe(5_999);
    expect(push(tail, messages(6_000, 5_000), 0).messages.length).toBe(TAIL_MAX);
    expect(tail.seen).toBe(6_000);
  });
  it("stays the same when nothing came", () => expect(push(emptyTail, [], 0)).toBe(emptyTail));
});
