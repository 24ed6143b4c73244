import assert from "node:assert/strict";
import { it } from "node:test";
import { type HeldAddress, heldAfterChange, heldAfterReport } from "../../../src/agent/held.ts";
import { newsOf } from "../../../src/agent/news.ts";
import type { AgentChange } from "../../../src/agent/plan.ts";
import type { AddressReport } from "../../../src/agent/ports.ts";
import { address } from "../../support/builders.ts";

const vip = address("192.168.50.200");
const mac = Uint8Array.of(2, 0, 0, 0, 0, 9);

const asked = {
  announce: { kind: "announce", address: vip, group: "lan", node: "node1", generation: 1, willing: true },
  withdraw: { kind: "withdraw", address: vip, cause: "released" },
} as const satisfies Record<string, AgentChange>;

const said = {
  announced: { kind: "announced", address: vip, interface: "eth0", cause: "placed" },
  withdrawn: { kind: "withdrawn", address: vip, cause: "moved" },
  conflict: { kind: "conflict", address: vip, mac },
  conflictOver: { kind: "conflictOver", address: vip },
  failed: { kind: "failed", address: vip, message: "eth0 is down" },
} as const satisfies Record<string, AddressReport>;

type Happening = keyof typeof asked | keyof typeof said;

type Story = { readonly entry: HeldAddress | undefined; readonly news: readonly string[] };

/** The entry after each of these, and the news on the way. */
function after(...happenings: readonly Happening[]): Story {
  return happenings.reduce(next, { entry: undefined, news: [] });
}

function next({ entry, news }: Story, happening: Happening): Story {
  if (isAsked(happening)) return { entry: heldAfterChange(entry, asked[happening]), news };
  if (entry === undefined) return { entry, news };
  const changed = heldAfterReport(entry, said[happening]);
  const told = newsOf(entry, changed, said[happening]).map((each) =>
    each.kind === "ownership" ? `${each.change} ${each.cause}` : each.trouble.reason,
  );
  return { entry: changed, news: [...news, ...told] };
}

function isAsked(happening: Happening): happening is keyof typeof asked {
  return happening in asked;
}

function state(entry: HeldAddress | undefined): string {
  if (entry === undefined) return "gone";
  const trouble = entry.trouble === undefined ? "" : `, ${entry.trouble.reason}`;
  return `${entry.answering ? "answering" : "silent"}${trouble}`;
}

const cases: readonly { name: string; happenings: readonly Happening[]; want: string; news: readonly string[] }[] = [
  { name: "an address is silent until the votes give it", happenings: ["announce"], want: "silent", news: [] },
  {
    name: "an announced address is answered for",
    happenings: ["announce", "announced"],
    want: "answering",
    news: ["announced placed"],
  },
  {
    name: "an address announced again is no news",
    happenings: ["announce", "announced", "announce", "announced"],
    want: "answering",
    news: ["announced placed"],
  },
  {
    name: "an address that the votes took away stays known",
    happenings: ["announce", "announced", "withdrawn"],
    want: "silent",
    news: ["announced placed", "withdrawn moved"],
  },
  {
    name: "a withdrawn address is answered for until the speaker says so",
    happenings: ["announce", "announced", "withdraw"],
    want: "answering",
    news: ["announced placed"],
  },
  {
    name: "a withdrawn address is gone",
    happenings: ["announce", "announced", "withdraw", "withdrawn"],
    want: "gone",
    news: ["announced placed", "withdrawn moved"],
  },
  { name: "what was not answered for is gone at once", happenings: ["announce", "withdraw"], want: "gone", news: [] },
  {
    name: "a withdrawal that crosses a new wish is not the end",
    happenings: ["announce", "announced", "withdraw", "announce", "withdrawn", "announced"],
    want: "answering",
    news: ["announced placed", "withdrawn moved", "announced placed"],
  },
  {
    name: "a conflict found by a probe keeps the address silent",
    happenings: ["announce", "conflict"],
    want: "silent, Conflict",
    news: ["Conflict"],
  },
  {
    name: "a conflict while it is announced changes no ownership",
    happenings: ["announce", "announced", "conflict"],
    want: "answering, Conflict",
    news: ["announced placed", "Conflict"],
  },
  {
    name: "a conflict that is over is forgotten",
    happenings: ["announce", "conflict", "conflictOver", "announced"],
    want: "answering",
    news: ["Conflict", "announced placed"],
  },
  {
    name: "a failure ends answering until the speaker has it again",
    happenings: ["announce", "announced", "failed"],
    want: "silent, SpeakerFailed",
    news: ["announced placed", "SpeakerFailed", "withdrawn SpeakerFailed"],
  },
  {
    name: "a failure told twice is news once",
    happenings: ["announce", "failed", "failed"],
    want: "silent, SpeakerFailed",
    news: ["SpeakerFailed"],
  },
  {
    name: "a failure that is over is no trouble",
    happenings: ["announce", "failed", "announced"],
    want: "answering",
    news: ["SpeakerFailed", "announced placed"],
  },
  {
    name: "no trouble is left of what another node has now",
    happenings: ["announce", "failed", "withdrawn"],
    want: "silent",
    news: ["SpeakerFailed"],
  },
];

for (const { name, happenings, want, news } of cases)
  it(name, () => {
    const result = after(...happenings);
    assert.equal(state(result.entry), want);
    assert.deepEqual(result.news, news);
  });
