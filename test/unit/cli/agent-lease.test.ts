import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agentOf, witnessHolder } from "../../../src/cli/agent-lease.ts";
import type { Lease } from "../../../src/kube/lease.ts";
import { noonMs } from "../../support/builders.ts";

const lease = (secondsAgo: number, changes: { holder?: string; says?: string } = {}): Lease => ({
  metadata: {
    name: "herald-agent-node1",
    annotations: changes.says === undefined ? {} : { [`herald.dev/${changes.says}`]: "true" },
  },
  spec: {
    holderIdentity: changes.holder ?? "node1",
    leaseDurationSeconds: 30,
    renewTime: new Date(noonMs - secondsAgo * 1000).toISOString().replace("Z", "000Z"),
  },
});

const renewed = "2026-01-31T11:59:55Z";
const cases = [
  {
    name: "lives while its Lease is younger than its duration",
    leases: [lease(5)],
    want: { liveness: "alive", renewed },
  },
  {
    name: "is dead once it is older",
    leases: [lease(30)],
    want: { liveness: "dead", renewed: "2026-01-31T11:59:30Z" },
  },
  {
    name: "is leaving when it says so",
    leases: [lease(5, { says: "leaving" })],
    want: { liveness: "leaving", renewed },
  },
  {
    name: "is dead when it gave its Lease back",
    leases: [lease(5, { holder: "" })],
    want: { liveness: "dead", renewed },
  },
  {
    name: "is stopped when it gave its Lease back and routers keep its routes",
    leases: [lease(5, { holder: "", says: "routes-stay" })],
    want: { liveness: "stopped", renewed },
  },
  {
    name: "is dead when it did so longer ago than its Lease's duration",
    leases: [lease(30, { holder: "", says: "routes-stay" })],
    want: { liveness: "dead", renewed: "2026-01-31T11:59:30Z" },
  },
  { name: "is dead without a Lease", leases: [], want: { liveness: "dead", renewed: "" } },
  {
    name: "lives when its clock is ahead of ours",
    leases: [lease(-90)],
    want: { liveness: "alive", renewed: "2026-01-31T12:01:30Z" },
  },
  {
    name: "is unknown where the Leases may not be read",
    leases: undefined,
    want: { liveness: "unknown", renewed: "" },
  },
];

describe("the agent of a node", () => {
  for (const { name, leases, want } of cases) it(name, () => assert.deepEqual(agentOf(leases, "node1", noonMs), want));
});

describe("the witness of a group", () => {
  const held: Lease = { metadata: { name: "herald-witness-lan-1" }, spec: { holderIdentity: "node2" } };
  const empty: Lease = { metadata: { name: "herald-witness-lan-1" }, spec: { holderIdentity: "" } };
  for (const [name, leases, want] of [
    ["is its Lease's holder's", [held], "node2"],
    ["is nobody's while it is empty", [empty], ""],
    ["is nobody's where there is none", [], ""],
  ] as const)
    it(name, () => assert.equal(witnessHolder(leases, "lan-1"), want));
});
