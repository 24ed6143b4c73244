import assert from "node:assert/strict";
import { it } from "node:test";
import { type HeldAddress, heldAfterChange, heldAfterReport, isPending } from "../../../src/agent/held.ts";
import { newsOf } from "../../../src/agent/news.ts";
import type { AgentChange } from "../../../src/agent/plan.ts";
import type { AddressReport } from "../../../src/agent/ports.ts";
import { address } from "../../support/builders.ts";

const vip = address("192.168.50.200");
const mac = Uint8Array.of(2, 0, 0, 0, 0, 9);

const asked = {
  announce: { kind: "announce", address: vip, interface: "eth0", mode: "Responder", probe: true, cause: "placed" },
  yield: { kind: "yield", address: vip, cause: "moved" },
  withdraw: { kind: "withdraw", address: vip, cause: "released" },
} as const satisfies Record<string, AgentChange>;

const said = {
  announced: { kind: "announced", address: vip, interface: "eth0" },
  withdrawn: { kind: "withdrawn", address: vip },
  conflict: { kind: "conflict", address: vip, mac },
  conflictOver: { kind: "conflictOver", address: vip },
  superseded: { kind: "superseded", address: vip, mac },
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
  const told = newsOf(entry, changed).map((each) =>
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
  return `${isPending(entry) ? "pending" : entry.answering ? "answering" : "silent"}${trouble}`;
}

const cases: readonly { name: string; happenings: readonly Happening[]; want: string; news: readonly string[] }[] = [
  { name: "an announce is pending until the speaker answers", happenings: ["announce"], want: "pending", news: [] },
  {
    name: "an announced address is answered for",
    happenings: ["announce", "announced"],
    want: "answering",
    news: ["announced placed"],
  },
  {
    name: "an address announced again is no news",
    happenings: ["announce", "announced", "announced"],
    want: "answering",
    news: ["announced placed"],
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
    news: ["announced placed", "withdrawn released"],
  },
  {
    name: "a yielded address is answered for until the heir is heard",
    happenings: ["announce", "announced", "yield"],
    want: "answering",
    news: ["announced placed"],
  },
  {
    name: "a yielded address is gone",
    happenings: ["announce", "announced", "yield", "withdrawn"],
    want: "gone",
    news: ["announced placed", "withdrawn moved"],
  },
  {
    name: "a withdrawal that crosses a new announce is not the end",
    happenings: ["announce", "announced", "withdraw", "announce", "withdrawn", "announced"],
    want: "answering",
    news: ["announced placed", "withdrawn stopped", "announced placed"],
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
    name: "an address given up to another is not answered for",
    happenings: ["announce", "announced", "superseded"],
    want: "silent, Superseded",
    news: ["announced placed", "Superseded", "withdrawn Superseded"],
  },
  {
    name: "an address given up is gone once it is not wanted, for the speaker has forgotten it",
    happenings: ["announce", "superseded", "withdraw"],
    want: "gone",
    news: ["Superseded"],
  },
  {
    name: "an address given up is pending once it is wanted back",
    happenings: ["announce", "superseded", "announce"],
    want: "pending",
    news: ["Superseded"],
  },
];

for (const { name, happenings, want, news } of cases)
  it(name, () => {
    const result = after(...happenings);
    assert.deepEqual([state(result.entry), result.news], [want, news]);
  });

it("a conflict names the other station", () => {
  assert.equal(after("announce", "conflict").entry?.trouble?.message, "02:00:00:00:00:09 has the address too");
});
