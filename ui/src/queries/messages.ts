/** Reading and writing messages. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Message, MessageProduce, MessagesBrowse } from "@/gen/api";
import { rpc } from "@/host/rpc";
import { topicKeys } from "./topics";

/** One page of messages; `null` asks nothing. */
export const useMessages = (params: MessagesBrowse | null) =>
  useQuery({
    queryKey: ["messages", params] as const,
    queryFn: ({ signal }) => {
      if (params === null) throw new Error("nothing was asked");
      return rpc("messages_browse", params, signal);
    },
    enabled: params !== null,
    // Another page of the same topic waits behind the one shown; another topic does not.
    placeholderData: (previous, query) =>
      samePlace(query?.queryKey[1], params) ? previous : undefined,
    // A page stands still, but one with nothing on it waits for the first message.
    refetchInterval: ({ state }) =>
      state.data?.messages.length === 0 && !params?.contains ? 1_000 : false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    refetchOnWindowFocus: false,
  });

const samePlace = (a: MessagesBrowse | null | undefined, b: MessagesBrowse | null): boolean =>
  a != null && b !== null && a.cluster === b.cluster && a.topic === b.topic;

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
