import { isGone } from "../../announce/eligibility.ts";
import { formatDuration } from "../../api/duration.ts";
import type { Advertisement } from "../../api/vip-advertisement.ts";
import type { VipNodeObject } from "../../api/vip-node.ts";
import { formatAddress } from "../../net/address.ts";
import { agentOf } from "../agent-lease.ts";
import { addressWithOwners, heldAddresses } from "../held-addresses.ts";
import { printable, type Terminal } from "../terminal.ts";
import type { DrainCluster } from "./drain-cluster.ts";
import {
  announcedBy,
  type Holding,
  heldBy,
  holdersOf,
  isHeldBy,
  isRouted,
  whyInSession,
  whyStill,
} from "./node-addresses.ts";

const done = 0;
const timedOut = 1;

/**
 * Asks that the addresses of a node be moved, and, with `waitMs`, tells where each went until the node holds none. Gives
 * back the exit code: 1 if the node holds some after that time, with those that are left on standard error.
 * @throws {Error} if there is no such VIPNode
 */
export async function drain(
  node: string,
  waitMs: number | undefined,
  cluster: DrainCluster,
  terminal: Terminal,
): Promise<number> {
  const before = await existing(node, cluster);
  const on = heldBy(await holdingOf(node, before, cluster), heldAddresses(await cluster.advertisements()));
  if (before.spec?.drain !== true) await write(node, true, cluster);
  terminal.out(
    `${node} ${before.spec?.drain === true ? "is being drained already" : "is being drained"}: ${amount(on)}\n`,
  );
  if (waitMs === undefined) return done;
  return follow({ node, leaving: on, untilMs: cluster.monotonicMs() + waitMs, waitMs }, cluster, terminal);
}

/**
 * Takes that back. What moved stays where it is.
 * @throws {Error} if there is no such VIPNode
 */
export async function undrain(node: string, cluster: DrainCluster, terminal: Terminal): Promise<number> {
  const { spec } = await existing(node, cluster);
  if (spec?.drain === true) await write(node, false, cluster);
  terminal.out(
    spec?.drain === true
      ? `${node} may be given addresses again; what moved stays where it is: herald rebalance spreads it anew\n`
      : `${node} is not being drained\n`,
  );
  return done;
}

async function existing(node: string, cluster: DrainCluster): Promise<VipNodeObject> {
  const found = await cluster.vipNode(node);
  if (found !== undefined) return found;
  const names = await cluster.vipNodeNames();
  const known = names.length === 0 ? "there is none at all: the controller makes one for each node" : names.join(", ");
  throw new Error(`there is no VIPNode ${node}; ${names.length === 0 ? known : `there are ${known}`}`);
}

async function write(node: string, wanted: boolean, cluster: DrainCluster): Promise<void> {
  const { spec } = await cluster.setDrain(node, wanted);
  if ((spec?.drain ?? false) !== wanted)
    throw new Error("the cluster's VIPNodes have no spec.drain: kubectl apply -f crds/");
}

function amount(held: readonly Advertisement[]): string {
  const routed = held.filter(isRouted).length;
  const moving = held.length - routed;
  const parts = [
    ...(moving > 0 ? [moving === 1 ? "1 address moves" : `${moving} addresses move`] : []),
    ...(routed > 0 ? [`its routes to ${routed === 1 ? "1 address" : `${routed} addresses`} are withdrawn`] : []),
  ];
  return parts.length === 0 ? "it has no address" : parts.join(", ");
}

type Drain = {
  readonly node: string;
  /** What it had at first, and what of that has not been told of yet. */
  readonly leaving: readonly Advertisement[];
  readonly untilMs: number;
  readonly waitMs: number;
};

async function follow(drained: Drain, cluster: DrainCluster, terminal: Terminal): Promise<number> {
  const { node, untilMs } = drained;
  let { leaving } = drained;
  for (;;) {
    const holding = await holdingOf(node, await cluster.vipNode(node), cluster);
    const now = heldAddresses(await cluster.advertisements());
    leaving = tellGone(leaving, holding, now, terminal);
    if (isFree(holding, now)) {
      for (const each of leaving) terminal.out(`${told(addressWithOwners(each))}: nobody, ${whyLost(each, now)}\n`);
      terminal.out(`${node} has no address any more\n`);
      return done;
    }
    if (cluster.monotonicMs() >= untilMs) return giveUp(drained, holding, now, terminal);
    await cluster.pause();
  }
}

/** The agent's own word, unless it is dead: then its last words count for nothing. */
async function holdingOf(
  node: string,
  vipNode: VipNodeObject | undefined,
  cluster: Pick<DrainCluster, "leases" | "wallMs">,
): Promise<Holding> {
  const nothing = { node, announced: new Set<string>() };
  const announced = vipNode === undefined ? nothing.announced : announcedBy(vipNode);
  const inSession = vipNode && whyInSession(vipNode);
  if (announced.size === 0 && inSession === undefined) return nothing;
  if (isGone(agentOf(await cluster.leases(), node, cluster.wallMs()).liveness)) return nothing;
  return { node, announced, ...(inSession !== undefined && { inSession }) };
}

function isFree(holding: Holding, now: readonly Advertisement[]): boolean {
  return heldBy(holding, now).length === 0 && holding.announced.size === 0 && holding.inSession === undefined;
}

/** Tells where what was here is now, and gives back what has no new holder yet. */
function tellGone(
  leaving: readonly Advertisement[],
  holding: Holding,
  now: readonly Advertisement[],
  terminal: Terminal,
): readonly Advertisement[] {
  const { node } = holding;
  return leaving.filter((each) => {
    const found = now.find(({ name }) => name === each.name);
    const by = found === undefined ? "" : holdersOf(found);
    if (found !== undefined && (isHeldBy(holding, found) || by === "")) return true;
    const went = isRouted(each) ? `not by ${node} any more, by ${told(by)}` : `${node} → ${told(by)}`;
    terminal.out(`${told(addressWithOwners(each))}: ${found === undefined ? "released" : went}\n`);
    return false;
  });
}

function whyLost({ name, node }: Advertisement, now: readonly Advertisement[]): string {
  const found = now.find((each) => each.name === name);
  return found === undefined ? "released" : told(whyStill(found, node));
}

function giveUp({ node, waitMs }: Drain, holding: Holding, now: readonly Advertisement[], { err }: Terminal): number {
  const left = heldBy(holding, now);
  const others = [...holding.announced].filter((text) => !left.some(({ address }) => formatAddress(address) === text));
  const [after, count] = [formatDuration(waitMs), left.length + others.length];
  if (count > 0) err(`herald: after ${after} ${node} still answers for ${count}:\n`);
  else err(`herald: after ${after} ${node} has not left its routers: ${told(holding.inSession ?? "")}\n`);
  for (const each of left) err(`  ${told(addressWithOwners(each))}: ${told(whyStill(each, node))}\n`);
  for (const text of others) err(`  ${told(text)}: ${node} has not let go of it yet\n`);
  return timedOut;
}

const told = printable;
