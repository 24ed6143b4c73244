/** What the interop tests found, as the table of docs/bgp-interop.md. */
import { readFile, writeFile } from "node:fs/promises";
import {
  type Cell,
  cells,
  impossibility,
  type RouterName,
  refusals,
  routers,
  transports,
  variantOf,
  variants,
} from "./bgp-interop-cells.ts";

/** Whether each test of a cell passed. */
export type Findings = Map<Cell, readonly boolean[]>;

const path = new URL("../../docs/bgp-interop.md", import.meta.url);
const marks = { begin: "<!-- the tables: written by the tests -->\n", end: "<!-- end of the tables -->\n" };
const names = Object.keys(routers) as readonly RouterName[];

/** The tables in Markdown, and the reasons of the cells that cannot be. */
export function interopTable(findings: Findings): string {
  const reasons = [...new Set(cells.flatMap((cell) => impossibility(cell) ?? []))];
  const shown = (cell: Cell): string => {
    const why = impossibility(cell);
    if (why !== undefined) return `– (${reasons.indexOf(why) + 1})`;
    const found = findings.get(cell);
    return found?.every(Boolean) === true ? "✔" : "✘";
  };
  return [
    "A session comes up, and goes through everything:",
    "",
    ...table(Object.keys(variants), shown),
    "",
    "What goes wrong is said in words by Herald:",
    "",
    ...table(Object.keys(refusals), shown),
    "",
    ...reasons.map((why, i) => `(${i + 1}) ${why}`).flatMap((line) => [line, ""]),
  ].join("\n");
}

function table(of: readonly string[], shown: (cell: Cell) => string): readonly string[] {
  const rows = cells.filter(({ router, variant }) => router === names[0] && of.includes(variant));
  const lines = rows.map((row) => {
    const across = cells.filter(({ transport, variant }) => transport === row.transport && variant === row.variant);
    return [transports[row.transport].words, variantOf(row).words, ...across.map(shown)];
  });
  const head = ["over", "with", ...names.map((name) => routers[name])];
  return [head, head.map(() => "---"), ...lines].map((columns) => `| ${columns.join(" | ")} |`);
}

/** The tables as they stand in docs/bgp-interop.md. @throws {Error} if the file has no place for them */
export async function tableInDocs(): Promise<string> {
  const text = await readFile(path, "utf8");
  const [from, to] = [text.indexOf(marks.begin), text.indexOf(marks.end)];
  if (from < 0 || to < from) throw new Error(`${path.pathname} has no place for the tables`);
  return text.slice(from + marks.begin.length, to);
}

/** Writes the tables there. */
export async function writeTable(written: string): Promise<void> {
  const text = await readFile(path, "utf8");
  const before = text.slice(0, text.indexOf(marks.begin) + marks.begin.length);
  await writeFile(path, `${before}${written}${text.slice(text.indexOf(marks.end))}`);
}
