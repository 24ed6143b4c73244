import type { Family } from "../../net/address.ts";
import type { PrefixCounts, Update, UpdateFault } from "./message.ts";
import { countPrefixes } from "./prefixes.ts";

type Counts = Record<Family, number>;

/** What is found in one UPDATE, step by step. Its size does not depend on the UPDATE's: of each kind of fault the first is kept. */
export class UpdateFindings {
  readonly #announced: Counts = { 4: 0, 6: 0 };
  readonly #withdrawn: Counts = { 4: 0, 6: 0 };
  readonly #faults = new Map<string, UpdateFault>();

  /** Prefixes to announce. */
  announce(family: Family, prefixes: Uint8Array): void {
    this.#count(this.#announced, family, prefixes);
  }

  /** Prefixes to withdraw. */
  withdraw(family: Family, prefixes: Uint8Array): void {
    this.#count(this.#withdrawn, family, prefixes);
  }

  /** Something is wrong with an attribute. */
  fault(approach: UpdateFault["approach"], message: string): void {
    if (!this.#faults.has(approach)) this.#faults.set(approach, { approach, message });
  }

  /** It cannot be told which routes of a family are meant. */
  disable(family: Family, message: string): void {
    const key = `afi-safi-disable ${family}`;
    if (!this.#faults.has(key)) this.#faults.set(key, { approach: "afi-safi-disable", family, message });
  }

  /** Whether there is anything to announce. */
  announces(): boolean {
    return this.#announced[4] + this.#announced[6] > 0;
  }

  /** All of it together. */
  update(endOfRib: Family | undefined): Update {
    const faults = [...this.#faults.values()];
    for (const { family } of faults) if (family !== undefined) this.#forget(family);
    return {
      kind: "update",
      ...(faults.some(({ approach }) => approach === "treat-as-withdraw") ? this.#allWithdrawn() : this.#counts()),
      ...(endOfRib && { endOfRib }),
      faults,
    };
  }

  #count(counts: Counts, family: Family, prefixes: Uint8Array): void {
    const count = countPrefixes(prefixes, family);
    if (count === undefined) this.disable(family, `IPv${family} prefixes that are no prefixes`);
    else counts[family] += count;
  }

  #forget(family: Family): void {
    this.#announced[family] = 0;
    this.#withdrawn[family] = 0;
  }

  #counts(): { readonly announced: PrefixCounts; readonly withdrawn: PrefixCounts } {
    return { announced: { ...this.#announced }, withdrawn: { ...this.#withdrawn } };
  }

  #allWithdrawn(): { readonly announced: PrefixCounts; readonly withdrawn: PrefixCounts } {
    const withdrawn = (family: Family): number => this.#announced[family] + this.#withdrawn[family];
    return { announced: { 4: 0, 6: 0 }, withdrawn: { 4: withdrawn(4), 6: withdrawn(6) } };
  }
}
