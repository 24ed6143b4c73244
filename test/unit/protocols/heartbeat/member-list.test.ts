import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MemberList } from "../../../../src/protocols/heartbeat/member-list.ts";
import { decodeHeartbeat, encodeHeartbeat } from "../../../../src/protocols/heartbeat/packet.ts";
import { MalformedPacketError } from "../../../../src/protocols/malformed-packet.ts";
import { heartbeat } from "./heartbeats.ts";

const list: MemberList = { uid: "a-1", epoch: 300, members: ["n1", "n2.x"], witness: true, forced: false };

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replace(/#.*$/gm, "").replace(/\s/g, ""), "hex"));

/** A heartbeat at rest as bytes; the third of them are its flags. */
const atRest = hexOf(encodeHeartbeat(heartbeat()));
/** The same with the flag that says that a list follows. */
const before = `${atRest.slice(0, 4)}21${atRest.slice(6)}`;

describe("A list, for who goes by an older one", () => {
  it("follows the entries, byte by byte", () => {
    const hex = `${before}
            ac 02                   # epoch 300
            01                      # with a witness
            03 61 2d 31             # of the object "a-1"
            02                      # two members
            02 6e 31                # n1
            04 6e 32 2e 78          # n2.x`;
    const value = heartbeat({ list });
    assert.equal(hexOf(encodeHeartbeat(value)), hexOf(bytesOf(hex)));
    assert.deepEqual(decodeHeartbeat(bytesOf(hex)), value);
  });

  it("is skipped by who does not know of lists: its flag and its place are those of later versions", () => {
    const unflagged = Object.assign(encodeHeartbeat(heartbeat({ list })), { 2: 0x01 });
    assert.deepEqual(decodeHeartbeat(unflagged), heartbeat());
  });

  it("may have more flags, and be followed by more, in later versions", () => {
    const forced = { uid: "", epoch: 3, members: ["a"], witness: false, forced: true };
    assert.deepEqual(decodeHeartbeat(bytesOf(`${before} 03 fe 00 01 01 61 aabbcc`)), heartbeat({ list: forced }));
  });
});

describe("What is refused as a list", () => {
  const cases: readonly { name: string; hex: string; why: RegExp }[] = [
    { name: "nothing at all", hex: "", why: /0 bytes left, not 1/ },
    { name: "one without its members", hex: "03 00 00 02 01 61", why: /0 bytes left, not 1/ },
    { name: "eight members", hex: `03 00 00 08 ${"01 61".repeat(8)}`, why: /of 8 members/ },
    { name: "a member without name", hex: "03 00 00 01 00", why: /name, expected 1 to 253/ },
    { name: "a name of 254 characters", hex: `03 00 00 01 fe ${"61".repeat(254)}`, why: /name, expected 1 to 253/ },
    { name: "a name with a space", hex: "03 00 00 01 01 20", why: /printable ASCII/ },
    { name: "a name with a line feed at its end", hex: "03 00 00 01 02 61 0a", why: /printable ASCII/ },
    { name: "a name that is no ASCII", hex: "03 00 00 01 02 c3 a4", why: /printable ASCII/ },
    { name: "a uid of 65 characters", hex: `03 00 41 ${"61".repeat(65)} 00`, why: /uid of a list/ },
  ];
  for (const { name, hex, why } of cases)
    it(name, () =>
      assert.throws(
        () => decodeHeartbeat(bytesOf(`${before} ${hex}`)),
        (error) => error instanceof MalformedPacketError && why.test(error.message),
      ),
    );
});

describe("What is not sent as a list", () => {
  const cases: readonly (readonly [string, Partial<MemberList>])[] = [
    ["eight members", { members: [..."abcdefgh"] }],
    ["a member without name", { members: [""] }],
    ["a name of 254 characters", { members: ["a".repeat(254)] }],
    ["a name that is no ASCII", { members: ["ä"] }],
    ["a uid of 65 characters", { uid: "a".repeat(65) }],
    ["an epoch that is no integer", { epoch: 1.5 }],
  ];
  for (const [name, wrong] of cases)
    it(name, () => assert.throws(() => encodeHeartbeat(heartbeat({ list: { ...list, ...wrong } })), RangeError));
});
