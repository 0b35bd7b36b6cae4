import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";

export type CodeLanguage = "json" | "sql" | "python" | "yaml" | "protobuf" | "text";

export interface CodeViewProps {
  value: string;
  language: CodeLanguage;
  /** What it is: `Schema`, `Value`. */
  label: string;
  /** Given, it can be edited. */
  onChange?: (value: string) => void;
  /** CSS height; by default as high as its text, up to `maxHeight`. */
  height?: string;
  maxHeight?: string;
  lineNumbers?: boolean;
  /** A line (1 = first) to show and mark. */
  markedLine?: number;
  testId?: string;
}

const Editor = lazy(() => import("./codemirror/Editor"));

/** Code, read or written. CodeMirror loads with the first one shown. */
export function CodeView(props: CodeViewProps) {
  return (
    <Suspense fallback={<Skeleton height={props.height ?? 120} />}>
      <Editor {...props} />
    </Suspense>
  );
}
