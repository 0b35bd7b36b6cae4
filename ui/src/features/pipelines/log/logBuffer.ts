/**
 * A task's log as lines, grown by appending, bounded in memory.
 *
 * Lines are numbered from 0 at the log's beginning and keep their number:
 * when the oldest are dropped, `firstLine` moves up.
 */

import { type AnsiStyle, PLAIN, parseAnsi, stripAnsi } from "./ansi";

/** Some 50 MB of usual lines: past this the window would pay for what nobody scrolls through. */
export const LINES_MAX = 500_000;

/** What a person searching for the cause wants to see first. */
const ERROR =
  /\b(?:ERROR|CRITICAL|FATAL|panicked at)\b|Traceback \(most recent call last\)|^\w*(?:Error|Exception): /;

export class LogBuffer {
  /** Number of the oldest line still held. */
  firstLine = 0;
  /** The first line that tells of an error, or null. */
  firstError: number | null = null;
  /** Grows with every change. */
  version = 0;
  #lines: string[] = [];
  /** Styles lines begin with, only where it is not plain. */
  #starts = new Map<number, AnsiStyle>();
  #style = PLAIN;
  /** The last line has no newline yet. */
  #open = false;
  readonly #linesMax: number;

  constructor(linesMax = LINES_MAX) {
    this.#linesMax = linesMax;
  }

  /** One past the last line's number. */
  get endLine(): number {
    return this.firstLine + this.#lines.length;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  append(text: string): void {
    if (text === "") return;
    const pieces = text.split("\n");
    const tail = pieces.pop() ?? "";
    for (const piece of pieces) this.#write(piece, true);
    if (tail !== "") this.#write(tail, false);
    this.#trim();
    this.version += 1;
  }

  /** A line as it was written, or undefined when it is not held. */
  raw(line: number): string | undefined {
    return this.#lines[line - this.firstLine];
  }

  /** A line without colours. */
  plain(line: number): string {
    return stripAnsi(this.raw(line) ?? "");
  }

  /** The style the line begins with. */
  startStyle(line: number): AnsiStyle {
    return this.#starts.get(line) ?? PLAIN;
  }

  /** All that is held, without colours. */
  text(): string {
    return this.#lines.map(stripAnsi).join("\n");
  }

  #write(piece: string, complete: boolean): void {
    if (this.#open) {
      const last = this.#lines.length - 1;
      this.#lines[last] = `${this.#lines[last] ?? ""}${piece}`;
    } else {
      this.#lines.push(piece);
    }
    this.#open = !complete;
    const number = this.endLine - 1;
    const index = this.#lines.length - 1;
    if (complete) {
      const line = overwritten(this.#lines[index] ?? "");
      this.#lines[index] = line;
      if (this.#style !== PLAIN) this.#starts.set(number, this.#style);
      this.#style = parseAnsi(line, this.#style).end;
      if (isPlain(this.#style)) this.#style = PLAIN;
    }
    if (this.firstError === null && ERROR.test(stripAnsi(this.#lines[index] ?? ""))) {
      this.firstError = number;
    }
  }

  #trim(): void {
    const surplus = this.#lines.length - this.#linesMax;
    if (surplus <= 0) return;
    this.#lines.splice(0, surplus);
    for (let i = 0; i < surplus; i += 1) this.#starts.delete(this.firstLine + i);
    this.firstLine += surplus;
    if (this.firstError !== null && this.firstError < this.firstLine) this.firstError = null;
  }
}

/** A progress bar redraws its line after `\r`: only its last drawing is kept. */
function overwritten(line: string): string {
  if (!line.includes("\r")) return line;
  const parts = line.split("\r").filter((part) => part !== "");
  return parts.at(-1) ?? "";
}

const isPlain = (style: AnsiStyle): boolean =>
  style.fg === null &&
  style.bg === null &&
  !(style.bold || style.dim || style.italic || style.underline || style.inverse);

/**
 * The lines that contain a text, found as the log grows: each line is looked
 * at once per query.
 */
export class LogSearch {
  #query = "";
  #buffer: LogBuffer | null = null;
  #scannedTo = 0;
  #matches: number[] = [];

  /** Numbers of the matching lines, ascending. Case does not matter. */
  find(buffer: LogBuffer, query: string): readonly number[] {
    const wanted = query.toLowerCase();
    if (wanted !== this.#query || buffer !== this.#buffer) {
      this.#query = wanted;
      this.#buffer = buffer;
      this.#matches = [];
      this.#scannedTo = 0;
    }
    if (wanted === "") return this.#matches;
    // The last line may still grow, so it is looked at again.
    const from = Math.max(this.#scannedTo - 1, buffer.firstLine);
    const kept = this.#matches.filter((line) => line >= buffer.firstLine && line < from);
    for (let line = from; line < buffer.endLine; line += 1) {
      if (buffer.plain(line).toLowerCase().includes(wanted)) kept.push(line);
    }
    this.#scannedTo = buffer.endLine;
    this.#matches = kept;
    return kept;
  }
}
