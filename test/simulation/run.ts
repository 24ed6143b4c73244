import { keyOf } from "./api/object.ts";
import { calmInvariants } from "./oracles/calm-invariants.ts";
import { freshPlan } from "./oracles/fresh-plan.ts";
import type { Violation } from "./oracles/invariant.ts";
import type { Script } from "./script/step.ts";
import { Trace } from "./trace.ts";
import type { Plant } from "./world/controller.ts";
import { epochMs } from "./world/process.ts";
import { options, World } from "./world/world.ts";

/** What became of a run; two runs of one script have the same. */
export type Verdict = {
  readonly violation: Violation | undefined;
  readonly hash: string;
  /** Everything that happened; empty unless it was asked for. */
  readonly lines: readonly string[];
  /** How many events the run had. */
  readonly events: number;
  readonly virtualMs: number;
};

/** What a run may be given besides its script. */
export type RunOptions = { readonly plant?: Plant; readonly trace?: boolean };

/** Nobody writes for so long: the controllers may have come to rest. */
const quietMs = 8_000;
/** They have: whatever waits for a retry or a slow watch has come by then. */
const restMs = 40_000;
/** So often what seems left at rest is looked at again. */
const mostLooks = 3;
/** What has not come to rest so long after the last fault never will. */
const patienceMs = 20 * 60_000;

/** Carries a script out, with all faults, then without until nothing changes any more; stops at the first violation. */
export async function run(script: Script, { plant = {}, trace: keep = false }: RunOptions = {}): Promise<Verdict> {
  const trace = new Trace(keep);
  const world = new World(script, trace, plant);
  let atMs = 1_000;
  for (const step of script.steps) {
    atMs += step.afterMs;
    world.scheduler.after(atMs, () => world.apply(step));
  }
  const steps = await until(world, atMs + 1);
  if (world.violations.length === 0) world.becomeCalm();
  const events = steps + (await untilCalm(world));
  const [violation] = world.violations;
  return { violation, hash: trace.hash(), lines: trace.lines, events, virtualMs: world.scheduler.nowMs };
}

async function until(world: World, endMs: number): Promise<number> {
  let events = 0;
  while (world.violations.length === 0 && (world.scheduler.nextAtMs() ?? endMs) < endMs) {
    await world.scheduler.step();
    events++;
  }
  return events;
}

/** Until a fresh plan finds nothing to do and nobody has written for long; then everything must be as it should. */
async function untilCalm(world: World): Promise<number> {
  let events = await untilRest(world);
  for (let look = 1; world.violations.length === 0; look++) {
    const found = faults(world);
    if (found.length === 0) break;
    // What is remembered may have ended at this very moment: what is really left is so when looked at again.
    if (look === mostLooks) world.violations.push(...found);
    else events += await untilRest(world);
  }
  return events;
}

async function untilRest(world: World): Promise<number> {
  const { scheduler, violations } = world;
  const beganMs = scheduler.nowMs;
  let events = 0;
  while (violations.length === 0) {
    events += await until(world, Math.max(scheduler.nowMs, world.lastWriteMs) + quietMs);
    if (violations.length > 0) break;
    const quietSinceMs = Math.max(beganMs, world.lastWriteMs);
    if (scheduler.nowMs - quietSinceMs >= restMs) break;
    const busy = scheduler.nowMs - world.lastWriteMs < quietMs - 1_000;
    if (busy && scheduler.nowMs - beganMs > patienceMs) violations.push(restless(world));
  }
  return events;
}

function faults(world: World): readonly Violation[] {
  const { storage } = world.server;
  const left = freshPlan(storage, options, epochMs + world.scheduler.nowMs).filter((each) => !isContested(each, world));
  if (left.length > 0) return [{ invariant: "what is left at rest is nothing", message: left.join("; ") }];
  return calmInvariants.flatMap(({ name, broken }) =>
    broken(world.facts).map((message) => ({ invariant: name, message })),
  );
}

function isContested(change: string, { facts }: World): boolean {
  if (!change.startsWith("writeService")) return false;
  return [...facts.services()].some(
    (service) => change.endsWith(`service/${keyOf(service.metadata)}`) && facts.isContested(service),
  );
}

function restless(world: World): Violation {
  const message = `still writing after ${Math.round(patienceMs / 60_000)} minutes, last at ${world.lastWriteMs}`;
  return { invariant: "the controllers come to rest", message };
}
