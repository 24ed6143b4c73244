import { shrunk } from "../shrink.ts";
import type { Cause } from "./oracles/overlaps.ts";
import type { Violation } from "./oracles/violation.ts";
import { type RunOptions, run } from "./run.ts";
import type { Climate } from "./script/climate.ts";
import { anyScript, scriptOf } from "./script/script.ts";
import type { Script } from "./script/step.ts";

/** A seed that broke an invariant. */
export type Failure = { readonly seed: number; readonly violation: Violation };

/** The seeds `first`, `first + stride`, … below `end`, each with faults over so many ms. */
export type Campaign = {
  readonly first: number;
  readonly end: number;
  readonly stride: number;
  readonly forMs: number;
  /** The climate of all of them; undefined: each has its own. */
  readonly about: string | undefined;
};

/** What a campaign has seen. */
export type Outcome = {
  readonly failures: readonly Failure[];
  readonly virtualMs: number;
  readonly overlapsMs: Readonly<Record<Cause, readonly number[]>>;
  readonly gapsMs: readonly number[];
};

/** Runs all seeds of a campaign. */
export async function campaign({ first, end, stride, forMs, about }: Campaign): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (let seed = first; seed < end; seed += stride) {
    const { violation, ...seen } = await run(anyScript(seed, forMs, about));
    outcomes.push({ ...seen, failures: violation === undefined ? [] : [{ seed, violation }] });
  }
  return together(outcomes);
}

/** What several have seen, the lowest seed first. */
export function together(outcomes: readonly Outcome[]): Outcome {
  const lengths = (cause: Cause): readonly number[] => outcomes.flatMap(({ overlapsMs }) => overlapsMs[cause]);
  return {
    failures: outcomes.flatMap(({ failures }) => failures).sort((a, b) => a.seed - b.seed),
    virtualMs: outcomes.reduce((sum, { virtualMs }) => sum + virtualMs, 0),
    overlapsMs: {
      planned: lengths("planned"),
      keep: lengths("keep"),
      halted: lengths("halted"),
      forced: lengths("forced"),
    },
    gapsMs: outcomes.flatMap(({ gapsMs }) => gapsMs),
  };
}

/** Seeds of a climate. */
export type Seeds = {
  readonly first: number;
  readonly count: number;
  readonly forMs: number;
  readonly climate: Climate;
};

/** The first of the seeds that breaks one of these invariants, or (without them) any; undefined: none. */
export async function firstFailure(
  { first, count, forMs, climate }: Seeds,
  options: RunOptions,
  wanted?: readonly string[],
): Promise<Failure | undefined> {
  for (let seed = first; seed < first + count; seed++) {
    const { violation } = await run(scriptOf(seed, forMs, climate), options);
    if (violation === undefined) continue;
    if (wanted === undefined || wanted.includes(violation.invariant)) return { seed, violation };
  }
  return undefined;
}

/** The smallest script found that breaks the same invariant. */
export function smallest(script: Script, { invariant }: Violation, options: RunOptions = {}): Promise<Script> {
  return shrunk(script, async (smaller) => (await run(smaller, options)).violation?.invariant === invariant);
}
