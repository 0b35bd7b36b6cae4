import type { ReactNode } from "react";
import classes from "./Panel.module.css";

interface PanelProps {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  /** No inner padding: a table or a chart brings its own. */
  flush?: boolean;
  fill?: boolean;
  testId?: string;
}

/** A surface with a hairline around it. */
export function Panel({ title, aside, children, flush, fill, testId }: PanelProps) {
  return (
    <section className={classes.panel} data-fill={fill || undefined} data-testid={testId}>
      {title ? (
        <div className={classes.head}>
          <h2 className={classes.title}>{title}</h2>
          {aside ? <div className={classes.aside}>{aside}</div> : null}
        </div>
      ) : null}
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  );
}
