import { CopyButton } from "@/components/CopyButton";
import { Bytes, Duration } from "@/components/Figures";
import { Panel } from "@/components/Panel";
import type { Settings, Status } from "@/gen/api";
import classes from "./Facts.module.css";

interface PathsProps {
  settings: Settings;
  status: Status | undefined;
}

/** Where things are on disk, and what runs. */
export function Paths({ settings, status }: PathsProps) {
  const paths = [
    { label: "Data", path: settings.data_dir },
    { label: "Configuration", path: settings.config_file },
    { label: "DAG files", path: settings.dags_dir },
    { label: "Task logs", path: settings.logs_dir },
  ];
  return (
    <Panel title="On this computer" flush testId="paths">
      <dl className={classes.facts}>
        {paths.map(({ label, path }) => (
          <div key={label} className={classes.fact}>
            <dt>{label}</dt>
            <dd>
              <code title={path}>{path}</code>
              <CopyButton value={path} label="path" />
            </dd>
          </div>
        ))}
        {status ? (
          <>
            <div className={classes.fact}>
              <dt>Version</dt>
              <dd className={classes.plain}>{status.version}</dd>
            </div>
            <div className={classes.fact}>
              <dt>Running for</dt>
              <dd className={classes.plain}>
                <Duration value={status.now_ms - status.started_at_ms} />
              </dd>
            </div>
            <div className={classes.fact}>
              <dt>Memory</dt>
              <dd className={classes.plain}>
                <Bytes value={status.rss_bytes} />
              </dd>
            </div>
          </>
        ) : null}
      </dl>
    </Panel>
  );
}
