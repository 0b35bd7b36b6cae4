/** Reading and writing messages. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Message, MessageProduce, MessagesBrowse } from "@/gen/api";
import { rpc } from "@/host/rpc";
import { topicKeys } from "./topics";

/** One page of messages; `null` asks nothing. */
export const useMessages = (params: MessagesBrowse | null) =>
  useQuery({
    queryKey: ["messages", params],
    queryFn: ({ signal }) => {
      if (params === null) throw new Error("nothing was asked");
      return rpc("messages_browse", params, signal);
    },
    enabled: params !== null,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    refetchOnWindowFocus: false,
  });

interface MessagePlace {
  cluster: string;
  topic: string;
  partition: number;
  offset: number;
}

/** One message whole; until it is here, what the list knows of it. */
export const useMessage = (place: MessagePlace, known: Message | undefined) =>
  useQuery({
    queryKey: ["message", place],
    queryFn: ({ signal }) => rpc("message", place, signal),
    placeholderData: known,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    refetchOnWindowFocus: false,
  });

export function useProduce() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: MessageProduce) => rpc("message_produce", params),
    onSuccess: (_produced, { cluster, topic }) =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["messages"] }),
        client.invalidateQueries({ queryKey: topicKeys.one(cluster, topic) }),
      ]),
  });
}
