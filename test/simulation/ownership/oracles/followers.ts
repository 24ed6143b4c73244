import type { Machine } from "../world/machine.ts";
import type { World } from "../world/world.ts";
import { isFair } from "./sound.ts";
import { invariants } from "./violation.ts";

const withinMs = 2_000;

/**
 * Judges how soon a member goes by a newer list that more than half of its own voters go by: it hears of that from them, so it
 * needs no API server.
 */
export class Followers {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Looks at each machine. */
  check(nowMs: number): void {
    const { server, machines, slowness, lan } = this.#world;
    if (server.list.epoch === 1 || !isFair(lan.weather())) return;
    for (const machine of machines) {
      const forMs = nowMs - Math.max(this.#toldSinceMs(machine), lan.weatherSinceMs());
      if (forMs <= withinMs * slowness) continue;
      const message = `${machine.name} goes by epoch ${machine.listed.epoch}, told otherwise for ${Math.round(forMs)} ms`;
      this.#world.violate(invariants.follows, message);
    }
  }

  /** Since when more than half of its voters, linked to it, go by one newer list and stay in it; infinite: they do not. */
  #toldSinceMs(machine: Machine): number {
    const { epoch } = machine.listed;
    const { lists } = this.#world.server;
    const list = lists[epoch - 1];
    if (list === undefined || !machine.runs) return Number.POSITIVE_INFINITY;
    const needed = Math.floor((list.members.length + (list.witness ? 1 : 0)) / 2) + 1;
    const others = list.members.flatMap((name) => this.#world.machineOf(name) ?? []);
    const sinces = lists.slice(epoch).map((newer) => {
      if (!newer.members.includes(machine.name)) return Number.POSITIVE_INFINITY;
      const telling = others.filter(
        (other) => other !== machine && newer.members.includes(other.name) && other.epoch.value === newer.epoch,
      );
      return (
        telling.map((other) => this.#hearsSinceMs(machine, other)).toSorted((a, b) => a - b)[needed - 1] ??
        Number.POSITIVE_INFINITY
      );
    });
    return Math.max(Math.min(...sinces), machine.listed.sinceMs, machine.soundSinceMs);
  }

  #hearsSinceMs(machine: Machine, other: Machine): number {
    const { lan } = this.#world;
    if (!other.runs) return Number.POSITIVE_INFINITY;
    const links = [lan.carriesSinceMs(other.index, machine.index), lan.carriesSinceMs(machine.index, other.index)];
    return Math.max(other.epoch.sinceMs, other.soundSinceMs, ...links);
  }
}
