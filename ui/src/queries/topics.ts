/** Topics, their configuration, and what is done to them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { TopicConfigSet, TopicCreate, TopicRow } from "@/gen/api";
import { rpc } from "@/host/rpc";

export const topicKeys = {
  all: (cluster: string) => ["topics", cluster] as const,
  one: (cluster: string, topic: string) => ["topic", cluster, topic] as const,
  config: (cluster: string, topic: string) => ["topic_config", cluster, topic] as const,
};

/** Ten thousand rows need not be sent every second. */
const pace = (rows: number | undefined): number => ((rows ?? 0) > 1_000 ? 10_000 : 2_000);

export const useTopics = (cluster: string) =>
  useQuery({
    queryKey: topicKeys.all(cluster),
    queryFn: ({ signal }) => rpc("topics_list", { cluster }, signal),
    refetchInterval: ({ state }) => pace(state.data?.length),
    // Every row moves each time; looking for the ones that did not costs more than it saves.
    structuralSharing: false,
  });

export const useTopic = (cluster: string, topic: string) =>
  useQuery({
    queryKey: topicKeys.one(cluster, topic),
    queryFn: ({ signal }) => rpc("topic", { cluster, topic }, signal),
    refetchInterval: 2_000,
  });

export const useTopicConfig = (cluster: string, topic: string) =>
  useQuery({
    queryKey: topicKeys.config(cluster, topic),
    queryFn: ({ signal }) => rpc("topic_config", { cluster, topic }, signal),
  });

export function useCreateTopic() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: TopicCreate) => rpc("topic_create", params),
    onSuccess: (_done, { cluster }) =>
      client.invalidateQueries({ queryKey: topicKeys.all(cluster) }),
  });
}

export function useDeleteTopic() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: { cluster: string; topic: string }) => rpc("topic_delete", params),
    onSuccess: (_done, { cluster, topic }) => {
      client.setQueryData<TopicRow[]>(topicKeys.all(cluster), (rows) =>
        rows?.filter((row) => row.name !== topic),
      );
      return client.invalidateQueries({ queryKey: topicKeys.all(cluster) });
    },
  });
}

export function useEmptyTopic() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: { cluster: string; topic: string }) => rpc("topic_empty", params),
    onSuccess: (_done, { cluster, topic }) =>
      client.invalidateQueries({ queryKey: topicKeys.one(cluster, topic) }),
  });
}

export function useAddPartitions() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: { cluster: string; topic: string; partitions: number }) =>
      rpc("topic_partitions_add", params),
    onSuccess: (_done, { cluster, topic }) =>
      client.invalidateQueries({ queryKey: topicKeys.one(cluster, topic) }),
  });
}

export function useSetTopicConfig() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: TopicConfigSet) => rpc("topic_config_set", params),
    onSuccess: (_done, { cluster, topic }) =>
      Promise.all([
        client.invalidateQueries({ queryKey: topicKeys.config(cluster, topic) }),
        client.invalidateQueries({ queryKey: topicKeys.one(cluster, topic) }),
      ]),
  });
}
