import { ownSessions } from "../announce/bgp-hearers.ts";
import { silenceAbout } from "../announce/bgp-silence.ts";
import { type SessionTimes, sessionKey } from "../announce/bgp-standing.ts";
import { isGone } from "../announce/eligibility.ts";
import type { BgpPeer } from "../api/bgp-peer.ts";
import { selectorMatches } from "../api/label-selector.ts";
import type { ClusterNode } from "../api/node.ts";
import type { NodeBgpSession } from "../api/vip-node.ts";
import type { Family } from "../net/address.ts";
import { memo } from "../runtime/memo.ts";
import { Lasting } from "./lasting.ts";
import type { NodeReport } from "./node-reports.ts";

/** A session that is down for longer is not about to come back. */
const muteMs = 10_000;

/** Sessions with one router come back within less of each other: the pause after a failed attempt, and some. */
const steadyMs = 30_000;

/** The cluster as far as it tells of sessions. */
export type SessionView = {
  readonly reports: ReadonlyMap<string, NodeReport>;
  readonly nodes: readonly ClusterNode[];
  readonly peers: readonly BgpPeer[];
};

/**
 * For how long sessions have been as they are, on one monotonic clock in ms. A session of which the node says nothing is down;
 * one whose agent is being replaced is neither up nor down, because its router keeps the routes. What is up and silent about a
 * family is down for that too.
 */
export class SessionBook {
  readonly #down = new Lasting(muteMs);
  readonly #up = new Lasting(steadyMs);
  readonly #wanted = memo(wantedSessions);
  readonly #seen = memo(sessionsSeen);

  /** Which sessions of live nodes are mute now, and which are steady. */
  at({ reports, nodes, peers }: SessionView, nowMs: number): SessionTimes {
    const { up, down } = this.#seen(reports, this.#wanted(nodes, peers));
    return { mute: this.#down.at(down, nowMs), steady: this.#up.at(up, nowMs) };
  }

  /** How long until time alone changes that; undefined: it does not. */
  changesInMs(nowMs: number): readonly (number | undefined)[] {
    return [this.#down.changesInMs(nowMs), this.#up.changesInMs(nowMs)];
  }
}

/** The BGPPeers that select each node. */
type Wanted = ReadonlyMap<string, readonly string[]>;

function wantedSessions(nodes: readonly ClusterNode[], peers: readonly BgpPeer[]): Wanted {
  const selecting = (node: ClusterNode): readonly string[] =>
    peers.filter(({ nodeSelector = {} }) => selectorMatches(nodeSelector, node.labels)).map(({ name }) => name);
  return new Map(nodes.map((node) => [node.name, selecting(node)]));
}

type Seen = { readonly up: readonly string[]; readonly down: readonly string[] };

function sessionsSeen(reports: ReadonlyMap<string, NodeReport>, wanted: Wanted): Seen {
  const up: string[] = [];
  const down: string[] = [];
  for (const [node, { of: each, liveness }] of reports) {
    if (isGone(liveness) || liveness === "leaving") continue;
    const sessions = established(each);
    for (const peer of [...(wanted.get(node) ?? []), ...ownSessions(each)]) {
      const session = sessions.get(peer);
      (session === undefined ? down : up).push(sessionKey(node, peer));
      down.push(...silentFamilies(session).map((family) => sessionKey(node, peer, family)));
    }
  }
  return { up, down };
}

function established({ bgp = [] }: NodeReport["of"]): ReadonlyMap<string, NodeBgpSession> {
  return new Map(bgp.filter(({ state }) => state === "Established").map((session) => [session.peer, session]));
}

function silentFamilies(session: NodeBgpSession | undefined): readonly Family[] {
  return ([4, 6] as const).filter((family) => session !== undefined && silenceAbout(session, family) !== undefined);
}
