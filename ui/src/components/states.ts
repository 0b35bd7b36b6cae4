/** Every state word the window shows: its colour token, its letter-free icon, its label. */
import {
  Ban,
  Check,
  CircleDashed,
  CircleDot,
  CircleSlash,
  Clock,
  Hourglass,
  type LucideIcon,
  Minus,
  Pause,
  RefreshCw,
  RotateCcw,
  SkipForward,
  Skull,
  Timer,
  TriangleAlert,
  X,
} from "lucide-react";
import type { QuickstartState, RunState, ServiceState, TaskState } from "@/gen/api";

/** Kafka's names for a group's state. */
export type GroupState =
  | "Stable"
  | "Empty"
  | "PreparingRebalance"
  | "CompletingRebalance"
  | "Dead"
  | "Unknown";

export type AnyState = TaskState | RunState | ServiceState | QuickstartState | GroupState;

export interface StateLook {
  label: string;
  /** A CSS colour. */
  color: string;
  icon: LucideIcon;
  /** The icon turns. */
  moving?: boolean;
}

const airflow = (state: TaskState) => `var(--ph-state-${state})`;

const looks: Record<AnyState, StateLook> = {
  success: { label: "Success", color: airflow("success"), icon: Check },
  running: { label: "Running", color: airflow("running"), icon: RefreshCw, moving: true },
  failed: { label: "Failed", color: airflow("failed"), icon: X },
  up_for_retry: { label: "Up for retry", color: airflow("up_for_retry"), icon: RotateCcw },
  up_for_reschedule: {
    label: "Up for reschedule",
    color: airflow("up_for_reschedule"),
    icon: Timer,
  },
  queued: { label: "Queued", color: airflow("queued"), icon: Hourglass },
  scheduled: { label: "Scheduled", color: airflow("scheduled"), icon: Clock },
  skipped: { label: "Skipped", color: airflow("skipped"), icon: SkipForward },
  upstream_failed: {
    label: "Upstream failed",
    color: airflow("upstream_failed"),
    icon: TriangleAlert,
  },
  deferred: { label: "Deferred", color: airflow("deferred"), icon: Pause },
  removed: { label: "Removed", color: airflow("removed"), icon: Minus },
  restarting: { label: "Restarting", color: airflow("restarting"), icon: RefreshCw, moving: true },
  awaiting_input: { label: "Awaiting input", color: airflow("deferred"), icon: CircleDot },
  none: { label: "No state", color: airflow("none"), icon: CircleDashed },

  up: { label: "Up", color: "var(--ph-ok)", icon: Check },
  starting: { label: "Starting", color: "var(--ph-warning)", icon: RefreshCw, moving: true },
  down: { label: "Down", color: "var(--ph-danger)", icon: X },

  absent: { label: "Not installed", color: airflow("none"), icon: CircleDashed },
  stopped: { label: "Stopped", color: airflow("queued"), icon: CircleSlash },

  Stable: { label: "Stable", color: "var(--ph-ok)", icon: Check },
  Empty: { label: "Empty", color: airflow("queued"), icon: CircleDashed },
  PreparingRebalance: {
    label: "Preparing rebalance",
    color: "var(--ph-warning)",
    icon: RefreshCw,
    moving: true,
  },
  CompletingRebalance: {
    label: "Completing rebalance",
    color: "var(--ph-warning)",
    icon: RefreshCw,
    moving: true,
  },
  Dead: { label: "Dead", color: "var(--ph-danger)", icon: Skull },
  Unknown: { label: "Unknown", color: airflow("none"), icon: Ban },
};

export const stateLook = (state: AnyState): StateLook => looks[state];

/** A group's state arrives as the broker's own word. */
export const groupState = (word: string): GroupState => {
  const known: GroupState[] = [
    "Stable",
    "Empty",
    "PreparingRebalance",
    "CompletingRebalance",
    "Dead",
  ];
  return known.find((state) => state === word) ?? "Unknown";
};
