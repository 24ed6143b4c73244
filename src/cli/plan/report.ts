import { type Fate, type Forecast, fates, type ServiceForecast } from "../../controller/forecast.ts";
import type { PoolForecast } from "../../controller/pool-forecast.ts";
import { type Address, formatAddress } from "../../net/address.ts";
import type { Column } from "../output.ts";
import type { Cell } from "../table.ts";
import type { Tone } from "../terminal.ts";

/** A Service in what `-o json` prints. */
export type ServiceRow = Omit<ServiceForecast, "before" | "after"> & {
  readonly before: readonly string[];
  readonly after: readonly string[];
};

/** What `herald plan` says: this is what `-o json` prints. */
export type Report = {
  /** The worst first, then by name. */
  readonly services: readonly ServiceRow[];
  readonly pools: readonly PoolForecast[];
  /** How many Services have each fate. */
  readonly summary: Readonly<Record<Fate, number>>;
};

/** The report of a forecast. */
export function reportOf({ services, pools }: Forecast): Report {
  const rows = services.map((each) => ({ ...each, before: texts(each.before), after: texts(each.after) }));
  const count = (fate: Fate): number => rows.filter((row) => row.fate === fate).length;
  return {
    services: rows.toSorted((a, b) => fates.indexOf(a.fate) - fates.indexOf(b.fate)),
    pools,
    summary: Object.fromEntries(fates.map((fate) => [fate, count(fate)])) as Report["summary"],
  };
}

function texts(addresses: readonly Address[]): readonly string[] {
  return addresses.map(formatAddress);
}

const tones: Readonly<Record<Fate, Tone>> = {
  loses: "bad",
  moves: "bad",
  refused: "odd",
  waits: "odd",
  outside: "odd",
  gains: "good",
  keeps: "plain",
};

/** The columns of the Services. */
export const serviceColumns: readonly Column<ServiceRow>[] = [
  { heading: "SERVICE", cell: ({ service }) => service },
  { heading: "FATE", cell: ({ fate }): Cell => ({ text: fate, tone: tones[fate] }) },
  { heading: "ADDRESSES", cell: ({ before, after }) => arrow(before.join(","), after.join(",")) },
  { heading: "REASON", cell: ({ reason }) => reason },
  { heading: "MESSAGE", cell: ({ message }) => message },
];

/** The columns of the pools. */
export const poolColumns: readonly Column<PoolForecast>[] = [
  { heading: "POOL", cell: ({ pool }) => pool },
  { heading: "IPV4-FREE", cell: ({ before, after }) => arrow(before?.ipv4?.free ?? "", after?.ipv4?.free ?? "") },
  { heading: "IPV6-FREE", cell: ({ before, after }) => arrow(before?.ipv6?.free ?? "", after?.ipv6?.free ?? "") },
  { heading: "REMARKS", cell: remarks },
];

/** Whether one of those columns tells of a change: counts that are in none of them do not make a row. */
export function showsAChange({ before, after, warnings }: PoolForecast): boolean {
  if (before === undefined || after === undefined || warnings.length > 0) return true;
  return before.ipv4?.free !== after.ipv4?.free || before.ipv6?.free !== after.ipv6?.free;
}

function remarks({ before, after, warnings }: PoolForecast): Cell {
  if (after === undefined) return { text: "deleted", tone: "odd" };
  const texts = warnings.map(({ type, message }) => `${type}: ${message}`);
  return {
    text: [...(before === undefined ? ["new"] : []), ...texts].join("; "),
    tone: texts.length > 0 ? "odd" : "plain",
  };
}

function arrow(before: string, after: string): string {
  if (before === after) return after;
  return `${before || "-"} → ${after || "-"}`;
}

/** `Services: 1 loses an address, 30 keep theirs`, as one line. */
export function summaryLine({ services, summary }: Report): string {
  if (services.length === 0) return "no Service that Herald gives addresses to";
  const counts = fates.flatMap((fate) => (summary[fate] === 0 ? [] : [`${summary[fate]} ${fate}`]));
  const changed = services.filter((each) => each.changed).length;
  return `${services.length} Services: ${counts.join(", ")}; ${changed === 0 ? "none changes" : `${changed} changed`}`;
}
