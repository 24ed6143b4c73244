import { compareAddresses, parseAddress } from "../../net/address.ts";
import { formatAge } from "../age.ts";
import { clusterOptions, withCluster } from "../cluster.ts";
import { type CliOption, type Command, type Given, textGiven, UsageError } from "../command.ts";
import { ADVERTISEMENTS, POOLS } from "../herald-resources.ts";
import { type Listing, outputOption, printList } from "../output.ts";
import type { Cell } from "../table.ts";
import type { Tone } from "../terminal.ts";
import { isMajority } from "../votes.ts";
import type { VipRow } from "./vip-row.ts";

const filters: readonly CliOption[] = [
  {
    name: "namespace",
    short: "n",
    value: "NAME",
    help: "only addresses of this namespace's Services, and those remembered for them",
  },
  { name: "pool", value: "NAME", help: "only addresses of this pool" },
];

/** `herald vips`. */
export const vipsCommand: Command = {
  description:
    "List the addresses that are given: whose they are, which node answers for them and since when, or which nodes announce them by BGP, why not, and for whom a released one is remembered. VOTES: how many of the group's voters the holder can count on; it must be more than half.",
  arguments: [{ name: "address", help: "only these addresses", optional: true, many: true }],
  options: [outputOption, ...filters, ...clusterOptions],
  examples: [
    { line: "herald vips", does: "all addresses" },
    { line: "herald vips -n shop", does: "those of the Services in namespace shop" },
    { line: "herald vips -o wide", does: "also where each is wanted, and which group votes on it" },
    { line: "herald vips 203.0.113.7 -o yaml", does: "one address, for programs" },
  ],
  run: async ({ args: [addresses = []], given, terminal }) => {
    const [{ vipRows }, { listNodeObjects, votingOf }] = await Promise.all([
      import("./vip-row.ts"),
      import("../node-objects.ts"),
    ]);
    const wanted = addresses.map(asked);
    const nowMs = Date.now();
    const rows = await withCluster(given, async (cluster) => {
      const [advertisements, pools, nodes] = await Promise.all([
        cluster.list(ADVERTISEMENTS),
        cluster.list(POOLS),
        listNodeObjects(cluster),
      ]);
      return vipRows({ advertisements, pools, voting: votingOf(nodes, nowMs), nowMs });
    });
    const shown = rows.filter((row) => matches(row, given) && (wanted.length === 0 || wanted.some(isOf(row))));
    const missing = wanted.find((each) => !rows.some((row) => isOf(row)(each)));
    if (missing !== undefined) throw new Error(`nobody holds ${missing.text}, and it is remembered for nobody`);
    await printList(shown, listing(nowMs), textGiven(given, "output"), terminal);
    return 0;
  },
};

type Asked = { readonly text: string; readonly address: NonNullable<ReturnType<typeof parseAddress>> };

function asked(text: string): Asked {
  const address = parseAddress(text);
  if (address === undefined) throw new UsageError(`"${text}" is no IP address`);
  return { text, address };
}

function isOf(row: VipRow): (wanted: Asked) => boolean {
  const address = parseAddress(row.address);
  return (wanted) => address !== undefined && compareAddresses(address, wanted.address) === 0;
}

/** Whether `-n` and `--pool` let a row through; an address that is kept for a Service of the namespace is of the namespace. */
export function matches({ pool, services, releasedBy }: VipRow, given: Given): boolean {
  const namespace = textGiven(given, "namespace");
  const ofPool = textGiven(given, "pool");
  return (
    (ofPool === undefined || pool === ofPool) &&
    (namespace === undefined || [...services, releasedBy].some((service) => service?.startsWith(`${namespace}/`)))
  );
}

const tones: Readonly<Record<VipRow["state"], Tone>> = {
  announced: "good",
  pending: "bad",
  conflict: "bad",
  remembered: "plain",
  cooling: "plain",
  released: "plain",
  unreadable: "bad",
};

/** How addresses are shown at a time (ms since the epoch). */
export function listing(nowMs: number): Listing<VipRow> {
  return {
    none: "there are no addresses",
    nameOf: ({ name }) => `vipadvertisement.herald.dev/${name}`,
    columns: [
      { heading: "ADDRESS", cell: ({ address }) => address },
      { heading: "POOL", cell: ({ pool }) => pool },
      { heading: "SERVICE", cell: ({ services }) => short(services) },
      { heading: "HOLDER", cell: holderCell },
      { heading: "VOTES", cell: votesCell },
      { heading: "WANTED", wide: true, cell: ({ node }) => node },
      { heading: "GROUP", wide: true, cell: ({ group }) => group },
      { heading: "PROTOCOL", wide: true, cell: ({ protocol }) => protocol },
      { heading: "BY-BGP", wide: true, cell: ({ holders = [] }) => holders.join(",") },
      { heading: "WANTED-BY-BGP", wide: true, cell: wantedByBgp },
      { heading: "SINCE", cell: ({ since }) => (since === "" ? "" : formatAge(nowMs - Date.parse(since))) },
      { heading: "STATE", cell: ({ state }) => ({ text: state, tone: tones[state] }) },
      { heading: "SERVICES", wide: true, cell: ({ services }) => services.join(",") },
      { heading: "MESSAGE", cell: ({ message }) => message },
    ],
  };
}

/** Of those that announce it by BGP, one and how many more, where none answers on the LAN or they are all. */
function holderCell({ holder, holders = [], group }: VipRow): Cell {
  const onLan = group !== "" && holder !== "";
  if (onLan || holders.length === 0) return holder;
  const first = holder === "" ? (holders[0] ?? "") : holder;
  return short([first, ...holders.filter((each) => each !== first)]);
}

function wantedByBgp({ holders, announcers }: VipRow): Cell {
  if (announcers !== undefined) return announcers.join(",");
  return holders === undefined ? "" : "every eligible node";
}

/** Voters that count on each other, of all: `2/3`. */
function votesCell({ votes }: VipRow): Cell {
  if (votes === undefined) return "";
  return { text: `${votes.hear}/${votes.of}`, tone: isMajority(votes) ? "plain" : "bad" };
}

function short([first = "", ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first} (+${more.length})`;
}
