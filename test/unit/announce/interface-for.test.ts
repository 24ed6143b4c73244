import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { interfaceFor } from "../../../src/announce/interface-for.ts";
import type { NodeInterface } from "../../../src/api/vip-node.ts";
import { address, nodeInterface } from "../../support/builders.ts";

const link = (name: string, subnets: readonly string[], changes: Partial<NodeInterface> = {}): NodeInterface => {
  const { subnets: _, ...rest } = { defaultRoute: false, ...changes };
  return nodeInterface({ name, subnets, ...rest });
};

const lan = link("eth0", ["192.168.50.11/24", "2001:db8:50::11/64"], { defaultRoute: true });
const storage = link("eth1", ["10.1.0.11/16"]);
const rack = link("eth2", ["10.1.7.11/24"]);
const all = [storage, lan, rack];
const down = (each: NodeInterface): NodeInterface => ({ ...each, up: false });

const rows: readonly {
  readonly name: string;
  readonly address: string;
  readonly wanted?: readonly string[];
  readonly interfaces?: readonly NodeInterface[];
  readonly want: string;
}[] = [
  { name: "whose subnet holds the address", address: "10.1.0.200", want: "eth1" },
  { name: "with the longest prefix of several", address: "10.1.7.200", want: "eth2" },
  { name: "of the default route if no subnet holds it", address: "203.0.113.1", want: "eth0" },
  { name: "whose IPv6 subnet holds it", address: "2001:db8:50::77", want: "eth0" },
  {
    name: "none that is down, though another is up",
    address: "10.1.7.200",
    interfaces: [storage, lan, down(rack)],
    want: "InterfaceDown",
  },
  {
    name: "that is up of two on one LAN",
    address: "10.1.7.200",
    interfaces: [down(rack), { ...rack, name: "eth3" }],
    want: "eth3",
  },
  { name: "none without default route and subnet", address: "203.0.113.1", interfaces: [storage], want: "NoInterface" },
  { name: "none without interfaces", address: "203.0.113.1", interfaces: [], want: "NoInterface" },
  { name: "that is named, whatever its subnet", address: "203.0.113.1", wanted: ["eth1"], want: "eth1" },
  { name: "that holds it of those named", address: "10.1.7.200", wanted: ["eth1", "eth2"], want: "eth2" },
  { name: "that a regular expression names", address: "203.0.113.1", wanted: ["/^eth[2-9]$/"], want: "eth2" },
  {
    name: "that a regular expression names anywhere in its name",
    address: "203.0.113.1",
    wanted: ["/1/"],
    want: "eth1",
  },
  {
    name: "none whose name is only a part of the given one",
    address: "203.0.113.1",
    wanted: ["eth"],
    want: "NoInterface",
  },
  {
    name: "none if the named one is down",
    address: "10.1.0.1",
    wanted: ["eth1"],
    interfaces: [down(storage), lan],
    want: "InterfaceDown",
  },
];

describe("the interface for an address", () => {
  for (const { name, address: text, wanted = [], interfaces = all, want } of rows)
    it(`is the one ${name}`, () => {
      const found = interfaceFor(address(text), wanted, interfaces);
      assert.equal("reason" in found ? found.reason : found.interface, want);
    });
});

it("a refusal names at most four of the wanted interfaces, and fits into a VIPNode", () => {
  const wanted = Array.from({ length: 16 }, (_, i) => `/${"x".repeat(60)}${String(i).padStart(2, "0")}/`);
  const found = interfaceFor(address("10.0.0.1"), wanted, all);
  assert.ok("reason" in found);
  assert.ok(found.message.length <= 1024);
  assert.match(found.message, /x03\/ or one of 12 more$/);
});

it("a text that cannot be read as a regular expression names no interface", () => {
  const found = interfaceFor(address("203.0.113.1"), ["/(/"], all);
  assert.ok("reason" in found && found.reason === "NoInterface");
});
