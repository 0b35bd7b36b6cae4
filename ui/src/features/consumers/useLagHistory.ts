import { useState } from "react";
import type { GroupDetail } from "@/gen/api";
import { emptyHistory, record } from "./lagHistory";

/** Grows by each new answer about the group; begins anew with another group. */
export function useLagHistory(group: string, detail: GroupDetail | undefined, atMs: number) {
  const [state, setState] = useState({ group, atMs: 0, history: emptyHistory });
  if (detail && (state.group !== group || state.atMs !== atMs)) {
    const before = state.group === group ? state.history : emptyHistory;
    const next = { group, atMs, history: record(before, detail.partitions, atMs) };
    setState(next);
    return next.history;
  }
  return state.history;
}
