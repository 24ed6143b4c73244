import { Random } from "../random.ts";

/**
 * The chance of somebody at a moment. It depends on nothing that was drawn before, so that what is left out of a run changes
 * nothing else in it: without that no failing run could be shortened.
 */
export function chanceOf(seed: number, who: number, nowMs: number): Random {
  return new Random(mixed(mixed(seed, who), Math.floor(nowMs * 64)));
}

function mixed(one: number, other: number): number {
  let hash = Math.imul((one ^ 0x9e3779b9) + other, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
