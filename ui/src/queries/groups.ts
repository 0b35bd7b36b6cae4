/** Consumer groups: lag, members, offsets. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { GroupReset } from "@/gen/api";
import { rpc } from "@/host/rpc";

export const groupKeys = {
  all: (cluster: string) => ["groups", cluster] as const,
  one: (cluster: string, group: string) => ["group", cluster, group] as const,
};

export const useGroups = (cluster: string) =>
  useQuery({
    queryKey: groupKeys.all(cluster),
    queryFn: ({ signal }) => rpc("groups_list", { cluster }, signal),
    refetchInterval: ({ state }) => ((state.data?.length ?? 0) > 1_000 ? 10_000 : 2_000),
    structuralSharing: false,
  });

export const useGroup = (cluster: string, group: string) =>
  useQuery({
    queryKey: groupKeys.one(cluster, group),
    queryFn: ({ signal }) => rpc("group", { cluster, group }, signal),
    refetchInterval: 1_000,
  });

/** With `dry_run` it only says what would change. */
export function useResetGroup() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: GroupReset) => rpc("group_reset", params),
    onSuccess: (_changes, { cluster, group, dry_run }) =>
      dry_run ? undefined : client.invalidateQueries({ queryKey: groupKeys.one(cluster, group) }),
  });
}

export function useDeleteGroup() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: { cluster: string; group: string }) => rpc("group_delete", params),
    onSuccess: (_done, { cluster }) =>
      client.invalidateQueries({ queryKey: groupKeys.all(cluster) }),
  });
}
