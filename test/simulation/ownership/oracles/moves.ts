import type { TableEntry } from "../../../../src/announce/votes/heartbeat.ts";
import type { Machine } from "../world/machine.ts";
import type { World } from "../world/world.ts";
import { majorityWithSinceMs } from "./sound.ts";
import type { Kind } from "./timeline.ts";
import { invariants } from "./violation.ts";

type Kinds = ReadonlyMap<number, Kind>;

/** So long a majority with the holder in it must have been sound before the holder is to blame: it counts the witness until then. */
const soundForMs = 1_200;
const settlesMs = 1_500;

/** Judges every end of a hold: a healthy holder gives an address away only if somebody asked for that. */
export class Moves {
  /** How many holds ended without having been asked to, for whatever cause. */
  ended = 0;
  readonly #world: World;
  /** By address and machine, the generation of the wish that its claim has used up, as it says. */
  readonly #consumed = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Somebody began or ceased to answer, or does it in another way. */
  changed(address: number, before: Kinds, after: Kinds, atMs: number): void {
    for (const [index, kind] of before)
      if (kind === "holds" && after.get(index) !== "holds") this.#judge(address, index, atMs);
  }

  /** What a member says of its claims. */
  said(machine: number, address: number, { claim }: TableEntry): void {
    if (claim !== undefined) this.#consumed.set(`${address} ${machine}`, claim.generation);
  }

  #judge(address: number, index: number, atMs: number): void {
    const machine = this.#world.machines[index];
    if (machine === undefined || this.#isAsked(address, machine, atMs)) return;
    this.ended++;
    const soundMs = atMs - majorityWithSinceMs(this.#world, machine);
    if (soundMs < soundForMs * this.#world.slowness) return;
    const message = `address ${address}: ${machine.name} gave it up at ${Math.round(atMs)}, sound for ${Math.round(soundMs)} ms`;
    this.#world.violate(invariants.moves, message);
  }

  #isAsked(address: number, machine: Machine, atMs: number): boolean {
    const { server, forced } = this.#world;
    const newer = server.placement(address).generation > (this.#consumed.get(`${address} ${machine.index}`) ?? 0);
    const wanted = !newer && !machine.process?.leaving && server.isWilling(machine.name, address);
    const settled = machine.agent.wasWilling(address) && atMs - this.#world.allowedAtMs(address) > settlesMs;
    return forced || !wanted || !settled;
  }
}
