/**
 * A log line's ANSI colours as styled pieces of text.
 *
 * Output is text and a style, never markup: whatever a task prints stays
 * data. Sequences that are not colours (cursor moves, titles, links) vanish.
 */

export type AnsiColour = { kind: "named"; index: number } | { kind: "rgb"; value: string };

export type AnsiStyle = {
  fg: AnsiColour | null;
  bg: AnsiColour | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
};

export type AnsiSpan = { text: string; style: AnsiStyle };

export const PLAIN: AnsiStyle = {
  fg: null,
  bg: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
};

// CSI … final byte | OSC … BEL or ST | a character set | any other two-byte escape.
const ESCAPE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC and BEL are what is being looked for
  /\u001b(?:\[([0-9;:?<=>]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]+[0-~]|[@-Z\\-_a-z])/g;

const ESC = "\u001b";

/** The line's text alone. */
export const stripAnsi = (line: string): string =>
  line.includes(ESC) ? line.replace(ESCAPE, "").replaceAll(ESC, "") : line;

/** Splits a line; `start` is the style the line before ended with. */
export function parseAnsi(
  line: string,
  start: AnsiStyle = PLAIN,
): { spans: AnsiSpan[]; end: AnsiStyle } {
  if (!line.includes(ESC)) {
    return { spans: line === "" ? [] : [{ text: line, style: start }], end: start };
  }
  const spans: AnsiSpan[] = [];
  let style = start;
  let from = 0;
  const push = (text: string) => {
    if (text !== "") spans.push({ text, style });
  };
  for (const match of line.matchAll(ESCAPE)) {
    push(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") style = applySgr(style, match[1] ?? "");
  }
  push(line.slice(from).replaceAll(ESC, ""));
  return { spans, end: style };
}

function applySgr(style: AnsiStyle, parameters: string): AnsiStyle {
  const codes = parameters.split(/[;:]/).map((p) => (p === "" ? 0 : Number.parseInt(p, 10)));
  let next = style;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, used } = extended(codes, i + 1);
      next = code === 38 ? { ...next, fg: colour } : { ...next, bg: colour };
      i += used;
    } else {
      next = simple(next, code);
    }
  }
  return next;
}

function simple(style: AnsiStyle, code: number): AnsiStyle {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 7) return { ...style, inverse: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 23) return { ...style, italic: false };
  if (code === 24) return { ...style, underline: false };
  if (code === 27) return { ...style, inverse: false };
  if (code === 39) return { ...style, fg: null };
  if (code === 49) return { ...style, bg: null };
  if (code >= 30 && code <= 37) return { ...style, fg: named(code - 30) };
  if (code >= 40 && code <= 47) return { ...style, bg: named(code - 40) };
  if (code >= 90 && code <= 97) return { ...style, fg: named(code - 90 + 8) };
  if (code >= 100 && code <= 107) return { ...style, bg: named(code - 100 + 8) };
  return style;
}

const named = (index: number): AnsiColour => ({ kind: "named", index });

/** `5;n` of the 256-colour palette or `2;r;g;b`. */
function extended(
  codes: readonly number[],
  at: number,
): { colour: AnsiColour | null; used: number } {
  if (codes[at] === 5) return { colour: palette(codes[at + 1] ?? 0), used: 2 };
  if (codes[at] === 2) {
    const [r, g, b] = [codes[at + 1], codes[at + 2], codes[at + 3]].map(byte);
    return { colour: { kind: "rgb", value: `rgb(${r} ${g} ${b})` }, used: 4 };
  }
  return { colour: null, used: codes.length };
}

const byte = (value: number | undefined): number =>
  Number.isFinite(value) ? Math.min(255, Math.max(0, value ?? 0)) : 0;

/** Xterm's 256: 16 named, a 6×6×6 cube, 24 greys. */
function palette(index: number): AnsiColour {
  const n = byte(index);
  if (n < 16) return named(n);
  if (n >= 232) {
    const grey = 8 + (n - 232) * 10;
    return { kind: "rgb", value: `rgb(${grey} ${grey} ${grey})` };
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const cube = n - 16;
  const [r, g, b] = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level);
  return { kind: "rgb", value: `rgb(${r} ${g} ${b})` };
}
