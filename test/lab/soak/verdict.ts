import { type Answer, beyondWindow, longestDoubleMs } from "../answers.ts";
import type { Round, Stroke } from "./rounds.ts";

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

/** Never two beyond the window; one for each address in the end; nothing moves that was not touched, while a majority was whole. */
export function verdict({ strokes, touched }: Round, { answers, before, after, nodes }: Seen): Verdict {
  const moved = [...before].filter(([address, node]) => after !== undefined && after.get(address) !== node);
  const mayJudgeMoves = touched.size <= (nodes - 1) / 2;
  const unasked = mayJudgeMoves ? moved.filter(([, node]) => !touched.has(node)) : [];
  const broken = [
    ...beyondWindow(answers, keptMs(strokes)).map(
      ({ address, macs, forMs }) => `${address}: ${macs.join(" and ")} both answer for ${forMs.toFixed(0)} ms`,
    ),
    ...(after === undefined
      ? ["not every address has one node alone that answers, a minute after all was mended"]
      : []),
    ...unasked.map(([address, node]) => `${address} moved from ${node}, which nothing had happened to`),
  ];
  return {
    broken,
    doubleMs: longestDoubleMs(answers),
    moves: moved.length,
    settled: after !== undefined,
  };
}

const withoutApi: ReadonlySet<string> = new Set(["api-stop", "api-kill", "management"]);
const apart: ReadonlySet<string> = new Set([
  "one-way",
  "apart",
  "heartbeats-one-way",
  "heartbeats",
  "heartbeats-of",
  "loss",
  "delay",
]);

/** Without the API server a node keeps what it holds: two may answer for as long as they cannot hear each other. */
function keptMs(strokes: readonly Stroke[]): number {
  const named = (names: ReadonlySet<string>): readonly Stroke[] =>
    strokes.filter(({ words: [fault = ""] }) => names.has(fault));
  if (named(withoutApi).length === 0) return 0;
  return Math.max(0, ...named(apart).map(({ fromMs, toMs }) => toMs - fromMs));
}
