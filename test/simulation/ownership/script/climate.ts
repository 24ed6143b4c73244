import type { Random } from "../../random.ts";
import { type Chart, everything } from "./acts.ts";
import type { Variant } from "./step.ts";

const sizes: readonly (readonly [number, number])[] = [
  [5, 2],
  [6, 3],
  [2, 4],
  [2, 5],
  [1, 6],
  [1, 7],
];

/** What a script is drawn from: how large groups are, what they are like, and what befalls them. */
export type Climate = {
  readonly sizes: readonly (readonly [number, number])[];
  readonly variant: (random: Random, members: number) => Omit<Variant, "members">;
  readonly chart: Chart;
  /** The mean time between two acts, in intervals: least and most. */
  readonly meanGap: readonly [number, number];
};

/** Anything at all. */
export const anyClimate: Climate = { sizes, variant: anyVariant, chart: everything, meanGap: [2, 26] };

function anyVariant(random: Random, members: number): Omit<Variant, "members"> {
  return {
    machines: Math.min(
      7,
      members +
        random.weighted([
          [5, 0],
          [3, 1],
          [1, 2],
        ]),
    ),
    witness: members % 2 === 0 && random.chance(0.85),
    withoutQuorum: random.chance(0.75) ? "Keep" : "Yield",
    forcing: random.chance(0.12),
    leaseMs: random.chance(0.4) ? 3_000 : 30_000,
  };
}

const small: Climate["sizes"] = [
  [1, 2],
  [3, 3],
  [1, 5],
];

/** No machine besides the members, and nothing is forced or kept. */
export const plain = (_: Random, members: number): Omit<Variant, "members"> => ({
  machines: members,
  witness: members % 2 === 0,
  withoutQuorum: "Yield",
  forcing: false,
  leaseMs: 30_000,
});

/** One of these things alone, in small groups if nothing else is said. */
export function climate(chart: Climate["chart"], more: Partial<Climate> = {}): Climate {
  return { sizes: small, variant: plain, chart, meanGap: [3, 15], ...more };
}
