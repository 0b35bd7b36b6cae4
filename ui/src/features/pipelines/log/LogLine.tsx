import { type CSSProperties, memo } from "react";
import { type AnsiColour, type AnsiSpan, type AnsiStyle, parseAnsi } from "./ansi";
import classes from "./log.module.css";

interface LogLineProps {
  number: number;
  text: string;
  start: AnsiStyle;
  /** Marked as searched for. */
  query: string;
  current: boolean;
  error: boolean;
}

/** Longer lines are cut on show; copying and downloading give all of them. */
const SHOWN_CHARS_MAX = 8_000;

/** One line as spans of text: whatever a task printed stays text. */
export const LogLine = memo(function LogLine(props: LogLineProps) {
  const { number, text, start, query, current, error } = props;
  const shown = text.length > SHOWN_CHARS_MAX ? text.slice(0, SHOWN_CHARS_MAX) : text;
  const { spans } = parseAnsi(shown, start);
  return (
    <div
      className={classes.line}
      data-current={current || undefined}
      data-error={error || undefined}
    >
      <span className={classes.number} aria-hidden>
        {number + 1}
      </span>
      <span className={classes.text}>
        {spans.map((span, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line's spans never move
          <Span key={at} span={span} query={query} />
        ))}
        {shown === text ? null : (
          <span className={classes.cut}> … {text.length - shown.length} more characters</span>
        )}
      </span>
    </div>
  );
});

function Span({ span, query }: { span: AnsiSpan; query: string }) {
  const pieces = query === "" ? [span.text] : splitAt(span.text, query);
  return (
    <span style={toCss(span.style)}>
      {pieces.map((piece, at) =>
        at % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a span's pieces never move
          <mark key={at} className={classes.mark}>
            {piece}
          </mark>
        ) : (
          piece
        ),
      )}
    </span>
  );
}

/** Text and matches in turn, without regard to case. */
export function splitAt(text: string, query: string): string[] {
  const hay = text.toLowerCase();
  const needle = query.toLowerCase();
  const pieces: string[] = [];
  let from = 0;
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, from)) {
    pieces.push(text.slice(from, at), text.slice(at, at + needle.length));
    from = at + needle.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}

function toCss(style: AnsiStyle): CSSProperties | undefined {
  const fg = colour(style.inverse ? style.bg : style.fg);
  const bg = colour(style.inverse ? style.fg : style.bg);
  const css: CSSProperties = {};
  if (fg !== undefined) css.color = fg;
  if (bg !== undefined) css.backgroundColor = bg;
  if (style.inverse && bg === undefined) css.backgroundColor = "var(--ph-text)";
  if (style.inverse && fg === undefined) css.color = "var(--ph-surface)";
  if (style.bold) css.fontWeight = 700;
  if (style.dim) css.opacity = 0.7;
  if (style.italic) css.fontStyle = "italic";
  if (style.underline) css.textDecoration = "underline";
  return css;
}

const colour = (value: AnsiColour | null): string | undefined => {
  if (value === null) return undefined;
  switch (value.kind) {
    case "named":
      return `var(--ph-ansi-${value.index})`;
    case "rgb":
      return value.value;
  }
};
