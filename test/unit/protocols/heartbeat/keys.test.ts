import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Direction,
  type DirectionKey,
  directionKey,
  generateKeyPair,
  type KeyPair,
  keyPairOf,
  publicKeyProblem,
} from "../../../../src/protocols/heartbeat/keys.ts";

const base64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64");

function pair(privateKeyHex: string): KeyPair {
  return keyPairOf(base64(privateKeyHex)) ?? assert.fail("no private key");
}

/** The two of RFC 7748, section 6.1. */
const alice = pair("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
const bob = pair("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");

const toBob: Direction = { group: "lan0-1", from: "node-a", to: "node-b" };

const text = ({ tag, secret }: DirectionKey): string =>
  `${Buffer.from(tag).toString("hex")} ${secret.export().toString("hex")}`;

describe("key pairs", () => {
  it("a private key gives the public key of RFC 7748", () => {
    assert.equal(alice.publicKey, base64("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
    assert.equal(bob.publicKey, base64("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
  });

  it("a new one differs from the last, and is the same when it is read back", () => {
    const [one, other] = [generateKeyPair(), generateKeyPair()];
    assert.notEqual(one.publicKey, other.publicKey);
    assert.deepEqual(keyPairOf(one.privateKey), one);
    assert.equal(publicKeyProblem(one.publicKey), undefined);
  });

  for (const [name, stored] of [
    ["nothing", ""],
    ["a key that is cut", alice.privateKey.slice(0, 40)],
    ["text after the key", `${alice.privateKey}\n`],
  ] as const)
    it(`${name} is no private key`, () => assert.equal(keyPairOf(stored), undefined));
});

describe("what is no public key", () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["nothing", "", /expected base64 of 32 bytes/],
    ["31 bytes", base64("11".repeat(31)), /expected base64 of 32 bytes/],
    ["33 bytes", base64("11".repeat(33)), /expected base64 of 32 bytes/],
    ["text that base64 does not know", alice.publicKey.replace(/.$/, "*"), /expected base64 of 32 bytes/],
    ["a megabyte", "A".repeat(1 << 20), /expected base64 of 32 bytes/],
    ["the point 0", base64("00".repeat(32)), /low order/],
    ["the point 1", base64(`01${"00".repeat(31)}`), /low order/],
    ["the point p - 1", base64(`ec${"ff".repeat(30)}7f`), /low order/],
    ["a point of order 8", base64("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), /low order/],
  ];
  for (const [name, key, want] of cases) it(name, () => assert.match(publicKeyProblem(key) ?? "", want));

  it("and no key of a direction comes of it", () =>
    assert.throws(() => directionKey(alice, base64("00".repeat(32)), toBob), /public key/));
});

describe("the key of a direction", () => {
  /** Computed apart: HMAC-SHA256 by hand over the shared secret that RFC 7748 gives, with the public keys as salt. */
  const want = "b903c40547c3d9ee 683f5533f3609a0d1dae22a3dc1d4fe7796c6f8c6b85919671735d2e24815138";

  it("is HKDF-SHA256 of the shared secret, and the same at both ends", () => {
    assert.equal(text(directionKey(alice, bob.publicKey, toBob)), want);
    assert.equal(text(directionKey(bob, alice.publicKey, toBob)), want);
  });

  const others: readonly (readonly [string, Direction])[] = [
    ["the way back", { ...toBob, from: "node-b", to: "node-a" }],
    ["another group", { ...toBob, group: "lan0-2" }],
    ["another node", { ...toBob, to: "node-c" }],
    ["names that read the same one after the other", { ...toBob, group: "lan0-1node", from: "-a" }],
  ];
  for (const [name, direction] of others)
    it(`is another for ${name}, in the tag and in the secret`, () => {
      const other = text(directionKey(alice, bob.publicKey, direction)).split(" ");
      for (const [i, part] of want.split(" ").entries()) assert.notEqual(other[i], part);
    });

  it("is another for another key pair", () =>
    assert.notEqual(text(directionKey(generateKeyPair(), bob.publicKey, toBob)), want));
});
