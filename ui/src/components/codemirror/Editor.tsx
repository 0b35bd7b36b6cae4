import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, indentOnInput } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { Decoration, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { CodeViewProps } from "../CodeView";
import { codeTheme } from "./codeTheme";
import { languageOf } from "./languages";

/** The CodeMirror behind `CodeView`; a module of its own so that it loads late. */
export default function Editor(props: CodeViewProps) {
  const { value, language, label, onChange, height, maxHeight, markedLine, testId } = props;
  const parent = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  const first = useRef(value);
  first.current = value;
  const editable = onChange !== undefined;
  const numbered = props.lineNumbers ?? true;

  useEffect(() => {
    if (!parent.current) return;
    const editor = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          codeTheme,
          languageOf(language),
          numbered ? [lineNumbers(), foldGutter()] : [],
          bracketMatching(),
          highlightSelectionMatches(),
          keymap.of(searchKeymap),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          markedLine === undefined ? [] : marked(markedLine),
          editable ? writing((text) => changed.current?.(text)) : reading,
        ],
      }),
    });
    view.current = editor;
    if (markedLine !== undefined && markedLine <= editor.state.doc.lines) {
      const line = editor.state.doc.line(Math.max(1, markedLine));
      editor.dispatch({ effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    }
    return () => editor.destroy();
  }, [language, label, editable, numbered, markedLine]);

  // The text given is the truth; typing already made the two equal.
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  return (
    <div
      ref={parent}
      data-testid={testId}
      data-editable={editable || undefined}
      style={{ height, maxHeight, overflow: "auto", "--code-height": height ? "100%" : "auto" }}
    />
  );
}

const reading: Extension = [EditorState.readOnly.of(true), keymap.of(defaultKeymap)];

const writing = (onText: (text: string) => void): Extension => [
  history(),
  indentOnInput(),
  keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
  EditorView.updateListener.of((update) => {
    if (update.docChanged) onText(update.state.doc.toString());
  }),
];

const marked = (line: number): Extension =>
  EditorView.decorations.of((view) => {
    if (line < 1 || line > view.state.doc.lines) return Decoration.none;
    const mark = Decoration.line({ class: "cm-marked" });
    return Decoration.set(mark.range(view.state.doc.line(line).from));
  });
