import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** CodeMirror in the window's tokens: dark and light come by themselves. */
const look = EditorView.theme({
  "&": {
    height: "var(--code-height, auto)",
    color: "var(--ph-text)",
    backgroundColor: "transparent",
    fontSize: "12px",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--ph-mono)", lineHeight: "1.55" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--ph-accent)" },
  ".cm-line": { padding: "0 12px 0 8px" },
  ".cm-gutters": {
    backgroundColor: "transparent",
    color: "var(--ph-text-3)",
    border: "none",
    paddingLeft: "4px",
  },
  ".cm-foldGutter": { width: "12px" },
  ".cm-cursor": { borderLeftColor: "var(--ph-accent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, ::selection": {
    backgroundColor: "color-mix(in srgb, var(--ph-accent) 28%, transparent)",
  },
  ".cm-matchingBracket": { backgroundColor: "var(--ph-accent-tint)", outline: "none" },
  ".cm-selectionMatch": { backgroundColor: "var(--ph-accent-tint)" },
  ".cm-marked": { backgroundColor: "var(--ph-danger-tint)" },
  ".cm-panels": { backgroundColor: "var(--ph-raised)", color: "var(--ph-text)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--ph-code-key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--ph-code-string)" },
  { tag: [tags.number], color: "var(--ph-code-number)" },
  { tag: [tags.bool, tags.null, tags.atom, tags.keyword], color: "var(--ph-code-atom)" },
  { tag: [tags.comment, tags.meta], color: "var(--ph-code-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.className], color: "var(--ph-code-key)" },
]);

export const codeTheme: Extension = [look, syntaxHighlighting(colours)];
