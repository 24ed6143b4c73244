import { formatTable } from "../table.ts";
import { printable, type Terminal, type Tone, toned } from "../terminal.ts";

/** A line of an explanation: what it is about, and what there is to say; further lines of the same subject are indented alike. */
export type Paragraph = { readonly subject: string; readonly lines: readonly Line[] };

/** Text, or text that is meant as good or bad. */
export type Line = string | { readonly text: string; readonly tone: Tone };

/** Rows below a heading; without any it is left out. */
export type Table = {
  readonly title: string;
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** Prints a title, then paragraphs, then tables. Empty ones are left out. */
export function printExplanation(
  title: string,
  paragraphs: readonly Paragraph[],
  tables: readonly Table[],
  { out, colour }: Terminal,
): void {
  const shown = paragraphs.filter(({ lines }) => lines.length > 0);
  const width = Math.max(0, ...shown.map(({ subject }) => subject.length));
  out(`${printable(title)}\n`);
  for (const { subject, lines } of shown)
    for (const [i, line] of lines.entries())
      out(`  ${(i === 0 ? subject : "").padEnd(width)}   ${lineText(line, colour)}\n`);
  for (const { title: name, heading, rows } of tables) {
    if (rows.length === 0) continue;
    out(`\n${name}:\n${indented(formatTable(heading, rows, false))}`);
  }
}

function lineText(line: Line, colour: boolean): string {
  return typeof line === "string" ? printable(line) : toned(printable(line.text), line.tone, colour);
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
