import { CodeView } from "@/components/CodeView";
import { CopyButton } from "@/components/CopyButton";
import type { DagDetail } from "@/gen/api";
import classes from "./tabs.module.css";

/** The file, as it stands in the DAGs folder. */
export function CodeTab({ dag }: { dag: DagDetail }) {
  return (
    <div className={classes.code}>
      <div className={classes.codeHead}>
        <span className="mono">{dag.row.file}</span>
        <CopyButton value={dag.source} label="file" />
      </div>
      <CodeView
        value={dag.source}
        language={dag.row.file.endsWith(".py") ? "python" : "yaml"}
        label={`Source of ${dag.row.dag_id}`}
        height="100%"
        testId="dag-code"
      />
    </div>
  );
}
