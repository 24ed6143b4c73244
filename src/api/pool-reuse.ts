import { notADuration, parseDuration } from "./duration.ts";
import type { Reuse as ReuseObject } from "./generated/ippool-v1beta1.ts";
import type { Reuse } from "./ip-pool.ts";
import type { Problem } from "./problem.ts";

/** What becomes of released addresses where a pool does not say: remembered for a day, and given to others last for five minutes. */
export const defaultReuse: Reuse = { rememberForMs: 24 * 3_600_000, coolDownForMs: 5 * 60_000, coolDown: "Prefer" };

/** The value of `spec.reuse` at a path, with the defaults of the schema; a text that is no duration is a problem. */
export function parseReuse(
  object: ReuseObject | undefined,
  path: string,
): { readonly reuse: Reuse; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const duration = (field: "rememberFor" | "coolDownFor", otherwise: number): number => {
    const text = object?.[field];
    if (text === undefined) return otherwise;
    const ms = parseDuration(text);
    if (ms === undefined) problems.push({ path: `${path}.${field}`, message: notADuration(text) });
    return ms ?? otherwise;
  };
  const reuse: Reuse = {
    rememberForMs: duration("rememberFor", defaultReuse.rememberForMs),
    coolDownForMs: duration("coolDownFor", defaultReuse.coolDownForMs),
    coolDown: object?.coolDown ?? defaultReuse.coolDown,
  };
  return { reuse, problems };
}
