import type { Pool, Reuse } from "../api/ip-pool.ts";
import { defaultReuse } from "../api/pool-reuse.ts";
import type { Released } from "../api/vip-advertisement.ts";

/** So long an address that another station had at its first use is given to nobody; then it is tried again. */
const quarantineMs = 10 * 60_000;

const noReuse: Reuse = { rememberForMs: 0, coolDownForMs: 0, coolDown: "Prefer" };

/**
 * How an address that came from the pool of this name is reused. A pool that is not there may be away for a moment only, so
 * the defaults hold; outside all pools nothing is remembered.
 */
export function reuseOf(pools: ReadonlyMap<string, Pool>, name: string): Reuse {
  return pools.get(name)?.reuse ?? (name === "" ? noReuse : defaultReuse);
}

/** Whether a pool remembers its addresses, or lets them rest, at all. */
export function keepsPast({ rememberForMs, coolDownForMs }: Reuse): boolean {
  return rememberForMs > 0 || coolDownForMs > 0;
}

/** What an address that nobody holds has behind it. */
export type Past = {
  readonly released: Released;
  /** Until when it rests and until when it is remembered, in ms since the epoch. */
  readonly restsUntilMs: number;
  readonly rememberedUntilMs: number;
  /** It must not be given before it has rested. */
  readonly strict: boolean;
};

/** The past of a released address. One that another station had rests for everybody, however its pool reuses the others. */
export function pastOf(released: Released, { rememberForMs, coolDownForMs, coolDown }: Reuse): Past {
  const { atMs, conflict } = released;
  const strict = coolDown === "Strict" || conflict !== undefined;
  const restsForMs = conflict === undefined ? coolDownForMs : quarantineMs;
  return { released, strict, restsUntilMs: after(atMs, restsForMs), rememberedUntilMs: after(atMs, rememberForMs) };
}

/** Whether nobody may have it yet because another station had it, not even the one that held it last. */
export function isQuarantined({ released, restsUntilMs }: Past, nowMs: number): boolean {
  return released.conflict !== undefined && restsUntilMs > nowMs;
}

/** Not at all is not even for as long as the clock was set back. */
function after(atMs: number, durationMs: number): number {
  return durationMs === 0 ? 0 : atMs + durationMs;
}

/** When the past is over, and the address like any other. */
export function pastEndsMs({ restsUntilMs, rememberedUntilMs }: Past): number {
  return Math.max(restsUntilMs, rememberedUntilMs);
}

/** When the rest or the memory ends, whichever is the first that is ahead; undefined: both are over. */
export function nextEndMs({ restsUntilMs, rememberedUntilMs }: Past, nowMs: number): number | undefined {
  const ahead = [restsUntilMs, rememberedUntilMs].filter((endMs) => endMs > nowMs);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}
