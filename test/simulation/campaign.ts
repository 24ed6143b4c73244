import type { Violation } from "./oracles/invariant.ts";
import { type RunOptions, run } from "./run.ts";
import { scriptOf } from "./script/script.ts";
import type { Script, Variant } from "./script/step.ts";
import { shrunk } from "./shrink.ts";

/** A seed that broke an invariant. */
export type Failure = { readonly seed: number; readonly violation: Violation };

/** The seeds `first`, `first + stride`, … below `end`, each with so many steps. */
export type Campaign = {
  readonly first: number;
  readonly end: number;
  readonly stride: number;
  readonly steps: number;
};

/** Runs all seeds of a campaign; tells each that failed. */
export async function campaign(
  { first, end, stride, steps }: Campaign,
  told: (failure: Failure) => void,
): Promise<void> {
  for (let seed = first; seed < end; seed += stride) {
    const { violation } = await run(scriptOf(seed, steps));
    if (violation !== undefined) told({ seed, violation });
  }
}

/** The first of so many seeds with which something is wrong; undefined: none. */
export async function firstFailure(
  seeds: { readonly first: number; readonly count: number; readonly steps: number; readonly only?: Variant },
  options: RunOptions,
): Promise<Failure | undefined> {
  for (let seed = seeds.first; seed < seeds.first + seeds.count; seed++) {
    const { violation } = await run(scriptOf(seed, seeds.steps, seeds.only), options);
    if (violation !== undefined) return { seed, violation };
  }
  return undefined;
}

/** The smallest script found that breaks the same invariant. */
export function smallest(script: Script, { invariant }: Violation, options: RunOptions = {}): Promise<Script> {
  return shrunk(script, async (smaller) => (await run(smaller, options)).violation?.invariant === invariant);
}
