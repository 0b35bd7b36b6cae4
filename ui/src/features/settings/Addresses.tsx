import { CopyButton } from "@/components/CopyButton";
import { Panel } from "@/components/Panel";
import { StatePill } from "@/components/StatePill";
import type { Service, ServiceName } from "@/gen/api";
import classes from "./Facts.module.css";

const labels: Record<ServiceName, string> = {
  broker: "Kafka broker",
  registry: "Schema registry",
  orchestrator: "Orchestrator",
  api: "API",
};

/** Where clients connect. */
export function Addresses({ services }: { services: readonly Service[] }) {
  return (
    <Panel title="Services" flush testId="addresses">
      <dl className={classes.facts}>
        {services.map(({ name, state, address, detail }) => (
          <div key={name} className={classes.fact}>
            <dt>{labels[name]}</dt>
            <dd>
              <code title={address}>{address}</code>
              {address === "" ? null : <CopyButton value={address} label="address" />}
              <StatePill state={state} compact title={detail ?? undefined} />
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
