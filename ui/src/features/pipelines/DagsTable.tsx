import { ActionIcon, Switch, Tooltip } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { type Column, DataTable } from "@/components/DataTable";
import { TimeAgo } from "@/components/Figures";
import { StatePill } from "@/components/StatePill";
import { Tag } from "@/components/Tag";
import { useNow } from "@/format/useNow";
import type { DagRow } from "@/gen/api";
import { usePauseDag } from "@/queries/dags";
import classes from "./DagsTable.module.css";
import { latestState } from "./filter";
import { RunBars } from "./RunBars";
import { explainSchedule, scheduleText } from "./schedule";

interface DagsTableProps {
  dags: readonly DagRow[];
  onTrigger: (dagId: string) => void;
  empty: ReactNode;
}

export function DagsTable({ dags, onTrigger, empty }: DagsTableProps) {
  const navigate = useNavigate();
  const columns = useMemo(() => makeColumns(onTrigger), [onTrigger]);
  return (
    <DataTable
      label="DAGs"
      rows={dags}
      columns={columns}
      rowKey={(dag) => dag.dag_id}
      rowTestId={(dag) => `dag-row-${dag.dag_id}`}
      initialSort={{ column: "dag", desc: false }}
      onOpen={(dag) =>
        navigate({
          to: "/dags/$dagId",
          params: { dagId: dag.dag_id },
          search: ({ cluster }) => ({ cluster }),
        })
      }
      empty={empty}
      testId="dags-table"
    />
  );
}

const makeColumns = (onTrigger: (dagId: string) => void): Column<DagRow>[] => [
  {
    id: "paused",
    header: "On",
    hint: "Off: the schedule makes no new runs",
    width: 58,
    value: (dag) => dag.paused,
    cell: (dag) => <PauseSwitch dag={dag} />,
  },
  {
    id: "dag",
    header: "DAG",
    grow: 3,
    minWidth: 220,
    value: (dag) => dag.dag_id,
    cell: (dag) => (
      <span className={classes.name} title={dag.description ?? undefined}>
        <span className={classes.id}>{dag.dag_id}</span>
        {dag.description === null ? null : <span className="dim">{dag.description}</span>}
      </span>
    ),
  },
  {
    id: "tags",
    header: "Tags",
    grow: 0.6,
    minWidth: 104,
    cell: (dag) => <Tags tags={dag.tags} shown={1} />,
  },
  {
    id: "schedule",
    header: "Schedule",
    width: 132,
    value: (dag) => dag.schedule,
    cell: (dag) => (
      <Tooltip label={explainSchedule(dag.schedule)} multiline maw={280}>
        <span className={dag.schedule === null ? "dim" : "mono"}>{scheduleText(dag.schedule)}</span>
      </Tooltip>
    ),
  },
  {
    id: "next",
    header: "Next run",
    width: 92,
    value: (dag) => dag.next_run_ms,
    cell: (dag) => <TimeAgo value={dag.next_run_ms} />,
  },
  {
    id: "state",
    header: "Last state",
    width: 104,
    value: latestState,
    cell: (dag) => {
      const state = latestState(dag);
      return state === null ? <span className="dim">No runs</span> : <StatePill state={state} />;
    },
  },
  {
    id: "runs",
    header: "Last runs",
    hint: "The newest at the right; height is duration",
    width: 132,
    cell: (dag) => <Bars dag={dag} />,
  },
  {
    id: "tasks",
    header: "Tasks",
    width: 60,
    align: "right",
    value: (dag) => dag.tasks,
    cell: (dag) => <span className="num">{dag.tasks}</span>,
  },
  {
    id: "trigger",
    header: "Trigger",
    width: 64,
    cell: (dag) => (
      <ActionIcon
        size={24}
        aria-label={`Trigger ${dag.dag_id}`}
        title="Trigger a run"
        data-testid={`dag-trigger-${dag.dag_id}`}
        onClick={(event) => {
          event.stopPropagation();
          onTrigger(dag.dag_id);
        }}
      >
        <Play size={14} />
      </ActionIcon>
    ),
  },
];

function Bars({ dag }: { dag: DagRow }) {
  const now = useNow();
  return <RunBars dagId={dag.dag_id} runs={dag.last_runs} nowMs={now} />;
}

/** On is not paused, as in Airflow. */
export function PauseSwitch({ dag }: { dag: Pick<DagRow, "dag_id" | "paused"> }) {
  const pause = usePauseDag();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keeps the click from opening the row
    // biome-ignore lint/a11y/useKeyWithClickEvents: the switch itself has the keys
    <span className={classes.switch} onClick={(event) => event.stopPropagation()}>
      <Switch
        checked={!dag.paused}
        onChange={(event) =>
          pause.mutate({ dag_id: dag.dag_id, paused: !event.currentTarget.checked })
        }
        aria-label={`${dag.dag_id} is ${dag.paused ? "paused" : "active"}`}
        title={dag.paused ? "Paused: switch on to let it run" : "Active: switch off to pause"}
        data-testid={`dag-pause-${dag.dag_id}`}
      />
    </span>
  );
}

interface TagsProps {
  tags: readonly string[];
  /** More than this are counted: `+2`. */
  shown?: number;
}

export function Tags({ tags, shown = tags.length }: TagsProps) {
  const rest = tags.length - shown;
  return (
    <span className={classes.tags} title={tags.join(", ")}>
      {tags.slice(0, shown).map((tag) => (
        <Tag key={tag}>{tag}</Tag>
      ))}
      {rest > 0 ? <span className="dim">+{rest}</span> : null}
    </span>
  );
}
