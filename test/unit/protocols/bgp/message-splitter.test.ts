import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BgpMessageError } from "../../../../src/protocols/bgp/bgp-message-error.ts";
import { decodeMessage } from "../../../../src/protocols/bgp/decode-message.ts";
import { encodeKeepalive } from "../../../../src/protocols/bgp/encode-message.ts";
import { framed } from "../../../../src/protocols/bgp/header.ts";
import { MessageSplitter } from "../../../../src/protocols/bgp/message-splitter.ts";
import { allCaptured, bytesOf, captured, hexOf, messageOf } from "./messages.ts";

function taken(splitter: MessageSplitter): readonly string[] {
  const messages: string[] = [];
  for (let next = splitter.next(); next !== undefined; next = splitter.next()) messages.push(hexOf(next));
  return messages;
}

function split(chunks: Iterable<Uint8Array>, splitter = new MessageSplitter()): readonly string[] {
  const messages: string[] = [];
  for (const chunk of chunks) {
    splitter.push(chunk);
    messages.push(...taken(splitter));
  }
  return messages;
}

const all = Buffer.concat(allCaptured);
const wanted = allCaptured.map(hexOf);

describe("messages come out as they were sent, however the stream is cut", () => {
  it("one chunk", () => assert.deepEqual(split([all]), wanted));

  it("B5.6: a byte at a time", () => assert.deepEqual(split(Array.from(all, (byte) => Uint8Array.of(byte))), wanted));

  it("any cuts", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(all.length)), (places) => {
        const cuts = [0, ...places.sort((a, b) => a - b), all.length];
        assert.deepEqual(split(cuts.slice(1).map((end, i) => all.subarray(cuts[i], end))), wanted);
      }),
    );
  });

  it("B5.7: 10,000 KEEPALIVEs in one chunk", () => {
    const many = Buffer.concat(Array.from({ length: 10_000 }, encodeKeepalive));
    assert.equal(split([many]).length, 10_000);
  });

  it("the receive buffer may be used again", () => {
    const splitter = new MessageSplitter();
    const chunk = captured("bird-update");
    splitter.push(chunk);
    chunk.fill(0);
    assert.deepEqual(taken(splitter), [hexOf(captured("bird-update"))]);
  });

  it("the longest message of a session with extended messages, a byte at a time after another", () => {
    const splitter = new MessageSplitter();
    splitter.extended = true;
    const longest = framed("update", new Uint8Array(65_535 - 19));
    const bytes = [...encodeKeepalive(), ...longest, ...longest];
    const messages = split(
      bytes.map((byte) => Uint8Array.of(byte)),
      splitter,
    );
    assert.deepEqual(messages, [encodeKeepalive(), longest, longest].map(hexOf));
  });
});

describe("headers that no message can have end the session", () => {
  const header = (length: number, type: number): Uint8Array =>
    bytesOf(`${"ff".repeat(16)}${length.toString(16).padStart(4, "0")}${type.toString(16).padStart(2, "0")}`);
  const badLength = (length: number): string => `1/2 ${length.toString(16).padStart(4, "0")}`;
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ["B5.1: a marker that is not all ones", encodeKeepalive().with(15, 0xfe), "1/1 "],
    ["B5.1: a marker of zeros, before its length is looked at", new Uint8Array(19), "1/1 "],
    ...[0, 1, 18].map((length) => [`B5.2: length ${length}`, header(length, 2), badLength(length)] as const),
    ["B5.3: length 4097", header(4097, 2), badLength(4097)],
    ["B5.3: length 65535", header(65535, 2), badLength(65535)],
    ...[0, 6, 128, 255].map(
      (type) => [`B5.4: type ${type}`, header(19, type), `1/3 ${type.toString(16).padStart(2, "0")}`] as const,
    ),
    ["B5.5: a KEEPALIVE of 20 bytes", header(20, 4), badLength(20)],
    ["an OPEN of 28 bytes", header(28, 1), badLength(28)],
    ["an UPDATE of 22 bytes", header(22, 2), badLength(22)],
    ["B5.50: a NOTIFICATION of 20 bytes, without a subcode", header(20, 3), badLength(20)],
    ["a ROUTE-REFRESH of 22 bytes", header(22, 5), badLength(22)],
  ];
  const answers = (call: () => unknown, want: string): void =>
    assert.throws(call, (error) => {
      assert.ok(error instanceof BgpMessageError);
      const { code, subcode, data } = error.notification;
      assert.equal(`${code}/${subcode} ${hexOf(data)}`, want);
      return true;
    });
  for (const [name, bytes, want] of cases)
    it(name, () => {
      const splitter = new MessageSplitter();
      splitter.push(bytes);
      answers(() => splitter.next(), want);
      splitter.push(encodeKeepalive());
      answers(() => splitter.next(), want);
    });

  it("with extended messages an OPEN keeps to 4096 bytes (RFC 8654, section 4)", () => {
    const splitter = new MessageSplitter();
    splitter.extended = true;
    splitter.push(header(4097, 1));
    answers(() => splitter.next(), badLength(4097));
  });

  it("messages before it are given first", () => {
    const splitter = new MessageSplitter();
    splitter.push(Buffer.concat([captured("bird-open"), header(0, 1)]));
    assert.equal(hexOf(splitter.next() ?? new Uint8Array()), hexOf(captured("bird-open")));
    answers(() => splitter.next(), badLength(0));
  });

  it("bytes that are no whole message are refused by the decoder too", () => {
    answers(() => decodeMessage(new Uint8Array()), "1/2 ");
    answers(() => decodeMessage(encodeKeepalive().subarray(0, 18)), badLength(19));
    answers(() => decodeMessage(Buffer.concat([encodeKeepalive(), encodeKeepalive()])), badLength(19));
    answers(() => decodeMessage(messageOf("update", "00000000").subarray(0, 22)), badLength(23));
  });
});
