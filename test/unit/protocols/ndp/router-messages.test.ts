import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { addressBytes } from "../../../../src/net/address.ts";
import { parseMac } from "../../../../src/net/mac.ts";
import { MalformedPacketError } from "../../../../src/protocols/malformed-packet.ts";
import { icmpChecksum } from "../../../../src/protocols/ndp/checksum.ts";
import {
  decodeRouterAdvertisement,
  encodeRouterAdvertisement,
  encodeRouterSolicitation,
} from "../../../../src/protocols/ndp/router-messages.ts";
import { address } from "../../../support/builders.ts";

const own = address("fe80::1");
const mac = parseMac("02:00:00:00:00:01") ?? assert.fail();

/** With these bytes changed, and the checksum right again. */
function changed(changes: Readonly<Record<number, number>>, bytes = encodeRouterAdvertisement(own, mac)): Uint8Array {
  for (const [at, value] of Object.entries(changes)) bytes[Number(at)] = value;
  const view = new DataView(bytes.buffer);
  view.setUint16(42, 0);
  view.setUint16(42, icmpChecksum(bytes.subarray(8, 40), bytes.subarray(40)));
  return bytes;
}

it("What is sent is what is read: from the link-local address, to be nobody's default router", () => {
  const sent = encodeRouterAdvertisement(own, mac);
  assert.deepEqual(decodeRouterAdvertisement(sent), own);
  assert.deepEqual([...sent.subarray(46, 48)], [0, 0]);
  assert.deepEqual([...sent.subarray(24, 40)], [...addressBytes(address("ff02::1"))]);
  assert.deepEqual(decodeRouterAdvertisement(changed({ 46: 0x07, 47: 0x08 })), own);
});

it("Bytes after the payload are padding", () => {
  const padded = Uint8Array.of(...encodeRouterAdvertisement(own, mac), 0, 0, 0, 0);
  assert.deepEqual(decodeRouterAdvertisement(padded), own);
});

it("A solicitation asks all routers, with this node's hardware address", () => {
  const sent = encodeRouterSolicitation(own, mac);
  assert.deepEqual([...sent.subarray(24, 40)], [...addressBytes(address("ff02::2"))]);
  assert.deepEqual([sent[40], sent[41], sent[7]], [133, 0, 255]);
  assert.deepEqual([...sent.subarray(48)], [1, 1, ...mac]);
  assert.equal(icmpChecksum(sent.subarray(8, 40), sent.subarray(40)), 0);
});

describe("What RFC 4861, 6.1.2 forbids is refused", () => {
  const good = (): Uint8Array => encodeRouterAdvertisement(own, mac);
  const cases: Readonly<Record<string, Uint8Array>> = {
    "a cut message": good().subarray(0, 55),
    "a hop limit of 254, which a router has forwarded": changed({ 7: 254 }),
    "a wrong checksum": Uint8Array.of(...good().subarray(0, 63), 0x55),
    "a code": changed({ 41: 1 }),
    "another ICMPv6 type": changed({ 40: 133 }),
    "another protocol": changed({ 6: 17 }),
    "another version of IP": changed({ 0: 0x45 }),
    "a source that is not link-local": encodeRouterAdvertisement(address("2001:db8::1"), mac),
    "the unspecified source": encodeRouterAdvertisement(address("::"), mac),
    "a payload that is longer than the packet": changed({ 5: 200 }),
    "a payload that is too short": changed({ 5: 15 }),
    "an option of length 0": changed({ 57: 0 }),
    "an option that is cut": changed({ 57: 4 }),
    "the hardware address of a group": changed({ 58: 1 }),
  };
  for (const [what, bytes] of Object.entries(cases))
    it(what, () => {
      assert.throws(() => decodeRouterAdvertisement(bytes), MalformedPacketError);
    });
});

it("Any bytes are read or refused, and nothing else happens", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 120 }),
      fc.dictionary(fc.nat(63).map(String), fc.nat(255)),
      (bytes, changes) => {
        for (const each of [bytes, changed(changes)])
          try {
            assert.equal(decodeRouterAdvertisement(each).value >> 118n, 0x3fan);
          } catch (error) {
            assert.ok(error instanceof MalformedPacketError);
          }
      },
    ),
  );
});
