import type { Random } from "../../simulation/random.ts";

/** A fault of a round: its words for `inject`, and when it begins and ends, in ms from the round's beginning. */
export type Stroke = { readonly words: readonly string[]; readonly fromMs: number; readonly toMs: number };

/** What happens in one round, and to which nodes: an address of another may not move because of it. */
export type Round = { readonly strokes: readonly Stroke[]; readonly touched: ReadonlySet<string> };

const longestBeginMs = 2_000;
const shortestFaultMs = 100;
const longestFaultMs = 6_000;
/** Longer than it takes until a node counts as gone, is left out of its groups' lists and comes back to them. */
const longFaultMs = { from: 70_000, to: 90_000 };
const shareOfLong = 0.015;
/** Of ten rounds, so many have a fault of the whole cluster too, or a second fault of a node. */
const shareOfWide = 0.3;
const shareOfSecond = 0.35;

const ofNode: readonly string[] = [
  "lan",
  "lan-silent",
  "both",
  "management",
  "heartbeats-of",
  "kill",
  "terminate",
  "stop",
  "stall speaker",
  "loss",
  "delay",
];
const ofPair: readonly string[] = ["one-way", "apart", "heartbeats-one-way", "heartbeats"];
const wide: readonly (readonly string[])[] = [["hogs", "2"], ["api-stop"], ["api-kill"], ["controller"]];

/** A round for these nodes; at most two faults of nodes, of different ones, and one of the whole cluster. */
export function randomRound(nodes: readonly string[], random: Random): Round {
  const left = shuffled(nodes, random);
  const strokes: Stroke[] = [];
  const touched = new Set<string>();
  for (let i = 0; i < (random.chance(shareOfSecond) ? 2 : 1) && left.length >= 2; i++) {
    const ofTwo = random.chance(ofPair.length / (ofNode.length + ofPair.length));
    const hit = left.splice(0, ofTwo ? 2 : 1);
    for (const node of hit) touched.add(node);
    strokes.push(stroke(words(hit, random), random));
  }
  if (random.chance(shareOfWide)) strokes.push(stroke(random.pick(wide), random));
  return { strokes, touched };
}

function shuffled(nodes: readonly string[], random: Random): string[] {
  const left = [...nodes];
  return nodes.map(() => left.splice(random.below(left.length), 1)[0] ?? "");
}

function words(hit: readonly string[], random: Random): readonly string[] {
  const fault = random.pick(hit.length === 2 ? ofPair : ofNode);
  if (fault === "stall speaker") return ["stall", ...hit, "speaker", String(100 + random.below(2_000)), "0"];
  if (fault === "delay") return [fault, ...hit, "0", String(random.below(400))];
  if (fault === "loss") return [fault, ...hit, String(1 + random.below(20))];
  return [fault, ...hit];
}

/** Short ones are the more frequent, for a fault is hardest to judge while it begins and ends. */
function stroke(words: readonly string[], random: Random): Stroke {
  const fromMs = random.below(longestBeginMs);
  return { words, fromMs, toMs: fromMs + faultMs(random) };
}

function faultMs(random: Random): number {
  if (random.chance(shareOfLong)) return longFaultMs.from + random.below(longFaultMs.to - longFaultMs.from);
  return shortestFaultMs + Math.floor(random.next() ** 2 * longestFaultMs);
}

/** The round in one line, for people. */
export function roundText({ strokes }: Round): string {
  return strokes.map(({ words, fromMs, toMs }) => `${words.join(" ")} (${fromMs}-${toMs} ms)`).join(", ");
}
