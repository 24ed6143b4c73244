/** How MetalLB ranks a pool: those that select Services before the others, then the lower number first, no number (0) last. */
export type Rank = { readonly selects: boolean; readonly priority: number };

/**
 * Herald's priorities in the same order, where the higher number is asked first and 0 is the last. Pools without a number
 * have 0 whether they select or not, because of equal priority Herald asks those that select first.
 */
export function priorities(ranks: readonly Rank[]): readonly number[] {
  const tiers = [...new Map(ranks.map((rank) => [keyOf(rank), rank])).values()].sort((a, b) => compare(b, a));
  const given = new Map<string, number>();
  let next = 0;
  for (const [i, tier] of tiers.entries()) {
    const below = tiers[i - 1];
    if (below !== undefined && (below.selects === tier.selects || below.priority > 0 || tier.priority > 0)) next++;
    given.set(keyOf(tier), next);
  }
  return ranks.map((rank) => given.get(keyOf(rank)) ?? 0);
}

function keyOf({ selects, priority }: Rank): string {
  return `${selects} ${priority}`;
}

function compare(a: Rank, b: Rank): number {
  if (a.selects !== b.selects) return a.selects ? -1 : 1;
  return (a.priority || Number.POSITIVE_INFINITY) - (b.priority || Number.POSITIVE_INFINITY);
}
