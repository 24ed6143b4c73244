import type { Random } from "../../random.ts";
import * as acts from "./acts.ts";
import { climate, plain } from "./climate.ts";
import type { Act } from "./step.ts";

const slowWeather = (random: Random): Act => ({
  act: "weather",
  loss: random.pick([0, 0.05, 0.15]),
  delayMs: random.pick([50, 100, 200]),
  duplicate: 0,
  forMs: random.between(500, 3_000),
});

/** Somebody hears the others, who do not hear him. */
export const oneWay = climate([
  [
    3,
    (random, { members }) => ({
      act: "cut",
      from: random.below(members),
      to: random.below(members),
      both: false,
      what: "heartbeats",
      forMs: random.between(400, 2_000),
    }),
  ],
  [2, slowWeather],
  [1, acts.stop],
]);

/** Two of three hear the third and not each other. */
export const chains = climate([[1, acts.cut]], {
  sizes: [
    [2, 3],
    [1, 5],
  ],
});

/** Ports are cut, networks fall apart, the rest is fine. */
export const cuts = climate([
  [2, acts.port],
  [2, acts.partition],
  [1, acts.cut],
]);

/** Processes stop, also between two of their acts, in slow networks. */
export const stops = climate([
  [4, acts.stop],
  [1, slowWeather],
  [1, acts.cut],
]);

/** Processes die, and come back with and without memory. */
export const restarts = climate([
  [4, acts.kill],
  [1, acts.replace],
  [2, acts.cut],
]);

/** An address is asked to go and, at once, to come back, while packets take long. */
export const reclaims = climate(
  [
    [
      1,
      (random, { members }) => {
        const address = random.below(6);
        const home = address % members;
        const weather = { ...slowWeather(random), afterMs: 0 };
        return [
          weather,
          { afterMs: random.between(50, 200), act: "move", address, node: (home + 1) % members },
          { afterMs: random.between(20, 400), act: "move", address, node: home },
        ];
      },
    ],
  ],
  { meanGap: [4, 10] },
);

/** Less than half are on their own, with the API server at hand. */
export const minorities = climate(
  [
    [3, acts.partition],
    [2, acts.port],
    [1, acts.kill],
  ],
  {
    sizes: [
      [3, 4],
      [1, 6],
    ],
  },
);

/** The witness is fought for while calls take as long as they like. */
export const slowApi = climate(
  [
    [
      1,
      (random, { members }) => [
        { afterMs: 0, act: "api", node: "all", how: "slow", forMs: random.between(2_000, 5_000) },
        {
          afterMs: random.between(20, 400),
          act: "partition",
          side: [random.below(members)],
          gateway: "both",
          forMs: random.between(400, 5_000),
        },
      ],
    ],
    [1, acts.stop],
  ],
  { sizes: [[1, 2]] },
);

/** Nobody hears the API server while members lose each other, with the gateway or without it. */
export const keepers = climate(
  [
    [3, (random) => ({ act: "api", node: "all", how: "silent", forMs: random.between(2_000, 10_000) })],
    [
      4,
      (random, { members }) => ({
        act: "partition",
        side: [random.below(members)],
        gateway: random.pick(["both", "both", "side", "rest"]),
        forMs: random.between(500, 5_000),
      }),
    ],
    [2, acts.cut],
    [2, acts.stop],
    [1, acts.kill],
    [1, acts.gateway],
    [1, acts.foreign],
    [1, acts.halt],
  ],
  { variant: (random, members) => ({ ...plain(random, members), withoutQuorum: "Keep" }) },
);

/** Addresses are asked to go elsewhere, nodes are drained and terminated, while little else happens. */
export const moves = climate([
  [5, acts.move],
  [2, acts.drain],
  [2, acts.terminate],
  [1, acts.stale],
  [1, acts.late],
  [
    1,
    (random) => ({
      act: "weather",
      loss: random.pick([0, 0.01, 0.05, 0.2]),
      delayMs: random.pick([0.3, 10, 100]),
      duplicate: 0.05,
      forMs: random.between(500, 4_000),
    }),
  ],
]);

/** Machines stop with their clocks. */
export const halts = climate([
  [4, acts.halt],
  [2, acts.cut],
  [1, acts.partition],
  [1, acts.kill],
]);

/** One is alone for long while the witness Lease is written to by others: who has it must not lose it by that. */
export const touches = climate(
  [
    [
      1,
      (random, { members }) => [
        {
          afterMs: 0,
          act: "partition",
          side: [random.below(members), random.below(members)],
          gateway: random.pick(["both", "both", "rest"]),
          forMs: random.between(3_000, 9_000),
        },
        { afterMs: random.between(0, 2_000), act: "touch" },
      ],
    ],
    [6, acts.touch],
    [1, acts.stop],
    [1, acts.kill],
  ],
  {
    sizes: [
      [3, 2],
      [1, 4],
    ],
  },
);

/** Processes start with other intervals, while members lose each other. */
export const paces = climate([
  [4, acts.pace],
  [2, acts.cut],
  [2, acts.port],
  [2, acts.partition],
  [1, acts.stop],
  [1, acts.kill],
  [1, acts.move],
]);
