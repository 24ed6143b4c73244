import { maySpeakTo } from "../announce/bgp-source.ts";
import { isGone } from "../announce/eligibility.ts";
import {
  type BgpPeer,
  type DownSession,
  longestNotification,
  mostDown,
  type PeerStatus,
  peerSecretNamespace,
  secretAwaited,
  secretMissing,
} from "../api/bgp-peer.ts";
import { conflicts } from "../api/bgp-peer-review.ts";
import { type ConditionState, mergeConditions } from "../api/condition.ts";
import { cut, shortMessage } from "../api/cut-text.ts";
import { selectorMatches } from "../api/label-selector.ts";
import type { ClusterNode } from "../api/node.ts";
import { formatProblems } from "../api/problem.ts";
import type { NodeReport } from "./node-reports.ts";
import { namesOf } from "./routed-states.ts";

/** What the status of a peer is worked out from. */
export type PeerView = {
  readonly peers: readonly BgpPeer[];
  readonly nodes: readonly ClusterNode[];
  readonly reports: ReadonlyMap<string, NodeReport>;
};

/** Every reason of a BGPPeer's conditions and of Events about it, as `docs/reasons.md` explains them. */
export const peerReasons = [
  "Established",
  "NotEstablished",
  "NoNodeSelected",
  "NodesSelected",
  "SecretMissing",
  "SecretFound",
  "PeerConflict",
  "NoConflict",
  "SessionDown",
  "SessionEstablished",
] as const;

type PeerReason = (typeof peerReasons)[number];

type PeerCondition = ConditionState & { readonly reason: PeerReason };

/**
 * What `status` must say of a peer, or undefined if it says so. Each selected node with an agent wants a session, unless it is
 * drained or lacks `sourceAddress`; only live nodes are believed.
 */
export function peerStatus(peer: BgpPeer, view: PeerView, nowMs: number): PeerStatus | undefined {
  const { status, generation: observedGeneration } = peer;
  const wanting = wantingReports(peer, view);
  const sessions = wanting.map((report) => sessionOf(peer, report));
  const down = sessions.flatMap((each) => (each === "established" ? [] : [each]));
  const counts = { wanted: sessions.length, established: sessions.length - down.length };
  const unread = wanting.flatMap((report) => unreadSecret(peer, report) ?? []);
  const states = conditionStates(peer, { ...counts, down, unread }, view).map((each) => ({
    ...each,
    observedGeneration,
  }));
  const conditions = mergeConditions(status.conditions, states, nowMs);
  const after = { observedGeneration, ...counts, down: down.slice(0, mostDown), conditions };
  return sameStatus(status, after) ? undefined : after;
}

/** What those nodes say that want a session, by name: where no agent ever ran, nobody ever will speak to the router. */
function wantingReports(peer: BgpPeer, { nodes, reports }: PeerView): readonly NodeReport[] {
  const selected = nodes.filter(({ labels }) => selectorMatches(peer.nodeSelector ?? {}, labels));
  const wanting = selected.flatMap((node) => {
    const report = reports.get(node.name);
    if (report === undefined || report.of.drain || !hasReported(report)) return [];
    return maySpeakTo(peer, { node, vipNode: report.of }) ? [report] : [];
  });
  return wanting.toSorted((a, b) => (a.of.name < b.of.name ? -1 : 1));
}

function hasReported({ of: { conditions, bgp } }: NodeReport): boolean {
  return conditions.length > 0 || bgp !== undefined;
}

function sessionOf({ name }: BgpPeer, { of, liveness }: NodeReport): DownSession | "established" {
  const node = of.name;
  if (isGone(liveness)) return { node, state: "Idle", message: `the agent on ${node} does not run` };
  const session = of.bgp?.find(({ peer }) => peer === name);
  if (session === undefined) return { node, state: "Idle", message: `${node} says nothing of it yet` };
  const { state, message, lastNotification, since } = session;
  if (state === "Established") return "established";
  const notification = lastNotification && cut(lastNotification, longestNotification);
  const words = { message: shortMessage(message), ...(notification && { lastNotification: notification }) };
  return { node, state, ...words, since };
}

