/** Milliseconds of the machine's one monotonic clock: what processes of a lab note at the same moment is equal. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
