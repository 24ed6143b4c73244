import { Random } from "../../random.ts";
import { anySteps } from "./acts.ts";
import { anyClimate, type Climate } from "./climate.ts";
import * as themes from "./climates.ts";
import * as listThemes from "./list-climates.ts";
import type { Script, Step, Variant } from "./step.ts";

const intervalMs = 100;
const climates: Readonly<Record<string, Climate>> = { ...themes, ...listThemes };

/** What scripts about one thing are called. */
export const climateNames = Object.keys(climates);

/** The script of a seed, over so many ms: about that one thing, else two of three with anything, the third about one thing. */
export function anyScript(seed: number, forMs: number, about?: string): Script {
  const name = about ?? (seed % 3 === 0 ? climateNames[(seed / 3) % climateNames.length] : undefined);
  return scriptOf(seed, forMs, (name === undefined ? undefined : climates[name]) ?? anyClimate);
}

/** The script of a seed in a climate, over so many ms. */
export function scriptOf(seed: number, forMs: number, climate: Climate): Script {
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1));
  const members = random.weighted(climate.sizes);
  const variant: Variant = { members, ...climate.variant(random, members) };
  const meanMs = random.between(...climate.meanGap) * intervalMs;
  const steps: Step[] = [];
  for (let atMs = random.between(0, 2_500); atMs < forMs; ) {
    const afterMs = steps.length === 0 ? atMs : -Math.log(1 - random.next()) * meanMs;
    const next = anySteps(random, variant, { chart: climate.chart, afterMs });
    const lastsMs = next.reduce((sum, step) => sum + step.afterMs, 0);
    if (steps.length > 0) atMs += lastsMs;
    steps.push(...next);
  }
  return { seed, variant, steps };
}
