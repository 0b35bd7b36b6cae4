import { describe, expect, it } from "vitest";
import { type AnsiColour, type AnsiStyle, PLAIN, parseAnsi, stripAnsi } from "./ansi";

const ESC = "\u001b";

const describeStyle = ({ fg, bg, ...flags }: AnsiStyle): string =>
  [
    describeColour("fg", fg),
    describeColour("bg", bg),
    ...Object.entries(flags).map(([name, on]) => (on ? name : "")),
  ]
    .filter((word) => word !== "")
    .join(" ");

const describeColour = (where: string, colour: AnsiColour | null): string =>
  colour === null ? "" : `${where}=${colour.kind === "named" ? colour.index : colour.value}`;

const check = (line: string, expected: string[]) => {
  const found = parseAnsi(line).spans.map(({ text, style }) => `${text}|${describeStyle(style)}`);
  expect(found).toEqual(expected);
  expect(stripAnsi(line)).toBe(expected.map((e) => e.split("|")[0]).join(""));
};

describe("parseAnsi", () => {
  it("leaves plain text alone, markup included", () => {
    check("", []);
    check("a < b && <script>alert(1)</script>", ["a < b && <script>alert(1)</script>|"]);
  });

  it("reads colours and weights, and their ends", () => {
    check(`${ESC}[31mred${ESC}[0m plain`, ["red|fg=1", " plain|"]);
    check(`${ESC}[1;92;44mx${ESC}[22;39my${ESC}[mz`, ["x|fg=10 bg=4 bold", "y|bg=4", "z|"]);
    check(`${ESC}[38;5;196ma${ESC}[38;2;1;2;999mb${ESC}[48;5;240mc`, [
      "a|fg=rgb(255 0 0)",
      "b|fg=rgb(1 2 255)",
      "c|fg=rgb(1 2 255) bg=rgb(88 88 88)",
    ]);
    check(`${ESC}[38:5:2mgreen`, ["green|fg=2"]);
  });

  it("drops what is no colour: cursor moves, titles, links, lone escapes", () => {
    check(`a${ESC}[2K${ESC}[1Gb`, ["a|", "b|"]);
    check(`${ESC}]0;title\u0007c`, ["c|"]);
    check(`${ESC}]8;;http://x${ESC}\\link${ESC}]8;;${ESC}\\`, ["link|"]);
    check(`${ESC}(Bd${ESC}`, ["d|"]);
  });

  it("carries a colour over to the next line", () => {
    const first = parseAnsi(`${ESC}[33mwarn`);
    expect(describeStyle(first.end)).toBe("fg=3");
    expect(parseAnsi("still", first.end).spans).toEqual([{ text: "still", style: first.end }]);
    expect(parseAnsi(`${ESC}[0m`, first.end).end).toEqual(PLAIN);
  });
});
