import type { Quickstart } from "@/gen/api";
import type { Handlers } from "./index";
import { EPOCH_MS } from "./model";

/** The built-in source; its topic flows whether or not it is "running" here. */
export function quickstartHandlers(): Handlers {
  let state: Quickstart["state"] = "running";
  const shown = (): Quickstart => ({
    state,
    source_topic: "host.metrics",
    report_topic: "host.report",
    group: "host-report",
    dag_id: "host_report",
    produced: state === "absent" ? 0 : Math.floor((Date.now() - EPOCH_MS) / 1000),
    error: null,
  });
  const become = (next: Quickstart["state"]) => () => {
    state = next;
    return shown();
  };
  return {
    quickstart_get: shown,
    quickstart_start: become("running"),
    quickstart_stop: become("stopped"),
    quickstart_remove: become("absent"),
  };
}
