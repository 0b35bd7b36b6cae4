import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { CircleAlert } from "lucide-react";
import { RpcError } from "@/host/rpc";
import classes from "./ErrorState.module.css";
import { Prose } from "./Prose";

interface ErrorStateProps {
  error: Error;
  onRetry?: () => void;
  /** One line above a form or a table instead of a whole page. */
  inline?: boolean;
}

/** What happened, why, the next step; its detail can be copied. */
export function ErrorState({ error, onRetry, inline }: ErrorStateProps) {
  const clipboard = useClipboard({ timeout: 1500 });
  const failure = error instanceof RpcError ? error : null;
  return (
    <div
      className={inline ? classes.inline : classes.page}
      role="alert"
      data-testid="error-state"
      data-code={failure?.code}
    >
      <CircleAlert size={inline ? 16 : 22} strokeWidth={1.6} className={classes.icon} aria-hidden />
      <div className={classes.words}>
        <p className={classes.title}>
          <Prose text={error.message} />
        </p>
        {failure?.hint ? (
          <p className={classes.hint}>
            <Prose text={failure.hint} />
          </p>
        ) : null}
        <div className={classes.foot}>
          {failure ? <code className={classes.code}>{failure.code}</code> : null}
          {onRetry ? (
            <Button variant="default" onClick={onRetry}>
              Try again
            </Button>
          ) : null}
          <Button variant="subtle" color="gray" onClick={() => clipboard.copy(report(error))}>
            {clipboard.copied ? "Copied" : "Copy details"}
          </Button>
        </div>
      </div>
    </div>
  );
}

/** All of it, for a bug report. */
export function report(error: Error): string {
  const lines = [error.message];
  if (error instanceof RpcError) {
    lines.push(`command: ${error.command}`, `code: ${error.code}`);
    if (error.hint) lines.push(`hint: ${error.hint}`);
    if (error.detail) lines.push(error.detail);
  } else if (error.stack) {
    lines.push(error.stack);
  }
  return lines.join("\n");
}
