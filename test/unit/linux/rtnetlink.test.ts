import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodePayload, uint32 } from "../../../src/linux/netlink-codec.ts";
import {
  decodeInterfaceAddress,
  decodeLink,
  decodeNextHops,
  decodePeerNotice,
  encodeHostAddress,
} from "../../../src/linux/rtnetlink.ts";
import { addressBytes } from "../../../src/net/address.ts";
import { formatMac } from "../../../src/net/mac.ts";
import { address } from "../../support/builders.ts";

describe("a link", () => {
  const header = (flags: number): Uint8Array => Uint8Array.of(0, 0, 1, 0, 7, 0, 0, 0, ...uint32(flags), 0, 0, 0, 0);
  const name = [3, Uint8Array.from(Buffer.from("eth0\0"))] as const;
  const mac = [1, Uint8Array.of(2, 0, 0, 0, 0, 1)] as const;

  it("is up when it is administratively up and has carrier", () => {
    for (const [flags, up] of [
      [0x11043, true],
      [0x1043, false],
      [0x10002, false],
    ] as const)
      assert.equal(decodeLink(encodePayload(header(flags), [name, mac]))?.up, up);
  });

  it("has its name, index, type and hardware address", () => {
    const link = decodeLink(encodePayload(header(0x11043), [name, mac]));
    assert.ok(link !== undefined);
    assert.deepEqual(
      { ...link, mac: formatMac(link.mac) },
      {
        index: 7,
        name: "eth0",
        ethernet: true,
        loopback: false,
        up: true,
        mac: "02:00:00:00:00:01",
      },
    );
  });

  it("asks for announcements by the event that a bond's failover or a moved machine raises, and by no other", () => {
    const event = (kind: number) => [44, uint32(kind)] as const;
    assert.equal(decodePeerNotice(encodePayload(header(0x11043), [name, mac, event(4)])), 7);
    assert.equal(decodePeerNotice(encodePayload(header(0x11043), [name, mac, event(3)])), undefined);
    assert.equal(decodePeerNotice(encodePayload(header(0x11043), [name, mac])), undefined);
    assert.equal(decodePeerNotice(new Uint8Array(15)), undefined);
  });

  it("is none without a name", () => assert.equal(decodeLink(encodePayload(header(0x11043), [mac])), undefined));
  it("is none if it is cut", () => assert.equal(decodeLink(new Uint8Array(15)), undefined));
});

describe("an address", () => {
  for (const [text, length] of [
    ["192.0.2.7", 32],
    ["2001:db8::7", 128],
  ] as const)
    it(`${text} is decoded from what puts it on an interface`, () => {
      const entry = { index: 300, address: address(text), mark: 72 };
      const payload = encodeHostAddress(entry, { validSeconds: 3, preferredSeconds: 0 });
      const standing = { linkLocal: false, passing: false, unproven: false };
      assert.deepEqual(decodeInterfaceAddress(payload), { ...entry, length, ...standing });
    });

  it("is the local one of a point-to-point link", () => {
    const [own, peer] = [address("192.0.2.1"), address("192.0.2.2")];
    const payload = encodePayload(Uint8Array.of(2, 32, 0, 0, 3, 0, 0, 0), [
      [1, addressBytes(peer)],
      [2, addressBytes(own)],
    ]);
    assert.deepEqual(decodeInterfaceAddress(payload)?.address, own);
  });

  const standings: readonly (readonly [
    what: string,
    text: string,
    flags: number,
    passing: boolean,
    unproven: boolean,
  ])[] = [
    ["a stable one of SLAAC", "2001:db8::7", 0x100, false, false],
    ["a privacy address", "2001:db8::7", 0x101, true, false],
    ["a deprecated one", "2001:db8::7", 0x20, true, false],
    ["one that duplicate detection looks at", "2001:db8::7", 0x40, false, true],
    ["one that another host has", "2001:db8::7", 0x48, false, true],
    ["a second one of its subnet", "192.0.2.7", 0x81, false, false],
  ];
  for (const [what, text, flags, passing, unproven] of standings)
    it(`${text} is ${what}: ${passing ? "passing" : "lasting"}, ${unproven ? "unproven" : "proven"}`, () => {
      const header = Uint8Array.of(0, 64, flags & 0xff, 0, 3, 0, 0, 0);
      const own = [1, addressBytes(address(text))] as const;
      for (const attributes of [[own], [own, [8, uint32(flags)] as const]]) {
        const found = decodeInterfaceAddress(encodePayload(header, attributes));
        assert.deepEqual([found?.passing, found?.unproven], [passing, unproven]);
      }
    });
});

describe("next hops", () => {
  const route = (options: { length?: number; table?: number; type?: number } = {}): Uint8Array =>
    Uint8Array.of(2, options.length ?? 0, 0, 0, options.table ?? 254, 3, 0, options.type ?? 1, 0, 0, 0, 0);
  const device = [4, uint32(7)] as const;
  const gateway = address("192.0.2.1");
  const via = [5, addressBytes(gateway)] as const;

  it("of a default route with a router", () => {
    assert.deepEqual(decodeNextHops(encodePayload(route(), [device, via])), [{ index: 7, gateway, isDefault: true }]);
  });

  it("of an IPv4 route by an IPv6 router (RFC 8950)", () => {
    const router = address("fe80::1");
    const payload = encodePayload(route(), [device, [18, Uint8Array.of(10, 0, ...addressBytes(router))]]);
    assert.deepEqual(decodeNextHops(payload), [{ index: 7, gateway: router, isDefault: true }]);
  });

  it("of a route to a network", () => {
    const [hop] = decodeNextHops(encodePayload(route({ length: 24 }), [device, via]));
    assert.equal(hop?.isDefault, false);
  });

  it("of a route with several", () => {
    const hop = (index: number): readonly number[] => [
      16,
      0,
      0,
      0,
      index,
      0,
      0,
      0,
      8,
      0,
      5,
      0,
      ...addressBytes(gateway),
    ];
    const hops = decodeNextHops(encodePayload(route(), [[9, Uint8Array.from([...hop(7), ...hop(8)])]]));
    assert.deepEqual(
      hops.map(({ index }) => index),
      [7, 8],
    );
    assert.deepEqual(hops[1]?.gateway, gateway);
  });

  const none = { "another table": { table: 255 }, "a broadcast route": { type: 3 } };
  for (const [name, options] of Object.entries(none))
    it(`are none of ${name}`, () => assert.deepEqual(decodeNextHops(encodePayload(route(options), [device, via])), []));
});
