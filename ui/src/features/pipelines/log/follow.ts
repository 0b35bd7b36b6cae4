/**
 * Follows one try's log by long poll, from its first byte on.
 *
 * No React: a view subscribes and draws when the version changes.
 */
import type { TaskLog } from "@/gen/api";
import { LogBuffer } from "./logBuffer";

export type LogPhase = "reading" | "ended" | "failed";

/** One poll: from this offset, waiting for news. */
export type ReadLog = (
  offsetBytes: number,
  waitMs: number,
  signal: AbortSignal,
) => Promise<TaskLog>;

const WAIT_MS = 5_000;
/** After an answer without news that came at once, and after an error. */
const PAUSE_MS = 700;
const FAILURES_MAX = 3;

export class LogFollower {
  readonly buffer = new LogBuffer();
  phase: LogPhase = "reading";
  error: Error | null = null;
  #version = 0;
  #listeners = new Set<() => void>();
  #stop = new AbortController();
  readonly #read: ReadLog;
  readonly #pauseMs: number;

  constructor(read: ReadLog, pauseMs = PAUSE_MS) {
    this.#read = read;
    this.#pauseMs = pauseMs;
  }

  /** Reads until the try has ended, or `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    let offset = 0;
    let failures = 0;
    while (!signal.aborted) {
      const askedMs = performance.now();
      try {
        const reply = await this.#read(offset, WAIT_MS, signal);
        if (signal.aborted) return;
        failures = 0;
        this.error = null;
        offset = reply.next_offset_bytes;
        this.buffer.append(reply.text);
        if (reply.done) {
          this.#tell("ended");
          return;
        }
        if (reply.text !== "") this.#tell("reading");
        else if (performance.now() - askedMs < this.#pauseMs) await pause(this.#pauseMs, signal);
      } catch (cause) {
        if (signal.aborted) return;
        failures += 1;
        this.error = cause instanceof Error ? cause : new Error(String(cause));
        if (failures >= FAILURES_MAX) {
          this.#tell("failed");
          return;
        }
        await pause(this.#pauseMs, signal);
      }
    }
  }

  stop(): void {
    this.#stop.abort();
    this.#listeners.clear();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  version = (): number => this.#version;

  #tell(phase: LogPhase): void {
    this.phase = phase;
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
