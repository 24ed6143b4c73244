import { type Address, sameAddress } from "../../net/address.ts";
import type { BfdPacket } from "./packet.ts";

/**
 * Between which addresses a session is, and in which network: `deviceIndex` is the interface of link-local ones, or the VRF. A
 * router may have one session with each address of a host. Single hop: RFC 5881; multihop: RFC 5883, `leastHops` is the smallest
 * TTL or hop limit that its packets may arrive with.
 */
export type BfdPath = { readonly peer: Address; readonly local: Address; readonly deviceIndex?: number | undefined } & (
  | { readonly kind: "singleHop" }
  | { readonly kind: "multihop"; readonly leastHops: number }
);

/** Whether two paths are one. */
export function samePath(a: BfdPath, b: BfdPath): boolean {
  const sameEnds = sameAddress(a.peer, b.peer) && sameAddress(a.local, b.local) && a.deviceIndex === b.deviceIndex;
  return sameEnds && leastHopsOf(a) === leastHopsOf(b);
}

const leastHopsOf = (path: BfdPath): number | undefined => (path.kind === "multihop" ? path.leastHops : undefined);

/** How a packet came: `hops` is its TTL or hop limit; `kind` is the port's, `deviceIndex` that of the network that it listens in. */
export type BfdArrival = {
  readonly kind: BfdPath["kind"];
  readonly source: Address;
  readonly destination: Address;
  readonly deviceIndex?: number | undefined;
  readonly hops: number;
};

/**
 * Why a packet is not for any session, or must not be taken in: a router has forwarded it, or more of them than may; no session has
 * its discriminator, or is with its sender; the session that it names is with another peer or on another path.
 */
export type BfdRefusal = {
  readonly reason: "Forwarded" | "UnknownDiscriminator" | "UnknownPeer" | "OtherPath";
};

/** A session and where it belongs. */
export type BfdEntry<Session> = { readonly path: BfdPath; readonly discriminator: number; readonly session: Session };

/** Of a packet that no router has forwarded (RFC 5881, 5). */
const HOPS_ON_LINK = 255;

/** The UDP port of control packets of each kind. */
export const bfdPort = { singleHop: 3784, multihop: 4784 } as const;

/** The sessions of a host, found by what packets say (RFC 5880, 6.3 and 6.8.6; RFC 5881, 3 and 5; RFC 5883, 3). */
export class BfdSessions<Session> {
  readonly #entries = new Map<number, BfdEntry<Session>>();

  /** @throws {RangeError} if the discriminator has a session already */
  add(entry: BfdEntry<Session>): void {
    if (this.#entries.has(entry.discriminator)) throw new RangeError(`BFD: discriminator ${entry.discriminator} twice`);
    this.#entries.set(entry.discriminator, entry);
  }

  remove(discriminator: number): void {
    this.#entries.delete(discriminator);
  }

  /** Whether a discriminator can be given to another session: not 0, and nobody's. */
  isFree(discriminator: number): boolean {
    return discriminator > 0 && !this.#entries.has(discriminator);
  }

  /** The session that a packet is for, or why it is for none. */
  admit(packet: BfdPacket, arrival: BfdArrival): { readonly session: Session } | BfdRefusal {
    if (arrival.kind === "singleHop" && arrival.hops !== HOPS_ON_LINK) return { reason: "Forwarded" };
    const entry = this.#find(packet, arrival);
    if ("reason" in entry) return entry;
    const { path, session } = entry;
    if (path.kind === "multihop" && arrival.hops < path.leastHops) return { reason: "Forwarded" };
    return { session };
  }

  /** By the receiver's discriminator alone if it is there; but nobody may speak for another peer who guesses it. */
  #find({ yourDiscriminator }: BfdPacket, arrival: BfdArrival): BfdEntry<Session> | BfdRefusal {
    if (yourDiscriminator === 0) {
      for (const entry of this.#entries.values()) if (isOnPath(arrival, entry.path)) return entry;
      return { reason: "UnknownPeer" };
    }
    const entry = this.#entries.get(yourDiscriminator);
    if (entry === undefined) return { reason: "UnknownDiscriminator" };
    return isOnPath(arrival, entry.path) ? entry : { reason: "OtherPath" };
  }
}

function isOnPath(arrival: BfdArrival, path: BfdPath): boolean {
  const sameNetwork = arrival.kind === path.kind && arrival.deviceIndex === path.deviceIndex;
  return sameNetwork && sameAddress(arrival.source, path.peer) && sameAddress(arrival.destination, path.local);
}
