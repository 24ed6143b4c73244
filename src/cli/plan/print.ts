import { type Column, yamlText } from "../output.ts";
import { formatTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { poolColumns, type Report, serviceColumns, showsAChange, summaryLine } from "./report.ts";

/** How a report is printed; `all`: also Services and pools to which nothing happens. */
export type PrintOptions = { readonly format: string | undefined; readonly all: boolean };

/** Prints a report: as JSON or YAML whole, else tables of the Services and pools, and a line that sums it up. */
export async function printReport(report: Report, { format, all }: PrintOptions, terminal: Terminal): Promise<void> {
  if (format === "json") return terminal.out(`${JSON.stringify(report, undefined, 2)}\n`);
  if (format === "yaml") return terminal.out(await yamlText(report));
  const services = report.services.filter(({ changed }) => all || changed);
  const pools = report.pools.filter((row) => all || showsAChange(row));
  const tables = [tableOf(services, serviceColumns, terminal), tableOf(pools, poolColumns, terminal)];
  terminal.out([...tables.filter((text) => text !== ""), `${summaryLine(report)}\n`].join("\n"));
}

function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[], { colour }: Terminal): string {
  if (rows.length === 0) return "";
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  return formatTable(
    columns.map(({ heading }) => heading),
    cells,
    colour,
  );
}
