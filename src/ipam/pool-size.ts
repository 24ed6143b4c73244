import type { Pool } from "../api/ip-pool.ts";
import type { Family } from "../net/address.ts";
import { type AddressRange, rangeSize } from "../net/range.ts";

/** How many addresses of a family a pool may give at all, free or not; counted, never listed. */
export function poolSize(pool: Pool, family: Family): bigint {
  return countOf(
    pool,
    pool.ranges.filter(({ first }) => first.family === family),
  );
}

/** How many addresses are in these disjoint ranges of one family, without those that the pool avoids. */
export function countOf({ avoidBuggyIPs }: Pool, ranges: readonly AddressRange[]): bigint {
  let size = 0n;
  for (const range of ranges) {
    size += rangeSize(range);
    if (avoidBuggyIPs && range.first.family === 4) size -= buggyCount(range);
  }
  return size;
}

function buggyCount({ first, last }: AddressRange): bigint {
  return buggyBelow(last.value + 1n) - buggyBelow(first.value);
}

/** How many values under this one end in 0 or 255: two in each full block of 256, one in a block that has begun. */
function buggyBelow(value: bigint): bigint {
  return (value >> 8n) * 2n + (value % 256n > 0n ? 1n : 0n);
}
