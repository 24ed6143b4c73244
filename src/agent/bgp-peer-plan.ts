import { hasSource } from "../announce/bgp-source.ts";
import { type AnnotatedPeers, annotatedPeers } from "../api/bgp-node-annotations.ts";
import { type BgpPeer, isInternal, secretMissingMessage } from "../api/bgp-peer.ts";
import { sameSession } from "../api/bgp-peer-review.ts";
import { selectorMatches } from "../api/label-selector.ts";
import type { NodeInterface } from "../api/vip-node.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { type Prefix, prefixContains } from "../net/prefix.ts";
import type { BfdWish, KnownNode, KnownPeer, PeerWish, TransportWish } from "./bgp-ports.ts";

/** For so long a peer is asked to keep the routes of an agent that is being replaced. */
export const restartTimeSeconds = 120;

/** The peers of a node, and what is wrong with or missing from its annotations. */
export type OwnPeers = Pick<AnnotatedPeers, "problems" | "missing"> & {
  /** By name. */
  readonly peers: readonly BgpPeer[];
  /** The peers that would be the session of an earlier one and so have none, by name, each with that in words. */
  readonly doubles: ReadonlyMap<string, string>;
};

/**
 * The peers that the node with these addresses is to have sessions with: the BGPPeers that select it and whose `sourceAddress`
 * it has, and those that its annotations with the prefix name, if the prefix is not empty. Of those that would be one session
 * the first by name counts.
 */
export function ownPeers(
  { node, annotations }: KnownNode,
  addresses: readonly Address[],
  known: readonly KnownPeer[],
  prefix: string,
): OwnPeers {
  const selected = known
    .map(({ peer }) => peer)
    .filter((peer) => selectorMatches(peer.nodeSelector ?? {}, node.labels) && hasSource(peer, addresses));
  const annotated =
    prefix === "" ? { peers: [], problems: [], missing: [] } : annotatedPeers({ name: node.name, annotations }, prefix);
  const all = [...selected, ...annotated.peers].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { ...annotated, ...onceEach(all) };
}

function onceEach(all: readonly BgpPeer[]): Pick<OwnPeers, "peers" | "doubles"> {
  const peers: BgpPeer[] = [];
  const doubles = new Map<string, string>();
  for (const peer of all) {
    const first = peers.find((each) => sameSession(each, peer));
    if (first === undefined) peers.push(peer);
    else doubles.set(peer.name, `the same session as ${first.name}`);
  }
  return { peers, doubles };
}

/** What is known of a Secret's password; undefined: it has not been read. */
export type Passwords = (secret: string) => { readonly password?: string; readonly problem?: string } | undefined;

/** All that the settings of a node's sessions depend on. */
export type PeerView = {
  readonly node: KnownNode["node"];
  readonly interfaces: readonly NodeInterface[];
  readonly peers: readonly BgpPeer[];
  readonly passwords: Passwords;
};

/** The sessions to have, and the peers with which there is none yet, each with what it waits for. */
export type PeerPlan = {
  readonly wishes: readonly PeerWish[];
  readonly waiting: ReadonlyMap<string, string>;
};

/** Which sessions a node is to have, with which settings. A peer whose password is not known has none: it would be refused. */
export function planPeers(view: PeerView): PeerPlan {
  const wishes: PeerWish[] = [];
  const waiting = new Map<string, string>();
  for (const peer of view.peers) {
    const secret = passwordOf(peer, view.passwords);
    if ("waits" in secret) waiting.set(peer.name, secret.waits);
    else wishes.push(peerWish(peer, view, secret.password));
  }
  return { wishes, waiting };
}

function passwordOf(
  { password }: BgpPeer,
  passwords: Passwords,
): { readonly password: string | undefined } | { readonly waits: string } {
  if (password === undefined) return { password: undefined };
  if ("text" in password) return { password: password.text };
  const known = passwords(password.secret);
  if (known?.password !== undefined) return { password: known.password };
  return { waits: secretMissingMessage(known?.problem ?? `Secret ${password.secret} has not been read yet`) };
}

