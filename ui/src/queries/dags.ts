/** DAGs: the list, one DAG, and what can be done with either. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { DagDetail, DagList, DagRow, DagTrigger, RunRow } from "@/gen/api";
import { rpc } from "@/host/rpc";
import { isActive } from "./runs";

const ACTIVE_MS = 1_000;
const CALM_MS = 5_000;

export const dagKeys = {
  list: ["dags"] as const,
  one: (dagId: string) => ["dag", dagId] as const,
};

const hasActiveRun = (row: DagRow): boolean => row.last_runs.some(isActive);

/** A run that is due any moment is worth looking for each second. */
const DUE_SOON_MS = 3_000;
const isDue = (row: DagRow): boolean =>
  !row.paused && row.next_run_ms !== null && row.next_run_ms - Date.now() < DUE_SOON_MS;

const isBusy = (row: DagRow): boolean => hasActiveRun(row) || isDue(row);

/** All DAGs and the files that could not be read. */
export const useDags = () =>
  useQuery({
    queryKey: dagKeys.list,
    queryFn: ({ signal }) => rpc("dags_list", {}, signal),
    refetchInterval: ({ state }) => (state.data?.dags.some(isBusy) ? ACTIVE_MS : CALM_MS),
  });

export const useDag = (dagId: string) =>
  useQuery({
    queryKey: dagKeys.one(dagId),
    queryFn: ({ signal }) => rpc("dag", { dag_id: dagId }, signal),
    refetchInterval: ({ state }) => (state.data && isBusy(state.data.row) ? ACTIVE_MS : CALM_MS),
  });

/** The switch answers at once; if the backend refuses, it goes back. */
export function usePauseDag() {
  const client = useQueryClient();
  const show = (dagId: string, paused: boolean) => {
    client.setQueryData<DagList>(
      dagKeys.list,
      (list) =>
        list && {
          ...list,
          dags: list.dags.map((dag) => (dag.dag_id === dagId ? { ...dag, paused } : dag)),
        },
    );
    client.setQueryData<DagDetail>(
      dagKeys.one(dagId),
      (dag) => dag && { ...dag, row: { ...dag.row, paused } },
    );
  };
  return useMutation({
    mutationFn: (params: { dag_id: string; paused: boolean }) => rpc("dag_pause", params),
    onMutate: async ({ dag_id, paused }) => {
      await client.cancelQueries({ queryKey: dagKeys.list });
      await client.cancelQueries({ queryKey: dagKeys.one(dag_id) });
      show(dag_id, paused);
    },
    onError: (_error, { dag_id, paused }) => show(dag_id, !paused),
    onSettled: (_data, _error, { dag_id }) =>
      Promise.all([
        client.invalidateQueries({ queryKey: dagKeys.list }),
        client.invalidateQueries({ queryKey: dagKeys.one(dag_id) }),
      ]),
  });
}

export function useTriggerDag() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: DagTrigger): Promise<RunRow> => rpc("dag_trigger", params),
    onSuccess: (run) =>
      Promise.all([
        client.invalidateQueries({ queryKey: dagKeys.list }),
        client.invalidateQueries({ queryKey: dagKeys.one(run.dag_id) }),
        client.invalidateQueries({ queryKey: ["runs"] }),
      ]),
  });
}
