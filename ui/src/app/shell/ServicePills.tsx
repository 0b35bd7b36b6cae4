import { Popover, UnstyledButton } from "@mantine/core";
import { CopyButton } from "@/components/CopyButton";
import { StatePill } from "@/components/StatePill";
import { stateLook } from "@/components/states";
import type { Service, ServiceName } from "@/gen/api";
import { useStatus } from "@/queries/platform";
import classes from "./ServicePills.module.css";

/** The API is what tells us: were it down, there would be no pill to show. */
const shown: ServiceName[] = ["broker", "registry", "orchestrator"];

const words: Record<ServiceName, { label: string; client: string }> = {
  broker: { label: "Broker", client: "bootstrap.servers" },
  registry: { label: "Registry", client: "schema.registry.url" },
  orchestrator: { label: "Orchestrator", client: "address" },
  api: { label: "API", client: "address" },
};

export function ServicePills() {
  const { data: status, isError } = useStatus();
  const services = shown.map(
    (name): Service =>
      (isError ? undefined : status?.services.find((service) => service.name === name)) ?? {
        name,
        state: isError ? "down" : "starting",
        address: "",
        detail: isError ? "Pumphouse does not answer." : null,
      },
  );
  return (
    <div className={classes.pills}>
      {services.map((service) => (
        <Pill key={service.name} service={service} />
      ))}
    </div>
  );
}

function Pill({ service }: { service: Service }) {
  const { label, client } = words[service.name];
  const look = stateLook(service.state);
  const port = portOf(service.address);
  return (
    <Popover position="bottom-end" width={280} trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.pill}
          data-testid={`service-${service.name}`}
          data-state={service.state}
          aria-label={`${label}: ${look.label.toLowerCase()}${port ? `, port ${port}` : ""}`}
        >
          <span className={classes.dot} style={{ background: look.color }} aria-hidden />
          <span className={classes.label}>{label}</span>
          {service.state === "up" && port ? <span className={classes.port}>{port}</span> : null}
          {service.state !== "up" ? <span className={classes.port}>{look.label}</span> : null}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.head}>
          <strong>{label}</strong>
          <StatePill state={service.state} />
        </div>
        {service.address ? (
          <div className={classes.address}>
            <div>
              <div className={classes.client}>{client}</div>
              <code>{service.address}</code>
            </div>
            <CopyButton value={service.address} label="address" />
          </div>
        ) : null}
        {service.detail ? <p className={classes.detail}>{service.detail}</p> : null}
      </Popover.Dropdown>
    </Popover>
  );
}

function portOf(address: string): string | null {
  return /:(\d+)(?:\/|$)/.exec(address)?.[1] ?? null;
}
