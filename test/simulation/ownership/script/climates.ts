import type { Random } from "../../random.ts";
import * as acts from "./acts.ts";
import type { Climate } from "./climate.ts";
import type { Act, Variant } from "./step.ts";

type Settings = Omit<Variant, "members">;

const small: Climate["sizes"] = [
  [1, 2],
  [3, 3],
  [1, 5],
];

const plain = (_: Random, members: number): Settings => ({
  machines: members,
  witness: members % 2 === 0,
  withoutQuorum: "Yield",
  forcing: false,
  leaseMs: 30_000,
});

function climate(chart: Climate["chart"], more: Partial<Climate> = {}): Climate {
  return { sizes: small, variant: plain, chart, meanGap: [3, 15], ...more };
}

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

/** Voters come and go while some hear nothing of it. */
export const lists = climate(
  [
    [5, acts.voters],
    [3, acts.api],
    [2, acts.late],
    [3, acts.partition],
    [2, acts.port],
    [1, acts.stop],
  ],
  {
    sizes: [
      [2, 2],
      [2, 3],
      [1, 4],
    ],
    variant: (random, members) => ({ ...plain(random, members), machines: Math.min(7, members + 2), leaseMs: 3_000 }),
    meanGap: [4, 20],
  },
);

/** A group grows while one hears nothing of it from the API server, and then falls apart. */
export const growth = climate(
  [
    [
      1,
      (random, { members, machines }) => {
        const stale = random.below(members);
        const other = (stale + 1 + random.below(members - 1)) % members;
        const join = Array.from({ length: machines - members }, (_, i) => i + members);
        return [
          { afterMs: 0, act: "api", node: stale, how: "silent", forMs: 30_000 },
          ...join.map((node) => ({ afterMs: 200, act: "join", node }) as const),
          {
            afterMs: random.between(6_000, 12_000),
            act: "partition",
            side: [stale, other],
            gateway: "both",
            forMs: 2_000,
          },
        ];
      },
    ],
  ],
  {
    sizes: [[1, 3]],
    variant: (random, members) => ({ ...plain(random, members), machines: members + 2 }),
    meanGap: [4, 20],
  },
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

/** Most of a group are cut from the rest and from the API server, so that the controller forces a list. */
export const forcedLists = climate(
  [
    [
      1,
      (random, { members }) => {
        const alone = Math.floor((members - 1) / 2);
        const lost = Array.from({ length: members - alone }, (_, i) => alone + i);
        const forMs = random.between(4_000, 9_000);
        return [
          { afterMs: 0, act: "partition", side: lost, gateway: random.pick(["both", "rest"]), forMs },
          ...lost.map(
            (node) =>
              ({ afterMs: 1, act: "api", node, how: "silent", forMs: forMs + random.between(-500, 2_000) }) as const,
          ),
        ];
      },
    ],
    [2, acts.stop],
    [2, acts.cut],
  ],
  {
    sizes: [
      [2, 3],
      [1, 5],
    ],
    variant: (random, members) => ({
      ...plain(random, members),
      forcing: true,
      leaseMs: 3_000,
      withoutQuorum: random.pick(["Keep", "Yield"]),
    }),
    meanGap: [10, 40],
  },
);
