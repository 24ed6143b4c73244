import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodePath } from "../../../src/linux/packet-path.ts";
import { address } from "../../support/builders.ts";

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));

/** `struct cmsghdr` and what follows: its length of 64 bits, level, type, value, zeros up to a multiple of 8. */
const ttl = "1400000000000000 00000000 02000000 ff000000 00000000";
const place4 = "1c00000000000000 00000000 08000000 07000000 0a090001 0a090001 00000000";
const hopLimit = "1400000000000000 29000000 34000000 40000000 00000000";
const place6 = `2400000000000000 29000000 32000000 fd09${"00".repeat(13)}01 08000000 00000000`;
const sender4 = bytesOf("0200 c350 0a090002 0000000000000000");
const sender6 = bytesOf(`0a00 c350 00000000 fe80${"00".repeat(13)}02 08000000`);

describe("how a datagram came", () => {
  const wanted = { source: address("10.9.0.2"), destination: address("10.9.0.1"), hops: 255 };

  it("IPv4: in_pktinfo and TTL, in whatever order", () => {
    assert.deepEqual(decodePath(4, sender4, bytesOf(ttl + place4)), wanted);
    assert.deepEqual(decodePath(4, sender4, bytesOf(place4 + ttl)), wanted);
  });

  it("IPv6: in6_pktinfo and hop limit", () => {
    const path = { source: address("fe80::2"), destination: address("fd09::1"), hops: 64 };
    assert.deepEqual(decodePath(6, sender6, bytesOf(place6 + hopLimit)), path);
  });

  it("messages of another kind are passed over", () => {
    const timestamp = `2000000000000000 01000000 1d000000 ${"00".repeat(16)}`;
    assert.deepEqual(decodePath(4, sender4, bytesOf(timestamp + ttl + place4)), wanted);
  });

  const incomplete: readonly (readonly [string, string])[] = [
    ["nothing", ""],
    ["no TTL", place4],
    ["no place", ttl],
    ["a message that ends before its header does", `0800000000000000 00000000 02000000${ttl}${place4}`],
    ["a message that ends after all", `ff00000000000000 00000000 02000000${ttl}`],
    ["the other family's", hopLimit + place6],
  ];
  for (const [name, control] of incomplete)
    it(`${name}: not known`, () => assert.equal(decodePath(4, sender4, bytesOf(control)), undefined));
});
