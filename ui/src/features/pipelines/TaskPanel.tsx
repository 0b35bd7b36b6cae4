import { Button, Menu, Tabs } from "@mantine/core";
import { ListRestart, MousePointerClick } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { DetailPane } from "@/components/DetailPane";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { Duration } from "@/components/Figures";
import { TableSkeleton } from "@/components/Skeletons";
import { StatePill } from "@/components/StatePill";
import { useNow } from "@/format/useNow";
import type {
  DagDetail,
  DagTask,
  RunDetail,
  RunRow,
  TaskInstanceDetail,
  TaskInstanceRow,
} from "@/gen/api";
import { topological } from "@/graph/navigate";
import {
  isTaskFinished,
  type TaskInstanceKey,
  useClearTasks,
  useTaskInstance,
} from "@/queries/runs";
import { LogTab } from "./log/LogTab";
import { failedNote } from "./notes";
import { PANELS, type PanelTab } from "./routes";
import { TaskDetails } from "./TaskDetails";
import classes from "./TaskPanel.module.css";
import { type DagView, UNMAPPED } from "./useDagView";
import { RenderedTab, XComTab } from "./XComTab";

interface TaskPanelProps {
  dag: DagDetail;
  task: DagTask;
  /** The run shown, with its instances. */
  run: RunDetail | null;
  runs: readonly RunRow[] | undefined;
  view: DagView;
}

/** Wide enough for a log's lines, and never more than the graph beside it. */
const startWidth = (): number =>
  Math.round(Math.max(380, Math.min(680, (window.innerWidth - 260) * 0.46)));

const PANEL_WORDS: Record<PanelTab, string> = {
  log: "Log",
  xcom: "XCom",
  rendered: "Rendered",
  details: "Details",
};

/** One task of the shown run, in full. */
export function TaskPanel({ dag, task, run, view }: TaskPanelProps) {
  const order = useMemo(
    () =>
      topological(
        dag.tasks.map((one) => one.task_id),
        dag.edges,
      ),
    [dag.tasks, dag.edges],
  );
  const at = order.indexOf(task.task_id);
  const walk = (taskId: string | undefined) =>
    taskId === undefined ? undefined : () => view.selectTask(taskId);
  const own = run?.tasks.filter((one) => one.task_id === task.task_id) ?? [];
  const instance = own.find((one) => one.map_index === view.mapIndex) ?? own[0] ?? null;
  return (
    <DetailPane
      title={<span title={task.task_id}>{task.label}</span>}
      onClose={() => view.selectTask(null)}
      onPrevious={walk(order[at - 1])}
      onNext={walk(order[at + 1])}
      initialWidth={startWidth()}
      testId="task-panel"
    >
      {run === null || instance === null ? (
        <>
          <EmptyState
            compact
            icon={MousePointerClick}
            title={run === null ? "No run to show" : "This run has no instance of the task"}
            body="Trigger the DAG or choose another run."
          />
          <TaskDetails dag={dag} task={task} instance={null} />
        </>
      ) : (
        <Instance
          dag={dag}
          task={task}
          run={run.run}
          instance={instance}
          siblings={own}
          view={view}
        />
      )}
    </DetailPane>
  );
}

interface InstanceProps {
  dag: DagDetail;
  task: DagTask;
  run: RunRow;
  instance: TaskInstanceRow;
  /** All instances of a mapped task. */
  siblings: readonly TaskInstanceRow[];
  view: DagView;
}

