/** The middle, the hundredth from above and the greatest of some lengths, as text; "none" if there is none. */
export function quantiles(lengthsMs: readonly number[]): string {
  const sorted = lengthsMs.toSorted((a, b) => a - b);
  const at = (part: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(0);
  return sorted.length === 0 ? "none" : `p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)} ms (${sorted.length})`;
}
