import { hasSource, knownAddresses } from "../announce/bgp-source.ts";
import type { NodeInterface } from "../api/vip-node.ts";
import { type Address, addressKey } from "../net/address.ts";
import type { KnownNode, KnownPeer } from "./bgp-ports.ts";

/** So often the machine is asked for the addresses that its interfaces do not tell. */
export const localLookMs = 10_000;

/** An address that is gone counts for so long: one that is taken and given back, as when a link is set up anew, ends no session. */
export const goneMs = 60_000;

/** The addresses of the node from which peers want to be spoken to. All times are ms of one monotonic clock. */
export class OwnAddresses {
  readonly #ask: () => readonly Address[];
  #local: ReadonlySet<string> = new Set();
  #nextMs = Number.NEGATIVE_INFINITY;
  readonly #seenMs = new Map<string, number>();
  #last: { readonly text: string; readonly addresses: readonly Address[] } = { text: "", addresses: [] };

  /** `ask`: gives every address of the machine, those of its loopback interface too. */
  constructor(ask: () => readonly Address[]) {
    this.#ask = ask;
  }

  /** The source addresses of these peers that the node has; the same array as long as they are the same. */
  read(
    { node }: KnownNode,
    interfaces: readonly NodeInterface[],
    peers: readonly KnownPeer[],
    nowMs: number,
  ): readonly Address[] {
    const known = knownAddresses({ node, vipNode: { interfaces } });
    const addresses = peers.flatMap(({ peer }) => {
      if (peer.sourceAddress === undefined) return [];
      const key = addressKey(peer.sourceAddress);
      if (hasSource(peer, known) || this.#at(nowMs).has(key)) this.#seenMs.set(key, nowMs);
      const seenMs = this.#seenMs.get(key);
      return seenMs === undefined || nowMs >= seenMs + goneMs ? [] : [peer.sourceAddress];
    });
    const text = addresses.map(addressKey).join(" ");
    if (text !== this.#last.text) this.#last = { text, addresses };
    return this.#last.addresses;
  }

  #at(nowMs: number): ReadonlySet<string> {
    if (nowMs < this.#nextMs) return this.#local;
    this.#local = new Set(this.#ask().map(addressKey));
    this.#nextMs = nowMs + localLookMs;
    return this.#local;
  }
}
