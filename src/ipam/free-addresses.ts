import type { Pool } from "../api/ip-pool.ts";
import type { Address, Family } from "../net/address.ts";
import type { AddressRange } from "../net/range.ts";
import { isBuggy } from "./pool-selection.ts";
import { usableRanges } from "./usable-ranges.ts";

/** Finds free addresses of one pool and family, in the pool's order. */
export type FreeAddresses = {
  /** The next free address, the same until it is taken; undefined when none is left. */
  readonly next: () => Address | undefined;
};

/**
 * A cursor over what a pool may give: it only moves forward, so that a plan looks at each address once, however many
 * Services wait. Nothing may become free during its life. `isTaken` says what is allocated.
 */
export function freeAddresses(
  pool: Pool,
  family: Family,
  forbidden: readonly AddressRange[],
  isTaken: (value: bigint) => boolean,
): FreeAddresses {
  const spans = directed(usableRanges(pool, family, forbidden), pool.order);
  const step = pool.order === "Descending" ? -1n : 1n;
  const isFree = (value: bigint): boolean => !isTaken(value) && !(pool.avoidBuggyIPs && isBuggy(family, value));
  let at = 0;
  let value = spans[0]?.from ?? 0n;
  const next = (): Address | undefined => {
    for (let span = spans[at]; span !== undefined; span = spans[at]) {
      for (; value !== span.to + step; value += step) if (isFree(value)) return { family, value };
      at += 1;
      value = spans[at]?.from ?? 0n;
    }
    return undefined;
  };
  return { next };
}

type Span = { readonly from: bigint; readonly to: bigint };

function directed(ranges: readonly AddressRange[], order: Pool["order"]): readonly Span[] {
  const upward = ranges.map(({ first, last }) => ({ from: first.value, to: last.value }));
  return order === "Ascending" ? upward : upward.map(({ from, to }) => ({ from: to, to: from })).toReversed();
}
