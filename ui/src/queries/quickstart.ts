/** The built-in source and its pipeline. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { rpc } from "@/host/rpc";

export const quickstartKey = ["quickstart"] as const;

export type QuickstartStep = "start" | "stop" | "remove";

export const useQuickstart = () =>
  useQuery({
    queryKey: quickstartKey,
    queryFn: ({ signal }) => rpc("quickstart_get", {}, signal),
    refetchInterval: 1_000,
  });

export function useQuickstartStep() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (step: QuickstartStep) => rpc(`quickstart_${step}`, {}),
    onSuccess: (quickstart) => {
      client.setQueryData(quickstartKey, quickstart);
      // Its topics, groups and DAG come and go with it.
      return client.invalidateQueries();
    },
  });
}
