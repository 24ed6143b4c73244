import { mutated, randomFrom } from "./mutation.ts";
import type { Target } from "./target.ts";

/** Bytes that made a decoder do what it must not. */
export type Finding = { readonly target: string; readonly bytes: Uint8Array; readonly error: unknown };

/** Runs a decoder over mutated samples, and over mutations of what it accepted. */
export type Campaign = {
  /** So many more; the first finding ends them. */
  run(count: number): Finding | undefined;
  /** How many there were, and how many of them were accepted. */
  totals(): { readonly runs: number; readonly accepted: number };
};

const MOST_KEPT = 256;
const LARGEST_KEPT = 4096;

/** Begins with the target's samples; the same seed gives the same bytes. */
export function createCampaign(target: Target, seed: number): Campaign {
  const random = randomFrom(seed);
  const corpus = [...target.samples];
  const totals = { runs: 0, accepted: 0 };
  const keep = (bytes: Uint8Array): void => {
    totals.accepted++;
    if (bytes.length > LARGEST_KEPT) return;
    if (corpus.length < MOST_KEPT) corpus.push(bytes);
    else corpus[target.samples.length + random(MOST_KEPT - target.samples.length)] = bytes;
  };
  const tryOne = (): Finding | undefined => {
    const bytes = mutated(corpus[random(corpus.length)] ?? new Uint8Array(), random);
    totals.runs++;
    try {
      target.decode(bytes);
    } catch (error) {
      return target.mayThrow(error) ? undefined : { target: target.name, bytes, error };
    }
    keep(bytes);
    return undefined;
  };
  return {
    run: (count) => {
      for (let left = count; left > 0; left--) {
        const finding = tryOne();
        if (finding !== undefined) return finding;
      }
      return undefined;
    },
    totals: () => totals,
  };
}
