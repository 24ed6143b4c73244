import { type Answer, doubles } from "../answers.ts";
import type { Round } from "./rounds.ts";

/** What a round was like from outside. */
export type Seen = {
  readonly answers: readonly Answer[];
  /** Who held each address before and after, by node's name; after is undefined if that did not settle. */
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string> | undefined;
  readonly nodes: number;
};

/** What was wrong, and the longest time for which two answered. */
export type Verdict = {
  readonly broken: readonly string[];
  readonly doubleMs: number;
  readonly moves: number;
  readonly settled: boolean;
};

const windowMs = 1_000;
const patienceMs = 250;

/** Never two beyond the window; one for each address in the end; nothing moves that was not touched, while a majority was whole. */
export function verdict({ touched }: Round, { answers, before, after, nodes }: Seen): Verdict {
  const twice = doubles(answers, patienceMs);
  const moved = [...before].filter(([address, node]) => after !== undefined && after.get(address) !== node);
  const mayJudgeMoves = touched.size <= (nodes - 1) / 2;
  const unasked = mayJudgeMoves ? moved.filter(([, node]) => !touched.has(node)) : [];
  const broken = [
    ...twice
      .filter(({ forMs }) => forMs > windowMs)
      .map(({ address, macs, forMs }) => `${address}: ${macs.join(" and ")} both answer for ${forMs.toFixed(0)} ms`),
    ...(after === undefined
      ? ["not every address has one node alone that answers, a minute after all was mended"]
      : []),
    ...unasked.map(([address, node]) => `${address} moved from ${node}, which nothing had happened to`),
  ];
  return {
    broken,
    doubleMs: Math.max(0, ...twice.map(({ forMs }) => forMs)),
    moves: moved.length,
    settled: after !== undefined,
  };
}
