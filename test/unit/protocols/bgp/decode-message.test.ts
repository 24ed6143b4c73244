import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BgpMessageError } from "../../../../src/protocols/bgp/bgp-message-error.ts";
import { decodeMessage } from "../../../../src/protocols/bgp/decode-message.ts";
import { encodeKeepalive, encodeNotification, encodeOpen } from "../../../../src/protocols/bgp/encode-message.ts";
import { encodeEndOfRib, encodeUpdates } from "../../../../src/protocols/bgp/encode-updates.ts";
import { framed } from "../../../../src/protocols/bgp/header.ts";
import { type RouteRefresh, unicastFamily } from "../../../../src/protocols/bgp/message.ts";
import { MessageSplitter } from "../../../../src/protocols/bgp/message-splitter.ts";
import { mutated, randomFrom } from "../../../fuzz/mutation.ts";
import { prefix } from "../../../support/builders.ts";
import {
  allCaptured,
  anyNotification,
  anyOpen,
  anyRouteRefresh,
  attributes,
  bytesOf,
  captured,
  hexOf,
  messageOf,
  negotiation,
  routeRefresh,
} from "./messages.ts";

const refresh = (parts: Partial<RouteRefresh> = {}): RouteRefresh => ({
  kind: "route-refresh",
  afi: 1,
  safi: 1,
  subtype: 0,
  ...parts,
});

