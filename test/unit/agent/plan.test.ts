import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { type HeldAddress, heldAfterChange } from "../../../src/agent/held.ts";
import { type AgentChange, type NodeView, planAnnouncements } from "../../../src/agent/plan.ts";
import type { ArpAnnouncement } from "../../../src/api/announcement.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import { objectName } from "../../../src/net/address.ts";
import { address, advertisement, nodeInterface, service } from "../../support/builders.ts";

const vip = "192.168.50.200";
const key = objectName(address(vip));

function claim({
  arp = {},
  ...changes
}: Partial<Advertisement> & { arp?: Partial<ArpAnnouncement> } = {}): Advertisement {
  const announcement = { arp: { interfaces: [], mode: "Responder", conflictCheck: "On", ...arp } } as const;
  return advertisement(vip, { owner: service(), node: "node1", announcement, ...changes });
}

function used(holder: string): Advertisement["status"] {
  return { ...claim().status, holder };
}

function held(changes: Partial<HeldAddress> = {}): HeldAddress {
  const mode = "Responder";
  const entry = { address: address(vip), interface: "eth0", mode, asked: "announce", cause: "placed", answering: true };
  return { ...entry, ...changes } as HeldAddress;
}

type Situation = Partial<Omit<NodeView, "held" | "advertisements">> & { claim?: Advertisement; held?: HeldAddress };

function view({ claim: claimed, held: entry, ...changes }: Situation): NodeView {
  return {
    node: "node1",
    advertisements: claimed === undefined ? [] : [claimed],
    interfaces: [nodeInterface()],
    held: new Map(entry === undefined ? [] : [[key, entry]]),
    announcedBefore: new Set(),
    authority: true,
    leaving: false,
    ...changes,
  };
}

function described(change: AgentChange): string {
  if (change.kind !== "announce") return `${change.kind}: ${change.cause}`;
  const { interface: name, mode, probe, cause } = change;
  return `announce on ${name} as ${mode}${probe ? " after a probe" : ""}: ${cause}`;
}

const superseded = { reason: "Superseded", message: "" } as const;
const conflict = { reason: "Conflict", message: "" } as const;
const eth1 = nodeInterface({ name: "eth1", subnets: ["10.0.0.1/24"], defaultRoute: false });

