import { Skeleton } from "@mantine/core";
import { CircleAlert, CircleCheck } from "lucide-react";
import { HumanNumber } from "@/components/Figures";
import { Stat, StatStrip } from "@/components/StatStrip";
import type { Overview } from "@/gen/api";
import classes from "./Health.module.css";
import { verdict } from "./verdict";

interface HealthProps {
  overview: Overview | undefined;
}

/** Is all well? One strip: the verdict, then the figures it rests on. */
export function Health({ overview }: HealthProps) {
  const number = (value: number | undefined) =>
    value === undefined ? undefined : <HumanNumber value={value} />;
  return (
    <StatStrip label="Health" testId="health">
      <Verdict overview={overview} />
      <Stat label="Brokers" to="/brokers">
        {number(overview?.brokers)}
      </Stat>
      <Stat label="Topics" to="/topics">
        {number(overview?.topics)}
      </Stat>
      <Stat label="Partitions">{number(overview?.partitions)}</Stat>
      <Stat label="Under-replicated" alarm={(overview?.under_replicated ?? 0) > 0}>
        {number(overview?.under_replicated)}
      </Stat>
      <Stat label="Offline" alarm={(overview?.offline ?? 0) > 0}>
        {number(overview?.offline)}
      </Stat>
      <Stat label="Runs ok, 24 h" to="/runs">
        {number(overview?.runs.success)}
      </Stat>
      <Stat label="Runs failed, 24 h" to="/runs" alarm={(overview?.runs.failed ?? 0) > 0}>
        {number(overview?.runs.failed)}
      </Stat>
    </StatStrip>
  );
}

function Verdict({ overview }: HealthProps) {
  if (!overview) {
    return (
      <div className={classes.verdict}>
        <Skeleton height={12} width={90} />
      </div>
    );
  }
  const { tone, word, why } = verdict(overview);
  const Icon = tone === "ok" ? CircleCheck : CircleAlert;
  return (
    <div className={classes.verdict} data-tone={tone}>
      <Icon size={20} strokeWidth={1.75} aria-hidden />
      <div>
        <div className={classes.word}>{word}</div>
        <div className={classes.why}>{why}</div>
      </div>
    </div>
  );
}
