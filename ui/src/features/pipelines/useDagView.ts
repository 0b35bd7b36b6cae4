/** What of a DAG is looked at: tab, run, task. The URL holds it. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { DagSearch, PanelTab, Tab } from "./routes";

export interface DagView {
  tab: Tab;
  /** The run chosen by hand; null follows the latest. */
  runId: string | null;
  taskId: string | null;
  mapIndex: number;
  panel: PanelTab;
  tryNumber: number | null;
  triggering: boolean;
  set: (change: DagSearch) => void;
  selectTask: (taskId: string | null, mapIndex?: number) => void;
  selectRun: (runId: string | null) => void;
}

export const UNMAPPED = -1;

export function useDagView(): DagView {
  const search = useSearch({ from: "/dags/$dagId" });
  const navigate = useNavigate({ from: "/dags/$dagId" });
  const set = useCallback(
    (change: DagSearch) =>
      void navigate({ search: (current) => ({ ...current, ...change }), replace: true }),
    [navigate],
  );
  const selectTask = useCallback(
    (taskId: string | null, mapIndex?: number) =>
      set({ task: taskId ?? undefined, map: mapIndex, try: undefined }),
    [set],
  );
  const selectRun = useCallback(
    (runId: string | null) =>
      void navigate({
        search: (current) => ({ ...current, run: runId ?? undefined, try: undefined }),
      }),
    [navigate],
  );
  return {
    tab: search.tab ?? "graph",
    runId: search.run ?? null,
    taskId: search.task ?? null,
    mapIndex: search.map ?? UNMAPPED,
    panel: search.panel ?? "log",
    tryNumber: search.try ?? null,
    triggering: search.trigger === true,
    set,
    selectTask,
    selectRun,
  };
}
