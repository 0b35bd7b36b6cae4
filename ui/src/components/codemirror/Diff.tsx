import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { DiffViewProps } from "../DiffView";
import { codeTheme } from "./codeTheme";
import { languageOf } from "./languages";

const look = EditorView.theme({
  ".cm-changedLine": { backgroundColor: "transparent" },
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": { backgroundColor: "var(--ph-danger-tint)" },
  "&.cm-merge-b .cm-changedLine, .cm-insertedLine": {
    backgroundColor: "color-mix(in srgb, var(--ph-ok) 12%, transparent)",
  },
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText": {
    background: "color-mix(in srgb, var(--ph-danger) 24%, transparent)",
  },
  "&.cm-merge-b .cm-changedText": {
    background: "color-mix(in srgb, var(--ph-ok) 24%, transparent)",
  },
  ".cm-collapsedLines": {
    color: "var(--ph-text-3)",
    background: "var(--ph-hover)",
    padding: "2px 12px",
  },
  ".cm-changeGutter": { width: "3px", paddingLeft: "1px" },
});

/** The CodeMirror behind `DiffView`; a module of its own so that it loads late. */
export default function Diff(props: DiffViewProps) {
  const { older, newer, olderLabel, newerLabel, language, unified, testId } = props;
  const parent = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!parent.current) return;
    const reading = (label: string): Extension => [
      codeTheme,
      look,
      languageOf(language),
      lineNumbers(),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label }),
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
    ];
    const view = unified
      ? new EditorView({
          parent: parent.current,
          doc: newer,
          extensions: [
            reading(`${olderLabel} and ${newerLabel}`),
            unifiedMergeView({ original: older, mergeControls: false, gutter: true }),
          ],
        })
      : new MergeView({
          parent: parent.current,
          a: { doc: older, extensions: reading(olderLabel) },
          b: { doc: newer, extensions: reading(newerLabel) },
          gutter: true,
        });
    return () => view.destroy();
  }, [older, newer, olderLabel, newerLabel, language, unified]);

  return <div ref={parent} data-testid={testId} />;
}