/** Why a node does without the password, or goes on with the one that it read before; in its own words. */
type Unread = { readonly node: string; readonly why: string };

/** What the node says of the peer's Secret: of its session, or of all its Secrets together. */
function unreadSecret({ name, password }: BgpPeer, { of, liveness }: NodeReport): Unread | undefined {
  if (isGone(liveness)) return undefined;
  const awaited = secretAwaited(of.bgp?.find(({ peer }) => peer === name)?.message ?? "");
  const why = awaited ?? (password && "secret" in password ? secretTrouble(password.secret, of) : undefined);
  return why === undefined ? undefined : { node: of.name, why };
}

function secretTrouble(secret: string, { conditions }: NodeReport["of"]): string | undefined {
  const { message = "" } = conditions.find(({ type, status }) => type === secretMissing && status === "True") ?? {};
  const start = `Secret ${peerSecretNamespace}/${secret}`;
  return message.split("; ").find((each) => each.startsWith(`${start} `) || each.startsWith(`${start}:`));
}

const nobody =
  "no node has the labels of nodeSelector, or those that do lack sourceAddress, are drained or have no agent";

type Sessions = {
  readonly wanted: number;
  readonly established: number;
  readonly down: readonly DownSession[];
  readonly unread: readonly Unread[];
};

function conditionStates(peer: BgpPeer, sessions: Sessions, view: PeerView): readonly PeerCondition[] {
  const found = conflicts(peer, view.peers, view.nodes);
  const [first] = sessions.unread;
  const secret =
    first === undefined
      ? no("SecretMissing", "SecretFound", "no node waits for a password")
      : yes("SecretMissing", "SecretMissing", `${nodes(sessions.unread)}: ${first.why}`);
  const selection =
    sessions.wanted > 0
      ? no("NoNodeSelected", "NodesSelected", `${sessions.wanted} of the nodes are to have a session`)
      : yes("NoNodeSelected", "NoNodeSelected", nobody);
  const conflict =
    found.length === 0
      ? no("Conflict", "NoConflict", "no other BGPPeer has the same session")
      : yes("Conflict", "PeerConflict", formatProblems(found));
  const causes = [selection, secret, conflict];
  return [readyState(sessions, causes), ...causes].map((each) => ({ ...each, message: shortMessage(each.message) }));
}

function readyState({ wanted, established, down }: Sessions, causes: readonly PeerCondition[]): PeerCondition {
  const message = `${established} of ${wanted} sessions are established`;
  if (down.length === 0 && wanted > 0) return yes("Ready", "Established", message);
  const cause = causes.find(({ status }) => status === "True");
  if (cause !== undefined) return no("Ready", cause.reason, cause.message);
  return no("Ready", "NotEstablished", `${message}, ${nodes(down)} without`);
}

function nodes(sessions: readonly Pick<DownSession, "node">[]): string {
  return namesOf(sessions.map(({ node }) => node));
}

function yes(type: string, reason: PeerReason, message: string): PeerCondition {
  return { type, status: "True", reason, message };
}

function no(type: string, reason: PeerReason, message: string): PeerCondition {
  return { type, status: "False", reason, message };
}

function sameStatus(a: PeerStatus, b: PeerStatus): boolean {
  return (
    a.conditions === b.conditions &&
    (["observedGeneration", "established", "wanted"] as const).every((key) => a[key] === b[key]) &&
    a.down.length === b.down.length &&
    a.down.every((each, i) => sameSession(each, b.down[i]))
  );
}

/** How far an attempt is changes with each of them. */
function sameSession(a: DownSession, b: DownSession | undefined): boolean {
  return (["node", "message", "lastNotification", "since"] as const).every((key) => a[key] === b?.[key]);
}
