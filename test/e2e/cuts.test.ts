/** Three nodes, and cuts that not all of them see: never two that answer for an address beyond the window, and no outage without need. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, beyondWindow } from "../lab/answers.ts";
import { inject } from "../lab/faults.ts";
import { openSite, type Site, settled, untilGrouped } from "../lab/site.ts";
import { type Watch, watchFrames } from "../lab/watch.ts";
import { eventually } from "../support/eventually.ts";

/** For how long a cut lasts at least: many times what it takes to end an authority and to take an address. */
const cutMs = 2_500;

type Case = {
  readonly what: string;
  /** Faults with their words: a is the node that holds the first address, b and c are the others. */
  readonly faults: readonly string[];
  /** Who may hold the first address while it lasts: not who hears too few, or is heard by too few. */
  readonly mayHold: "abc" | "bc" | "nobody";
};

const cases: readonly Case[] = [
  { what: "a is not heard by b", faults: ["heartbeats-one-way a b"], mayHold: "abc" },
  { what: "a does not hear b", faults: ["heartbeats-one-way b a"], mayHold: "abc" },
  { what: "a and b do not hear each other, c hears both", faults: ["heartbeats a b"], mayHold: "abc" },
  { what: "no frame passes between a and b, c is reached by both", faults: ["apart a b"], mayHold: "abc" },
  { what: "no frame passes between b and c, a is reached by both", faults: ["apart b c"], mayHold: "abc" },
  { what: "a is heard by nobody", faults: ["heartbeats-one-way a b", "heartbeats-one-way a c"], mayHold: "bc" },
  { what: "a hears nobody", faults: ["heartbeats-one-way b a", "heartbeats-one-way c a"], mayHold: "bc" },
  {
    what: "each is heard by the next one only",
    faults: ["heartbeats-one-way b a", "heartbeats-one-way c b", "heartbeats-one-way a c"],
    mayHold: "nobody",
  },
  {
    what: "all heartbeats are late by up to 100 ms, and in no order",
    faults: ["delay a 0 100", "delay b 0 100", "delay c 0 100"],
    mayHold: "abc",
  },
  { what: "a's agent stands still", faults: ["stop a"], mayHold: "bc" },
  { what: "a's speaker stands still for a second", faults: ["stall a speaker 1000 0"], mayHold: "abc" },
  { what: "a is behind a switch that lost its uplink", faults: ["lan-silent a"], mayHold: "bc" },
  { what: "the API server stands still, and a loses power", faults: ["api-stop", "lan a"], mayHold: "bc" },
];

describe("three nodes", () => {
  let site: Site;
  let frames: Watch<Answer>;
  before(async () => {
    site = await openSite({ nodes: 3, services: 12 });
    frames = await watchFrames(site.lab, site.addresses);
  });
  after(async () => {
    frames?.stop();
    await site?.lab.stop();
  });

  /** Names the nodes so that a holds the first address. */
  async function cast(): Promise<{ readonly a: string; readonly b: string; readonly c: string }> {
    const a = (await settled(site, frames)).get(first()) ?? "";
    const [b = "", c = ""] = site.lab.nodes.map(({ name }) => name).filter((name) => name !== a);
    return { a, b, c };
  }
  const first = (): string => site.addresses[0] ?? "";

  for (const { what, faults, mayHold } of cases)
    it(`When ${what}, Then no two answer beyond the window, and in the end one does for each address`, async () => {
      const nodes = await cast();
      const begun = frames.seen().length;
      const mends = [];
      for (const fault of faults) {
        const [name = "", ...words] = fault.split(" ").map((word) => nodes[word as keyof typeof nodes] ?? word);
        mends.push(await inject(site.lab, name, ...words));
      }
      await sleep(cutMs);
      if (mayHold !== "nobody")
        await settled(
          site,
          frames,
          (holder, address) => address !== first() || mayHold === "abc" || holder !== nodes.a,
        );
      for (const mend of mends.toReversed()) await mend();
      await untilGrouped(site);
      await settled(site, frames);
      assert.deepEqual(beyondWindow(frames.seen().slice(begun)), []);
    });

  it("When a speaker stood still, Then its agent says for how long, so that nobody looks for the cause in the network", async () => {
    const { a } = await cast();
    await inject(site.lab, "stall", a, "speaker", "600", "0");
    const told = /"about":"pause","detail":"the speaker's thread stood still for (\d+) ms"/g;
    const pausesMs = (): number[] => [...site.lab.logs(`agent-${a}`).matchAll(told)].map(([, ms]) => Number(ms));
    // Counted from when it had the next to do, an interval after the last at most.
    await eventually("the pause is logged", () => pausesMs().some((ms) => ms >= 400));
  });
});
