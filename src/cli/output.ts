import type { CliOption } from "./command.ts";
import { type Cell, formatTable } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

const listFormats = ["table", "wide", "json", "yaml", "name"] as const;

/** `-o` of the commands that list objects. */
export const outputOption: CliOption = {
  name: "output",
  short: "o",
  value: "FORMAT",
  choices: listFormats,
  default: "table",
  help: "how to print the list",
};

/** A column of a list of rows. */
export type Column<Row> = {
  readonly heading: string;
  readonly cell: (row: Row) => Cell;
  /** Only with `-o wide`. */
  readonly wide?: boolean;
};

/** How rows of one kind are shown. */
export type Listing<Row> = {
  readonly columns: readonly Column<Row>[];
  /** `kind.group/name` of the objects that a row is about, for `-o name`, which has each once. */
  readonly nameOf: (row: Row) => string | readonly string[];
  /** What is said, on standard error, where there are none. */
  readonly none: string;
};

/** Prints rows in the format asked for: a table, names one a line, or the rows themselves under `items`. */
export async function printList<Row>(
  rows: readonly Row[],
  { columns, nameOf, none }: Listing<Row>,
  format: string | undefined,
  terminal: Terminal,
): Promise<void> {
  if (format === "json") return terminal.out(`${JSON.stringify({ items: rows }, undefined, 2)}\n`);
  if (format === "yaml") return terminal.out(await yamlText({ items: rows }));
  if (format === "name") {
    const names = new Set(rows.flatMap(nameOf));
    return terminal.out([...names].map((name) => `${printable(name)}\n`).join(""));
  }
  if (rows.length === 0) return terminal.err(`${none}\n`);
  const shown = columns.filter(({ wide }) => !wide || format === "wide");
  const cells = rows.map((row) => shown.map(({ cell }) => cell(row)));
  const headings = shown.map(({ heading }) => heading);
  terminal.out(formatTable(headings, cells, terminal.colour));
}

/** YAML that YAML 1.1 readers, kubectl among them, read alike: what they take for a boolean, such as `On`, is quoted. */
export async function yamlText(value: unknown): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
