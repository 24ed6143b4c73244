import { notADuration, parseDuration } from "./duration.ts";
import type { Spec } from "./generated/bgppeer-v1beta1.ts";
import type { Problem } from "./problem.ts";

/** The times of a session, in whole seconds. */
export type BgpTimers = {
  /** What is proposed to the router; 0: the session never ends for want of words, else at least 3. */
  readonly holdTimeSeconds: number;
  /** At most a third of `holdTimeSeconds`; 0 exactly if that is 0. */
  readonly keepaliveTimeSeconds: number;
  /** How long to wait after an attempt to connect that failed, before it is jittered. */
  readonly connectTimeSeconds: number;
};

/** What holds where nothing is said (RFC 4271, section 10; a failed attempt is repeated sooner than there). */
export const defaultTimers: BgpTimers = { holdTimeSeconds: 90, keepaliveTimeSeconds: 30, connectTimeSeconds: 10 };

const mostSeconds = 65_535;

/** RFC 4271, section 4.2: 0, or at least three seconds. */
const leastHoldSeconds = 3;

/** Three keepalives in one hold time (RFC 4271, section 4.4). */
const keepalivesPerHold = 3;

type TimeFields = Pick<Spec, "holdTime" | "keepaliveTime" | "connectTime">;

/** What a field may say: seconds from `least` to `most`, or `also`. */
type Bounds = { readonly least: number; readonly most: number; readonly also?: number };

const bounds = {
  holdTime: { least: leastHoldSeconds, most: mostSeconds, also: 0 },
  keepaliveTime: { least: 1, most: mostSeconds / keepalivesPerHold, also: 0 },
  connectTime: { least: 1, most: mostSeconds },
} as const satisfies Record<keyof TimeFields, Bounds>;

/** The times of a BGPPeer's spec; one of hold and keepalive time follows from the other, 90s and 30s if neither is given. */
export function parseTimers(spec: TimeFields, path: string): { timers: BgpTimers; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const read = (field: keyof TimeFields): number | undefined => {
    const parsed = parseSeconds(spec[field], bounds[field]);
    if (typeof parsed === "string") problems.push({ path: `${path}.${field}`, message: parsed });
    return typeof parsed === "string" ? undefined : parsed;
  };
  const [hold, keepalive] = [read("holdTime"), read("keepaliveTime")];
  const connectTimeSeconds = read("connectTime") ?? defaultTimers.connectTimeSeconds;
  problems.push(...relationProblems(hold, keepalive, path));
  return { timers: { ...holdAndKeepalive(hold, keepalive), connectTimeSeconds }, problems };
}

/** The seconds of a text, or what is wrong with it. */
function parseSeconds(text: string | undefined, { least, most, also }: Bounds): number | string | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) return notADuration(text);
  const seconds = ms / 1000;
  if (seconds === also || (seconds >= least && seconds <= most)) return seconds;
  return `${seconds}s: expected ${also === undefined ? "" : `${also}s, or `}${least}s to ${most}s`;
}

function holdAndKeepalive(
  hold: number | undefined,
  keepalive: number | undefined,
): Pick<BgpTimers, "holdTimeSeconds" | "keepaliveTimeSeconds"> {
  const holdTimeSeconds =
    hold ?? (keepalive === undefined ? defaultTimers.holdTimeSeconds : keepalive * keepalivesPerHold);
  return { holdTimeSeconds, keepaliveTimeSeconds: keepalive ?? Math.floor(holdTimeSeconds / keepalivesPerHold) };
}

function relationProblems(hold: number | undefined, keepalive: number | undefined, path: string): readonly Problem[] {
  if (hold === undefined || keepalive === undefined) return [];
  const at = `${path}.keepaliveTime`;
  if ((hold === 0) !== (keepalive === 0))
    return [{ path: at, message: `${keepalive}s with a holdTime of ${hold}s: both are 0s or neither` }];
  if (keepalive * keepalivesPerHold <= hold) return [];
  return [{ path: at, message: `${keepalive}s is more than a third of holdTime, ${hold}s` }];
}
