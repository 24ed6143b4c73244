import type { Random } from "../../random.ts";
import * as acts from "./acts.ts";
import { climate, plain } from "./climate.ts";
import type { Step } from "./step.ts";

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

/** A group grows while one hears nothing of it from the API server and from one other only, and then falls apart. */
export const growth = climate(
  [
    [
      1,
      (random, { members, machines }) => {
        const stale = random.below(members);
        const other = (stale + 1 + random.below(members - 1)) % members;
        const join = Array.from({ length: machines - members }, (_, i) => i + members);
        const unheard = Array.from({ length: members }, (_, i) => i).filter((node) => node !== stale && node !== other);
        return [
          { afterMs: 0, act: "api", node: stale, how: "silent", forMs: 30_000 },
          ...unheard.map(
            (node) =>
              ({
                afterMs: 0,
                act: "cut",
                from: stale,
                to: node,
                both: true,
                what: "heartbeats",
                forMs: 30_000,
              }) as const,
          ),
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

/** One hears nothing of the API server while voters come and go, and little else happens. */
export const blind = climate(
  [
    [
      1,
      (random, { members }) => [
        { afterMs: 0, act: "api", node: random.below(members), how: "silent", forMs: random.between(6_000, 20_000) },
        { afterMs: 10, act: "late", node: random.below(members), forMs: random.between(1_000, 5_000) },
      ],
    ],
    [6, acts.voters],
    [1, acts.cut],
    [1, acts.stop],
    [1, acts.kill],
  ],
  {
    sizes: [
      [2, 3],
      [2, 4],
      [1, 5],
    ],
    variant: (random, members) => ({ ...plain(random, members), machines: Math.min(7, members + 2) }),
    meanGap: [8, 25],
  },
);

/** A node that hears nothing of it leaves the list, and others die just when they have gone by the new one. */
export const adoptions = climate(
  [
    [
      3,
      (random, { members }): readonly Step[] => {
        const gone = random.below(members);
        const others = Array.from({ length: members }, (_, i) => i).filter((node) => node !== gone);
        const hears = random.chance(0.3);
        return [
          { afterMs: 0, act: "api", node: gone, how: "silent", forMs: hears ? 0 : random.between(2_000, 5_000) },
          ...others
            .filter(() => random.chance(0.7))
            .map((node) => ({
              afterMs: 0,
              act: "relist" as const,
              node,
              inMs: random.between(0, 300),
              restartInMs: random.between(10, 150),
            })),
          { afterMs: random.between(0, 50), act: "part", node: gone },
          { afterMs: random.between(500, 3_000), ...cutOf(random, gone, members) },
          { afterMs: random.between(2_000, 5_000), act: "join", node: gone },
        ];
      },
    ],
    [1, acts.cut],
    [1, acts.port],
  ],
  {
    sizes: [
      [1, 2],
      [3, 3],
      [1, 4],
    ],
    meanGap: [10, 40],
  },
);

function cutOf(random: Random, gone: number, members: number): Omit<Extract<Step, { act: "cut" }>, "afterMs"> {
  const other = (gone + 1 + random.below(members - 1)) % members;
  return {
    act: "cut",
    from: other,
    to: gone,
    both: random.chance(0.5),
    what: "heartbeats",
    forMs: random.between(500, 3_000),
  };
}
