import { Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./Notice.module.css";

interface NoticeProps {
  tone?: "info" | "warning";
  children: ReactNode;
  testId?: string;
}

/** One thing to know before going on. */
export function Notice({ tone = "info", children, testId }: NoticeProps) {
  const Icon = tone === "info" ? Info : TriangleAlert;
  return (
    <div className={classes.notice} data-tone={tone} role="note" data-testid={testId}>
      <Icon size={15} aria-hidden />
      <div>{children}</div>
    </div>
  );
}
