import { Skeleton, Tabs } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { ErrorState } from "@/components/ErrorState";
import { Page } from "@/components/Page";
import type { DagDetail } from "@/gen/api";
import { useDag } from "@/queries/dags";
import { useRun, useRuns } from "@/queries/runs";
import { CodeTab } from "./CodeTab";
import { DagHeader } from "./DagHeader";
import classes from "./DagPage.module.css";
import { DetailsTab } from "./DetailsTab";
import { GanttTab } from "./GanttTab";
import { GridTab } from "./GridTab";
import { GraphTab } from "./graph/GraphTab";
import { NoRuns } from "./NoRuns";
import { RunBar } from "./RunBar";
import { RunsTab } from "./RunsTab";
import { TABS, type Tab } from "./routes";
import { TaskPanel } from "./TaskPanel";
import { TriggerDialog } from "./TriggerDialog";
import { type DagView, useDagView } from "./useDagView";
import { useFolded } from "./useFolded";

/** As many as the grid shows. */
const RUNS_SHOWN = 50;

const TAB_WORDS: Record<Tab, string> = {
  graph: "Graph",
  grid: "Grid",
  gantt: "Gantt",
  runs: "Runs",
  code: "Code",
  details: "Details",
};

/** One DAG: its shape, its runs, its tasks. */
export function DagPage() {
  const { dagId } = useParams({ from: "/dags/$dagId" });
  const dag = useDag(dagId);
  if (dag.error && (!dag.data || dag.error.code === "not_found")) {
    return <ErrorState error={dag.error} onRetry={() => dag.refetch()} />;
  }
  if (dag.data === undefined) {
    return (
      <Page mode="fill">
        <Skeleton height={26} width={260} />
        <Skeleton height={26} width={420} />
        <Skeleton style={{ flex: 1 }} />
      </Page>
    );
  }
  return <Loaded key={dagId} dag={dag.data} />;
}

function Loaded({ dag }: { dag: DagDetail }) {
  const dagId = dag.row.dag_id;
  const view = useDagView();
  const trigger = () => view.set({ trigger: true });
  const runs = useRuns(dagId, null, RUNS_SHOWN);
  const latest = runs.data?.[0]?.run_id ?? null;
  const runId = view.runId ?? latest;
  const run = useRun(dagId, runId);
  const task = dag.tasks.find((one) => one.task_id === view.taskId) ?? null;

  return (
    <Page mode="fill" testId="dag-page">
      <DagHeader dag={dag} onTrigger={trigger} />
      <Tabs
        value={view.tab}
        onChange={(tab) => view.set({ tab: TABS.find((one) => one === tab) })}
        className={classes.tabs}
        keepMounted={false}
      >
        <div className={classes.bar}>
          <Tabs.List className={classes.list}>
            {TABS.map((tab) => (
              <Tabs.Tab key={tab} value={tab} data-testid={`dag-tab-${tab}`}>
                {TAB_WORDS[tab]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <RunBar
            dagId={dagId}
            runs={runs.data ?? []}
            run={run.data?.run ?? null}
            pinned={view.runId !== null}
            onSelect={view.selectRun}
          />
        </div>
        <div className={classes.body}>
          <div className={classes.main}>
            {TABS.map((tab) => (
              <Tabs.Panel key={tab} value={tab} className={classes.tabPanel}>
                <TabBody
                  tab={tab}
                  dag={dag}
                  view={view}
                  runs={runs.data}
                  run={run.data}
                  runError={run.data === undefined ? run.error : null}
                  onRetry={() => run.refetch()}
                  onTrigger={trigger}
                />
              </Tabs.Panel>
            ))}
          </div>
          {task === null ? null : (
            <TaskPanel dag={dag} task={task} run={run.data ?? null} runs={runs.data} view={view} />
          )}
        </div>
      </Tabs>
      <TriggerDialog
        dagId={view.triggering ? dagId : null}
        onClose={() => view.set({ trigger: undefined })}
        onTriggered={(started) => view.selectRun(started.run_id)}
      />
    </Page>
  );
}

interface TabBodyProps {
  tab: Tab;
  dag: DagDetail;
  view: DagView;
  runs: ReturnType<typeof useRuns>["data"];
  run: ReturnType<typeof useRun>["data"];
  runError: Error | null;
  onRetry: () => void;
  onTrigger: () => void;
}

function TabBody({ tab, dag, view, runs, run, runError, onRetry, onTrigger }: TabBodyProps) {
  const [folded, setFolded] = useFolded(dag.row.dag_id, dag.tasks);
  const noRuns = <NoRuns dag={dag} onTrigger={onTrigger} />;
  switch (tab) {
    case "graph":
      return (
        <>
          {runError ? <ErrorState error={runError} onRetry={onRetry} inline /> : null}
          <GraphTab
            dag={dag}
            instances={run?.tasks ?? NONE}
            selected={view.taskId}
            onSelect={view.selectTask}
            folded={folded}
            onFold={setFolded}
          />
        </>
      );
    case "grid":
      return (
        <GridTab
          dag={dag}
          runs={runs}
          selectedRun={run?.run.run_id ?? null}
          view={view}
          folded={folded}
          onFold={setFolded}
          empty={noRuns}
        />
      );
    case "gantt":
      if (runError) return <ErrorState error={runError} onRetry={onRetry} />;
      return (
        <GanttTab
          dag={dag}
          run={run ?? null}
          view={view}
          empty={noRuns}
          loading={runs === undefined}
        />
      );
    case "runs":
      return <RunsTab runs={runs} selected={run?.run.run_id ?? null} view={view} empty={noRuns} />;
    case "code":
      return <CodeTab dag={dag} />;
    case "details":
      return <DetailsTab dag={dag} run={run?.run ?? null} />;
  }
}

const NONE: [] = [];
