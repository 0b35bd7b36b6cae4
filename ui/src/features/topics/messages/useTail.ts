import { useEffect, useRef, useState } from "react";
import type { Position } from "@/gen/api";
import { RpcError, rpc } from "@/host/rpc";
import { emptyTail, push } from "./tailBuffer";

interface TailParams {
  cluster: string;
  topic: string;
  partition: number | undefined;
  contains: string | undefined;
  /** Off: this is not a live page. */
  on: boolean;
  paused: boolean;
}

const WAIT_MS = 2_000;
const LIMIT = 300;
/** A busy topic answers at once; this many milliseconds pass between two questions. */
const PACE_MS = 200;

/** Follows the end of a topic. A pause keeps the place, so going on misses nothing it can tell of. */
export function useTail({ cluster, topic, partition, contains, on, paused }: TailParams) {
  const key = JSON.stringify([cluster, topic, partition, contains, on]);
  const [shown, setShown] = useState({ key, tail: emptyTail });
  const [error, setError] = useState<RpcError | null>(null);
  const place = useRef<{ key: string; positions: Position[] }>({ key, positions: [] });

  useEffect(() => {
    if (!on || paused) return;
    const stop = new AbortController();
    if (place.current.key !== key) place.current = { key, positions: [] };
    const run = async () => {
      while (!stop.signal.aborted) {
        const asked = performance.now();
        try {
          const reply = await rpc(
            "messages_tail",
            {
              cluster,
              topic,
              positions: place.current.positions,
              partitions: partition === undefined ? null : [partition],
              contains: contains ?? null,
              wait_ms: WAIT_MS,
              limit: LIMIT,
            },
            stop.signal,
          );
          place.current = { key, positions: reply.positions };
          setError(null);
          setShown((before) => ({
            key,
            tail: push(before.key === key ? before.tail : emptyTail, reply.messages, reply.skipped),
          }));
        } catch (failure) {
          if (stop.signal.aborted) return;
          setError(failure instanceof RpcError ? failure : null);
          await pause(2_000);
        }
        await pause(Math.max(0, PACE_MS - (performance.now() - asked)));
      }
    };
    run();
    return () => stop.abort();
  }, [key, on, paused, cluster, topic, partition, contains]);

  return { tail: shown.key === key ? shown.tail : emptyTail, error };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
