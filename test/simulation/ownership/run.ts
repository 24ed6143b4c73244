import { Trace } from "../trace.ts";
import { calmDown, until } from "./calm-down.ts";
import type { Cause } from "./oracles/overlaps.ts";
import type { Violation } from "./oracles/violation.ts";
import type { Script } from "./script/step.ts";
import { befall } from "./world/befall.ts";
import type { MemberSettings } from "./world/surroundings.ts";
import { World } from "./world/world.ts";

/** What became of a run; two runs of one script have the same. */
export type Verdict = {
  readonly violation: Violation | undefined;
  readonly hash: string;
  /** Everything that happened; empty unless it was asked for. */
  readonly lines: readonly string[];
  readonly virtualMs: number;
  readonly heartbeats: number;
  /** How long two answered, by cause, and how long nobody did while a majority was linked, in ms. */
  readonly overlapsMs: Readonly<Record<Cause, readonly number[]>>;
  readonly gapsMs: readonly number[];
};

/** What a run may be given besides its script. */
export type RunOptions = { readonly rules?: MemberSettings["rules"]; readonly trace?: boolean };

/** The interval of all runs. */
export const intervalMs = 100;

const afterLastMs = 300;

/** Carries a script out, with all faults, then without until all is well; stops at the first violation. */
export async function run(script: Script, { rules, trace: keep = false }: RunOptions = {}): Promise<Verdict> {
  const trace = new Trace(keep);
  const world = new World(script, trace, { intervalMs, withoutQuorum: script.variant.withoutQuorum, rules });
  let atMs = 0;
  for (const step of script.steps) {
    atMs += step.afterMs;
    world.scheduler.silently(atMs, () => befall(world, step));
  }
  await until(world, atMs + afterLastMs);
  if (world.violations.length === 0) await calmDown(world);
  const { heartbeats, entries } = world.sent;
  trace.add(`${heartbeats} heartbeats, ${entries} entries`);
  return {
    violation: world.violations[0],
    hash: trace.hash(),
    lines: trace.lines,
    virtualMs: world.scheduler.nowMs,
    heartbeats,
    overlapsMs: world.overlaps.lengthsMs,
    gapsMs: world.gaps.lengthsMs,
  };
}
