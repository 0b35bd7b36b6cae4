import type { ReactNode } from "react";
import classes from "./Toolbar.module.css";

interface ToolbarProps {
  children: ReactNode;
  /** At the right: how many, how long. */
  aside?: ReactNode;
}

/** Filters above a table. */
export function Toolbar({ children, aside }: ToolbarProps) {
  return (
    <div className={classes.bar}>
      {children}
      {aside ? <div className={classes.aside}>{aside}</div> : null}
    </div>
  );
}
