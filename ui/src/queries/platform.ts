/** The platform itself: is it up, which clusters, which settings. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { EditableSettings } from "@/gen/api";
import { rpc } from "@/host/rpc";

export const platformKeys = {
  status: ["status"] as const,
  clusters: ["clusters"] as const,
  settings: ["settings"] as const,
};

export const useStatus = () =>
  useQuery({
    queryKey: platformKeys.status,
    queryFn: ({ signal }) => rpc("status", {}, signal),
    refetchInterval: 2_000,
  });

export const useClusters = () =>
  useQuery({
    queryKey: platformKeys.clusters,
    queryFn: ({ signal }) => rpc("clusters_list", {}, signal),
    staleTime: 30_000,
  });

export const useSettings = () =>
  useQuery({
    queryKey: platformKeys.settings,
    queryFn: ({ signal }) => rpc("settings_get", {}, signal),
  });

export function useSaveSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (editable: EditableSettings) => rpc("settings_set", { editable }),
    onSuccess: (settings) => client.setQueryData(platformKeys.settings, settings),
  });
}
