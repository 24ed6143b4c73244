import { type BgpPeer, type DownSession, mostDown, type PeerStatus } from "../api/bgp-peer.ts";
import { mergeConditions } from "../api/condition.ts";
import { shortMessage } from "../api/cut-text.ts";
import { formatProblems } from "../api/problem.ts";
import { memo } from "../runtime/memo.ts";
import type { Change } from "./change.ts";
import { type PeerView, peerStatus } from "./peer-status.ts";
import type { Invalid, Notice, Seen } from "./ports.ts";
import { namesOf } from "./routed-states.ts";
import type { ControllerSnapshot } from "./snapshot.ts";

type Parts = [PeerView["peers"], PeerView["nodes"], PeerView["reports"]];

/** Nothing but these decides it; when a condition changed is told by the time of the first plan that saw it. */
const wantedStatuses = memo((...[view, nowMs]: readonly [PeerView, number]) =>
  view.peers.flatMap((peer) => {
    const status = peerStatus(peer, view, nowMs);
    return status === undefined ? [] : [{ peer, status }];
  }),
);

const viewOf = memo((...[peers, nodes, reports]: Parts): { readonly view: PeerView; nowMs?: number } => ({
  view: { peers, nodes, reports },
}));

/** What the statuses of the BGPPeers lack. One that was written a moment ago waits for its rest to end. */
export function peerChanges({ peers, invalidPeers, ...snapshot }: ControllerSnapshot): readonly Change[] {
  const { nodes, reports, restingPeers, nowMs } = snapshot;
  const invalid = invalidPeers.flatMap((peer) => invalidPeerChanges(peer, nowMs));
  if (peers.length === 0) return invalid;
  const seen = viewOf(peers, nodes, reports);
  seen.nowMs ??= nowMs;
  const valid = wantedStatuses(seen.view, seen.nowMs)
    .filter(({ peer }) => !restingPeers.has(peer.name))
    .map(({ peer, status }) => peerChange(peer, status, sessionNotices(peer, status)));
  return [...valid, ...invalid];
}

/** No node has a session with an invalid peer; its one condition names everything that is wrong with it. */
function invalidPeerChanges(peer: Invalid<BgpPeer>, nowMs: number): readonly Change[] {
  const { name, uid, generation: observedGeneration, status: before } = peer;
  const message = shortMessage(formatProblems(peer.problems));
  const state = { type: "Ready", status: "False", reason: "Invalid", message, observedGeneration } as const;
  const kept = before.conditions.filter(({ type }) => type === state.type);
  const isAlone = kept.length === before.conditions.length;
  const conditions = mergeConditions(isAlone ? before.conditions : kept, [state], nowMs);
  if (conditions === before.conditions) return [];
  const notice: Notice = { object: { kind: "BGPPeer", name, uid }, type: "Warning", reason: "Invalid", message };
  return [peerChange(peer, { observedGeneration, established: 0, wanted: 0, down: [], conditions }, [notice])];
}

function peerChange(peer: Seen & Pick<BgpPeer, "status">, status: PeerStatus, notices: readonly Notice[]): Change {
  return { kind: "writePeerStatus", keys: [`peer/${peer.name}`], notices, peer, status };
}

/**
 * One Event for all sessions that ended, and one for all that came up, since the status was last written; after the first
 * status, and where more are down than it can list, only the counts are told.
 */
function sessionNotices({ name, uid, status: before }: BgpPeer, after: PeerStatus): readonly Notice[] {
  const object = { kind: "BGPPeer", name, uid } as const;
  const { established = 0, wanted = 0 } = after;
  const counts = `${established} of ${wanted} are established`;
  const isCut = [before, after].some(({ down }) => down.length >= mostDown);
  const isComparable = !isCut && before.wanted !== undefined;
  const [first, ...others] = isComparable ? fallen(before, after) : [];
  const rose = isComparable ? without(before.down, after.down) : [];
  const notices: Notice[] = [];
  if (first !== undefined) {
    const message = `sessions of ${nodes([first, ...others])} are not established: ${first.message}; ${counts}`;
    notices.push({ object, type: "Warning", reason: "SessionDown", message });
  }
  if ((before.established ?? 0) < established) {
    const whose = rose.length > 0 ? `sessions of ${nodes(rose)} are established; ` : "";
    notices.push({ object, type: "Normal", reason: "SessionEstablished", message: `${whose}${counts}` });
  }
  return notices;
}

/**
 * The sessions that ended. Those of nodes that are selected from now on, or drained no more, are down and have not ended: while
 * no more are down anew than are wanted more, it is taken for them.
 */
function fallen(before: PeerStatus, after: PeerStatus): readonly DownSession[] {
  const down = without(after.down, before.down);
  const added = (after.wanted ?? 0) - (before.wanted ?? 0);
  return down.length > added ? down.filter(wasBegun) : [];
}

/** One that the node has not said a word about is only to come. */
function wasBegun({ since }: DownSession): boolean {
  return since !== undefined;
}

function without(sessions: readonly DownSession[], others: readonly DownSession[]): readonly DownSession[] {
  return sessions.filter(({ node }) => !others.some((each) => each.node === node));
}

function nodes(sessions: readonly DownSession[]): string {
  return namesOf(sessions.map(({ node }) => node));
}