function peerWish(peer: BgpPeer, view: PeerView, password: string | undefined): PeerWish {
  const { name, localAsn, asn, gracefulRestart, families, bfd } = peer;
  return {
    kind: "bgpPeer",
    name,
    settings: {
      localAsn,
      peerAsn: asn,
      routerId: peer.routerId ?? defaultRouterId(view.node, view.interfaces),
      holdTimeSeconds: peer.holdTimeSeconds,
      keepaliveSeconds: Math.max(1, peer.keepaliveTimeSeconds),
      connectRetrySeconds: peer.connectTimeSeconds,
      passive: false,
      families,
      ...(gracefulRestart && { gracefulRestart: { restartTimeSeconds } }),
      required: [],
    },
    transport: transportOf(peer, password),
    ...(bfd && { bfd: bfdOf(peer, bfd, view.interfaces) }),
  };
}

function transportOf({ remote, ...peer }: BgpPeer, password: string | undefined): TransportWish {
  const { port, sourceAddress, vrf, ebgpMultihop, ttlSecurity } = peer;
  return {
    ...(remote.kind === "address" ? { peer: remote.address } : { interface: remote.interface }),
    port,
    ...(sourceAddress && { source: sourceAddress }),
    ...(vrf !== undefined && { device: vrf }),
    ...(ebgpMultihop !== undefined && { hops: ebgpMultihop }),
    ...(ttlSecurity !== undefined && { ttlSecurity }),
    ...(password !== undefined && { password }),
  };
}

/** A router of the nodes' own AS may be anywhere: it is watched over one hop only in a subnet of the node, and of its source address. */
function bfdOf(peer: BgpPeer, bfd: Omit<BfdWish, "multihop">, interfaces: readonly NodeInterface[]): BfdWish {
  const { remote, sourceAddress, ebgpMultihop = 1, ttlSecurity = 1 } = peer;
  const far = ebgpMultihop > 1 || ttlSecurity > 1;
  if (far || remote.kind === "interface" || !isInternal(peer)) return { ...bfd, multihop: far };
  const ends = [remote.address, sourceAddress ?? remote.address];
  const isBetween = (subnet: Prefix): boolean => ends.every((address) => prefixContains(subnet, address));
  return { ...bfd, multihop: !interfaces.some(({ subnets }) => subnets.some(isBetween)) };
}

/** The node's first IPv4 address, by what its Node says, then by its interfaces; else a number made of its name (RFC 6286). */
export function defaultRouterId(
  { name, addresses }: Pick<KnownNode["node"], "name" | "addresses">,
  interfaces: readonly NodeInterface[],
): Address {
  const defaultFirst = interfaces.toSorted((a, b) => Number(b.defaultRoute) - Number(a.defaultRoute));
  const own = [...addresses, ...defaultFirst.flatMap(({ subnets }) => subnets.map(({ address }) => address))];
  return own.find(({ family, value }) => family === 4 && value !== 0n) ?? { family: 4, value: BigInt(hash(name)) };
}

/** FNV-1a in 32 bits, never 0. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value === 0 ? 1 : value;
}

/** What the speaker was last told of each session, by the peer's name; undefined: that all sessions end, and it remembers the peer. */
export type ToldPeers = ReadonlyMap<string, PeerWish | undefined>;

/** One thing to tell the speaker about a session. */
export type PeerChange = PeerWish | { readonly kind: "bgpPeerGone"; readonly name: string };

/** What has to be told so that the speaker has these sessions; others of the node's `own` peers wait for something and go on as they are. */
export function peerChanges(
  wishes: readonly PeerWish[],
  told: ToldPeers,
  own: readonly Pick<BgpPeer, "name">[],
): readonly PeerChange[] {
  const kept = new Set(own.map(({ name }) => name));
  const gone = [...told.keys()].filter((name) => !kept.has(name));
  const changed = wishes.filter((wish) => {
    const before = told.get(wish.name);
    return before === undefined || wishKey(before) !== wishKey(wish);
  });
  return [...gone.map((name) => ({ kind: "bgpPeerGone", name }) as const), ...changed];
}

function wishKey({ settings, transport, ...rest }: PeerWish): string {
  const { peer, source } = transport;
  const addresses = [peer, source, settings.routerId].map((address) => address && formatAddress(address));
  return JSON.stringify([rest, { ...settings, routerId: "" }, { ...transport, peer: "", source: "" }, addresses]);
}
