/** What a client tries again and again. */
export type FlowOrder = {
  readonly ip: string;
  /** Default 80. */
  readonly port?: number;
  readonly protocol: "TCP" | "UDP";
  readonly everyMs: number;
  /**
   * An attempt without an answer within so many milliseconds has none. Default 800: less than the second after which TCP
   * repeats a SYN, so that an attempt is one question. A client that asks who has the address keeps its packets until it is
   * told: for that to count, it takes less.
   */
  readonly patienceMs?: number;
  /** UDP: all from one port, as one long flow. Default: each attempt from a port of its own. */
  readonly oneFlow?: boolean;
  /** Forget each so many milliseconds which station has the address, as a client that was never here before. */
  readonly forgetEveryMs?: number;
};

/** A connection or an echo: when it was begun, on the clock of `monotonicMs`, and whether it was answered in time. */
export type Attempt = { readonly atMs: number; readonly open: boolean };

/** How many attempts there were from a moment on, and how many had no answer. */
export function counts(attempts: readonly Attempt[], fromMs = 0): { readonly attempts: number; readonly lost: number } {
  const counted = attempts.filter(({ atMs }) => atMs >= fromMs);
  return { attempts: counted.length, lost: counted.filter(({ open }) => !open).length };
}

/** From the first attempt after that moment that had no answer to the first that had one after the last without; 0: all had. */
export function outageMs(attempts: readonly Attempt[], sinceMs: number): number {
  const byTime = attempts.toSorted((a, b) => a.atMs - b.atMs);
  const lost = byTime.filter(({ atMs, open }) => !open && atMs >= sinceMs);
  const [first] = lost;
  const last = lost.at(-1);
  if (first === undefined || last === undefined) return 0;
  const back = byTime.find(({ atMs }) => atMs > last.atMs);
  return (back?.atMs ?? Number.POSITIVE_INFINITY) - first.atMs;
}

/** Whether of the attempts that were begun after that moment some, and all of those that have ended, had an answer. */
export function goodSince(attempts: readonly Attempt[], sinceMs: number): boolean {
  const recent = attempts.filter(({ atMs }) => atMs >= sinceMs);
  return recent.length > 0 && recent.every(({ open }) => open);
}