function Instance({ dag, task, run, instance, siblings, view }: InstanceProps) {
  const key: TaskInstanceKey = {
    dag_id: dag.row.dag_id,
    run_id: run.run_id,
    task_id: task.task_id,
    map_index: instance.map_index,
  };
  const detail = useTaskInstance(key);
  const tries = instance.try_number;
  const shownTry = Math.min(view.tryNumber ?? tries, tries);
  return (
    <>
      <div className={classes.head}>
        <StatePill state={instance.state} />
        <Took instance={instance} />
        {tries > 0 ? (
          <span className="dim num" title="Tries so far, of those allowed">
            try {tries}/{Math.max(tries, instance.max_tries + 1)}
          </span>
        ) : null}
        {instance.map_index === UNMAPPED ? null : (
          <MapMenu instance={instance} siblings={siblings} view={view} />
        )}
        <span className={classes.spacer} />
        <ClearMenu taskKey={key} disabled={tries === 0 && instance.ended_at_ms === null} />
      </div>
      {instance.note === null ? null : (
        <p className={classes.note} data-state={instance.state} data-testid="task-note">
          {instance.note}
        </p>
      )}
      <Tabs
        value={view.panel}
        onChange={(panel) => view.set({ panel: PANELS.find((one) => one === panel) })}
        className={classes.tabs}
        keepMounted={false}
      >
        <Tabs.List>
          {PANELS.map((panel) => (
            <Tabs.Tab key={panel} value={panel} data-testid={`task-tab-${panel}`}>
              {PANEL_WORDS[panel]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="log" className={classes.panel}>
          {tries === 0 ? (
            <EmptyState
              compact
              icon={ListRestart}
              title="It has not started"
              body={instance.note ?? "The log begins with the first try."}
            />
          ) : (
            <LogTab
              instance={key}
              tryNumber={shownTry}
              tries={tries}
              live={shownTry === tries && !isTaskFinished(instance.state)}
              onTry={(chosen) => view.set({ try: chosen ?? undefined })}
            />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="xcom" className={classes.panel}>
          <Fetched query={detail}>{(data) => <XComTab xcoms={data.xcoms} />}</Fetched>
        </Tabs.Panel>
        <Tabs.Panel value="rendered" className={classes.panel}>
          <Fetched query={detail}>{(data) => <RenderedTab fields={data.rendered} />}</Fetched>
        </Tabs.Panel>
        <Tabs.Panel value="details" className={classes.panel}>
          <TaskDetails dag={dag} task={task} instance={instance} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

interface FetchedProps {
  query: ReturnType<typeof useTaskInstance>;
  children: (data: TaskInstanceDetail) => ReactNode;
}

function Fetched({ query, children }: FetchedProps) {
  if (query.data) return children(query.data);
  if (query.error) return <ErrorState error={query.error} onRetry={() => query.refetch()} inline />;
  return <TableSkeleton rows={3} />;
}

function Took({ instance }: { instance: TaskInstanceRow }) {
  const now = useNow();
  if (instance.started_at_ms === null) return null;
  return (
    <span className={classes.took}>
      <Duration value={Math.max(0, (instance.ended_at_ms ?? now) - instance.started_at_ms)} />
    </span>
  );
}

interface MapMenuProps {
  instance: TaskInstanceRow;
  siblings: readonly TaskInstanceRow[];
  view: DagView;
}

function MapMenu({ instance, siblings, view }: MapMenuProps) {
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" size="compact-xs">
          [{instance.map_index}] of {siblings.length}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
        {siblings.map((one) => (
          <Menu.Item
            key={one.map_index}
            leftSection={<StatePill state={one.state} compact />}
            onClick={() => view.selectTask(one.task_id, one.map_index)}
          >
            [{one.map_index}]
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Lets the task run again, alone or with all that depends on it. */
function ClearMenu({ taskKey, disabled }: { taskKey: TaskInstanceKey; disabled: boolean }) {
  const clear = useClearTasks();
  const run = (downstream: boolean) =>
    clear.mutate(
      {
        dag_id: taskKey.dag_id,
        run_id: taskKey.run_id,
        task_ids: [taskKey.task_id],
        downstream,
        only_failed: false,
      },
      { onError: failedNote("The task was not cleared") },
    );
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<ListRestart size={13} />}
          disabled={disabled}
          loading={clear.isPending}
          title={disabled ? "It has not run yet" : "Let it run again"}
          data-testid="task-clear"
        >
          Clear
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => run(true)} data-testid="task-clear-downstream">
          This task and all downstream
        </Menu.Item>
        <Menu.Item onClick={() => run(false)} data-testid="task-clear-alone">
          This task alone
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
