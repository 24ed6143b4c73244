import type { PoolCounts } from "../../api/ip-pool.ts";
import { formatAge } from "../age.ts";
import { clusterOptions, withCluster } from "../cluster.ts";
import { type Command, textGiven } from "../command.ts";
import { POOLS } from "../herald-resources.ts";
import { type Listing, outputOption, printList } from "../output.ts";
import type { Cell } from "../table.ts";
import type { PoolRow } from "./pool-row.ts";

/** `herald pools`. */
export const poolsCommand: Command = {
  description:
    "List the IPPools: free, allocated, cooling and reserved addresses of each family, and every condition that is not fine.",
  arguments: [{ name: "pool", help: "only these pools", optional: true, many: true }],
  options: [outputOption, ...clusterOptions],
  examples: [
    { line: "herald pools", does: "all pools" },
    { line: "herald pools public -o wide", does: "one pool, with its addresses, priority and age" },
    { line: "herald pools -o json", does: "the same for programs: {items: [{name, ipv4: {free, …}, remarks, …}]}" },
  ],
  run: async ({ args: [names = []], given, terminal }) => {
    const { poolRow } = await import("./pool-row.ts");
    const objects = await withCluster(given, (cluster) => cluster.list(POOLS));
    const rows = objects.map(poolRow).sort((a, b) => (a.name < b.name ? -1 : 1));
    const missing = names.filter((name) => !rows.some((row) => row.name === name));
    if (missing.length > 0) throw new Error(`there is no pool ${missing.join(", ")}`);
    const wanted = names.length === 0 ? rows : rows.filter(({ name }) => names.includes(name));
    await printList(wanted, listing(Date.now()), textGiven(given, "output"), terminal);
    return 0;
  },
};

/** How pools are shown at a time (ms since the epoch). */
export function listing(nowMs: number): Listing<PoolRow> {
  return {
    none: "there are no pools",
    nameOf: ({ name }) => `ippool.herald.dev/${name}`,
    columns: [
      { heading: "NAME", cell: ({ name }) => name },
      { heading: "AUTO", cell: ({ automatic }) => (automatic ? "yes" : "no") },
      { heading: "PRIORITY", wide: true, cell: ({ priority }) => `${priority}` },
      { heading: "IPV4-FREE", cell: ({ ipv4 }) => free(ipv4) },
      { heading: "IPV6-FREE", cell: ({ ipv6 }) => free(ipv6) },
      { heading: "ALLOCATED", cell: (row) => summed(row, ({ allocated }) => allocated) },
      { heading: "COOLING", cell: (row) => summed(row, ({ cooling }) => cooling) },
      { heading: "RESERVED", cell: (row) => summed(row, ({ reserved }) => reserved) },
      { heading: "READY", cell: ready },
      { heading: "AGE", wide: true, cell: ({ createdAt }) => formatAge(nowMs - Date.parse(createdAt)) },
      { heading: "ADDRESSES", wide: true, cell: ({ addresses }) => addresses.join(",") },
      { heading: "REMARKS", cell: ({ remarks }) => remarks.join("; ") },
    ],
  };
}

function free(counts: PoolCounts | undefined): Cell {
  if (counts === undefined) return "";
  return { text: counts.free, tone: counts.free.startsWith("0/") ? "bad" : "plain" };
}

/** Of both families; a controller of an older release counts less. */
function summed({ ipv4, ipv6 }: PoolRow, count: (counts: PoolCounts) => number | undefined): string {
  const counts = [ipv4, ipv6].flatMap((each) => (each === undefined ? [] : [count(each) ?? 0]));
  return counts.length === 0 ? "" : `${counts.reduce((sum, each) => sum + each, 0)}`;
}

function ready({ ready: status, paused }: PoolRow): Cell {
  if (status === "True" && paused) return { text: "paused", tone: "odd" };
  const words = { True: "yes", False: "no", Unknown: "unknown" } as const;
  const tones = { True: "good", False: "bad", Unknown: "odd" } as const;
  return { text: words[status], tone: tones[status] };
}
