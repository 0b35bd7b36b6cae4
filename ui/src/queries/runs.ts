/** DAG runs and their task instances. */
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import type { RunRow, RunState, TaskState, TasksClear } from "@/gen/api";
import { rpc } from "@/host/rpc";

const ACTIVE_MS = 1_000;
const CALM_MS = 5_000;

export interface TaskInstanceKey {
  dag_id: string;
  run_id: string;
  task_id: string;
  map_index: number;
}

export const runKeys = {
  list: (dagId: string | null, state: RunState | null, limit: number) =>
    ["runs", dagId, state, limit] as const,
  one: (dagId: string, runId: string) => ["run", dagId, runId] as const,
  instance: (key: TaskInstanceKey) =>
    ["task_instance", key.dag_id, key.run_id, key.task_id, key.map_index] as const,
};

/** Still going on, or about to. */
export const isActive = (run: RunRow): boolean => isActiveState(run.state);

export function isActiveState(state: RunState): boolean {
  switch (state) {
    case "queued":
    case "running":
      return true;
    case "success":
    case "failed":
      return false;
  }
}

/** Whether the scheduler is done with a task instance. */
export function isTaskFinished(state: TaskState): boolean {
  switch (state) {
    case "success":
    case "failed":
    case "skipped":
    case "upstream_failed":
    case "removed":
      return true;
    case "none":
    case "scheduled":
    case "queued":
    case "running":
    case "up_for_retry":
    case "up_for_reschedule":
    case "deferred":
    case "awaiting_input":
    case "restarting":
      return false;
  }
}

export const useRuns = (dagId: string | null, state: RunState | null, limit: number) =>
  useQuery({
    queryKey: runKeys.list(dagId, state, limit),
    queryFn: ({ signal }) => rpc("runs_list", { dag_id: dagId, state, limit }, signal),
    placeholderData: (previous, query) =>
      query?.queryKey[1] === dagId && query.queryKey[2] === state ? previous : undefined,
    refetchInterval: (query) => (query.state.data?.some(isActive) ? ACTIVE_MS : 2_000),
  });

/** A run with its task instances; each second while it goes on. */
export const useRun = (dagId: string, runId: string | null) =>
  useQuery({
    queryKey: runKeys.one(dagId, runId ?? ""),
    queryFn: ({ signal }) => rpc("run", { dag_id: dagId, run_id: runId ?? "" }, signal),
    enabled: runId !== null,
    // Another run of the same DAG shows the last one's states until its own arrive.
    placeholderData: (previous) => (previous?.run.dag_id === dagId ? previous : undefined),
    refetchInterval: ({ state }) =>
      state.data === undefined || isActive(state.data.run) ? ACTIVE_MS : CALM_MS,
  });

/**
 * Several runs at once, for the grid. A finished run is read once, and again
 * when the list says that its state has changed.
 */
export const useRunDetails = (runs: readonly RunRow[]) =>
  useQueries({
    queries: runs.map((run) => ({
      queryKey: runKeys.one(run.dag_id, run.run_id),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        rpc("run", { dag_id: run.dag_id, run_id: run.run_id }, signal),
      staleTime: isActive(run) ? 0 : 60_000,
      refetchInterval: (query: { state: { data?: { run: RunRow } } }) =>
        isActive(run) || query.state.data?.run.state !== run.state ? ACTIVE_MS : (false as const),
    })),
  });

export const useTaskInstance = (key: TaskInstanceKey) =>
  useQuery({
    queryKey: runKeys.instance(key),
    queryFn: ({ signal }) => rpc("task_instance", key, signal),
    refetchInterval: ({ state }) =>
      state.data && isTaskFinished(state.data.instance.state) ? CALM_MS : ACTIVE_MS,
  });

function useRefreshRun() {
  const client = useQueryClient();
  return (dagId: string, runId: string) =>
    Promise.all([
      client.invalidateQueries({ queryKey: runKeys.one(dagId, runId) }),
      client.invalidateQueries({ queryKey: ["task_instance", dagId, runId] }),
      client.invalidateQueries({ queryKey: ["runs"] }),
      client.invalidateQueries({ queryKey: ["dags"] }),
      client.invalidateQueries({ queryKey: ["dag", dagId] }),
    ]);
}

/** Ends a run: what runs is stopped, what waits is not started. */
export function useStopRun() {
  const refresh = useRefreshRun();
  return useMutation({
    mutationFn: (params: { dag_id: string; run_id: string }) => rpc("run_stop", params),
    onSettled: (_data, _error, { dag_id, run_id }) => refresh(dag_id, run_id),
  });
}

/** Lets tasks run again. */
export function useClearTasks() {
  const refresh = useRefreshRun();
  return useMutation({
    mutationFn: (params: TasksClear) => rpc("tasks_clear", params),
    onSettled: (_data, _error, { dag_id, run_id }) => refresh(dag_id, run_id),
  });
}
