/** The live tail's memory: newest first, never more than it may hold. */
import type { Message } from "@/gen/api";

export const TAIL_MAX = 1_000;

export interface Tail {
  /** Newest first. */
  messages: readonly Message[];
  /** Seen since the tail began. */
  seen: number;
  /** Passed over, because more arrived than one answer holds. */
  skipped: number;
}

export const emptyTail: Tail = { messages: [], seen: 0, skipped: 0 };

/** `arrived` is oldest first, as the service tells it. */
export function push(tail: Tail, arrived: readonly Message[], skipped: number): Tail {
  if (arrived.length === 0 && skipped === 0) return tail;
  const newest = arrived.slice(-TAIL_MAX).reverse();
  return {
    messages: [...newest, ...tail.messages.slice(0, TAIL_MAX - newest.length)],
    seen: tail.seen + arrived.length,
    skipped: tail.skipped + skipped,
  };
}
