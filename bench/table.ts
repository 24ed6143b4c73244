import type { Row } from "./row.ts";

const head = ["what", "n", "Herald", "raw, same run", "ratio", "budget", ""];

/** The rows as a Markdown table with aligned columns, so that it reads well in a terminal too. */
export function table(rows: readonly Row[]): string {
  const lines = [head, ...rows.map(cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(head), rule, ...rows.map((row) => line(cells(row)))].join("\n");
}

function cells({ what, n, herald, raw, ratio, budget, met }: Row): readonly string[] {
  return [what, String(n), herald, raw, ratio, budget, met === undefined ? "" : met ? "ok" : "over"];
}
