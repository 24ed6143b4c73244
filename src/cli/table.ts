import { printable, type Tone, toned } from "./terminal.ts";

/** A cell: its text, and how it is meant. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

const gap = "   ";

/** Lines under a heading, columns as wide as their widest cell, as kubectl prints them; nothing but the heading has upper case of its own. */
export function formatTable(heading: readonly string[], rows: readonly (readonly Cell[])[], colour: boolean): string {
  const cells = [heading, ...rows].map((row) => row.map(plain));
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => textOf(row[column]).length)));
  const line = (row: readonly { text: string; tone: Tone }[]): string =>
    row
      .map(({ text, tone }, column) => {
        const last = column === row.length - 1;
        return toned(text, tone, colour) + (last ? "" : " ".repeat((widths[column] ?? 0) - text.length) + gap);
      })
      .join("")
      .trimEnd();
  return `${cells.map(line).join("\n")}\n`;
}

function plain(cell: Cell): { text: string; tone: Tone } {
  const { text, tone } = typeof cell === "string" ? { text: cell, tone: "plain" as const } : cell;
  return { text: text === "" ? "-" : printable(text), tone };
}

function textOf(cell: { readonly text: string } | undefined): string {
  return cell?.text ?? "";
}
