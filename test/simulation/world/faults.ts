import type { Random } from "../random.ts";

/** What may go wrong with a request: an answer that is an error, none although it was done, none and it was not done, or a late one. */
export type Trouble = "429" | "500" | "503" | "lost" | "dropped" | "slow";

/** A time in which a share of the requests of one controller meets trouble. */
export type Weather = { readonly trouble: Trouble; readonly chance: number; readonly untilMs: number };

/** The controller dies at its next write but so many, before or after it took effect. */
export type Trap = { readonly writes: number; readonly committed: boolean };

/** What stands between one controller and the API server at present. */
export class Faults {
  cutUntilMs = 0;
  trap: Trap | undefined;
  #weathers: Weather[] = [];
  readonly #lags = new Map<string, number>();

  /** Requests meet trouble for a while. */
  add(weather: Weather): void {
    this.#weathers.push(weather);
  }

  /** Events of one kind, or of all (`*`), arrive only after that time. */
  lag(plural: string, untilMs: number): void {
    this.#lags.set(plural, Math.max(untilMs, this.#lags.get(plural) ?? 0));
  }

  /** How long events of a kind are held back yet. */
  lagMs(plural: string, nowMs: number): number {
    return Math.max(0, (this.#lags.get(plural) ?? 0) - nowMs, (this.#lags.get("*") ?? 0) - nowMs);
  }

  /** The trouble that a request meets; undefined: none. */
  trouble(nowMs: number, random: Random): Trouble | undefined {
    if (this.#weathers.length === 0) return undefined;
    this.#weathers = this.#weathers.filter(({ untilMs }) => untilMs > nowMs);
    return this.#weathers.find(({ chance }) => random.chance(chance))?.trouble;
  }

  /** All is well from now on. */
  clear(): void {
    this.cutUntilMs = 0;
    this.trap = undefined;
    this.#weathers = [];
    this.#lags.clear();
  }
}
