import { useEffect, useState, useSyncExternalStore } from "react";
import { rpc } from "@/host/rpc";
import type { TaskInstanceKey } from "@/queries/runs";
import { LogFollower } from "./follow";

/** The followed log of one try; `again` reads it anew after a failure. */
export function useLog(key: TaskInstanceKey, tryNumber: number) {
  const [round, setRound] = useState(0);
  const [follower, setFollower] = useState<LogFollower | null>(null);
  const { dag_id, run_id, task_id, map_index } = key;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round reads anew
  useEffect(() => {
    const next = new LogFollower((offset_bytes, wait_ms, signal) =>
      rpc(
        "task_log",
        { dag_id, run_id, task_id, map_index, try_number: tryNumber, offset_bytes, wait_ms },
        signal,
      ),
    );
    setFollower(next);
    void next.run();
    return () => next.stop();
  }, [dag_id, run_id, task_id, map_index, tryNumber, round]);

  const version = useSyncExternalStore(
    follower?.subscribe ?? noSubscription,
    follower?.version ?? noVersion,
  );
  return { follower, version, again: () => setRound((n) => n + 1) };
}

const noSubscription = () => () => {};
const noVersion = () => 0;
