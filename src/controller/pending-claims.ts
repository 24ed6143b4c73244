import type { Advertisement } from "../api/vip-advertisement.ts";
import { addressName } from "./address-text.ts";
import type { Claim } from "./change.ts";

type Pending = { readonly before: Advertisement | undefined; readonly after: Advertisement };

/**
 * Claims that were sent and not yet answered. A plan takes them for made, so that nobody else is given the address meanwhile;
 * the answer puts the real object into the store, or shows that there is none.
 */
export class PendingClaims {
  readonly #pending = new Map<string, Pending>();
  #cache: { readonly stored: readonly Advertisement[]; readonly all: readonly Advertisement[] } | undefined;

  /** Notes claims that are about to be sent. */
  began(claims: readonly Claim[], nowMs: number): void {
    for (const claim of claims) {
      const after = pendingAdvertisement(claim, nowMs);
      this.#pending.set(after.name, { before: claim.before, after });
    }
    this.#cache = undefined;
  }

  /** Notes that they were answered, or never will be. */
  ended(claims: readonly Claim[]): void {
    for (const { spec } of claims) this.#pending.delete(addressName(spec.address));
    this.#cache = undefined;
  }

  /** The stored advertisements with the pending ones: in place of what they were planned from, not of anything newer. */
  over(stored: readonly Advertisement[]): readonly Advertisement[] {
    if (this.#pending.size === 0) return stored;
    if (this.#cache?.stored === stored) return this.#cache.all;
    const rest = new Map(this.#pending);
    const all = stored.map((each) => {
      const pending = rest.get(each.name);
      rest.delete(each.name);
      return pending?.before === each ? pending.after : each;
    });
    const made = [...rest.values()].filter(({ before }) => before === undefined);
    this.#cache = { stored, all: [...all, ...made.map(({ after }) => after)] };
    return this.#cache.all;
  }
}

const unwritten = { holder: "", service: "", protocol: "", history: [], conditions: [] } as const;

/** Whoever it is taken from has it until the API server has said that he may lose it. */
function pendingAdvertisement({ spec, before, left }: Claim, nowMs: number): Advertisement {
  const name = addressName(spec.address);
  const base = before ?? { name, uid: "", resourceVersion: "", generation: 1, createdMs: nowMs, status: unwritten };
  const { uid, resourceVersion, generation, createdMs, status } = base;
  const services = [...left.map(({ member }) => member), ...spec.services];
  return { ...spec, services, name, uid, resourceVersion, generation, createdMs, status };
}
