/** The platform itself: is it up, which clusters, which settings. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ClusterSettings, EditableSettings } from "@/gen/api";
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

/** What config.toml says of an attached cluster; passwords stay there. */
export const useClusterSettings = (id: string | null) =>
  useQuery({
    queryKey: [...platformKeys.clusters, "settings", id],
    queryFn: ({ signal }) => rpc("cluster_settings", { id: id ?? "" }, signal),
    enabled: id !== null,
    staleTime: 0,
    gcTime: 0,
  });

/** Connects with these settings; changes nothing. */
export const useTryCluster = () =>
  useMutation({ mutationFn: (settings: ClusterSettings) => rpc("cluster_try", { settings }) });

export function useAttachCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (settings: ClusterSettings) => rpc("cluster_attach", { settings }),
    onSuccess: () => client.invalidateQueries({ queryKey: platformKeys.clusters }),
  });
}

export function useDetachCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => rpc("cluster_detach", { id }),
    onSuccess: () => client.invalidateQueries({ queryKey: platformKeys.clusters }),
  });
}
