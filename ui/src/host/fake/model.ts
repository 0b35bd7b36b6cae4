/** Traffic as a function of time: the same question has the same answer, and it moves. */

export interface FakeTopic {
  name: string;
  partitions: number;
  /** Messages a second, on average. */
  rate: number;
  /** Of one message. */
  bytes: number;
  cleanup: "delete" | "compact";
  internal: boolean;
  keySchema: string | null;
  valueSchema: string | null;
  /** What stood in it before the world began, over all partitions. */
  before: number;
  configs: Map<string, string>;
  /** Written by hand, per partition, after what flows by itself. */
  produced: Map<number, ProducedRecord[]>;
}

export interface ProducedRecord {
  timestamp_ms: number;
  key: string | null;
  value: string | null;
  encoding: "text" | "json" | "avro" | "hex";
  headers: { name: string; value: string }[];
}

/** The world began an hour before it was looked at. */
export const EPOCH_MS = Date.now() - 3_600_000;

export function fakeTopic(name: string, over: Partial<FakeTopic> = {}): FakeTopic {
  return {
    name,
    partitions: 1,
    rate: 0,
    bytes: 180,
    cleanup: "delete",
    internal: name.startsWith("_"),
    keySchema: null,
    valueSchema: null,
    before: 0,
    configs: new Map(),
    produced: new Map(),
    ...over,
  };
}

/** A number in 0..1 that a seed always gives again. */
export function noise(seed: number): number {
  let x = Math.imul((seed | 0) ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 4_294_967_296;
}

export function seedOf(text: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return hash;
}

/** The rate at a moment: a slow swell, a quick ripple. */
export function rateAt(topic: FakeTopic, ms: number): number {
  if (topic.rate === 0) return 0;
  const t = ms / 1000;
  const seed = seedOf(topic.name);
  const swell = Math.sin(t / 47 + (seed % 7)) * 0.18 + Math.sin(t / 211 + (seed % 11)) * 0.12;
  const ripple = (noise(seed + Math.floor(t)) - 0.5) * 0.16;
  return Math.max(0, topic.rate * (1 + swell + ripple));
}

/** The next offset of a partition at a moment, without what was produced by hand. */
export function flowEnd(topic: FakeTopic, ms: number): number {
  const before = Math.floor(topic.before / topic.partitions);
  const since = Math.max(0, ms - EPOCH_MS) / 1000;
  return before + Math.floor((since * topic.rate) / topic.partitions);
}

export const endOffset = (topic: FakeTopic, partition: number, ms: number): number =>
  flowEnd(topic, ms) + (topic.produced.get(partition)?.length ?? 0);

/** When the record at an offset was written. */
export function offsetTime(topic: FakeTopic, offset: number): number {
  const before = Math.floor(topic.before / topic.partitions);
  const perSecond = topic.rate / topic.partitions;
  if (perSecond === 0) return EPOCH_MS;
  return Math.round(EPOCH_MS + ((offset - before + 1) / perSecond) * 1000);
}

/** The last minute, one value a second, oldest first. */
export const lastMinute = (at: (ms: number) => number, nowMs: number): number[] =>
  Array.from({ length: 60 }, (_, index) => at(nowMs - (59 - index) * 1000));

/** Lag of a group: it piles up for a minute, then is worked off. */
export function lagAt(group: string, scale: number, ms: number): number {
  const seed = seedOf(group);
  const phase = (ms / 1000 + (seed % 60)) % 60;
  const ramp = phase < 52 ? phase / 52 : 1 - (phase - 52) / 8;
  return Math.max(
    0,
    Math.round(scale * (0.08 + ramp * 0.92) * (0.9 + noise(seed + Math.floor(ms / 1000)) * 0.2)),
  );
}
