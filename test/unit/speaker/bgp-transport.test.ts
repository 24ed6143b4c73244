import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { emptyNetworkState, HERALD_MARK, type NetworkState } from "../../../src/linux/interfaces.ts";
import { type Address, sameAddress } from "../../../src/net/address.ts";
import { endpointsOf, hopsOf, interfaceOf, vrfOf } from "../../../src/speaker/bgp-transport.ts";
import { address } from "../../support/builders.ts";
import { peerCommand } from "./bgp-rig.ts";

describe("hops", () => {
  const external = peerCommand("10.9.0.2");
  const internal = peerCommand("10.9.0.2", { settings: { peerAsn: 64_500 } });
  const cases = [
    { what: "a neighbour of another AS", of: external, transport: {}, hops: { hops: 1 } },
    { what: "multihop", of: external, transport: { hops: 4 }, hops: { hops: 4 } },
    { what: "a peer of the own AS", of: internal, transport: {}, hops: { hops: 255 } },
    { what: "GTSM on the link", of: external, transport: { ttlSecurity: 1 }, hops: { hops: 255, leastHops: 255 } },
    { what: "GTSM over three", of: internal, transport: { ttlSecurity: 3 }, hops: { hops: 255, leastHops: 253 } },
  ];
  for (const { what, of, transport, hops } of cases)
    it(`Given ${what}, Then ${JSON.stringify(hops)}`, () => {
      assert.deepEqual(hopsOf({ ...of.transport, ...transport }, of.settings), hops);
    });
});

type Entry = NetworkState["addresses"][number];

const entry = (index: number, text: string, length: number, options: Partial<Entry> = {}): Entry => ({
  index,
  address: address(text),
  length,
  mark: 0,
  linkLocal: text.startsWith("fe80"),
  passing: false,
  unproven: false,
  ...options,
});

const network: NetworkState = {
  ...emptyNetworkState,
  links: [{ index: 3, name: "eth1", ethernet: true, loopback: false, up: true, mac: new Uint8Array(6) }],
  addresses: [
    // As a device and a VLAN above it: both have it by their MAC.
    entry(2, "fe80::3", 64),
    entry(2, "2001:db8:ff::1", 64),
    entry(3, "fe80::3", 64),
    entry(3, "2001:db8::99", 128, { mark: HERALD_MARK }),
    entry(3, "2001:db8::9", 128),
    entry(3, "2001:db8::3", 64),
    entry(3, "192.0.2.3", 24),
    entry(4, "192.0.2.4", 32),
    entry(1, "127.0.0.1", 8),
    entry(1, "::1", 128),
    entry(1, "192.0.2.1", 32),
    entry(1, "2001:db8::1", 128),
  ],
};

const isVirtual = (of: Address): boolean => sameAddress(of, address("2001:db8::77"));

describe("next hops", () => {
  const [four, six, link] = ["192.0.2.3", "2001:db8::3", "fe80::3"].map(address);
  const [loopback4, loopback6] = ["192.0.2.1", "2001:db8::1"].map(address);
  const cases = [
    { over: "192.0.2.3", transport: 4, nextHops: { 4: { address: four }, 6: { address: six } } },
    { over: "2001:db8::3", transport: 6, nextHops: { 4: { address: four }, 6: { address: six } } },
    { over: "fe80::3", transport: 6, nextHops: { 4: { address: four }, 6: { address: six, linkLocal: link } } },
    { over: "192.0.2.1", transport: 4, nextHops: { 4: { address: loopback4 }, 6: { address: loopback6 } } },
    { over: "2001:db8::1", transport: 6, nextHops: { 4: { address: loopback4 }, 6: { address: loopback6 } } },
    { over: "192.0.2.4", transport: 4, nextHops: { 4: { address: address("192.0.2.4") } } },
  ];
  for (const { over, ...endpoints } of cases)
    it(`Given a connection from ${over}, Then the addresses of its interface that neighbours know`, () => {
      assert.deepEqual(endpointsOf(address(over), { ...network, isVirtual, device: "eth1" }), endpoints);
    });

  const [lasting, passing] = [entry(3, "2001:db8::3", 64), entry(3, "2001:db8::abcd", 64, { passing: true })];
  const beside: readonly { readonly what: string; readonly there: readonly Entry[]; readonly hop?: string }[] = [
    { what: "a privacy address and one that lasts", there: [passing, lasting], hop: "2001:db8::3" },
    { what: "a privacy address alone", there: [passing], hop: "2001:db8::abcd" },
    { what: "a single one besides", there: [entry(3, "2001:db8::9", 128), passing], hop: "2001:db8::abcd" },
    { what: "one that duplicate detection looks at", there: [entry(3, "2001:db8::4", 64, { unproven: true })] },
    { what: "one that Herald put there, without its mark", there: [entry(3, "2001:db8::77", 128)] },
  ];
  for (const { what, there, hop } of beside)
    it(`Given ${what}, Then ${hop ?? "none"}`, () => {
      const addresses = [entry(3, "192.0.2.3", 24), ...there];
      const around = { ...network, addresses, isVirtual, device: undefined };
      const { nextHops } = endpointsOf(address("192.0.2.3"), around);
      assert.deepEqual(nextHops[6], hop && { address: address(hop) });
    });
});

it("Given a device, Then it is the VRF, unless the peer is link-local: then it is the interface", () => {
  assert.equal(vrfOf({ peer: address("192.0.2.1"), port: 179, device: "red" }), "red");
  assert.equal(vrfOf({ peer: address("fe80::1"), port: 179, device: "eth1" }), undefined);
  assert.equal(interfaceOf(address("fe80::3"), "eth1", network), 3);
  assert.equal(interfaceOf(address("192.0.2.4"), undefined, network), 4);
  assert.equal(interfaceOf(address("192.0.2.77"), undefined, network), undefined);
});
