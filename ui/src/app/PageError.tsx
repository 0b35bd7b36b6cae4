import type { ErrorComponentProps } from "@tanstack/react-router";
import { ErrorState } from "@/components/ErrorState";

/** What is left when a page itself breaks; the shell stays. */
export function PageError({ error, reset }: ErrorComponentProps) {
  const shown = error instanceof Error ? error : new Error(String(error));
  return <ErrorState error={shown} onRetry={reset} />;
}
