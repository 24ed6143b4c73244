import assert from "node:assert/strict";
import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { describe, it } from "node:test";
import type { DirectionKey } from "../../../../src/protocols/heartbeat/keys.ts";
import { SEAL_LENGTH, seal, tagOf, unseal } from "../../../../src/protocols/heartbeat/seal.ts";

const key: DirectionKey = { tag: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), secret: secretOf(9) };
const packet = Uint8Array.from(Buffer.from("a heartbeat"));

function secretOf(byte: number): KeyObject {
  return createSecretKey(Buffer.alloc(32, byte));
}

it("a datagram is the tag, the packet and the first 16 bytes of HMAC-SHA256 over both", () => {
  const signed = Buffer.concat([key.tag, packet]);
  const code = createHmac("sha256", key.secret).update(signed).digest().subarray(0, 16);
  assert.deepEqual(Buffer.from(seal(packet, key)), Buffer.concat([signed, code]));
});

it("what was sealed is opened with the same key", () => {
  for (const content of [packet, new Uint8Array(), new Uint8Array(1400)])
    assert.deepEqual(unseal(seal(content, key), key), content);
});

it("the tag is read before anything is checked", () => {
  assert.equal(tagOf(seal(packet, key)), 0x0102030405060708n);
  assert.equal(tagOf(key.tag), 0x0102030405060708n);
  assert.equal(tagOf(key.tag.subarray(1)), undefined);
});

describe("what is not genuine is not opened", () => {
  const datagram = seal(packet, key);

  it("with any bit flipped", () => {
    for (let i = 0; i < 8 * datagram.length; i++) {
      const flipped = datagram.with(i >> 3, (datagram[i >> 3] ?? 0) ^ (1 << (i & 7)));
      assert.equal(unseal(flipped, key), undefined, `bit ${i}`);
    }
  });

  it("cut anywhere", () => {
    for (let length = 0; length < datagram.length; length++)
      assert.equal(unseal(datagram.subarray(0, length), key), undefined, `${length} bytes`);
  });

  it("with bytes added, before or behind", () => {
    assert.equal(unseal(Uint8Array.of(...datagram, 0), key), undefined);
    assert.equal(unseal(Uint8Array.of(0, ...datagram), key), undefined);
  });

  it("as sealed for the way back, whose tag is another", () => {
    assert.equal(unseal(seal(packet, { ...key, tag: key.tag.toReversed() }), key), undefined);
  });

  it("with the right tag and another secret", () => {
    assert.equal(unseal(seal(packet, { ...key, secret: secretOf(0) }), key), undefined);
  });

  it("if it is only as long as a seal with zeros", () => {
    assert.equal(unseal(new Uint8Array(SEAL_LENGTH), key), undefined);
  });
});
