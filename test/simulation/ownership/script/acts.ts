import type { Random } from "../../random.ts";
import type { Act, Moment, Step, Variant } from "./step.ts";

type Maker = (random: Random, variant: Variant) => Act;

/** Several acts that belong together. */
type Story = (random: Random, variant: Variant) => readonly Step[];

/** What may happen, and how often. */
export type Chart = readonly (readonly [weight: number, make: Maker | Story])[];

const addresses = 6;

/** Draws an act, or a story, that begins so many ms after the last one. */
export function anySteps(random: Random, variant: Variant, { chart, afterMs }: Draw): readonly Step[] {
  const drawn = random.weighted(chart)(random, variant);
  if (!("length" in drawn)) return [{ afterMs, ...drawn }];
  return drawn.map((step, i) => (i === 0 ? { ...step, afterMs } : step));
}

/** What is drawn from, and when it begins. */
export type Draw = { readonly chart: Chart; readonly afterMs: number };

function node(random: Random, { machines, members }: Variant): number {
  return random.chance(0.9) ? random.below(members) : random.below(machines);
}

function two(random: Random, variant: Variant): readonly [number, number] {
  const one = node(random, variant);
  const other = (one + 1 + random.below(Math.max(1, variant.machines - 1))) % variant.machines;
  return [one, other];
}

/** Short more often than long. */
function forMs(random: Random): number {
  return random.weighted<() => number>([
    [3, () => random.between(30, 400)],
    [4, () => random.between(300, 900)],
    [3, () => random.between(800, 6_000)],
  ])();
}

function moment(random: Random): Moment {
  return random.pick(["now", "now", "beforeStore", "beforeSend"]);
}

function side(random: Random, { machines }: Variant): readonly number[] {
  const all = Array.from({ length: machines }, (_, i) => i);
  return all.filter(() => random.chance(0.5));
}

/** Loss, delay and duplicates for a while. */
export const weather: Maker = (random) => ({
  act: "weather",
  loss: random.pick([0, 0.01, 0.05, 0.15, 0.3]),
  delayMs: random.pick([0.3, 5, 50, 100, 200]),
  duplicate: random.pick([0, 0, 0.1]),
  forMs: forMs(random),
});

/** A cut between two, one way or both. */
export const cut: Maker = (random, variant) => {
  const [from, to] = two(random, variant);
  const what = random.pick(["heartbeats", "layer2"] as const);
  return { act: "cut", from, to, both: random.chance(0.5), what, forMs: forMs(random) };
};

/** One machine hears nobody on the LAN. */
export const port: Maker = (random, variant) => ({ act: "port", node: node(random, variant), forMs: forMs(random) });

/** The LAN falls into two. */
export const partition: Maker = (random, variant) => ({
  act: "partition",
  side: side(random, variant),
  gateway: random.pick(["side", "rest", "both"]),
  forMs: forMs(random),
});

/** A process stops for 1 to 100 intervals. */
export const stop: Maker = (random, variant) => ({
  act: "stop",
  node: node(random, variant),
  at: moment(random),
  forMs: random.pick([random.between(100, 1_000), random.between(100, 2_000), random.between(1_000, 10_000)]),
});

/** A machine stops, its clock with it. */
export const halt: Maker = (random, variant) => ({ act: "halt", node: node(random, variant), forMs: forMs(random) });

/** A process dies and comes back. */
export const kill: Maker = (random, variant) => ({
  act: "kill",
  node: node(random, variant),
  at: moment(random),
  memory: random.chance(0.7),
  restartInMs: forMs(random),
});

/** Another machine takes the place of one. */
export const replace: Maker = (random, variant) => ({
  act: "replace",
  node: node(random, variant),
  inMs: forMs(random),
});

/** SIGTERM. */
export const terminate: Maker = (random, variant) => ({
  act: "terminate",
  node: node(random, variant),
  restartInMs: forMs(random),
});

/** Somebody drains a node for a while. */
export const drain: Maker = (random, variant) => ({ act: "drain", node: node(random, variant), forMs: forMs(random) });

/** Somebody asks for an address to be elsewhere. */
export const move: Maker = (random, variant) => ({
  act: "move",
  address: random.below(addresses),
  node: random.below(variant.members),
});

/** The API server is away for one or all. */
export const api: Maker = (random, variant) => ({
  act: "api",
  node: random.chance(0.4) ? "all" : node(random, variant),
  how: random.pick(["silent", "silent", "refused", "slow"]),
  forMs: forMs(random) * 2,
});

/** The watches of a node stand still. */
export const late: Maker = (random, variant) => ({
  act: "late",
  node: node(random, variant),
  forMs: forMs(random) * 2,
});

/** A node is shown what was. */
export const stale: Maker = (random, variant) => ({
  act: "stale",
  node: node(random, variant),
  what: random.pick(["list", "wishes"]),
  back: 1 + random.below(3),
});

/** A voter comes or goes. */
export const voters: Maker = (random, { machines }) => {
  const which = random.below(machines);
  return random.weighted<Act>([
    [3, { act: "join", node: which }],
    [3, { act: "part", node: which }],
    [1, { act: "witness", wanted: random.chance(0.5) }],
  ]);
};

/** Somebody else writes to the witness Lease. */
export const touch: Maker = () => ({ act: "touch" });

/** A process is started again with another interval. */
export const pace: Maker = (random, variant) => ({
  act: "pace",
  node: node(random, variant),
  intervalMs: random.pick([50, 50, 75, 200, 500]),
  memory: random.chance(0.8),
  restartInMs: random.between(20, 400),
});

/** A process dies just after it has gone by another list. */
export const relist: Maker = (random, variant) => ({
  act: "relist",
  node: node(random, variant),
  inMs: random.between(0, 300),
  restartInMs: random.between(10, 300),
});

/** The gateway is away for one. */
export const gateway: Maker = (random, variant) => ({
  act: "gateway",
  node: node(random, variant),
  forMs: forMs(random),
});

/** Somebody else has an address. */
export const foreign: Maker = (random, variant) => ({
  act: "foreign",
  address: random.below(addresses),
  nodes: side(random, variant),
});

/** Everything. */
export const everything: Chart = [
  [6, weather],
  [10, cut],
  [6, port],
  [5, partition],
  [8, stop],
  [2, halt],
  [8, kill],
  [2, replace],
  [3, terminate],
  [3, drain],
  [5, move],
  [6, api],
  [2, late],
  [2, stale],
  [3, voters],
  [1, gateway],
  [1, foreign],
  [1, touch],
  [1, pace],
  [1, relist],
];
