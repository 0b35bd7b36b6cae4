/** The reset form, as the API wants it. */
import type { GroupReset, ResetTo } from "@/gen/api";

export const STRATEGIES = ["earliest", "latest", "time", "offset", "shift_by"] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface ResetForm {
  topic: string;
  /** Empty: all. */
  partitions: number[];
  strategy: Strategy;
  offset: number;
  by: number;
  timestampMs: number;
}

export const strategyWords: Record<Strategy, { label: string; about: string }> = {
  earliest: { label: "Earliest", about: "Read everything again." },
  latest: { label: "Latest", about: "Skip what is there, read only what comes." },
  time: { label: "A time", about: "The first message at or after it." },
  offset: { label: "An offset", about: "The same in every chosen partition." },
  shift_by: { label: "Shift", about: "Back by a negative number, forward by a positive." },
};

export function resetTo(form: ResetForm): ResetTo {
  switch (form.strategy) {
    case "earliest":
    case "latest":
      return { to: form.strategy };
    case "time":
      return { to: "time", timestamp_ms: form.timestampMs };
    case "offset":
      return { to: "offset", offset: form.offset };
    case "shift_by":
      return { to: "shift_by", by: form.by };
  }
}

export const toParams = (
  cluster: string,
  group: string,
  form: ResetForm,
  dry_run: boolean,
): GroupReset => ({
  cluster,
  group,
  topic: form.topic,
  partitions: form.partitions.length === 0 ? null : form.partitions,
  reset: resetTo(form),
  dry_run,
});
