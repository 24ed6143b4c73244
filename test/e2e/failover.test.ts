/** Two nodes and a witness: whatever breaks, it ends with exactly one node that answers for each address. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Answer, beyondWindow } from "../lab/answers.ts";
import { inject } from "../lab/faults.ts";
import { openSite, type Site, settled, untilGrouped } from "../lab/site.ts";
import { type Watch, watchFrames } from "../lab/watch.ts";

type Case = {
  readonly what: string;
  readonly fault: string;
  /** Its words: the node that is broken, and the other. */
  readonly words: (broken: string, other: string) => readonly string[];
  /** Who must hold everything while it lasts; "either": one of them, for each address. */
  readonly survivor: "other" | "unchanged" | "either";
};

const node = (broken: string): readonly string[] => [broken];
const fromTo = (broken: string, other: string): readonly string[] => [broken, other];
const toFrom = (broken: string, other: string): readonly string[] => [other, broken];

const cases: readonly Case[] = [
  { what: "loses power", fault: "both", words: node, survivor: "other" },
  { what: "loses its LAN cable, the API server alive", fault: "lan", words: node, survivor: "other" },
  { what: "is cut off behind the switch, the API server alive", fault: "lan-silent", words: node, survivor: "other" },
  { what: "loses the API server", fault: "management", words: node, survivor: "unchanged" },
  { what: "loses its agent by SIGKILL", fault: "kill", words: node, survivor: "other" },
  { what: "ends its agent by SIGTERM", fault: "terminate", words: node, survivor: "other" },
  { what: "has an agent that stands still", fault: "stop", words: node, survivor: "other" },
  { what: "is not heard by the other", fault: "heartbeats-one-way", words: fromTo, survivor: "either" },
  { what: "does not hear the other", fault: "heartbeats-one-way", words: toFrom, survivor: "either" },
  { what: "and the other hear no heartbeats", fault: "heartbeats", words: fromTo, survivor: "either" },
  { what: "and the other get no frames of each other", fault: "apart", words: fromTo, survivor: "either" },
];

describe("two nodes", () => {
  let site: Site;
  let frames: Watch<Answer>;
  before(async () => {
    site = await openSite({ nodes: 2, services: 8 });
    frames = await watchFrames(site.lab, site.addresses);
  });
  after(async () => {
    frames?.stop();
    await site?.lab.stop();
  });

  for (const { what, fault, words, survivor } of cases)
    it(`When one ${what}, Then one node alone answers for each address, and nothing moves when it returns`, async () => {
      const first = await settled(site, frames);
      const broken = first.get(site.addresses[0] ?? "") ?? "";
      const other = site.lab.nodes.find(({ name }) => name !== broken)?.name ?? "";
      const begun = frames.seen().length;
      const mend = await inject(site.lab, fault, ...words(broken, other));
      const during = await settled(site, frames, (holder, address) => {
        if (survivor === "other") return holder === other;
        return survivor === "either" || holder === first.get(address);
      });
      await mend();
      await untilGrouped(site);
      assert.deepEqual(await settled(site, frames), during);
      assert.deepEqual(beyondWindow(frames.seen().slice(begun)), []);
    });

  it("When the API server stands still, Then every node goes on answering for what it holds", async () => {
    const first = await settled(site, frames);
    const mend = await inject(site.lab, "api-stop");
    try {
      // Longer than a Lease of the witness, and than a member is silent before its addresses are taken.
      const until = performance.now() + 5_000;
      while (performance.now() < until) assert.deepEqual(await settled(site, frames), first);
    } finally {
      await mend();
    }
    assert.deepEqual(await settled(site, frames), first);
  });
});
