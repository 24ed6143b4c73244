import assert from "node:assert/strict";
import { it } from "node:test";
import { AddressStates, type Scene } from "../../../src/controller/address-states.ts";
import { nodeReport } from "../../../src/controller/node-reports.ts";
import { addresses, advertisement, service, vipNode } from "../../support/builders.ts";

const owner = service();
const ledger = [advertisement("192.0.2.1", { owner, node: "n1" }), advertisement("192.0.2.2", { owner, node: "n1" })];

const groups = new Map();

/** The node answers for these addresses. */
function scene(...announced: readonly string[]): Scene {
  const announcing = [{ protocol: "ARP", interface: "eth0", addresses: addresses(...announced) }] as const;
  return { reports: new Map([["n1", nodeReport(vipNode("n1", { announcing }), "alive")]]), groups };
}

it("waits 3 s for a silent address before it counts as silent", () => {
  const states = new AddressStates();
  const some = scene("192.0.2.1");
  const first = states.at(ledger, some, 0);
  assert.deepEqual([[...first.awaited], first.changesInMs], [["192-0-2-2"], 3_000]);
  assert.equal(states.at(ledger, some, 1_000).changesInMs, 2_000);
  const last = states.at(ledger, some, 3_000);
  assert.deepEqual([[...last.awaited], last.changesInMs], [[], undefined]);
});

it("waits anew after each time that the address was announced", () => {
  const states = new AddressStates();
  states.at(ledger, scene("192.0.2.1"), 0);
  states.at(ledger, scene("192.0.2.1", "192.0.2.2"), 2_000);
  assert.deepEqual([...states.at(ledger, scene("192.0.2.1"), 10_000).awaited], ["192-0-2-2"]);
});

it("gives the very same states for the very same objects", () => {
  const states = new AddressStates();
  const some = scene("192.0.2.1");
  const before = states.at(ledger, some, 0).states;
  assert.equal(states.at(ledger, some, 1).states, before);
  const after = states.at([...ledger], some, 2).states;
  assert.equal(after.get("192-0-2-1"), before.get("192-0-2-1"));
});
