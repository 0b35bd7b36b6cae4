import { Button } from "@mantine/core";
import { Pause, Play } from "lucide-react";
import { exact } from "@/format/format";
import classes from "./Bars.module.css";
import { TAIL_MAX, type Tail } from "./tailBuffer";

interface LiveBarProps {
  tail: Tail;
  paused: boolean;
  onPause: (paused: boolean) => void;
}

export function LiveBar({ tail, paused, onPause }: LiveBarProps) {
  return (
    <div className={classes.bar}>
      <span className={classes.live} data-paused={paused || undefined} aria-hidden />
      <span role="status">{paused ? "Paused" : "Live"}</span>
      <span className={classes.figures} data-testid="tail-figures">
        {exact(tail.seen)} seen
        {tail.seen > TAIL_MAX ? `, the newest ${exact(TAIL_MAX)} kept` : ""}
        {tail.skipped > 0 ? `, ${exact(tail.skipped)} passed over` : ""}
      </span>
      <Button
        variant="default"
        size="compact-xs"
        leftSection={paused ? <Play size={11} /> : <Pause size={11} />}
        onClick={() => onPause(!paused)}
        data-testid="tail-pause"
      >
        {paused ? "Resume" : "Pause"}
      </Button>
    </div>
  );
}
