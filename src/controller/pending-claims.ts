import type { Advertisement, AdvertisementSpec } from "../api/vip-advertisement.ts";
import { addressName } from "./address-text.ts";

/**
 * Claims that were sent and not yet answered. A plan takes them for made, so that nobody else is given the address meanwhile;
 * the answer puts the real object into the store, or shows that there is none.
 */
export class PendingClaims {
  readonly #pending = new Map<string, Advertisement>();
  #cache: { readonly stored: readonly Advertisement[]; readonly all: readonly Advertisement[] } | undefined;

  /** Notes claims that are about to be sent. */
  began(specs: readonly AdvertisementSpec[], nowMs: number): void {
    for (const spec of specs) {
      const name = addressName(spec.address);
      this.#pending.set(name, pendingAdvertisement(name, spec, nowMs));
    }
    this.#cache = undefined;
  }

  /** Notes that they were answered, or never will be. */
  ended(specs: readonly AdvertisementSpec[]): void {
    for (const { address } of specs) this.#pending.delete(addressName(address));
    this.#cache = undefined;
  }

  /** The stored advertisements with the pending ones that are not among them. */
  over(stored: readonly Advertisement[]): readonly Advertisement[] {
    if (this.#pending.size === 0) return stored;
    if (this.#cache?.stored === stored) return this.#cache.all;
    const rest = new Map(this.#pending);
    for (const { name } of stored) rest.delete(name);
    const all = [...stored, ...rest.values()];
    this.#cache = { stored, all };
    return all;
  }
}

function pendingAdvertisement(name: string, spec: AdvertisementSpec, nowMs: number): Advertisement {
  const status = { holder: "", service: "", protocol: "", history: [], conditions: [] } as const;
  return { ...spec, name, uid: "", resourceVersion: "", generation: 1, createdMs: nowMs, status };
}
