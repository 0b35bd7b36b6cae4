import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./EmptyState.module.css";

interface EmptyStateProps {
  icon: LucideIcon;
  /** What is not here. */
  title: string;
  /** What belongs here. */
  body?: ReactNode;
  /** What fills it. */
  action?: ReactNode;
  compact?: boolean;
  testId?: string;
}

export function EmptyState({ icon: Icon, title, body, action, compact, testId }: EmptyStateProps) {
  return (
    <div className={classes.empty} data-compact={compact || undefined} data-testid={testId}>
      <span className={classes.icon}>
        <Icon size={compact ? 18 : 22} strokeWidth={1.5} aria-hidden />
      </span>
      <p className={classes.title}>{title}</p>
      {body ? <div className={classes.body}>{body}</div> : null}
      {action ? <div className={classes.action}>{action}</div> : null}
    </div>
  );
}
