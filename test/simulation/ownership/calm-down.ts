import { askForMoves, notMoved, unrest } from "./oracles/calm.ts";
import { invariants, type Violation } from "./oracles/violation.ts";
import { becomeCalm } from "./world/befall.ts";
import type { World } from "./world/world.ts";

const lookEachMs = 250;
/** All must be well for so long. */
const wellForMs = 1_500;
/** What is not well so long after the last fault, and after the last list, never will be. */
const patienceMs = 9_000;
const listsPatienceMs = 60_000;
const movesWithinMs = 1_500;

/** Lets time pass; ends early with the first violation. */
export async function until({ scheduler, timeline, violations }: World, endMs: number): Promise<void> {
  while (violations.length === 0) {
    const nextMs = scheduler.nextAtMs() ?? endMs;
    timeline.advance(Math.min(nextMs, endMs));
    if (nextMs >= endMs) break;
    await scheduler.step();
  }
  scheduler.nowMs = Math.max(scheduler.nowMs, endMs);
}

/** Ends all faults and judges what becomes of it: one holder each, nothing new to say, and whatever is asked for then. */
export async function calmDown(world: World): Promise<void> {
  becomeCalm(world);
  if (!(await becomesWell(world))) return;
  const { sent: before } = world;
  await until(world, world.scheduler.nowMs + 1_000);
  judgeRest(world, before);
  if (world.server.list.members.length > 1) await judgeMoves(world);
}

async function becomesWell(world: World): Promise<boolean> {
  const patience = new Patience(world);
  while (world.violations.length === 0) {
    await until(world, world.scheduler.nowMs + lookEachMs);
    const wrong = unrest(world);
    if (patience.isWell(wrong)) return true;
    if (wrong !== undefined && patience.isOver(wrong)) world.violate(wrong.invariant, wrong.message);
  }
  return false;
}

/** How long it has been well, or may still take until it is. */
class Patience {
  readonly #world: World;
  readonly #beganMs: number;
  #list: { readonly epoch: number; readonly sinceMs: number };
  #wellSinceMs: number | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#beganMs = world.scheduler.nowMs;
    this.#list = { epoch: world.server.list.epoch, sinceMs: this.#beganMs };
  }

  /** Nothing has been wrong for long enough. */
  isWell(wrong: Violation | undefined): boolean {
    const { nowMs } = this.#world.scheduler;
    this.#wellSinceMs = wrong === undefined ? (this.#wellSinceMs ?? nowMs) : undefined;
    return this.#wellSinceMs !== undefined && nowMs - this.#wellSinceMs >= wellForMs * this.#world.slowness;
  }

  /** It never will be. */
  isOver({ invariant }: Violation): boolean {
    const { nowMs } = this.#world.scheduler;
    const { epoch } = this.#world.server.list;
    if (epoch !== this.#list.epoch) this.#list = { epoch, sinceMs: nowMs };
    if (nowMs - this.#beganMs > listsPatienceMs) return true;
    return invariant !== invariants.lists && nowMs - this.#list.sinceMs > patienceMs * this.#world.slowness;
  }
}

/** Each says something to each other each interval of the quickest, and nothing that is new. */
function judgeRest(world: World, before: World["sent"]): void {
  const { heartbeats, entries } = world.sent;
  const { members } = world.server.list;
  const links = members.length * (members.length - 1);
  const paces = members.flatMap((name) => world.machineOf(name)?.intervalMs ?? []);
  const most = links * (1_000 / Math.min(...paces)) * 1.2 + 4;
  if (entries > before.entries) world.violate(invariants.rest, `${entries - before.entries} entries in a second`);
  if (heartbeats - before.heartbeats > most)
    world.violate(invariants.rest, `${heartbeats - before.heartbeats} heartbeats in a second`);
}

async function judgeMoves(world: World): Promise<void> {
  const gaps = world.gaps.lengthsMs.length;
  const asked = askForMoves(world);
  await until(world, world.scheduler.nowMs + movesWithinMs * world.slowness);
  const wrong = notMoved(world, asked);
  if (wrong !== undefined) world.violate(wrong.invariant, wrong.message);
  const longest = Math.max(0, ...world.gaps.lengthsMs.slice(gaps));
  if (longest > 0) world.violate(invariants.asked, `nobody answered for ${longest.toFixed(1)} ms`);
}
