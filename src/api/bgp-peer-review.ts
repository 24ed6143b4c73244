import { type Address, formatAddress, sameAddress } from "../net/address.ts";
import { type BgpPeer, formatRemote, type PeerObject, parsePeer } from "./bgp-peer.ts";
import { type LabelRequirement, type LabelSelector, type Labels, selectorMatches } from "./label-selector.ts";
import type { Review } from "./pool-review.ts";
import type { Problem } from "./problem.ts";

/** A node as a peer meets it: its labels, and every address that is its own. */
export type PeerNode = { readonly name: string; readonly labels: Labels; readonly addresses: readonly Address[] };

/** What a peer is compared with; `before` is the peer itself where it is changed. */
export type PeerSurroundings = {
  readonly before?: PeerObject | undefined;
  readonly peers: readonly PeerObject[];
  readonly nodes: readonly PeerNode[];
};

/**
 * Whether a BGPPeer may be written: everything wrong with its own text, else every other peer that has the same session on a
 * node, and every selected node whose own address the router's would be. What was so before is only a warning: the change may
 * be the first step to end it.
 */
export function reviewPeer(object: PeerObject, { before, peers, nodes }: PeerSurroundings): Review {
  const parsed = parsePeer(object);
  if ("problems" in parsed) return { problems: parsed.problems, warnings: [] };
  const others = peers.flatMap((each) => readable(each) ?? []).filter(({ name }) => name !== parsed.value.name);
  const found = conflicts(parsed.value, others, nodes);
  const earlier = readable(before);
  const known = earlier === undefined ? [] : conflicts(earlier, others, nodes).map(({ message }) => message);
  const problems = found.filter(({ message }) => !known.includes(message));
  if (problems.length > 0) return { problems, warnings: [] };
  return { problems, warnings: [...parsed.warnings, ...found, ...oddities(parsed.value, nodes)] };
}

function readable(object: PeerObject | undefined): BgpPeer | undefined {
  const parsed = object && parsePeer(object);
  return parsed && "value" in parsed ? parsed.value : undefined;
}

/** What keeps a peer from working beside these peers, on these nodes. */
export function conflicts(peer: BgpPeer, others: readonly BgpPeer[], nodes: readonly PeerNode[]): readonly Problem[] {
  return [...sameSessions(peer, others, nodes), ...ownAddresses(peer, nodes)];
}

/** Every other peer of which a node would have the same session. */
export function sameSessions(
  peer: BgpPeer,
  others: readonly BgpPeer[],
  nodes: readonly PeerNode[],
): readonly Problem[] {
  return others
    .filter(({ name }) => name !== peer.name)
    .flatMap((other) => {
      const where = sameSession(peer, other) ? sharedNodes(peer, other, nodes) : undefined;
      if (where === undefined) return [];
      const message = `${formatRemote(peer.remote)} is also the peer ${other.name} of ${where}`;
      return [{ path: `spec.${peer.remote.kind}`, message }];
    });
}

/**
 * Whether two peers of one node would be one session: another port is another router, and two addresses of one node may each
 * speak to the same.
 */
export function sameSession(one: BgpPeer, other: BgpPeer): boolean {
  const apart =
    one.sourceAddress !== undefined &&
    other.sourceAddress !== undefined &&
    !sameAddress(one.sourceAddress, other.sourceAddress);
  const sameRemote = one.remote.kind === other.remote.kind && formatRemote(one.remote) === formatRemote(other.remote);
  return sameRemote && one.port === other.port && one.vrf === other.vrf && !apart;
}

const everyNode: LabelSelector = {};

/** Which nodes both select, in words; undefined: none. Where nobody knows, two peers share nodes unless their selectors say otherwise. */
function sharedNodes(one: BgpPeer, other: BgpPeer, nodes: readonly PeerNode[]): string | undefined {
  const [a, b] = [one.nodeSelector ?? everyNode, other.nodeSelector ?? everyNode];
  const shared = nodes.filter(({ labels }) => selectorMatches(a, labels) && selectorMatches(b, labels));
  if (shared.length > 0) return namesOf(shared);
  const overlap = nodes.length === 0 ? !areDisjoint(a, b) : selectsAll(a) || selectsAll(b) || sameSelector(a, b);
  return overlap ? "the same nodes" : undefined;
}

function sameSelector(a: LabelSelector, b: LabelSelector): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Whether no node can have the labels that both want. */
function areDisjoint(a: LabelSelector, b: LabelSelector): boolean {
  const wanted = Map.groupBy([...requirements(a), ...requirements(b)], ({ key }) => key);
  return [...wanted.values()].some((ofKey) => !canBeMet(ofKey));
}

function requirements({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly LabelRequirement[] {
  const equal = Object.entries(matchLabels).map(
    ([key, value]): LabelRequirement => ({ key, operator: "In", values: [value] }),
  );
  return [...equal, ...matchExpressions];
}

/** Whether one node can meet all these requirements of one label: without it, with a value that one wants, or with any other. */
function canBeMet(ofKey: readonly LabelRequirement[]): boolean {
  const key = ofKey[0]?.key ?? "";
  const named = ofKey.flatMap(({ values = [] }) => values);
  const tried = [...named, `none of ${named.join()}`].map((value): Labels => ({ [key]: value }));
  return [{}, ...tried].some((labels) => selectorMatches({ matchExpressions: ofKey }, labels));
}

function selectsAll({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/** Every selected node that has the router's address itself. */
function ownAddresses(peer: BgpPeer, nodes: readonly PeerNode[]): readonly Problem[] {
  const { remote } = peer;
  if (remote.kind !== "address") return [];
  const own = selected(peer, nodes).filter(({ addresses }) =>
    addresses.some((each) => sameAddress(each, remote.address)),
  );
  if (own.length === 0) return [];
  const message = `${formatAddress(remote.address)} is the own address of ${namesOf(own)}, which nodeSelector selects`;
  return [{ path: "spec.address", message }];
}

function selected({ nodeSelector = everyNode }: BgpPeer, nodes: readonly PeerNode[]): readonly PeerNode[] {
  return nodes.filter(({ labels }) => selectorMatches(nodeSelector, labels));
}

/** What may come right later, when there are other nodes. */
function oddities(peer: BgpPeer, nodes: readonly PeerNode[]): readonly Problem[] {
  if (nodes.length === 0) return [];
  const chosen = selected(peer, nodes);
  if (chosen.length === 0) return [{ path: "spec.nodeSelector", message: "selects no node now" }];
  const { sourceAddress } = peer;
  const found =
    sourceAddress === undefined ||
    chosen.some(({ addresses }) => addresses.some((each) => sameAddress(each, sourceAddress)));
  return found ? [] : [{ path: "spec.sourceAddress", message: "is an address of no selected node" }];
}

const named = 3;

function namesOf(nodes: readonly PeerNode[]): string {
  const more = nodes.length > named ? ` and ${nodes.length - named} more` : "";
  const names = nodes.slice(0, named).map(({ name }) => name);
  return `${nodes.length === 1 ? "node" : "nodes"} ${names.join(", ")}${more}`;
}
