import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { type HeldAddress, heldAfterChange } from "../../../src/agent/held.ts";
import { type AgentChange, type NodeView, planAnnouncements } from "../../../src/agent/plan.ts";
import type { AddressWish } from "../../../src/agent/ports.ts";
import type { ArpAnnouncement } from "../../../src/api/announcement.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import { objectName } from "../../../src/net/address.ts";
import { address, advertisement, group, nodeInterface, service } from "../../support/builders.ts";

const vip = "192.168.50.200";
const key = objectName(address(vip));
const lan = "192-168-50-0-24-1";

function claim({
  arp = {},
  ...changes
}: Partial<Advertisement> & { arp?: Partial<ArpAnnouncement> } = {}): Advertisement {
  const announcement = { arp: { interfaces: [], mode: "Responder", conflictCheck: "On", ...arp } } as const;
  return advertisement(vip, { owner: service(), node: "node1", group: lan, announcement, ...changes });
}

function used(holder: string): Advertisement["status"] {
  return { ...claim().status, holder };
}

const target = { interface: "eth0", mode: "Responder", probe: true } as const;

function wish(changes: Partial<AddressWish> = {}): AddressWish {
  const wanted = { group: lan, node: "node1", generation: 1, willing: true, target } as const;
  return { kind: "announce", address: address(vip), ...wanted, ...changes };
}

function held(changes: Partial<HeldAddress> = {}): HeldAddress {
  return { address: address(vip), interface: "eth0", wish: wish(), answering: true, ...changes };
}

type Situation = Partial<Omit<NodeView, "held" | "advertisements">> & { claim?: Advertisement; held?: HeldAddress };

function view({ claim: claimed, held: entry, ...changes }: Situation): NodeView {
  return {
    node: "node1",
    advertisements: claimed === undefined ? [] : [claimed],
    groups: [group(["node1", "node2"])],
    interfaces: [nodeInterface()],
    held: new Map(entry === undefined ? [] : [[key, entry]]),
    announcedBefore: new Set(),
    resting: new Set(),
    drain: false,
    ...changes,
  };
}

function described(change: AgentChange): string {
  if (change.kind === "withdraw") return `withdraw: ${change.cause}`;
  const { node, generation, willing, target: where } = change;
  const how =
    where === undefined ? "nowhere" : `${where.interface} as ${where.mode}${where.probe ? " after a probe" : ""}`;
  return `${willing ? "willing" : "unwilling"}, wanted on ${node}/${generation}, here on ${how}`;
}

const onEth0 = "willing, wanted on node1/1, here on eth0 as Responder";
const probed = `${onEth0} after a probe`;
const unwilling = probed.replace("willing", "unwilling");
const failed = { reason: "SpeakerFailed", message: "" } as const;
const conflict = { reason: "Conflict", message: "" } as const;
const eth1 = nodeInterface({ name: "eth1", subnets: ["10.0.0.1/24"], defaultRoute: false });
const down = nodeInterface({ up: false });