describe("ROUTE-REFRESH", () => {
  const cases: readonly (readonly [string, RouteRefresh, string])[] = [
    ["a request for IPv6 unicast (RFC 2918)", refresh({ afi: 2 }), "0002 00 01"],
    ["the beginning of a repetition (RFC 7313)", refresh({ subtype: 1 }), "0001 01 01"],
    ["its end", refresh({ subtype: 2 }), "0001 02 01"],
    ["of a family that nobody knows", refresh({ afi: 16388, safi: 71 }), "4004 00 47"],
    ["of an unknown subtype, which is to be ignored", refresh({ subtype: 255 }), "0001 ff 01"],
  ];
  for (const [name, value, hex] of cases)
    it(name, () => assert.deepEqual(decodeMessage(messageOf("route-refresh", hex)), value));

  it("of an unknown subtype it may be longer", () => {
    assert.deepEqual(decodeMessage(messageOf("route-refresh", "0001 ff 01 aabb")), refresh({ subtype: 255 }));
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ["with filters that nobody asked for (RFC 5291)", "0001 00 01 01 40 0003 80ffff", "1/2 001e"],
    ["a beginning with more after it", "0001 01 01 00", `7/1 ${"ff".repeat(16)}0018050001010100`],
    ["an end with more after it", "0001 02 01 0000", `7/1 ${"ff".repeat(16)}001905000102010000`],
  ];
  for (const [name, hex, want] of refused)
    it(`${name} ends the session`, () =>
      assert.throws(
        () => decodeMessage(messageOf("route-refresh", hex)),
        (error) => {
          assert.ok(error instanceof BgpMessageError);
          const { code, subcode, data } = error.notification;
          assert.equal(`${code}/${subcode} ${hexOf(data)}`, want);
          return true;
        },
      ));

  it("the two numbers of a family are told apart", () => {
    const pairs = [1, 2, 3].flatMap((afi) => [0, 1, 2, 128].map((safi) => [afi, safi] as const));
    const known = pairs.filter(([afi, safi]) => unicastFamily(afi, safi) !== undefined);
    assert.deepEqual(
      known.map(([afi, safi]) => [afi, safi, unicastFamily(afi, safi)]),
      [
        [1, 1, 4],
        [2, 1, 6],
      ],
    );
  });
});

describe("numbers and lengths that no message can have", () => {
  it("are not sent", () => {
    assert.throws(
      () => encodeNotification({ kind: "notification", code: 256, subcode: 0, data: new Uint8Array() }),
      RangeError,
    );
    assert.throws(() => framed("keepalive", new Uint8Array(1)), RangeError);
    assert.throws(() => framed("update", new Uint8Array(65_535)), RangeError);
  });
});

describe("properties", () => {
  it("an OPEN that was encoded decodes to the same", () => {
    fc.assert(fc.property(anyOpen, (value) => assert.deepEqual(decodeMessage(encodeOpen(value)), value)));
  });

  it("a NOTIFICATION that was encoded decodes to the same", () => {
    fc.assert(
      fc.property(anyNotification, (value) => assert.deepEqual(decodeMessage(encodeNotification(value)), value)),
    );
  });

  it("a ROUTE-REFRESH decodes to its numbers", () => {
    fc.assert(fc.property(anyRouteRefresh, (value) => assert.deepEqual(decodeMessage(routeRefresh(value)), value)));
  });

  it("a KEEPALIVE that was encoded decodes to one", () => {
    assert.deepEqual(decodeMessage(encodeKeepalive()), { kind: "keepalive" });
  });

  /** The error's data must be a piece of what was received, or say what would have been right. */
  const decodesOrIsRefused = (bytes: Uint8Array, fourOctetAs: boolean): void => {
    try {
      decodeMessage(bytes, negotiation({ fourOctetAs, internal: !fourOctetAs }));
    } catch (error) {
      assert.ok(error instanceof BgpMessageError, String(error));
      assert.ok(error.notification.data.length <= Math.max(2, bytes.length));
      const said = hexOf(error.notification.data);
      assert.ok(hexOf(bytes).includes(said) || said === "0004", said);
    }
  };

  const samples = [
    ...allCaptured,
    encodeEndOfRib(6),
    ...encodeUpdates(
      { announced: [{ prefix: prefix("10.0.0.0/8"), attributes: attributes({ asPath: [70_000] }) }], withdrawn: [] },
      negotiation({ fourOctetAs: false }),
    ),
  ];

  it("every truncation with the right length decodes, or is refused", () => {
    for (const sample of samples)
      for (let length = 19; length < sample.length; length++) {
        const bytes = sample.slice(0, length);
        new DataView(bytes.buffer).setUint16(16, length);
        decodesOrIsRefused(bytes, true);
        decodesOrIsRefused(bytes, false);
      }
  });

  it("every flipped bit decodes, or is refused", () => {
    for (const sample of samples)
      for (let i = 0; i < 8 * sample.length; i++)
        decodesOrIsRefused(sample.with(i >> 3, (sample[i >> 3] ?? 0) ^ (1 << (i & 7))), i % 2 === 0);
  });

  it("mutated ones decode, or are refused", () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.nat(), fc.boolean(), (sample, seed, fourOctetAs) => {
        const random = randomFrom(seed);
        for (let i = 0; i < 20; i++) {
          const body = mutated(sample.subarray(19), random);
          const bytes = Uint8Array.of(...sample.subarray(0, 19), ...body);
          new DataView(bytes.buffer).setUint16(16, bytes.length);
          decodesOrIsRefused(bytes, fourOctetAs);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("a mutated stream is cut into messages, or refused", () => {
    const stream = Buffer.concat(samples);
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const splitter = new MessageSplitter();
        splitter.push(mutated(stream, randomFrom(seed)));
        try {
          for (let next = splitter.next(); next !== undefined; next = splitter.next()) decodesOrIsRefused(next, true);
        } catch (error) {
          assert.ok(error instanceof BgpMessageError);
        }
      }),
    );
  });

  it("random bytes after any header decode, or are refused", () => {
    const kinds = fc.constantFrom("open", "update", "notification", "route-refresh" as const);
    fc.assert(
      fc.property(kinds, fc.uint8Array({ minLength: 10, maxLength: 400 }), (kind, body) => {
        decodesOrIsRefused(framed(kind as "open", body), true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("B5.9: an UPDATE before the OPENs is one that can be read", () => {
    assert.equal(decodeMessage(captured("bird-withdraw")).kind, "update");
    assert.equal(decodeMessage(messageOf("update", hexOf(bytesOf("0000 0000")))).kind, "update");
  });
});
