import { Random } from "../../random.ts";
import { anySteps } from "./acts.ts";
import { anyClimate, type Climate } from "./climate.ts";
import * as themes from "./climates.ts";
import type { Script, Step, Variant } from "./step.ts";

const intervalMs = 100;
const climates = Object.values(themes);

/** The script of a seed, over so many ms: two of three with anything, the third about one thing. */
export function anyScript(seed: number, forMs: number): Script {
  const climate = seed % 3 === 0 ? climates[(seed / 3) % climates.length] : anyClimate;
  return scriptOf(seed, forMs, climate ?? anyClimate);
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
