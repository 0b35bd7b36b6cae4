import type { Overview } from "@/gen/api";

export interface Verdict {
  tone: "ok" | "warning" | "bad";
  word: string;
  why: string;
}

/** What the figures say about the cluster, worst first. */
export function verdict(
  overview: Pick<Overview, "brokers" | "offline" | "under_replicated">,
): Verdict {
  if (overview.brokers === 0) return { tone: "bad", word: "Down", why: "no broker answers" };
  if (overview.offline > 0) {
    return { tone: "bad", word: "Data offline", why: "partitions without a leader" };
  }
  if (overview.under_replicated > 0) {
    return { tone: "warning", word: "Degraded", why: "replicas lag behind" };
  }
  return { tone: "ok", word: "Healthy", why: "all partitions in sync" };
}
