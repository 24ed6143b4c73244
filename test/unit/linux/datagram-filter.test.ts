import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DatagramSource, datagramFilter } from "../../../src/linux/datagram-filter.ts";
import { addressBytes, bitLength } from "../../../src/net/address.ts";
import { address } from "../../support/builders.ts";
import { type FilteredPacket, runBpf } from "./bpf-machine.ts";

const tag = (first: number): Uint8Array => Uint8Array.from({ length: 8 }, (_, i) => first + i);

type Sent = { readonly from: string; readonly tag?: Uint8Array; readonly hops?: number; readonly options?: number };

/** What a UDP socket's filter sees of a datagram: from the UDP header on, and the network header by its own offset. */
function packet({ from, tag: payload = new Uint8Array(), hops = 255, options = 0 }: Sent): FilteredPacket {
  const source = address(from);
  const header = new Uint8Array((source.family === 4 ? 20 : 40) + options);
  header[source.family === 4 ? 8 : 7] = hops;
  header.set(addressBytes(source), source.family === 4 ? 12 : 8);
  const data = Uint8Array.of(0x1d, 0x32, 0x1d, 0x32, 0, 8 + payload.length, 0, 0, ...payload);
  return { data, network: Uint8Array.of(...header, ...data) };
}

for (const [one, other, stranger] of [
  ["10.9.0.1", "10.9.0.2", "10.9.0.3"],
  ["fd09::1", "fd09::2", "fd09::3"],
  ["fd09::1", "fe09::1", "fd09:1::1"],
] as const) {
  const peers: readonly DatagramSource[] = [
    { address: address(one), tag: tag(0x10) },
    { address: address(other), tag: tag(0xf0) },
  ];
  const { family } = address(one);
  const passes = (sent: Sent, sources = peers): boolean => runBpf(datagramFilter(family, sources), packet(sent)) > 0;

  describe(`peers ${one} and ${other}`, () => {
    it("each with its own tag passes, whatever follows the tag", () => {
      assert.ok(passes({ from: one, tag: tag(0x10) }));
      assert.ok(passes({ from: other, tag: tag(0xf0) }));
      assert.ok(passes({ from: one, tag: Uint8Array.of(...tag(0x10), ...new Uint8Array(1400)) }));
    });

    it("options between the headers make no difference", () => {
      assert.ok(passes({ from: one, tag: tag(0x10), options: 24 }));
    });

    const dropped: readonly (readonly [string, Sent])[] = [
      ["forwarded by a router", { from: one, tag: tag(0x10), hops: 254 }],
      ["with one hop left", { from: one, tag: tag(0x10), hops: 1 }],
      ["from a stranger with a peer's tag", { from: stranger, tag: tag(0x10) }],
      ["from a peer with another peer's tag", { from: one, tag: tag(0xf0) }],
      ["from a peer with junk", { from: one, tag: new Uint8Array(64) }],
      ["from a peer with nothing", { from: one }],
      ["from a peer with a tag that is cut", { from: one, tag: tag(0x10).subarray(0, 7) }],
    ];
    for (const [name, sent] of dropped) it(`${name} is dropped`, () => assert.ok(!passes(sent)));

    it("one other bit in the tag or in the address is dropped", () => {
      for (let i = 0; i < 64; i++) {
        const wrong = tag(0x10);
        wrong[i >> 3] = (wrong[i >> 3] ?? 0) ^ (1 << (i & 7));
        assert.ok(!passes({ from: one, tag: wrong }), `bit ${i} of the tag`);
      }
      for (let i = 0; i < bitLength(family); i++) {
        const near = { family, value: address(one).value ^ (1n << BigInt(i)) };
        const sources = [{ address: near, tag: tag(0x10) }];
        assert.ok(!passes({ from: one, tag: tag(0x10) }, sources), `bit ${i} of the address`);
      }
    });

    it("without peers nothing passes", () => assert.ok(!passes({ from: one, tag: tag(0x10) }, [])));

    it("a peer of the other family changes nothing", () => {
      const stray = { address: address(family === 4 ? "fd09::7" : "10.9.0.7"), tag: tag(0x70) };
      assert.deepEqual(datagramFilter(family, [stray, ...peers]), datagramFilter(family, peers));
    });
  });
}

it("fifty peers are told apart", () => {
  const sources = Array.from({ length: 50 }, (_, i) => ({ address: address(`fd09::${i + 1}`), tag: tag(i) }));
  const program = datagramFilter(6, sources);
  for (let i = 0; i < 50; i++) {
    assert.ok(runBpf(program, packet({ from: `fd09::${i + 1}`, tag: tag(i) })) > 0);
    assert.equal(runBpf(program, packet({ from: `fd09::${i + 1}`, tag: tag(i + 1) })), 0);
  }
});