const cases: readonly (Situation & { name: string; want: readonly string[] })[] = [
  {
    name: "an address placed here for the first time is probed",
    claim: claim(),
    want: ["announce on eth0 as Responder after a probe: placed"],
  },
  {
    name: "without conflict check nothing is probed",
    claim: claim({ arp: { conflictCheck: "Off" } }),
    want: ["announce on eth0 as Responder: placed"],
  },
  {
    name: "an address that a node holds is taken over without a probe",
    claim: claim({ status: used("node2") }),
    want: ["announce on eth0 as Responder: placed"],
  },
  {
    name: "an address that a node held once is taken without a probe",
    claim: claim({ status: { ...used(""), history: [{ time: "", node: "node2" }] } }),
    want: ["announce on eth0 as Responder: placed"],
  },
  {
    name: "an address that this node announced before a restart is taken up without a probe",
    claim: claim(),
    announcedBefore: new Set([key]),
    want: ["announce on eth0 as Responder: restarted"],
  },
  {
    name: "mode Address is passed on",
    claim: claim({ arp: { mode: "Address" } }),
    want: ["announce on eth0 as Address after a probe: placed"],
  },
  {
    name: "an interface named by the pool is used",
    claim: claim({ arp: { interfaces: ["eth1"] } }),
    interfaces: [nodeInterface(), eth1],
    want: ["announce on eth1 as Responder after a probe: placed"],
  },
  { name: "an address of another node is left alone", claim: claim({ node: "node2" }), want: [] },
  { name: "a claim of no Service is nobody's", claim: claim({ services: [] }), want: [] },
  { name: "what is announced as it should be stays", claim: claim(), held: held(), want: [] },
  {
    name: "what is being announced is not asked for again",
    claim: claim(),
    held: held({ answering: false }),
    want: [],
  },
  {
    name: "a conflict is left to the speaker, which asks again by itself",
    claim: claim(),
    held: held({ answering: false, trouble: conflict }),
    want: [],
  },
  { name: "a deleted claim is withdrawn", held: held(), want: ["withdraw: released"] },
  { name: "a released claim is withdrawn", claim: claim({ services: [] }), held: held(), want: ["withdraw: released"] },
  { name: "a withdrawal is asked for once", held: held({ asked: "withdraw" }), want: [] },
  {
    name: "a claim deleted while its address is yielded is withdrawn",
    held: held({ asked: "yield" }),
    want: ["withdraw: released"],
  },
  {
    name: "a claim moved to another node is yielded",
    claim: claim({ node: "node2" }),
    held: held(),
    want: ["yield: moved"],
  },
  { name: "a yield is asked for once", claim: claim({ node: "node2" }), held: held({ asked: "yield" }), want: [] },
  {
    name: "what is not answered for needs no yield",
    claim: claim({ node: "node2" }),
    held: held({ answering: false }),
    want: ["withdraw: moved"],
  },
  {
    name: "a claim placed nowhere has no heir to wait for",
    claim: claim({ node: "" }),
    held: held(),
    want: ["withdraw: unplaced"],
  },
  {
    name: "an address that comes back while it is yielded is kept",
    claim: claim(),
    held: held({ asked: "yield" }),
    want: ["announce on eth0 as Responder: reclaimed"],
  },
  {
    name: "an address that comes back while it is withdrawn is announced again",
    claim: claim(),
    held: held({ asked: "withdraw" }),
    want: ["announce on eth0 as Responder: reclaimed"],
  },
  {
    name: "a changed mode is announced anew",
    claim: claim({ arp: { mode: "Address" } }),
    held: held(),
    want: ["announce on eth0 as Address: retargeted"],
  },
  {
    name: "a changed interface moves the address to it",
    claim: claim({ arp: { interfaces: ["eth1"] } }),
    interfaces: [nodeInterface(), eth1],
    held: held(),
    want: ["announce on eth1 as Responder: retargeted"],
  },
  {
    name: "an address whose interface is gone is withdrawn",
    claim: claim(),
    interfaces: [],
    held: held(),
    want: ["withdraw: interface"],
  },
  { name: "an address without an interface is not announced", claim: claim(), interfaces: [eth1], want: [] },
  {
    name: "nothing is announced on an interface that is down",
    claim: claim(),
    interfaces: [nodeInterface({ up: false })],
    want: [],
  },
  {
    name: "what an interface carried before it went down stays with the speaker",
    claim: claim(),
    interfaces: [nodeInterface({ up: false })],
    held: held({ answering: false }),
    want: [],
  },
  { name: "without authority nothing is taken", claim: claim(), authority: false, want: [] },
  { name: "without authority everything announced stays", claim: claim(), authority: false, held: held(), want: [] },
  {
    name: "without authority a moved claim is still yielded",
    claim: claim({ node: "node2" }),
    authority: false,
    held: held(),
    want: ["yield: moved"],
  },
  {
    name: "without authority what was given up stays given up",
    claim: claim(),
    authority: false,
    held: held({ answering: false, trouble: superseded }),
    want: [],
  },
  {
    name: "with authority what was given up is taken back if it is still placed here",
    claim: claim(),
    held: held({ answering: false, trouble: superseded }),
    want: ["announce on eth0 as Responder: reclaimed"],
  },
  {
    name: "with authority what was given up is forgotten if it is placed elsewhere",
    claim: claim({ node: "node2" }),
    held: held({ answering: false, trouble: superseded }),
    want: ["withdraw: moved"],
  },
  { name: "who leaves takes nothing", claim: claim(), leaving: true, want: [] },
  {
    name: "who leaves goes on announcing what nobody has taken",
    claim: claim(),
    leaving: true,
    held: held(),
    want: [],
  },
  {
    name: "who leaves yields what is moved",
    claim: claim({ node: "node2" }),
    leaving: true,
    held: held(),
    want: ["yield: moved"],
  },
];

for (const { name, want, ...situation } of cases)
  it(name, () => assert.deepEqual(planAnnouncements(view(situation)).map(described), want));

it("asks for nothing once its plan is carried out, whatever the situation", () => {
  const situations = cases.map(({ name: _, want: __, ...situation }) => situation);
  fc.assert(
    fc.property(fc.constantFrom(...situations), fc.boolean(), fc.boolean(), (situation, authority, leaving) => {
      const before = view({ ...situation, authority, leaving });
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
