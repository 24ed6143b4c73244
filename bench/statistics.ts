/** The value below which this share (0 to 1) of the values lies, by the nearest rank. @throws {RangeError} without values */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("percentile of nothing");
  return value;
}

/** The middle value. @throws {RangeError} without values */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** How values spread: what a row of the table shows of them. */
export type Spread = { readonly n: number; readonly median: number; readonly p99: number; readonly worst: number };

/** @throws {RangeError} without values */
export function spread(values: readonly number[]): Spread {
  return { n: values.length, median: median(values), p99: percentile(values, 0.99), worst: percentile(values, 1) };
}
