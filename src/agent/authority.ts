/**
 * Whether this node's right to its addresses is known to hold. It rests on the Lease, by which the controller knows that
 * the agent lives, and on the advertisements, by which the agent knows what the controller decided.
 */
export type Authority =
  /** Not yet: the Lease was never renewed. Nothing is announced before. */
  | { readonly kind: "starting" }
  | { readonly kind: "fresh" }
  /** The controller may have taken the node for dead. `backMs`: when the first renewal was begun that worked again. */
  | { readonly kind: "stale"; readonly backMs?: number; readonly confirmedMs?: number };

/** What authority is judged by; all times are of one monotonic clock, in ms. */
export type AuthorityInput = {
  readonly nowMs: number;
  /** When the last successful renewal of the Lease was begun; undefined before the first. */
  readonly renewedMs: number | undefined;
  readonly leaseDurationMs: number;
  /** When the watch of the advertisements that is open now last heard the server; undefined while none is open. */
  readonly heardMs: number | undefined;
};

/** The next authority, the very same object if it stays; when to look again; whether the watch has to be opened anew. */
export type AuthorityStep = {
  readonly authority: Authority;
  readonly lookInMs: number;
  readonly reopen: boolean;
};

const lookAgainMs = 100;

/** A watch that was opened again tells what was missed at once; this long is waited for it. */
export const settleMs = 250;

/**
 * | authority | becomes | when |
 * |---|---|---|
 * | starting | fresh | the Lease was renewed |
 * | fresh | stale | the last renewal was begun one Lease duration ago |
 * | stale | fresh | the Lease is renewed again, and a watch has since then been open and heard for 250 ms |
 */
export function nextAuthority(before: Authority, input: AuthorityInput): AuthorityStep {
  const leftMs = (input.renewedMs ?? Number.NEGATIVE_INFINITY) + input.leaseDurationMs - input.nowMs;
  switch (before.kind) {
    case "starting":
      return leftMs > 0 ? fresh(before, leftMs) : unsure(before, before);
    case "fresh":
      return leftMs > 0 ? fresh(before, leftMs) : unsure(before, { kind: "stale" });
    case "stale":
      return leftMs > 0 ? recover(before, input, leftMs) : unsure(before, { kind: "stale" });
  }
}

function recover(before: Authority & { kind: "stale" }, input: AuthorityInput, leftMs: number): AuthorityStep {
  const { renewedMs = input.nowMs, heardMs, nowMs } = input;
  const { backMs, confirmedMs = nowMs } = before;
  if (backMs === undefined) return { ...unsure(before, { kind: "stale", backMs: renewedMs }), reopen: true };
  if (heardMs === undefined || heardMs < backMs) return unsure(before, { kind: "stale", backMs });
  return nowMs - confirmedMs >= settleMs ? fresh(before, leftMs) : unsure(before, { ...before, confirmedMs });
}

function fresh(before: Authority, leftMs: number): AuthorityStep {
  return { authority: before.kind === "fresh" ? before : { kind: "fresh" }, lookInMs: leftMs, reopen: false };
}

function unsure(before: Authority, after: Authority): AuthorityStep {
  return { authority: sameAuthority(before, after) ? before : after, lookInMs: lookAgainMs, reopen: false };
}

function sameAuthority(a: Authority, b: Authority): boolean {
  if (a.kind !== "stale" || b.kind !== "stale") return a.kind === b.kind;
  return a.backMs === b.backMs && a.confirmedMs === b.confirmedMs;
}
