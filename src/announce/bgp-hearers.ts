import { annotatedLabel } from "../api/bgp-node-annotations.ts";
import type { BgpPeer } from "../api/bgp-peer.ts";
import { selectorMatches } from "../api/label-selector.ts";
import { maySpeakTo } from "./bgp-source.ts";
import type { Candidate, Vip } from "./eligibility.ts";

/** A session by which a node would tell of an address. */
export type Hearer = {
  /** The BGPPeer's name, or `<node>/<address>` of a router that the Node's annotations name. */
  readonly peer: string;
  /** Whether the router is asked to keep the routes of an agent that is being replaced. */
  readonly keepsRoutes: boolean;
};

/** The sessions by which a node would tell of an address; empty: nobody hears of it from there. */
export function hearers(
  { node, vipNode }: Pick<Candidate, "node" | "vipNode">,
  { address, announcement: { bgp } }: Vip,
  peers: readonly BgpPeer[],
): readonly Hearer[] {
  const selected = bgp?.peerSelector ?? {};
  const named = peers.filter(
    (peer) =>
      peer.families.includes(address.family) &&
      selectorMatches(selected, peer.labels) &&
      selectorMatches(peer.nodeSelector ?? {}, node?.labels ?? {}) &&
      maySpeakTo(peer, { node, vipNode }),
  );
  const annotated = selectorMatches(selected, annotatedLabel) ? ownSessions(vipNode) : [];
  return [
    ...annotated.map((peer) => ({ peer, keepsRoutes: true })),
    ...named.map(({ name, gracefulRestart }) => ({ peer: name, keepsRoutes: gracefulRestart })),
  ];
}

/** The node's sessions with routers that its own annotations name. */
export function ownSessions({ bgp = [] }: Pick<Candidate["vipNode"], "bgp">): readonly string[] {
  return bgp.map(({ peer }) => peer).filter((peer) => peer.includes("/"));
}

const texts = new WeakMap<Vip["announcement"], string>();

/** Equal for addresses that the same nodes may announce, and the same peers hear of. */
export function audienceKey({ address, announcement }: Vip): string {
  let text = texts.get(announcement);
  if (text === undefined) {
    text = JSON.stringify([announcement.nodeSelector, announcement.bgp?.peerSelector]);
    texts.set(announcement, text);
  }
  return `${address.family} ${text}`;
}
