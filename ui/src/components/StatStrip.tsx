import { Skeleton } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import classes from "./StatStrip.module.css";

interface StatStripProps {
  /** What the figures are about. */
  label: string;
  children: ReactNode;
  testId?: string;
}

/** A row of figures between hairlines. */
export function StatStrip({ label, children, testId }: StatStripProps) {
  return (
    <section className={classes.strip} aria-label={label} data-testid={testId}>
      {children}
    </section>
  );
}

interface StatProps {
  label: string;
  /** Undefined: on its way. */
  children: ReactNode;
  to?: LinkProps["to"];
  alarm?: boolean;
  /** More room than its neighbours. */
  wide?: boolean;
}

export function Stat({ label, children, to, alarm, wide }: StatProps) {
  const body = (
    <>
      <span className={classes.value} data-alarm={alarm || undefined}>
        {children ?? <Skeleton height={12} width={32} my={6} />}
      </span>
      <span className={classes.label}>{label}</span>
    </>
  );
  return to ? (
    <Link to={to} className={classes.stat} data-wide={wide || undefined}>
      {body}
    </Link>
  ) : (
    <div className={classes.stat} data-wide={wide || undefined}>
      {body}
    </div>
  );
}
