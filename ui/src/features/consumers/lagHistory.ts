/** Lag per partition while a group is looked at; the service keeps only the group's total. */
import type { GroupPartition } from "@/gen/api";

/** Samples kept: two minutes at one a second. */
export const HISTORY_MAX = 120;

export interface LagHistory {
  timesMs: number[];
  /** By `topic/partition`; as long as `timesMs`. */
  lags: Map<string, (number | null)[]>;
}

export const emptyHistory: LagHistory = { timesMs: [], lags: new Map() };

export const placeKey = ({ topic, partition }: Pick<GroupPartition, "topic" | "partition">) =>
  `${topic}/${partition}`;

/** The history one sample later; the oldest goes when it is full. */
export function record(
  history: LagHistory,
  partitions: readonly GroupPartition[],
  atMs: number,
): LagHistory {
  const timesMs = [...history.timesMs, atMs].slice(-HISTORY_MAX);
  const lags = new Map<string, (number | null)[]>();
  for (const partition of partitions) {
    const key = placeKey(partition);
    const before =
      history.lags.get(key) ?? new Array<number | null>(history.timesMs.length).fill(null);
    lags.set(key, [...before, partition.lag].slice(-HISTORY_MAX));
  }
  return { timesMs, lags };
}
