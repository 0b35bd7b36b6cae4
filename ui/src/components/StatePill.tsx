import classes from "./StatePill.module.css";
import { type AnyState, stateLook } from "./states";

interface StatePillProps {
  state: AnyState;
  /** Another word than the state's own. */
  label?: string;
  /** The icon alone; the word becomes its label. */
  compact?: boolean;
  title?: string;
}

/** A state by colour, icon and word: never by colour alone. */
export function StatePill({ state, label, compact, title }: StatePillProps) {
  const look = stateLook(state);
  const word = label ?? look.label;
  const Icon = look.icon;
  return (
    <span
      className={compact ? classes.compact : classes.pill}
      style={{ "--state": look.color }}
      data-state={state}
      data-testid="state-pill"
      title={title ?? (compact ? word : undefined)}
    >
      <Icon
        size={12}
        strokeWidth={2.5}
        aria-hidden
        className={look.moving ? classes.moving : undefined}
      />
      {compact ? <span className="visually-hidden">{word}</span> : word}
    </span>
  );
}