const cases: readonly (Situation & { name: string; want: readonly string[] })[] = [
  { name: "an address placed here for the first time is probed", claim: claim(), want: [probed] },
  { name: "without conflict check nothing is probed", claim: claim({ arp: { conflictCheck: "Off" } }), want: [onEth0] },
  { name: "an address that a node holds is not probed", claim: claim({ status: used("node2") }), want: [onEth0] },
  {
    name: "an address that a node held once is not probed",
    claim: claim({ status: { ...used(""), history: [{ time: "", node: "node2" }] } }),
    want: [onEth0],
  },
  {
    name: "an address that this node announced before a restart is not probed",
    claim: claim(),
    announcedBefore: new Set([key]),
    want: [onEth0],
  },
  {
    name: "under a forced list every address is probed",
    claim: claim({ status: used("node2") }),
    groups: [group(["node1"], { forced: true })],
    want: [probed],
  },
  {
    name: "mode Address is passed on",
    claim: claim({ arp: { mode: "Address" } }),
    want: [probed.replace("Responder", "Address")],
  },
  {
    name: "an interface named by the pool is used",
    claim: claim({ arp: { interfaces: ["eth1"] } }),
    interfaces: [nodeInterface(), eth1],
    want: [probed.replace("eth0", "eth1")],
  },
  {
    name: "an address that is wanted on another node is voted on, and may be held",
    claim: claim({ node: "node2", move: 3, generation: 9 }),
    want: [probed.replace("node1/1", "node2/4")],
  },
  { name: "who is a candidate is willing", claim: claim({ candidates: ["node1"] }), want: [probed] },
  { name: "who is no candidate votes, and is not willing", claim: claim({ candidates: ["node2"] }), want: [unwilling] },
  { name: "a drained node is willing to nothing", claim: claim(), drain: true, want: [unwilling] },
  { name: "a claim of no Service is nobody's", claim: claim({ services: [] }), want: [] },
  { name: "a claim of no group is left alone", claim: claim({ group: "" }), want: [] },
  { name: "a claim of another group is left alone", claim: claim(), groups: [group(["node2", "node3"])], want: [] },
  { name: "what the speaker knows already is not said again", claim: claim(), held: held(), want: [] },
  {
    name: "a new wish for where it is wanted is passed on",
    claim: claim({ node: "node2", move: 1 }),
    held: held(),
    want: [probed.replace("node1/1", "node2/2")],
  },
  {
    name: "a change of anything else of the claim is no new wish: a node that comes back takes nothing back by it",
    claim: claim({ generation: 7 }),
    held: held(),
    want: [],
  },
  {
    name: "what failed a moment ago is left to others",
    claim: claim(),
    held: held({ answering: false }),
    resting: new Set([key]),
    want: [unwilling],
  },
  {
    name: "a conflict is left to the speaker, which asks again by itself",
    claim: claim(),
    held: held({ answering: false, trouble: conflict }),
    want: [],
  },
  {
    name: "what the speaker could not do another node shall have",
    claim: claim(),
    held: held({ answering: false, trouble: failed }),
    want: [unwilling],
  },
  { name: "a deleted claim is withdrawn", held: held(), want: ["withdraw: released"] },
  { name: "a released claim is withdrawn", claim: claim({ services: [] }), held: held(), want: ["withdraw: released"] },
  {
    name: "a claim that is in no group of this node any more is withdrawn",
    claim: claim({ group: "another" }),
    held: held(),
    want: ["withdraw: regrouped"],
  },
  { name: "a withdrawal is asked for once", held: held({ wish: undefined }), want: [] },
  {
    name: "an address that comes back while it is withdrawn is wished for again",
    claim: claim(),
    held: held({ wish: undefined }),
    want: [probed],
  },
  {
    name: "an address whose interface is gone is held nowhere",
    claim: claim(),
    interfaces: [],
    held: held(),
    want: ["unwilling, wanted on node1/1, here on nowhere"],
  },
  {
    name: "an address whose interface went down stays there until another node has it",
    claim: claim(),
    interfaces: [down],
    held: held({ answering: false }),
    want: [unwilling],
  },
  {
    name: "an address that was never on an interface is not put on one that is down",
    claim: claim(),
    interfaces: [down],
    want: ["unwilling, wanted on node1/1, here on nowhere"],
  },
];

for (const { name, want, ...situation } of cases)
  it(name, () => assert.deepEqual(planAnnouncements(view(situation)).map(described), want));

it("asks for nothing once its plan is carried out, whatever the situation", () => {
  const situations = cases.map(({ name: _, want: __, ...situation }) => situation);
  fc.assert(
    fc.property(fc.constantFrom(...situations), fc.boolean(), (situation, drain) => {
      const before = view({ ...situation, drain });
      const after = new Map(before.held);
      for (const change of planAnnouncements(before)) {
        const entry = heldAfterChange(after.get(key), change);
        if (entry === undefined) after.delete(key);
        else after.set(key, entry);
      }
      assert.deepEqual(planAnnouncements({ ...before, held: after }), []);
    }),
  );
});
