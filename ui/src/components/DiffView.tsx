import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { CodeLanguage } from "./CodeView";

export interface DiffViewProps {
  older: string;
  newer: string;
  olderLabel: string;
  newerLabel: string;
  language: CodeLanguage;
  /** One column instead of two. */
  unified: boolean;
  testId?: string;
}

const Diff = lazy(() => import("./codemirror/Diff"));

/** Two texts and what differs. CodeMirror loads with the first one shown. */
export function DiffView(props: DiffViewProps) {
  return (
    <Suspense fallback={<Skeleton height={240} />}>
      <Diff {...props} />
    </Suspense>
  );
}
