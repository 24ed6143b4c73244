import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HERALD_MARK, interfacesKey, type NetworkState, networkInterfaces } from "../../../src/linux/interfaces.ts";
import type { InterfaceAddress, Link } from "../../../src/linux/rtnetlink.ts";
import { formatPrefix } from "../../../src/net/prefix.ts";
import { address, prefix } from "../../support/builders.ts";

function link(index: number, name: string, options: Partial<Link> = {}): Link {
  const mac = Uint8Array.of(2, 0, 0, 0, 0, index);
  return { index, name, ethernet: true, loopback: false, up: true, mac, ...options };
}

function onLink(index: number, text: string, options: Partial<InterfaceAddress> = {}): InterfaceAddress {
  return { index, ...prefix(text), linkLocal: false, mark: 0, passing: false, unproven: false, ...options };
}

const state: NetworkState = {
  links: [
    link(1, "lo", { ethernet: false, loopback: true }),
    link(3, "eth1"),
    link(2, "eth0"),
    link(4, "cali0"),
    link(5, "wg0", { ethernet: false }),
  ],
  addresses: [
    onLink(1, "127.0.0.1/8"),
    onLink(2, "192.0.2.1/24"),
    onLink(2, "fe80::1/64", { linkLocal: true }),
    onLink(2, "192.0.2.100/32", { mark: HERALD_MARK }),
    onLink(2, "192.0.2.101/32"),
    onLink(3, "2001:db8::1/64"),
    onLink(4, "fe80::4/64", { linkLocal: true }),
    onLink(5, "198.51.100.1/24"),
  ],
  nextHops: [
    { index: 2, gateway: address("192.0.2.254"), isDefault: true },
    { index: 2, gateway: address("192.0.2.254"), isDefault: false },
    { index: 3, gateway: address("fe80::9"), isDefault: false },
  ],
};

const isVirtual = ({ value }: { value: bigint }): boolean => value === address("192.0.2.101").value;

describe("networkInterfaces", () => {
  const [eth0, eth1, ...others] = networkInterfaces(state, isVirtual);

  it("lists the Ethernet interfaces that have an address of their own, by name", () => {
    assert.deepEqual([eth0?.name, eth1?.name, others], ["eth0", "eth1", []]);
  });

  it("shows neither Herald's addresses nor link-local ones", () => {
    assert.deepEqual(eth0?.subnets.map(formatPrefix), ["192.0.2.1/24"]);
    assert.deepEqual(eth1?.subnets.map(formatPrefix), ["2001:db8::1/64"]);
  });

  it("knows the default route, and each gateway once", () => {
    assert.deepEqual([eth0?.carriesDefaultRoute, eth1?.carriesDefaultRoute], [true, false]);
    assert.deepEqual([eth0?.gateways, eth1?.gateways], [[address("192.0.2.254")], [address("fe80::9")]]);
  });
});

describe("interfacesKey", () => {
  const interfaces = networkInterfaces(state, isVirtual);

  it("is equal whatever the order of addresses", () => {
    const other = networkInterfaces({ ...state, addresses: state.addresses.toReversed() }, isVirtual);
    assert.equal(interfacesKey(other), interfacesKey(interfaces));
  });

  const changes: Record<string, NetworkState> = {
    "carrier is lost": { ...state, links: state.links.map((one) => ({ ...one, up: false })) },
    "a hardware address changes": { ...state, links: state.links.map((one) => ({ ...one, mac: new Uint8Array(6) })) },
    "an address comes": { ...state, addresses: [...state.addresses, onLink(3, "192.0.2.3/24")] },
    "a gateway goes": { ...state, nextHops: state.nextHops.slice(0, 2) },
  };
  for (const [name, changed] of Object.entries(changes))
    it(`differs when ${name}`, () => {
      assert.notEqual(interfacesKey(networkInterfaces(changed, isVirtual)), interfacesKey(interfaces));
    });
});
