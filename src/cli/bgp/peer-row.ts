import { maySpeakTo } from "../../announce/bgp-source.ts";
import { annotationsIncomplete } from "../../api/bgp-node-annotations.ts";
import { type BgpPeer, formatRemote, type PeerObject, parsePeer } from "../../api/bgp-peer.ts";
import type { Condition } from "../../api/condition.ts";
import { selectorMatches } from "../../api/label-selector.ts";
import { formatProblems } from "../../api/problem.ts";
import type { NodeBgpSession } from "../../api/vip-node.ts";
import { type BgpField, type BgpNode, isBelieved } from "./bgp-field.ts";
import { routesOf } from "./node-routes.ts";

/** The session of one node with one router as the list shows it; also what `-o json` prints. */
export type PeerRow = {
  /** The BGPPeer's name, or `<node>/<address>` of a router that the Node's annotations name. */
  readonly peer: string;
  /** Its address, or the interface on which it is found. */
  readonly router: string;
  /** Absent: not known here. */
  readonly asn?: number;
  readonly localAsn?: number;
  /** Empty: no node is to have a session. */
  readonly node: string;
  /** Empty: there is no session to have. */
  readonly state: NodeBgpSession["state"] | "";
  /** When it was established or ceased to be, RFC 3339; empty: not known. */
  readonly since: string;
  /** What is announced by it. */
  readonly families: readonly string[];
  /** Empty: BFD is not wanted, or nothing is known of it. */
  readonly bfd: NonNullable<NodeBgpSession["bfd"]> | "";
  /** How many prefixes the router was told, and how many it is to be told. */
  readonly announced: number;
  readonly planned: number;
  /** How many prefixes the router told since the session was established, of which nothing is taken; absent: not known. */
  readonly received?: NonNullable<NodeBgpSession["received"]>;
  /** The last NOTIFICATION in words, and who sent it; empty: none. */
  readonly lastNotification: string;
  /** Why it is not established; empty while it is. */
  readonly message: string;
  /** The conditions of the BGPPeer that are not fine, `Reason: message`. */
  readonly conditions: readonly string[];
};

/** A row for each session that there is to be, by peer and node; one without a node for a BGPPeer that cannot be used or selects none. */
export function peerRows(objects: readonly PeerObject[], field: BgpField): readonly PeerRow[] {
  const planned = plannedCounts(field);
  const rows = [
    ...objects.flatMap((object) => rowsOf(object, field, planned)),
    ...field.nodes.flatMap((node) => ownRows(node, planned)),
  ];
  return rows.sort((a, b) => (a.peer === b.peer ? compare(a.node, b.node) : compare(a.peer, b.peer)));
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

type Planned = (peer: string, node: string) => number;

function plannedCounts(field: BgpField): Planned {
  const counts = new Map(
    field.nodes.flatMap((node) =>
      routesOf(node, field).peers.map(({ peer, routes }) => [`${peer.name} ${node.name}`, routes.length]),
    ),
  );
  return (peer, node) => counts.get(`${peer} ${node}`) ?? 0;
}

const nothing = { node: "", state: "", since: "", bfd: "", announced: 0, planned: 0, lastNotification: "" } as const;

function rowsOf(object: PeerObject, field: BgpField, planned: Planned): readonly PeerRow[] {
  const { metadata, spec } = object;
  const parsed = parsePeer(object);
  if ("problems" in parsed) {
    const { address, interface: link, asn, localAsn } = spec;
    const row = { peer: metadata.name, router: address ?? link ?? "", asn, localAsn, families: [], conditions: [] };
    return [{ ...row, ...nothing, message: `Invalid: ${formatProblems(parsed.problems)}` }];
  }
  const peer = parsed.value;
  const conditions = conditionTexts(peer);
  const selected = field.nodes.filter(({ node }) => node && selectorMatches(peer.nodeSelector ?? {}, node.labels));
  const rows = selected.flatMap((node) => sessionRow(peer, node, planned).map((row) => ({ ...row, conditions })));
  const message = "NoNodeSelected: no node has the labels of nodeSelector, or those that do lack sourceAddress";
  return rows.length > 0 ? rows : [{ ...settingsOf(peer), ...nothing, message, conditions }];
}

function ownRows({ name, vipNode, own, ...node }: BgpNode, planned: Planned): readonly PeerRow[] {
  if (vipNode === undefined) return [];
  const sessions = (vipNode.bgp ?? []).filter(({ peer }) => peer.includes("/"));
  const rows = sessions.map((session): PeerRow => {
    const known = own.find((each) => each.name === session.peer);
    const router = session.peer.slice(session.peer.indexOf("/") + 1);
    const settings = known === undefined ? { peer: session.peer, router, families: [] } : settingsOf(known);
    return { ...settings, ...said(session, { ...node, name }, planned), conditions: [] };
  });
  const waits = vipNode.conditions.filter(({ type, status }) => type === annotationsIncomplete && status === "True");
  const missing = waits.map(({ message }) => ({
    ...nothing,
    ...{ peer: `${name}/`, router: "", families: [], conditions: [], node: name },
    message: `${annotationsIncomplete}: ${message}`,
  }));
  return [...rows, ...missing];
}

type Settings = Pick<PeerRow, "peer" | "router" | "asn" | "localAsn" | "families">;

function settingsOf({ name, remote, asn, localAsn, families }: BgpPeer): Settings {
  return { peer: name, router: formatRemote(remote), asn, localAsn, families: families.map((each) => `IPv${each}`) };
}

type Row = Omit<PeerRow, "conditions">;

/** A node that lacks `sourceAddress` wants no session. */
function sessionRow(peer: BgpPeer, node: BgpNode, planned: Planned): readonly Row[] {
  const { name, vipNode } = node;
  if (!maySpeakTo(peer, { node: node.node, vipNode })) return [];
  const settings = settingsOf(peer);
  const idle = { ...settings, ...nothing, node: name, state: "Idle" } as const;
  if (vipNode === undefined || !isBelieved(node)) return [{ ...idle, message: `the agent on ${name} does not run` }];
  const session = vipNode.bgp?.find((each) => each.peer === peer.name);
  return [
    session === undefined
      ? { ...idle, message: `${name} says nothing of it yet` }
      : { ...settings, ...said(session, node, planned) },
  ];
}

function said(
  { peer, state, since, bfd, announced, received, lastNotification = "", message }: NodeBgpSession,
  node: Pick<BgpNode, "name" | "liveness">,
  planned: Planned,
): Omit<Row, keyof Settings> {
  const { name } = node;
  if (!isBelieved(node)) return { ...nothing, node: name, state: "Idle", message: `the agent on ${name} does not run` };
  const counts = { announced, planned: planned(peer, name), ...(received && { received }) };
  return { node: name, state, since, bfd: bfd ?? "", ...counts, lastNotification, message };
}

/** Ready is fine while True, all others while they are not; what several say alike is told once. */
function conditionTexts({ status: { conditions, observedGeneration }, generation }: BgpPeer): readonly string[] {
  const isTrouble = ({ type, status }: Condition): boolean =>
    type === "Ready" ? status !== "True" : status === "True";
  const told = conditions.filter(isTrouble).map(({ reason, message }) => `${reason}: ${message}`);
  const behind = observedGeneration !== generation ? ["the controller has not looked at its present form yet"] : [];
  return [...new Set([...told, ...behind])];
}
