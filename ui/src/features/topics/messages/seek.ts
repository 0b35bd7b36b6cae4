/** What the URL says about reading, as the API wants it. */
import type { MessagesBrowse, Seek } from "@/gen/api";
import type { SeekWord, TopicSearch } from "../routes";

export const LIMITS = [100, 250, 500, 1000] as const;
export const LIMIT_DEFAULT = 100;

export const seekLabels: Record<SeekWord, string> = {
  live: "Live",
  newest: "Newest",
  oldest: "Oldest",
  offset: "From offset",
  time: "From time",
};

/** Null while live: the tail reads then. */
export function browseParams(
  cluster: string,
  topic: string,
  search: TopicSearch,
): MessagesBrowse | null {
  const seek = seekOf(search);
  if (seek === null) return null;
  return {
    cluster,
    topic,
    partitions: search.partition === undefined ? null : [search.partition],
    seek,
    limit: Math.min(1_000, Math.max(1, search.limit ?? LIMIT_DEFAULT)),
    contains: search.q ?? null,
  };
}

function seekOf({ seek = "newest", offset, time }: TopicSearch): Seek | null {
  switch (seek) {
    case "live":
      return null;
    case "newest":
      return { from: "newest" };
    case "oldest":
      return { from: "oldest" };
    case "offset":
      return { from: "offset", offset: Math.max(0, offset ?? 0) };
    case "time":
      return { from: "time", timestamp_ms: time ?? Date.now() - 3_600_000 };
  }
}

/** `3:1042` → partition 3, offset 1042. */
export function placeOf(at: string | undefined): { partition: number; offset: number } | null {
  const found = /^(\d{1,9}):(\d{1,16})$/.exec(at ?? "");
  return found ? { partition: Number(found[1]), offset: Number(found[2]) } : null;
}
