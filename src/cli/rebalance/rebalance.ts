import { formatTime } from "../../api/condition.ts";
import { formatDuration } from "../../api/duration.ts";
import type { Advertisement } from "../../api/vip-advertisement.ts";
import { addressWithOwners } from "../held-addresses.ts";
import { printable, type Terminal } from "../terminal.ts";
import { countsOf, type Move, nextMove, nodesToFill, plannedMoves, type Spread } from "./moves.ts";
import type { RebalanceCluster } from "./rebalance-cluster.ts";

const done = 0;
const timedOut = 1;

/** What is asked for; `only`: addresses move to these nodes alone, to all if it is empty. */
export type RebalanceRequest = { readonly only: readonly string[]; readonly waitMs: number };

/** What would move, one after the other. */
export async function preview(only: readonly string[], cluster: RebalanceCluster): Promise<readonly Move[]> {
  const spread = await cluster.spread();
  return plannedMoves(spread, known(only, spread));
}

/**
 * Lets the controller move addresses to the nodes that have too few, tells each move, and takes that back in the end,
 * whatever came of it. Gives back the exit code: 1 if something still had to move after the time.
 * @throws {Error} if a node in `only` has no VIPNode
 */
export async function rebalance(
  { only, waitMs }: RebalanceRequest,
  cluster: RebalanceCluster,
  terminal: Terminal,
): Promise<number> {
  const first = await cluster.spread();
  const nodes = nodesToFill(first, known(only, first));
  if (nodes.length === 0) {
    terminal.out(`nothing to move: ${shares(first)}\n`);
    return done;
  }
  const until = formatTime(cluster.wallMs() + waitMs);
  try {
    for (const node of nodes) await cluster.allow(node, until);
    return await follow({ only, waitMs, first }, cluster, terminal);
  } finally {
    for (const node of nodes) await cluster.allow(node, undefined);
  }
}

function known(only: readonly string[], { parts }: Spread): readonly string[] {
  const missing = only.filter((name) => !parts.vipNodes.some((node) => node.name === name));
  if (missing.length > 0) throw new Error(`there is no VIPNode ${missing.join(", ")}`);
  return only;
}

type Following = RebalanceRequest & { readonly first: Spread };

async function follow(
  { only, waitMs, first }: Following,
  cluster: RebalanceCluster,
  terminal: Terminal,
): Promise<number> {
  const untilMs = cluster.monotonicMs() + waitMs;
  for (let before = first; ; ) {
    const now = await cluster.spread();
    tellMoves(before.advertisements, now.advertisements, terminal);
    before = now;
    const next = nextMove(now, only);
    if (next === undefined && now.advertisements.every(isThere)) {
      terminal.out(`done: ${shares(now)}\n`);
      return done;
    }
    if (cluster.monotonicMs() >= untilMs) return giveUp(next, now, waitMs, terminal);
    await cluster.pause();
  }
}

function isThere({ node, status: { holder } }: Advertisement): boolean {
  return holder === "" || holder === node;
}

function tellMoves(before: readonly Advertisement[], now: readonly Advertisement[], { out }: Terminal): void {
  const holders = new Map(before.map(({ name, status }) => [name, status.holder]));
  for (const each of now) {
    const [from, to] = [holders.get(each.name) ?? "", each.status.holder];
    if (from !== "" && to !== "" && from !== to) out(`${printable(`${addressWithOwners(each)}: ${from} → ${to}`)}\n`);
  }
}

/** `node1 3, node2 3`. */
function shares({ advertisements, parts }: Spread): string {
  const counts = countsOf(advertisements);
  const names = new Set([...parts.vipNodes.map(({ name }) => name), ...counts.keys()]);
  return (
    printable(
      [...names]
        .sort()
        .map((name) => `${name} ${counts.get(name) ?? 0}`)
        .join(", "),
    ) || "there are no nodes"
  );
}

function giveUp(next: Move | undefined, now: Spread, waitMs: number, { err }: Terminal): number {
  err(
    `herald: after ${formatDuration(waitMs)} not all is where it should be (${shares(now)}); does the controller run?\n`,
  );
  if (next !== undefined) err(`  ${next.address}: ${printable(`${next.from} → ${next.to}`)} is the next to come\n`);
  for (const each of now.advertisements.filter((one) => !isThere(one)))
    err(`  ${printable(`${addressWithOwners(each)}: wanted on ${each.node}, held by ${each.status.holder}`)}\n`);
  return timedOut;
}
