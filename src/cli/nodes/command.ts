import { formatAge } from "../age.ts";
import { clusterOptions, withCluster } from "../cluster.ts";
import { type Command, textGiven } from "../command.ts";
import { type Listing, outputOption, printList } from "../output.ts";
import type { Cell } from "../table.ts";
import type { Tone } from "../terminal.ts";
import type { GroupOfNode, NodeRow } from "./node-row.ts";

/** `herald nodes`. */
export const nodesCommand: Command = {
  description: [
    "List the nodes: whether each agent lives, by its Lease, how many of the other members of its groups it hears, whether these are a quorum, how many addresses it answers for, and whether it is drained.",
    "A Lease's age is taken by this machine's clock. What a dead agent last said of itself is not shown.",
  ].join(" "),
  arguments: [{ name: "node", help: "only these nodes", optional: true, many: true }],
  options: [outputOption, ...clusterOptions],
  examples: [
    { line: "herald nodes", does: "all nodes" },
    { line: "herald nodes node1 -o wide", does: "one node, with its groups, whom it hears, and its Lease" },
    { line: "herald nodes -o json", does: "the same for programs: {items: [{name, agent, groups, addresses, …}]}" },
  ],
  run: async ({ args: [names = []], given, terminal }) => {
    const [{ nodeRows }, { listNodeObjects, votingOf }] = await Promise.all([
      import("./node-row.ts"),
      import("../node-objects.ts"),
    ]);
    const nowMs = Date.now();
    const objects = await withCluster(given, listNodeObjects);
    const rows = nodeRows(objects, votingOf(objects, nowMs), nowMs);
    const missing = names.filter((name) => !rows.some((row) => row.name === name));
    if (missing.length > 0) throw new Error(`there is no VIPNode ${missing.join(", ")}`);
    const wanted = names.length === 0 ? rows : rows.filter(({ name }) => names.includes(name));
    await printList(wanted, listing(nowMs), textGiven(given, "output"), terminal);
    return 0;
  },
};

const agentTones: Readonly<Record<NodeRow["agent"], Tone>> = {
  alive: "good",
  leaving: "odd",
  stopped: "odd",
  unknown: "odd",
  dead: "bad",
};

/** How nodes are shown at a time (ms since the epoch). */
export function listing(nowMs: number): Listing<NodeRow> {
  return {
    none: "there are no VIPNodes: the controller makes one for each node",
    nameOf: ({ name }) => `vipnode.herald.dev/${name}`,
    columns: [
      { heading: "NODE", cell: ({ name }) => name },
      { heading: "AGENT", cell: ({ agent }) => ({ text: agent, tone: agentTones[agent] }) },
      { heading: "RENEWED", wide: true, cell: ({ renewed }) => age(renewed, nowMs) },
      { heading: "GROUPS", wide: true, cell: ({ groups }) => groups.map(({ name }) => name).join(",") },
      { heading: "QUORUM", cell: quorum },
      { heading: "HEARS", cell: ({ groups }) => groups.map(heard).join(",") },
      { heading: "WHOM", wide: true, cell: ({ groups }) => groups.map(({ hears }) => hears.join("+")).join(",") },
      { heading: "ADDRESSES", cell: ({ addresses }) => `${addresses.length}` },
      { heading: "SESSIONS", wide: true, cell: sessions },
      { heading: "DRAIN", cell: ({ drain }) => ({ text: drain, tone: drain === "no" ? "plain" : "odd" }) },
      { heading: "AGE", wide: true, cell: ({ createdAt }) => age(createdAt, nowMs) },
      { heading: "REMARKS", cell: ({ remarks }) => remarks.join("; ") },
    ],
  };
}

function age(time: string, nowMs: number): string {
  return time === "" ? "" : formatAge(nowMs - Date.parse(time));
}

/** Of its BGP sessions those that are established: `1/2`. */
function sessions({ sessions: counts }: NodeRow): Cell {
  if (counts === undefined) return "";
  const { established, wanted } = counts;
  return { text: `${established}/${wanted}`, tone: established === wanted ? "good" : "bad" };
}

/** How many of the other members it hears; empty where it says nothing of them. */
function heard({ epoch, hears, others }: GroupOfNode): string {
  return epoch === undefined ? "" : `${hears.length}/${others}`;
}

function quorum({ groups }: NodeRow): Cell {
  const said = groups.filter(({ epoch }) => epoch !== undefined);
  if (said.length === 0) return "";
  return said.every((group) => group.quorum) ? { text: "yes", tone: "good" } : { text: "no", tone: "bad" };
}
