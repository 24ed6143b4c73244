import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeUpdates, unsendable } from "../../../../src/protocols/bgp/encode-updates.ts";
import type { PathAttributes } from "../../../../src/protocols/bgp/message.ts";
import { address, prefix } from "../../../support/builders.ts";
import { announced, attributes, bytesOf, hexOf, messageOf, negotiation } from "./messages.ts";
import { readUpdate } from "./update-reader.ts";

const ipv6Hop = { address: address("fd00:9::1") };

describe("routes that no UPDATE can carry are withdrawn instead", () => {
  const crowd = Array.from({ length: 1_010 }, (_, i) => i);
  const cases: readonly (readonly [string, string, Partial<PathAttributes>, RegExp])[] = [
    ["an IPv6 route by an IPv4 next hop", "fd00::1/128", {}, /needs an IPv6 next hop/],
    [
      "an IPv4 route by an IPv6 next hop that the peer does not take",
      "10.0.0.1/32",
      { nextHop: ipv6Hop },
      /does not take/,
    ],
    [
      "more communities than a message holds",
      "10.0.0.1/32",
      { communities: crowd },
      /do not fit into a message of 4096/,
    ],
    ["the same of IPv6", "fd00::1/128", { communities: crowd, nextHop: ipv6Hop }, /do not fit into a message of 4096/],
  ];
  for (const [name, text, parts, why] of cases)
    it(name, () => {
      const [message = new Uint8Array(), ...more] = encodeUpdates(announced(parts, text), negotiation());
      assert.deepEqual(more, []);
      assert.deepEqual(readUpdate(message, 4).withdrawn, [prefix(text)]);
      assert.match(unsendable(prefix(text).address.family, attributes(parts), negotiation()) ?? "", why);
    });

  it("what an extended message holds is sent to a peer that takes those", () => {
    const session = negotiation({ extendedMessage: true });
    const [message = new Uint8Array()] = encodeUpdates(announced({ communities: crowd }, "10.0.0.1/32"), session);
    assert.equal(readUpdate(message, 4).attributes?.communities.length, crowd.length);
    assert.equal(unsendable(4, attributes({ communities: crowd }), session), undefined);
  });

  it("the other routes are announced all the same", () => {
    const routes = [
      ...announced({ nextHop: ipv6Hop }, "10.0.0.1/32").announced,
      ...announced({}, "10.0.0.2/32").announced,
    ];
    const read = encodeUpdates({ announced: routes, withdrawn: [] }, negotiation()).map((message) =>
      readUpdate(message, 4),
    );
    assert.deepEqual(
      read.flatMap((update) => update.withdrawn),
      [prefix("10.0.0.1/32")],
    );
    assert.deepEqual(
      read.flatMap((update) => update.announced),
      [prefix("10.0.0.2/32")],
    );
  });

  const wrong: readonly (readonly [string, Partial<PathAttributes>, RegExp])[] = [
    ["a MED of more than 32 bits", { med: 2 ** 32 }, /^4294967296 is no whole number from 0 to 4294967295$/],
    ["a LOCAL_PREF that is no number", { localPref: Number.NaN }, /^NaN is no whole number/],
    ["a community that is no integer", { communities: [0.5] }, /^0.5 is no whole number/],
    ["a negative large community", { largeCommunities: [[1, -1, 1]] }, /^-1 is no whole number/],
    ["an AS number of more than 32 bits", { asPath: [2 ** 32] }, /^4294967296 is no whole number/],
    ["20,000 communities", { communities: Array.from({ length: 20_000 }, (_, i) => i) }, /more than 16000 numbers/],
    ["an AS path of 16,001 numbers", { asPath: Array<number>(16_001).fill(1) }, /more than 16000 numbers/],
    ["an AS path of 15,900 numbers", { asPath: Array<number>(15_900).fill(70_000) }, /not fit into a message of 65535/],
  ];
  for (const [name, parts, why] of wrong)
    it(`${name} is withdrawn, not thrown about`, () => {
      const session = negotiation({ extendedMessage: true, fourOctetAs: !name.includes("path") });
      assert.match(unsendable(4, attributes(parts), session) ?? "", why);
      const [update, ...more] = encodeUpdates(announced(parts, "10.0.0.1/32"), session);
      assert.deepEqual(
        [hexOf(update ?? bytesOf("")), more.length],
        [hexOf(messageOf("update", "0005 200a000001 0000")), 0],
      );
    });
});
