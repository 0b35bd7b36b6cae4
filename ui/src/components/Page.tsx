import type { ReactNode } from "react";
import classes from "./Page.module.css";

interface PageProps {
  children: ReactNode;
  /** `scroll`: the page scrolls. `fill`: it is as high as the window, its parts scroll. */
  mode?: "scroll" | "fill";
  testId?: string;
}

/** The room below the top bar. */
export function Page({ children, mode = "scroll", testId }: PageProps) {
  return (
    <div className={mode === "fill" ? classes.fill : classes.scroll} data-testid={testId}>
      {mode === "fill" ? children : <div className={classes.column}>{children}</div>}
    </div>
  );
}
